"""Dynamics: how far the peaks stand above the body, and how much the body moves."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.bands import BandPowers
from burnish.measure.loudness import (
    MOMENTARY_SEGMENTS,
    SHORT_TERM_SEGMENTS,
    Loudness,
    gate_power,
    lufs_of,
    power_of,
    sliding_sum,
    spread_db,
)
from burnish.measure.peaks import Peaks
from burnish.measure.segments import SEGMENTS_PER_S, Segments
from burnish.measure.walk import HOPS_PER_S
from burnish.units import db_from_power

Floats = NDArray[np.float64]
Kept = NDArray[np.float32]

_PSR_GATE_LU = -20.0  # as for the loudness range: fades and pauses do not speak for the music
_PSR_PERCENTILE = 5.0
_DR_LOUDEST = 0.2  # TT-DR: the loudest fifth of the 3 s blocks
_SHORT_HOPS, _LONG_HOPS = 5, 40  # 25 ms and 200 ms
_WINDOWS_PER_LONG_SPAN = 15  # steps of 0.2 s in 3 s
_BANDS_GATE_DB = -100.0  # absolute: one band holds much less than the whole, for which -70 is made
_DEEPEST = 1e-6  # a short level is at most 60 dB under the long one: black samples are not punch


@dataclass(frozen=True)
class Dynamics:
    """Ratios of peaks to loudness, and the movement of loudness, in decibels. None: too short.

    ``plr_db`` is true peak over integrated loudness. PSR is, at each moment, the true peak of the
    last 3 s over their loudness (AES e-brief 373): its 5th percentile and its least, where the
    music is within 20 LU of its mean. ``crest_db`` is the largest sample over the RMS of all
    channels. ``dr_db`` is TT-DR, not rounded, in blocks of exactly 3 s. ``sharpness_db`` is the
    standard deviation of the 25 ms level over the 200 ms level (punch), ``dynamics_db`` that of the
    200 ms level (movement), both K-weighted where the 200 ms pass the loudness gate.
    ``bands_range_lu`` is the loudness range of each wide band, after EBU Tech 3342.
    """

    plr_db: float | None
    psr_p5_db: float | None
    psr_min_db: float | None
    crest_db: float | None
    rms_dbfs: float
    dr_db: float | None
    sharpness_db: float | None
    dynamics_db: float | None
    bands_range_lu: tuple[float | None, ...]


class FineLevels:
    """The K-weighted power of every 25 ms, and of the 200 ms around it."""

    def __init__(self) -> None:
        self._held = np.zeros(0)
        self._pieces = [np.zeros((2, 0), dtype=np.float32)]

    def feed(self, hop_energy: Floats) -> None:
        """Take the K-weighted energies of the next whole hops."""
        held = np.concatenate((self._held, hop_energy))
        # The long window stands around the short one: 17 and 18 hops of 5 ms stick out.
        before = (_LONG_HOPS - _SHORT_HOPS) // 2
        long = sliding_sum(held, _LONG_HOPS)[::_SHORT_HOPS]
        short = sliding_sum(held[before:], _SHORT_HOPS)[::_SHORT_HOPS][: len(long)]
        self._pieces.append(np.array((short / _SHORT_HOPS, long / _LONG_HOPS), dtype=np.float32))
        self._held = held[len(long) * _SHORT_HOPS :]

    def finish(self, rate_hz: int) -> Kept:
        """Powers of the 25 ms and of the 200 ms, ``(2, n)``."""
        powers = np.hstack(self._pieces) * np.float32(HOPS_PER_S / rate_hz)
        self._pieces.clear()
        return powers


def summarise(
    loudness: Loudness,
    peaks: Peaks,
    segments: Segments,
    segment_true_peak: Floats,
    fine: Kept,
    powers: BandPowers,
) -> Dynamics:
    """Dynamics from all that is kept of the file."""
    n_values = max(1, segments.n_samples * len(segments.square))
    rms_dbfs = db_from_power(float(segments.square.sum()) / n_values)
    integrated = loudness.integrated_lufs
    audible = integrated is not None and math.isfinite(integrated)
    crest = peaks.sample_peak_dbfs - rms_dbfs
    psr = _psr_db(segments.weighted_power, segment_true_peak.max(axis=0, initial=0.0), loudness)
    level_200ms = sliding_sum(segments.weighted_power, 2) / 2
    gate = gate_power(sliding_sum(segments.weighted_power, MOMENTARY_SEGMENTS) / MOMENTARY_SEGMENTS)
    return Dynamics(
        plr_db=peaks.true_peak_dbtp - integrated if audible and integrated is not None else None,
        psr_p5_db=float(np.percentile(psr, _PSR_PERCENTILE)) if len(psr) else None,
        psr_min_db=float(psr.min()) if len(psr) else None,
        crest_db=crest if math.isfinite(crest) else None,
        rms_dbfs=rms_dbfs,
        dr_db=_dr_db(segments),
        sharpness_db=_sharpness_db(fine, gate),
        dynamics_db=_deviation(lufs_of(level_200ms[level_200ms > gate])),
        bands_range_lu=_bands_range_lu(powers.wide_mid + powers.wide_side),
    )


def _deviation(levels_db: Floats) -> float | None:
    return float(levels_db.std()) if len(levels_db) else None


def _psr_db(segment_power: Floats, true_peak: Floats, loudness: Loudness) -> Floats:
    """PSR of every whole 3 s, 0.1 s apart, that is loud enough."""
    short = sliding_sum(segment_power, SHORT_TERM_SEGMENTS) / SHORT_TERM_SEGMENTS
    integrated = loudness.integrated_lufs
    if not len(short) or integrated is None or not math.isfinite(integrated):
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(true_peak, SHORT_TERM_SEGMENTS)[: len(short)]
    largest = windows.max(axis=1)
    loud = short > power_of(integrated + _PSR_GATE_LU)
    return np.asarray(20.0 * np.log10(largest[loud]) - lufs_of(short[loud]))


def _dr_db(segments: Segments) -> float | None:
    """TT-DR, the channels averaged: 2nd highest block peak over the RMS of the loudest blocks."""
    edges = np.arange(0, segments.n_whole + 1, SHORT_TERM_SEGMENTS)
    if len(edges) < 3:
        return None
    n_per_block = np.full(len(edges), SHORT_TERM_SEGMENTS * segments.rate_hz / SEGMENTS_PER_S)
    n_per_block[-1] = segments.n_samples - n_per_block[:-1].sum()
    if n_per_block[-1] < 0.5:
        edges, n_per_block = edges[:-1], n_per_block[:-1]
    if len(edges) < 3:
        return None
    # The squares are doubled there: a sine has the RMS of its crest.
    power = 2.0 * np.add.reduceat(segments.square, edges, axis=1) / n_per_block
    peak = np.sort(np.maximum.reduceat(segments.largest, edges, axis=1), axis=1)[:, -2]
    n_loudest = max(1, int(len(edges) * _DR_LOUDEST))
    loudest = np.sort(power, axis=1)[:, -n_loudest:].mean(axis=1)
    heard = (loudest > 0.0) & (peak > 0.0)
    if not heard.any():
        return None
    return float(np.mean(20.0 * np.log10(peak[heard]) - 10.0 * np.log10(loudest[heard])))


def _sharpness_db(fine: Kept, gate: float) -> float | None:
    short, long = fine[:, fine[1] > gate].astype(np.float64)
    return _deviation(10.0 * np.log10(np.maximum(short / long, _DEEPEST)))


def _bands_range_lu(wide: Kept) -> tuple[float | None, ...]:
    spans = (sliding_sum(band.astype(np.float64), _WINDOWS_PER_LONG_SPAN) for band in wide.T)
    return tuple(spread_db(span / _WINDOWS_PER_LONG_SPAN, _BANDS_GATE_DB) for span in spans)
