"""What is said of a comparison: in words, and as tables for a terminal."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.measure.comparison import Comparison
from burnish.report.text import length
from burnish.report.words import FIGURES, number

if TYPE_CHECKING:
    from rich.console import Console

_IN_A_ROW = 10  # with a short name before them, as many as 80 columns hold
_TINY_DB = 0.05


def names(c: Comparison) -> tuple[str, str]:
    """What to call the two: the names of their files, with folders where they are alike."""
    a, b = c.a.file or "A", c.b.file or "B"
    if Path(a).name != Path(b).name:
        a, b = Path(a).name, Path(b).name
    return a, b


def headline(c: Comparison) -> str:
    """The comparison in one line: 'B.wav against A.wav: 2.3 LU louder'."""
    a, b = names(c)
    lu = c.loudness_difference_lu
    louder = "louder" if lu > 0 else "quieter"
    words = "equally loud" if abs(lu) < _TINY_DB else f"{abs(lu):.1f} LU {louder}"
    return f"{b} against {a}: {words}"


def relation(c: Comparison) -> tuple[str, ...]:
    """Whether they are the same music, how they lie in time, and what is left of them."""
    how = c.alignment
    if not how.same_music or how.offset_samples is None:
        said = f"Not the same music (match {how.match:.2f}); lengths differ by "
        return (f"{said}{number(how.length_difference_s, 2)} s.",)
    words = [f"The same music (match {how.match:.3f})"]
    if how.offset_samples:
        side = "later" if how.offset_samples > 0 else "earlier"
        size = abs(how.offset_samples)
        exact = f"{size:,.0f}" if size == round(size) else f"{size:,.2f}"
        milliseconds = 1e3 * abs(how.offset_s or 0.0)
        words.append(f"{exact} samples ({milliseconds:,.2f} ms) {side}")
    else:
        words.append("at the same sample")
    if how.drift_ppm:
        words.append(f"{abs(how.drift_ppm):.1f} ppm {'slower' if how.drift_ppm > 0 else 'faster'}")
    if how.inverted and any(how.inverted):
        sides = ("left", "right")
        which = (sides[k] for k, one in enumerate(how.inverted) if one)
        only = "" if all(how.inverted) else f" of {' and '.join(which)}"
        words.append(f"polarity{only} inverted")
    if how.swapped:
        words.append("left and right exchanged")
    if abs(how.length_difference_s) >= 0.0005:
        longer = "longer" if how.length_difference_s > 0 else "shorter"
        words.append(f"{abs(how.length_difference_s):.3f} s {longer}")
    return (f"{', '.join(words)}.", *_left(c))


def _left(c: Comparison) -> tuple[str, ...]:
    if c.null is None:
        return ()
    if c.null.identical:
        return (f"Every sample of the {length(c.null.overlap_s)} that both have is equal.",)
    taken = f"Null: B, turned by {signed(c.null.gain_db, 2)} dB and taken from A, leaves"
    if c.null.null_db == float("-inf"):
        return (f"{taken} nothing but rounding.",)
    worst = f"{number(c.null.worst_db)} dB at {length(c.null.worst_s)}"
    return (f"{taken} {number(c.null.null_db)} dB of it; at most {worst}.",)


def rows(c: Comparison) -> tuple[tuple[str, str, str, str, str], ...]:
    """Name, A, B, B minus A and unit of every single figure."""
    rooms = {"dynamics": c.dynamics, "stereo": c.width, "loudness": c.dynamics}
    told: list[tuple[str, str, str, str, str]] = []
    for room, key, words, unit, digits in FIGURES:
        a, b = (getattr(getattr(one, room), key) for one in (c.a, c.b))
        difference = c.loudness_difference_lu if key == "integrated_lufs" else None
        if room in rooms and hasattr(rooms[room], key):
            difference = getattr(rooms[room], key)
        elif difference is None and a is not None and b is not None:
            difference = b - a if math.isfinite(b - a) else None
        told.append((words, number(a, digits), number(b, digits), signed(difference, digits), unit))
    told += [
        ("quiet parts, loudness matched", "", "", signed(c.dynamics.quiet_lu), "LU"),
        ("loud parts, loudness matched", "", "", signed(c.dynamics.loud_lu), "LU"),
    ]
    if c.over_time is not None:
        spread = f"{signed(c.over_time.p10_lu)} to {signed(c.over_time.p90_lu)}"
        told.append(("moment by moment, 80 % of them", "", "", spread, "LU"))
    return tuple(told)


def signed(value: float | None, digits: int = 1) -> str:
    """A difference for people: '+1.2', '-0.3', '0.0'; a dash where nothing is known."""
    words = number(value, digits)
    zero = f"{0:.{digits}f}"
    return f"+{words}" if words[0].isdigit() and words != zero else words


def print_comparison(console: "Console", c: Comparison) -> None:
    """How they lie in time; every figure; tone, width and range by band."""
    from rich.table import Table

    console.print(headline(c), style="bold", soft_wrap=True)
    for words in relation(c):
        console.print(words)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "A", "B", "B - A", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows(c):
        table.add_row(*row)
    console.print()
    console.print(table)
    console.print(f"\nBy band, B turned by {signed(c.gain_db, 2)} dB to be as loud as A, in dB")
    edges = c.tone.band_edges_hz[:-1]
    _print_bands(
        console,
        "from Hz",
        edges,
        (
            ("middle", c.tone.bands_mid_db),
            ("side", c.tone.bands_side_db),
            ("side to mid", c.width.bands_side_to_mid_db),
            ("loudness range", c.dynamics.bands_range_lu),
        ),
    )
    console.print("\nBy third octave, in dB")
    for first in range(0, len(c.tone.band_hz), _IN_A_ROW):
        part = slice(first, first + _IN_A_ROW)
        tone = (("middle", c.tone.mid_db[part]), ("side", c.tone.side_db[part]))
        _print_bands(console, "Hz", c.tone.band_hz[part], tone)
    means = (("middle", c.tone.mid_mean_db), ("side", c.tone.side_mean_db))
    said = ", ".join(f"{name} {number(value, 2)} dB" for name, value in means)
    console.print(f"\nMean difference of the third octaves: {said}")


def _print_bands(
    console: "Console",
    heading: str,
    at_hz: Sequence[float],
    rows: Sequence[tuple[str, Sequence[float | None]]],
) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(heading)
    for hz in at_hz:
        table.add_column(
            f"{hz / 1000:.3g}k" if hz >= 1000 else f"{hz:g}", justify="right", min_width=5
        )
    for name, values in rows:
        table.add_row(name, *(signed(value) for value in values))
    console.print(table)
