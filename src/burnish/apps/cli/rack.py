"""What is said of the rack: each processor in a line, and its settings as they are declared."""

from collections.abc import Iterator

from burnish.processors import OUTSIDE, RACK, processor_type
from burnish.settings import about, rows

Row = dict[str, object]


def rack() -> Iterator[str]:
    """Names of all processors, in the rack's order."""
    yield from RACK
    yield from OUTSIDE


def processor(name: str) -> Row:
    """A processor: its name, one line about it, and its settings."""
    kind = processor_type(name)
    return {"name": name, "about": about(kind), "settings": list(rows(kind))}


def default_in_words(row: Row) -> str:
    """A setting's default for people: '30 ms', 'off', 'none'."""
    value, unit = row["default"], row["unit"]
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        flat = [f"{v:g}" if isinstance(v, int | float) else "" for v in value]
        return f"{', '.join(flat)} {unit}".strip() if all(flat) else f"{len(value)} of them"
    if isinstance(value, dict):
        return "its own"
    return f"{value:g} {unit}".rstrip() if isinstance(value, int | float) else str(value)


def range_in_words(row: Row) -> str:
    """What a setting may be: '1 to 1000 ms', 'soft, tape or tube', 'on or off'."""
    choices = [str(one) for one in row["choices"]] if isinstance(row["choices"], list) else []
    if choices:
        words = " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
        return f"{words} {row['unit']}".rstrip()
    if row["scale"] == "switch":
        return "on or off"
    if isinstance(row["default"], list):
        low, high = row["low"], row["high"]
        return "a list" if low is None else f"a list, {low:g} to {high:g} {row['unit']}".rstrip()
    if isinstance(row["low"], int | float) and isinstance(row["high"], int | float):
        return f"{row['low']:g} to {row['high']:g} {row['unit']}".rstrip()
    return "text" if row["scale"] == "text" else "a number"
