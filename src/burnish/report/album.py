"""What the screen says of an album and of deliveries, as tables for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from burnish.deliver.products import Outgoing
from burnish.qc.places import clock
from burnish.report.album_result import AlbumResult
from burnish.report.words import number

if TYPE_CHECKING:
    from rich.console import Console

MOST_FINDINGS = 5
"""So many of a product's findings are shown; the manifest has them all."""


def print_album(console: "Console", result: AlbumResult) -> None:
    """The tracks with what they measure, why they lie so, how they fit together, what went out."""
    release, whole = result.release, result.measured
    by = f", {release.artist}" if release.artist else ""
    loudness = "" if whole.integrated_lufs is None else f"{whole.integrated_lufs:.1f} LUFS, "
    console.print(
        f"{release.title or 'Untitled'}{by}: {len(result.tracks)} tracks, "
        f"{clock(result.duration_s)}, {loudness}true peak {whole.true_peak_dbtp:.2f} dBTP",
        style="bold",
        soft_wrap=True,
    )
    console.print(result.plan.reason)
    _print_tracks(console, result)
    _print_coherence(console, result)
    _print_notes(console, result)
    print_outgoing(console, result.outgoing)
    console.print()
    console.print(f"masters  {result.folder / 'masters'}", soft_wrap=True)
    for name, path in (("sign", result.signature), ("report", result.report)):
        if path is not None:
            console.print(f"{name:<9}{path}", soft_wrap=True)
    for path in result.joins[:1]:
        console.print(f"joins    {path.parent}", soft_wrap=True)
    speed = result.duration_s / max(result.elapsed_s, 1e-9)
    console.print(f"{result.elapsed_s:.1f} s, {speed:.0f} x real time", style="dim")


def _print_tracks(console: "Console", result: AlbumResult) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "", "style", "mix", "master", "loudest", "range", "peak", ""):
        words = heading in ("", "style")
        table.add_column(heading, justify="left" if words else "right", overflow="fold")
    for track in result.tracks:
        one, after = track.result, track.after
        mix = None if one is None else one.before.loudness.integrated_lufs
        what = "kept as it is" if one is None else "was there" if track.stood else ""
        if one is not None and one.stopped_by is not None:
            what = f"held by {one.stopped_by['rule']}"
        anchored = result.leads(track.number)
        table.add_row(
            f"{track.number}{'*' if anchored else ''}",
            track.name,
            "" if one is None else str(one.target.get("style", "")),
            _told(mix),
            _told(after.loudness.integrated_lufs),
            _told(after.loudness.max_short_term_lufs),
            _told(after.loudness.range_lu),
            _told(after.peaks.true_peak_dbtp),
            what,
        )
    console.print(table)


def _print_coherence(console: "Console", result: AlbumResult) -> None:
    from rich.table import Table

    if len(result.tracks) < 2:
        return
    console.print("\nHow the tracks fit together", style="bold")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("spread of", "mixes", "masters", ""):
        table.add_column(heading, justify="right" if heading in ("mixes", "masters") else "left")
    for row in result.coherence.rows():
        table.add_row(*row)
    console.print(table)
    for one in result.coherence.outliers:
        console.print(one.sentence)


def _print_notes(console: "Console", result: AlbumResult) -> None:
    for note in result.plan.notes:
        console.print(f"– {note}", style="dim")
    for track in result.tracks:
        if track.result is None:
            continue
        for finding in track.result.findings:
            if finding.severity == "fail" or (
                finding.severity == "warn" and finding.about == "master"
            ):
                console.print(f"{track.number} {track.name}: {finding.title}. {finding.detail}")
        for version in track.versions:
            for finding in version.findings:
                console.print(f"{track.number} {track.name}, {finding.title}. {finding.detail}")


def print_outgoing(console: "Console", outgoing: Sequence[Outgoing]) -> None:
    """Each product: whether it passed, what is in it, what to know, what is left to do."""
    for one in outgoing:
        if one.manifest is None:
            console.print(f"\n{one.target}: is there already, unchanged", style="bold")
            console.print(str(one.folder), soft_wrap=True)
            continue
        manifest = one.manifest
        verdicts = {"pass": "passed", "warn": "passed, with warnings", "fail": "failed"}
        n_sounds = sum(note.format is not None for note in manifest.files)
        console.print(
            f"\n{manifest.title}: {verdicts[manifest.verdict]}, {len(manifest.files)} files"
            + (f" ({n_sounds} of them sound)" if n_sounds else ""),
            style="bold",
        )
        for note in manifest.notes:
            console.print(f"– {note}")
        told = manifest.said()
        for said in told[:MOST_FINDINGS]:
            where = f" ({said.places})" if said.where else ""
            console.print(f"{said.severity}: {said.title}{where}. {said.detail}")
        if len(told) > MOST_FINDINGS:
            console.print(f"and {len(told) - MOST_FINDINGS} more, in its manifest.json")
        for todo in manifest.checklist:
            console.print(f"to do: {todo}")
        console.print(str(one.folder), soft_wrap=True)


def _told(value: float | None) -> str:
    return "-" if value is None else number(value)
