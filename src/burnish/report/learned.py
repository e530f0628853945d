"""What the screen says of a profile that was learned."""

from typing import TYPE_CHECKING

from burnish.engineer.learn import Learned
from burnish.report.words import number
from burnish.targets.model import BAND_EDGES_HZ
from burnish.targets.profile import SHOWN, Profile

if TYPE_CHECKING:
    from rich.console import Console

_TOLD = (
    ("loudness_lufs", "loudness", "LUFS"),
    ("range_lu", "loudness range", "LU"),
    ("plr_db", "peak to loudness", "dB"),
    ("psr_p5_db", "peak to short-term", "dB"),
    ("sharpness_db", "punch", "dB"),
    ("swing_db", "swing of 400 ms", "dB"),
    ("side_to_mid_db", "side to mid", "dB"),
)


def print_learned(console: "Console", learned: Learned) -> None:
    """How many tracks, their percentiles and tone, and which stand apart."""
    profile = learned.profile
    console.print(_headline(learned), style="bold")
    if words := _dates(learned):
        console.print(words)
    console.print()
    _print_figures(console, profile)
    console.print()
    _print_tone(console, profile)
    for one in profile.outliers:
        figure = one.figure.rpartition("_")[0].replace("_", " ")
        console.print(f"\nstands apart: {one.name} ({one.distance:.1f} spreads, most its {figure})")
    for skip in learned.skipped:
        console.print(f"\nskipped: {skip.sentence}", soft_wrap=True)
    if learned.path is not None:
        console.print(f"\nprofile  {learned.path}", soft_wrap=True)


def _headline(learned: Learned) -> str:
    n = len(learned.profile.tracks)
    words = [f"A profile of {n} {'track' if n == 1 else 'tracks'}"]
    if learned.learned != n:
        words.append(f"{learned.learned} of them new")
    if learned.duplicates:
        words.append(f"{learned.duplicates} given that it had")
    if learned.skipped:
        words.append(f"{len(learned.skipped)} skipped")
    return ", ".join(words)


def _dates(learned: Learned) -> str:
    half = learned.profile.half_life_days
    if half is None:
        return ""
    tag, file = learned.dates["tag"], learned.dates["file"]
    return (
        f"Half the weight for every {half:g} days of age; {tag} dated by tag, {file} by file: "
        f"as much as {learned.profile.effective:.1f} tracks of equal weight."
    )


def _print_figures(console: "Console", profile: Profile) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("tracks in a hundred that have less")
    for percentile in SHOWN:
        table.add_column(str(percentile), justify="right", min_width=5)
    table.add_column("")
    for name, words, unit in _TOLD:
        one = profile.one(name)
        if one is not None:
            table.add_row(words, *(number(v) for v in one.percentiles), unit)
    console.print(table)


def _print_tone(console: "Console", profile: Profile) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    console.print("tone, dB per octave")
    table.add_column("from Hz")
    for low in BAND_EDGES_HZ[:-1]:
        shown = f"{low / 1000:.3g}k" if low >= 1000 else f"{low:g}"
        table.add_column(shown, justify="right", min_width=5)
    for words, percentile in (("a quarter less", 25), ("the middle", 50), ("a quarter more", 75)):
        cells = (
            number(None if one is None else one.at(percentile))
            for one in profile.figures["bands_db"]
        )
        table.add_row(words, *cells)
    console.print(table)
