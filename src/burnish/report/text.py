"""What the screen says of a master and of a measurement, as tables for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from burnish.measure import Measurement
from burnish.report.checked import THIS_MASTER, print_findings
from burnish.report.result import MasterResult
from burnish.report.stems import kept_words, stem_rows
from burnish.report.words import figures, headline, manner, moves, number

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def print_master(console: "Console", result: MasterResult) -> None:
    """Before, after and aim; what was done and why; what was left alone; where the files are."""
    from rich.table import Table

    console.print(headline(result), style="bold")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "mix", "master", "", "target"):
        table.add_column(heading, justify="right" if heading in ("mix", "master") else "left")
    for one in figures(result.before, result.after, result.target):
        table.add_row(one.name, one.before, one.after, one.unit, one.aim)
    console.print(table)
    _print_stems(console, result)
    _print_steps(console, result)
    for finding in result.of_the_master:
        console.print()
        console.print(f"{finding.title}. {finding.detail} {finding.advice}")
    if result.of_the_mix:
        console.print("\nNotes on the mix", style="bold")
        print_findings(console, result.of_the_mix, result.before.source.duration_s, THIS_MASTER)
    console.print()
    written = (("master", result.output), ("recall", result.recall), ("report", result.report))
    for name, path in written:
        if path is not None:
            console.print(f"{name}  {path}", soft_wrap=True)
    if result.stems is not None and result.stems.kept:
        folder = result.stems.kept[0].parent
        console.print(f"stems   {folder} ({kept_words(result)})", soft_wrap=True)
    speed = result.before.source.duration_s / max(result.elapsed_s, 1e-9)
    console.print(f"{result.elapsed_s:.1f} s, {speed:.0f} x real time", style="dim")


def _print_stems(console: "Console", result: MasterResult) -> None:
    from rich.table import Table

    if not (rows := stem_rows(result)):
        return
    console.print("\nStems", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "left", "right"):
        table.add_column(justify=justify)
    table.add_column(overflow="fold")
    for row in rows:
        loudness = "" if row.loudness_lufs is None else f"{number(row.loudness_lufs)} LUFS"
        table.add_row(row.name, row.role, loudness, row.place)
        for note in row.notes:
            table.add_row("", "", "", note)
        for step in row.steps:
            table.add_row("", "", step.processor, step.reason)
            table.add_row("", "", "", _dim(moves(step)))
    console.print(table)


def _print_steps(console: "Console", result: MasterResult) -> None:
    from rich.table import Table

    if how := manner(result.target):
        console.print(f"\nWhat was done ({how})", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim")
    table.add_column()
    table.add_column(overflow="fold")
    for number_, step in enumerate(result.steps, 1):
        table.add_row(str(number_), step.processor, step.reason)
        table.add_row("", "", _dim(moves(step)))
    for note in result.plan.notes:
        table.add_row(_dim("–"), "", _dim(note))
    console.print(table)


def _dim(words: str) -> "RenderableType":
    from rich.text import Text

    return Text(words, style="dim")


def print_measurements(console: "Console", measured: Sequence[Measurement]) -> None:
    """One file: everything that a person reads, in groups. Several: a row each."""
    if len(measured) == 1:
        _print_one(console, measured[0])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("file", overflow="fold")
    for heading, unit in BRIEF.values():
        table.add_column(f"{heading}\n{unit}", justify="right")
    for one in measured:
        rows = {row.name: row.before for row in figures(one, None, {})}
        table.add_row(one.file or "memory", *(rows[name] for name in BRIEF))
    console.print(table)


BRIEF = {
    "loudness": ("loudness", "LUFS"),
    "loudest 3 s": ("loudest 3 s", "LUFS"),
    "loudness range": ("range", "LU"),
    "true peak": ("true peak", "dBTP"),
    "peak to loudness": ("PLR", "dB"),
    "side to mid": ("side/mid", "dB"),
}
"""What fits in a row for each of several files: name of the figure -> heading, unit."""


def _print_one(console: "Console", one: Measurement) -> None:
    from rich.table import Table

    source = one.source
    bits = "lossy" if source.bits is None else f"{source.bits} bits"
    console.print(one.file or "memory", style="bold", soft_wrap=True)
    console.print(
        f"{source.format}, {bits}, {source.rate_hz} Hz, "
        f"{'mono' if source.channels == 1 else 'stereo'}, {length(source.duration_s)}",
        style="dim",
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for row in figures(one, None, {}):
        table.add_row(row.name, row.before, row.unit)
    for words, value, unit, digits in _more(one):
        table.add_row(words, number(value, digits), unit)
    console.print(table)
    tone = Table(box=None, pad_edge=False, header_style="dim")
    edges = one.spectrum.band_edges_hz
    tone.add_column("tone, dB per octave")
    for low in edges[: len(one.spectrum.bands_db)]:
        tone.add_column(_hz(low), justify="right")
    tone.add_row("", *(number(value) for value in one.spectrum.bands_db))
    tone.add_row("side to mid, dB", *(number(v) for v in one.stereo.bands_side_to_mid_db))
    console.print()
    console.print(tone)
    for words in remarks(one):
        console.print(words)


def _more(one: Measurement) -> tuple[tuple[str, float | None, str, int], ...]:
    return (
        ("loudest 400 ms", one.loudness.max_momentary_lufs, "LUFS", 1),
        ("sample peak", one.peaks.sample_peak_dbfs, "dBFS", 2),
        ("TT-DR", one.dynamics.dr_db, "dB", 1),
        ("right over left", one.stereo.balance_db, "dB", 1),
        ("noise floor", one.noise.noise_floor_dbfs, "dBFS (A)", 1),
        ("DC", one.noise.dc_dbfs, "dBFS", 1),
        ("rumble to bass", one.noise.rumble_db, "dB", 1),
        ("silence at the head", one.defects.head_silence_s, "s", 3),
        ("silence at the tail", one.defects.tail_silence_s, "s", 3),
    )


def remarks(one: Measurement) -> list[str]:
    """What of the defects a person should hear; nothing where there is none."""
    d = one.defects
    said = []
    if d.clipped_runs:
        said.append(f"clipped: {d.clipped_runs} runs, {d.clipped_samples} samples")
    if d.over_full_scale_samples:
        said.append(f"over full scale: {d.over_full_scale_samples} samples")
    said += [f"channel {channel + 1} is silent" for channel in d.silent_channels]
    if d.anti_phase:
        said.append("the channels are out of phase: most of it vanishes in mono")
    return said


def length(duration_s: float) -> str:
    """A length as people say it: '3:45.2'."""
    minutes, seconds = divmod(round(duration_s, 1), 60)
    return f"{minutes:.0f}:{seconds:04.1f}"


def _hz(frequency_hz: float) -> str:
    return f"{frequency_hz / 1000:.3g}k" if frequency_hz >= 1000 else f"{frequency_hz:.0f}"
