"""``burnish list``: what there is to choose from."""

import sys
from typing import Annotated

import typer

from burnish.errors import SettingError

Row = dict[str, object]


def command(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="styles, targets, processors or formats.")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """List what there is to choose from, with the figures behind each."""
    shelves = {
        "styles": _styles,
        "targets": _targets,
        "processors": _processors,
        "formats": _formats,
    }
    if what not in shelves:
        raise SettingError("list-unknown", f"what={what}: must be one of {', '.join(shelves)}")
    rows = shelves[what]()
    if json:
        from burnish.apps.cli.screen import print_json

        print_json(rows)
        return
    from rich.table import Table

    from burnish.apps.cli.screen import out

    table = Table(box=None, pad_edge=False, header_style="dim")
    for key, value in rows[0].items():
        table.add_column(key, justify="left" if isinstance(value, str | list) else "right")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out().print(table)
    sys.stdout.flush()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _styles() -> list[Row]:
    from burnish.targets import style, styles

    return [
        {
            "name": one.name,
            "loudness_lufs": one.loudness.aim_lufs,
            "least_plr_db": one.floors.plr_db,
            "confidence": one.tone.confidence,
            "about": one.about,
        }
        for one in map(style, styles())
    ]


def _targets() -> list[Row]:
    from burnish.targets import deliveries, delivery

    return [
        {
            "name": one.name,
            "loudness_lufs": one.loudness_lufs,
            "loudness_is": one.loudness_is,
            "ceiling_dbtp": one.ceiling_dbtp,
            "formats": list(one.formats),
            "date": one.date,
            "confidence": one.confidence,
        }
        for one in map(delivery, deliveries())
    ]


def _processors() -> list[Row]:
    from burnish.processors import RACK, processor_type

    rows: list[Row] = []
    for name in RACK:
        kind = processor_type(name)
        about = (kind.__doc__ or "").strip().splitlines()[0]
        rows.append(
            {"name": name, "settings": [one.name for one in kind.declared()], "about": about}
        )
    return rows


def _formats() -> list[Row]:
    from burnish.audio import OutputFormat

    return [
        {"setting": one.name, "values": one.allowed, "default": one.default, "about": one.help}
        for one in OutputFormat.declared()
    ]


SHELVES = {
    "styles": _styles,
    "targets": _targets,
    "processors": _processors,
    "formats": _formats,
}
