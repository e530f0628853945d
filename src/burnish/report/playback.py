"""What is said of a playback, as tables for a terminal: devices, services, codecs, advice."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.finding import Finding
from burnish.playback.result import OnDevice, Playback, ThroughCodec
from burnish.playback.said import ranges
from burnish.playback.services import Turned
from burnish.report.words import number

if TYPE_CHECKING:
    from rich.console import Console

MOST_ADVICE = 5


def headline(result: Playback) -> str:
    """The sound in one line: 'song.wav: -9.5 LUFS, true peak -1.01 dBTP'."""
    loudness, peaks = result.original.loudness, result.original.peaks
    name = Path(result.file).name if result.file else "sound"
    return (
        f"{name}: {number(loudness.integrated_lufs)} LUFS, "
        f"true peak {number(peaks.true_peak_dbtp, 2)} dBTP"
    )


def best_first(devices: Sequence[OnDevice]) -> list[OnDevice]:
    """Devices by score, the highest first."""
    return sorted(devices, key=lambda one: -one.translation.score)


def sentence_of(words: str) -> str:
    """A sentence with its capital and its full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def device_row(one: OnDevice) -> tuple[str, str, str, str]:
    """Title, score, what is lost, and the sentence."""
    lost = ranges(one.translation.lost_bands_hz).replace("all ", "")
    return one.device.title, f"{one.translation.score:.0f}", lost, sentence_of(one.sentence)


def service_row(one: Turned) -> tuple[str, str, str, str, str]:
    """Title, gain, resulting loudness and true peak, and the sentence."""
    gain = f"{one.gain_db:+.1f}" if abs(one.gain_db) >= 0.05 else "0"
    peak = number(one.true_peak_dbtp)
    return one.service.title, gain, number(one.loudness_lufs), peak, sentence_of(one.words)


def codec_row(one: ThroughCodec) -> tuple[str, str, str, str, str, str]:
    """Name, score, loudness, true peak, bandwidth and what was removed."""
    bandwidth = "–" if one.bandwidth_hz is None else f"{one.bandwidth_hz / 1000:.1f}"
    return (
        one.codec.name,
        f"{one.translation.score:.1f}",
        number(one.loudness_lufs, 2),
        number(one.true_peak_dbtp, 2),
        bandwidth,
        number(one.removed_db),
    )


def advised(result: Playback) -> list[Finding]:
    """The findings that matter most, each piece of advice once.

    Of the devices that call for it, the one that loses least is named: others lose it anyway.
    """
    told: dict[str, Finding] = {}
    for finding in sorted(result.findings, key=lambda one: -one.weight):
        told[finding.advice] = finding  # stands where the worst stood
    return list(told.values())[:MOST_ADVICE]


SERVICE_HEADS = ("", "gain dB", "LUFS", "dBTP", "")
CODEC_HEADS = ("", "score", "LUFS", "dBTP", "up to kHz", "removed dB")


def print_playback(console: "Console", result: Playback) -> None:
    """A table for each kind of place, then what to do, then where the files are."""
    from rich.table import Table

    console.print(headline(result), style="bold", soft_wrap=True)
    if result.devices:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("device", no_wrap=True)
        table.add_column("score", justify="right")
        table.add_column("lost", max_width=24)
        table.add_column("", overflow="fold")
        for one in best_first(result.devices):
            table.add_row(*device_row(one))
        console.print()
        console.print(table)
    if result.services:
        _print(console, "service", SERVICE_HEADS, [service_row(one) for one in result.services])
    if result.codecs:
        _print(console, "codec", CODEC_HEADS, [codec_row(one) for one in result.codecs])
    if told := advised(result):
        console.print("\nWhat could be done", style="bold")
        for finding in told:
            console.print(f"{finding.detail} {finding.advice}")
    console.print()
    if result.audition is not None:
        if result.lowered_db:
            console.print(f"All files are {result.lowered_db:.1f} dB quieter, so that none clips.")
        console.print(f"files  {result.audition.parent}", soft_wrap=True)
    if result.page is not None:
        console.print(f"page   {result.page}", soft_wrap=True)
    speed = result.original.source.duration_s / max(result.elapsed_s, 1e-9)
    if math.isfinite(speed):
        console.print(f"{result.elapsed_s:.1f} s, {speed:.1f} x real time", style="dim")


def _print(
    console: "Console", kind: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]
) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(kind, no_wrap=True)
    for head in heads[1:]:
        table.add_column(head, justify="right" if head else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print()
    console.print(table)
