"""Sent: the file that is played out through hardware, with what finds it again around it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from burnish.audio import Block, OutputFormat, Writer, container_of
from burnish.dsp.sync import Layout
from burnish.dsp.truepeak import TruePeak
from burnish.errors import InputError, SettingError
from burnish.processors.hardware import SentParts
from burnish.units import db_from_gain


@dataclass(frozen=True)
class Heard:
    """What is known of a programme that went out."""

    sent_dbfs: tuple[float, ...]
    """Its RMS in 16 parts, before it was trimmed."""
    sample_peak_dbfs: float
    true_peak_dbtp: float


def write_sent(
    programme: Iterable[Block],
    layout: Layout,
    path: Path,
    bits: str,
    gain: float,
    called: str,
    overwrite: bool,
    told: Callable[[float], None],
) -> Heard:
    """Write a programme between its bursts; ``called`` is the step in a sentence.

    Where a converter would clip it is an ``InputError``, and nothing is written.
    """
    out = _Out(layout)
    form = _form(path, bits)
    with Writer(path, form, layout.rate_hz, layout.channels, layout.n_samples, overwrite) as writer:
        writer.write(layout.head())
        for block in programme:
            writer.write(out.feed(block, gain))
            told(out.done / max(1, layout.n_programme))
        heard = out.finish(called)
        writer.write(layout.tail())
    return heard


def _form(path: Path, bits: str) -> OutputFormat:
    kind = container_of(path)
    if kind is None:
        raise SettingError("output-ending", f"{path}: must end in .wav, .flac or .aiff")
    return OutputFormat(format=kind, bits=bits or ("24" if kind == "flac" else "32f"))


class _Out:
    """Hears the programme on its way out: its parts, and how high it goes."""

    def __init__(self, layout: Layout) -> None:
        self._rate_hz = layout.rate_hz
        self._parts = SentParts(layout.n_programme)
        self._peaks = TruePeak(layout.channels)
        self._sent_dbfs: list[float] = []
        self._peak = self._true_peak = 0.0
        self._over: int | None = None
        self.done = 0

    def feed(self, block: Block, gain: float) -> Block:
        """The block as it goes out."""
        self._sent_dbfs += [dbfs for _, dbfs in self._parts.feed(block)]
        out = np.asarray(block * gain) if gain != 1.0 else block
        largest = np.abs(out).max(axis=0, initial=0.0)
        if self._over is None and (over := np.flatnonzero(largest > 1.0)).size:
            self._over = self.done + int(over[0])
        self._peak = max(self._peak, float(largest.max(initial=0.0)))
        self._true_peak = max(self._true_peak, float(self._peaks.feed(out).max(initial=0.0)))
        self.done += block.shape[1]
        return out

    def finish(self, called: str) -> Heard:
        """What was heard; the ``InputError`` where it would clip."""
        rest = float(self._peaks.finish().max(initial=0.0))
        true_peak = max(self._peak, self._true_peak, rest)
        if self._over is not None:
            trim_db = math.floor(-2.0 * db_from_gain(true_peak) - 1.0) / 2.0
            raise InputError(
                "send-clips",
                f"{called}: what reaches it goes to {db_from_gain(self._peak):+.2f} dBFS and would "
                f"clip, first at {self._over / self._rate_hz:.2f} s; --trim-db {trim_db:g} plays "
                "it softer",
            )
        return Heard(tuple(self._sent_dbfs), db_from_gain(self._peak), db_from_gain(true_peak))
