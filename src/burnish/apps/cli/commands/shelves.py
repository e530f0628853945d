"""``burnish list``: what there is to choose from."""

import sys
from typing import Annotated

import typer

from burnish.apps.cli.usual import Json
from burnish.errors import SettingError

Row = dict[str, object]


def command(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT", help="styles, targets, devices, processors, formats or plugins."
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help="With processors: the settings of this one; with plugins: a folder, or a file "
            "whose parameters are told.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List what there is to choose from, with the figures behind each."""
    if what == "plugins":
        from burnish.apps.cli.plugins import list_plugins

        list_plugins(name, json)
        return
    if what not in SHELVES:
        known = ", ".join((*SHELVES, "plugins"))
        raise SettingError("list-unknown", f"what={what}: must be one of {known}")
    if name is not None and what != "processors":
        raise SettingError("usage", f"name={name}: only a processor can be named")
    if name is not None:
        _one_processor(name, json)
        return
    rows = SHELVES[what]()
    if json:
        from burnish.apps.cli.screen import print_json

        print_json(rows)
        return
    if what in _MORE:
        for row in rows:
            for name in _MORE[what]:
                del row[name]
    _print(rows)


_MORE = {"processors": ("settings",), "targets": ("product", "formats")}
"""What only the JSON tells."""


def _print(rows: list[Row]) -> None:
    from rich.table import Table

    from burnish.apps.cli.screen import out

    table = Table(box=None, pad_edge=False, header_style="dim")
    for key, value in rows[0].items():
        table.add_column(key, justify="left" if isinstance(value, str | list) else "right")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out().print(table)
    sys.stdout.flush()


def _one_processor(name: str, json: bool) -> None:
    """One processor, with every setting: default, range and what it does."""
    from burnish.apps.cli.rack import default_in_words, processor, range_in_words
    from burnish.apps.cli.screen import out, print_json

    found = processor(name)
    if json:
        print_json(found)
        return
    out().print(f"{name}: {found['about']}\n")
    settings = found["settings"] if isinstance(found["settings"], list) else []
    _print(
        [
            {
                "setting": row["name"],
                "default": default_in_words(row),
                "range": range_in_words(row),
                "about": row["help"],
            }
            for row in settings
        ]
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _styles() -> list[Row]:
    from burnish.targets import style_rows

    return style_rows()


def _targets() -> list[Row]:
    from burnish.targets import delivery_rows

    return delivery_rows()


def _devices() -> list[Row]:
    from burnish.playback.devices import device, devices

    return [
        {
            "name": one.name,
            "stereo": one.stereo,
            "limits": one.limiter is not None or bool(one.protection),
            "noise": one.noise is not None,
            "confidence": one.confidence,
            "about": one.about,
        }
        for one in map(device, devices())
    ]


def _processors() -> list[Row]:
    from burnish.apps.cli.rack import processor, rack

    return [processor(name) for name in rack()]


def _formats() -> list[Row]:
    from burnish.audio import OutputFormat

    return [
        {"setting": one.name, "values": one.allowed, "default": one.default, "about": one.help}
        for one in OutputFormat.declared()
    ]


SHELVES = {
    "styles": _styles,
    "targets": _targets,
    "devices": _devices,
    "processors": _processors,
    "formats": _formats,
}
