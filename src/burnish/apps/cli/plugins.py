"""``burnish list plugins``: what plug-ins there are, and the parameters of one."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from burnish.errors import BurnishError, InputError, SettingError
from burnish.processors.hosted.places import (
    BUILT_IN,
    ENDINGS,
    SAID,
    are_allowed,
    plugins_in,
    system_folders,
)
from burnish.processors.hosted.process import described, names_in

Row = dict[str, Any]


def list_plugins(place: str | None, json: bool) -> None:
    """The plug-ins of a folder or of the system, or those of a file with their parameters.

    Each file is opened in a process of its own: one that crashes is a row that says so.
    """
    if not are_allowed():
        raise SettingError("plugin-refused", f"no plug-in is loaded here; {SAID} does not let it")
    told = place is not None and _is_one(place)
    rows = _told(str(place)) if told else _found(place)
    if json:
        from burnish.apps.cli.screen import print_json

        print_json(rows)
        return
    if told:
        for row in rows:
            _print_one(row)
    elif rows:
        _table(("name", "file", "fault"), ([r["name"], r["file"], r["fault"]] for r in rows))
    else:
        from burnish.apps.cli.screen import out

        where = [place] if place else [str(one) for one in system_folders()]
        out().print(f"no plug-ins in {', '.join(map(str, where))}")
    sys.stdout.flush()


def _is_one(place: str) -> bool:
    """Whether it names a plug-in's file, or one of pedalboard's processors, and no folder."""
    if place.startswith(BUILT_IN):
        return place != BUILT_IN
    return Path(place).suffix in ENDINGS or Path(place).is_file()


def _told(place: str) -> list[Row]:
    """Every plug-in of a file, in full."""
    if place.startswith(BUILT_IN):
        return [_row(place, described(place))]
    if not Path(place).exists():
        raise InputError("plugin-missing", f"plugin {place}: there is no such file")
    path = str(Path(place).resolve())
    return [_row(place, described(path, name)) for name in names_in(path)]


def _row(file: str, known: Row) -> Row:
    parts = ("name", "manufacturer", "version", "parameters")
    return {"file": file, **{part: known[part] for part in parts}}


def _found(place: str | None) -> list[Row]:
    """Every plug-in in a folder, by name."""
    if place == BUILT_IN:
        names = names_in(BUILT_IN)
        return [{"name": name, "file": f"{BUILT_IN}{name}", "fault": None} for name in names]
    if place is not None and not Path(place).is_dir():
        raise InputError("plugin-missing", f"{place}: there is no such file or folder")
    folders = [Path(place)] if place is not None else list(system_folders())
    rows: list[Row] = []
    for file in (one for folder in folders for one in plugins_in(folder)):
        try:
            names = names_in(str(file.resolve()))
        except BurnishError as error:
            if error.code == "extra-missing":
                raise
            rows.append({"name": None, "file": str(file), "fault": error.sentence})
            continue
        rows += [{"name": name, "file": str(file), "fault": None} for name in names]
    return rows


def _print_one(row: Row) -> None:
    from burnish.apps.cli.screen import out

    out().print(f"{row['name']} {row['version']}, {row['manufacturer']}: {row['file']}\n")
    _table(
        ("parameter", "value", "range", "called"),
        ([p["name"], _value(p["value"]), _range(p), p["label"]] for p in row["parameters"]),
    )


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _range(parameter: Row) -> str:
    if parameter["choices"]:
        return ", ".join(parameter["choices"])
    if parameter["low"] is not None:
        numbers = f"{parameter['low']:g} to {parameter['high']:g} {parameter['unit']}"
        return numbers.rstrip()
    return "true or false" if isinstance(parameter["value"], bool) else "a number"


def _table(heads: tuple[str, ...], rows: Iterable[list[str | None]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from burnish.apps.cli.screen import out

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in heads:
        table.add_column(head)
    for row in rows:
        table.add_row(*(escape(cell or "-") for cell in row))
    out().print(table)
