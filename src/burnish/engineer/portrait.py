"""From a measurement to a portrait: the tone of the loud and of the quiet part, and all movement.

Like is compared with like: silence, fades and intros are left out by the loudness gate, and what is
clearly quieter than most of the sound's energy is told apart from what is loud.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure import Measurement
from burnish.measure.loudness import (
    MOMENTARY_SEGMENTS,
    SHORT_TERM_SEGMENTS,
    gate_power,
    lufs_of,
    power_of,
    sliding_sum,
)
from burnish.targets.portrait import PERCENTILES, THIRDS_HZ, Curve, Portrait, Section

Floats = NDArray[np.float64]

LOUD_LU, QUIET_LU = 2.0, 5.0
# Under the loudness that half of the energy passes: wholly loud down to the first, wholly quiet
# from the second on. A verse lies 3 to 6 LU under its chorus; the steps between them count in part.
LEAST_QUIET_SHARE = 0.1
LEAST_APART_LU = 3.0
CHUNK_WINDOWS = 10  # 2 s: about a bar
FEW_CHUNKS_DB = 5.0  # how far chunks lie apart where there are too few to tell
SWING_SEGMENTS = 30  # 3 s: what is slower than this is the song's form
SWING_CHUNK = 50  # blocks, 5 s
MOST_ERROR_DB = 12.0
FLOOR_PERCENTILE = 3.0
CLIFF_DB = 22.0  # from one third octave to the next: no music falls like this, only a codec's edge
CLIFF_FROM_HZ = 9_000.0
SILENT_DB = -110.0  # of a third octave under the loudness: nothing is there


def portrait(measured: Measurement, name: str = "") -> Portrait:
    """The portrait of what was measured. Silence, and less than 0.4 s, is a ``ValueError``."""
    integrated = measured.loudness.integrated_lufs
    if integrated is None or not math.isfinite(integrated):
        raise ValueError("measured: must have a loudness")
    windows = _Windows.of(measured)
    cutoff_hz = _cutoff_hz(windows)
    mono = measured.stereo.near_mono or measured.stereo.side_to_mid_db in (None, -math.inf)
    dynamics = measured.dynamics
    loud = _section(windows, windows.loud, cutoff_hz, mono)
    momentary = windows.blocks_lufs[windows.blocks_pass] - integrated
    swing_db, swing_error_db = _swing(windows)
    plr_db = _finite(dynamics.plr_db)
    return Portrait(
        names=(name or measured.file or "memory",),
        rate_hz=measured.source.rate_hz,
        duration_s=measured.source.duration_s,
        loud=loud,
        quiet=_quiet(windows, loud, cutoff_hz, mono),
        loudness_lufs=integrated,
        loud_lufs=integrated + loud.loudness_db,
        range_lu=measured.loudness.range_lu,
        plr_db=plr_db,
        plr_error_db=None if plr_db is None else _plr_error_db(measured, windows),
        psr_p5_db=_finite(dynamics.psr_p5_db),
        crest_400ms_db=_crest_db(measured, windows),
        sharpness_db=dynamics.sharpness_db,
        movement_db=float(momentary.std()) if len(momentary) else None,
        swing_db=swing_db,
        swing_error_db=swing_error_db,
        momentary_db=_percentiles(momentary),
        short_term_db=_percentiles(_short_term(measured) - integrated),
        bands_range_lu=dynamics.bands_range_lu,
        bands_movement_db=_movement(windows),
        bands_side_to_mid_db=tuple(
            None if mono else _finite(value) for value in measured.stereo.bands_side_to_mid_db
        ),
        near_mono=mono,
        cutoff_hz=cutoff_hz,
        floor_db=_floor(windows, loud),
    )


@dataclass(frozen=True, eq=False)
class _Windows:
    """The windows of the bands, each with the power of its gating block and how loud it is there.

    ``loud`` and ``quiet`` are weights of 0 to 1; both are 0 where the gate is not passed.
    """

    mid: Floats
    side: Floats
    wide: Floats
    power: Floats
    loud: Floats
    quiet: Floats
    blocks_lufs: Floats
    blocks_pass: NDArray[np.bool_]
    rate_hz: int

    @classmethod
    def of(cls, measured: Measurement) -> "_Windows":
        segment_power, bands = measured.timeline.segment_power, measured.timeline.bands
        blocks = sliding_sum(segment_power, MOMENTARY_SEGMENTS) / MOMENTARY_SEGMENTS
        if measured.source.channels == 1:
            blocks = 2.0 * blocks  # as loud as the same wave in both channels: mid is (L + R) / 2
        gate = gate_power(blocks)
        passing = blocks > gate if (blocks > gate).any() else np.ones(len(blocks), np.bool_)
        n = min(len(bands.mid), len(blocks[::2]))
        power, heard = blocks[::2][:n], passing[::2][:n]
        around = _around(blocks, SHORT_TERM_SEGMENTS)[::2][:n]
        around_lufs = lufs_of(np.maximum(around, 1e-30))
        under = _middle_of_energy(around_lufs[heard], power[heard]) - around_lufs
        quiet = np.clip((under - LOUD_LU) / (QUIET_LU - LOUD_LU), 0.0, 1.0)
        return cls(
            mid=bands.mid[:n].astype(np.float64),
            side=bands.side[:n].astype(np.float64),
            wide=(bands.wide_mid[:n] + bands.wide_side[:n]).astype(np.float64),
            power=power,
            loud=np.where(heard, 1.0 - quiet, 0.0),
            quiet=np.where(heard, quiet, 0.0),
            blocks_lufs=lufs_of(np.maximum(blocks, 1e-30))
            - (3.01 if measured.source.channels == 1 else 0.0),
            blocks_pass=passing,
            rate_hz=measured.source.rate_hz,
        )


def _around(values: Floats, width: int) -> Floats:
    """Centred moving average, shorter at the ends."""
    sums = np.concatenate(((0.0,), np.cumsum(values)))
    k = np.arange(len(values))
    first, last = np.maximum(k - width // 2, 0), np.minimum(k + width // 2 + 1, len(values))
    return np.asarray((sums[last] - sums[first]) / (last - first))


def _middle_of_energy(loudness_lufs: Floats, power: Floats) -> float:
    """The loudness that half of the energy passes. A quiet intro does not move it, nor a fade."""
    order = np.argsort(loudness_lufs, kind="stable")
    energy = np.cumsum(power[order])
    return float(loudness_lufs[order][np.searchsorted(energy, 0.5 * energy[-1])])


def _section(windows: _Windows, weights: Floats, cutoff_hz: float | None, mono: bool) -> Section:
    chunk = np.arange(len(weights)) // CHUNK_WINDOWS
    used, place = np.unique(chunk[weights > 0], return_inverse=True)

    def sums(rows: Floats) -> Floats:
        out = np.zeros((len(used), *rows.shape[1:]))
        np.add.at(out, place, (weights.reshape(-1, *[1] * (rows.ndim - 1)) * rows)[weights > 0])
        return out

    loudness = sums(windows.power)
    mid_db, mid_error = _relative(sums(windows.mid), loudness, cutoff_hz, windows.rate_hz)
    side_db, side_error = (
        ((None,) * len(THIRDS_HZ),) * 2
        if mono
        else _relative(sums(windows.side), loudness, cutoff_hz, windows.rate_hz)
    )
    total = float((windows.loud + windows.quiet).sum())
    level = float(lufs_of(np.array(loudness.sum() / weights.sum())))
    return Section(
        share=min(1.0, float(weights.sum()) / total),
        loudness_db=level - _own(windows),
        mid_db=mid_db,
        mid_error_db=mid_error,
        side_db=side_db,
        side_error_db=side_error,
    )


def _own(windows: _Windows) -> float:
    """Loudness of all windows that pass the gate, in the terms of their powers."""
    heard = windows.loud + windows.quiet
    return float(lufs_of(np.array((heard * windows.power).sum() / heard.sum())))


def _quiet(windows: _Windows, loud: Section, cutoff_hz: float | None, mono: bool) -> Section | None:
    share = windows.quiet.sum() / (windows.loud + windows.quiet).sum()
    if share < LEAST_QUIET_SHARE:
        return None
    part = _section(windows, windows.quiet, cutoff_hz, mono)
    return part if part.loudness_db <= loud.loudness_db - LEAST_APART_LU else None


def _relative(
    bands: Floats, loudness: Floats, cutoff_hz: float | None, rate_hz: int
) -> tuple[Curve, Curve]:
    """Power of each band over the loudness, in dB, and its standard error (jackknife by chunks)."""
    n = len(loudness)
    whole, power = bands.sum(axis=0), float(loudness.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        level = 10.0 * np.log10(whole / power) + 0.691
        if n < 3:
            error = np.full(len(whole), FEW_CHUNKS_DB / math.sqrt(max(n, 1)))
        else:
            without = 10.0 * np.log10((whole - bands) / (power - loudness)[:, None])
            without = np.maximum(np.nan_to_num(without, neginf=-200.0), -200.0)
            error = np.sqrt((n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    known = np.isfinite(level) & (level > SILENT_DB) & (np.array(_LOW_HZ) < rate_hz / 2)
    if cutoff_hz is not None:
        known &= np.array(_LOW_HZ) < cutoff_hz * 0.999
    return (
        tuple(float(v) if k else None for v, k in zip(level, known, strict=True)),
        tuple(
            float(min(v, MOST_ERROR_DB)) if k else None for v, k in zip(error, known, strict=True)
        ),
    )


_LOW_HZ: tuple[float, ...] = tuple(float(hz * 10.0**-0.05) for hz in THIRDS_HZ)


def _cutoff_hz(windows: _Windows) -> float | None:
    """The upper edge of the highest third octave before a cliff; None where there is none."""
    power = (windows.loud[:, None] * (windows.mid + windows.side)).sum(axis=0)
    for k in range(1, len(THIRDS_HZ)):
        below, above = float(power[k - 1]), float(power[k])
        if _LOW_HZ[k] < CLIFF_FROM_HZ or THIRDS_HZ[k] > windows.rate_hz / 2 or below <= 0.0:
            continue
        if above < below * 10.0 ** (-CLIFF_DB / 10.0):
            return _LOW_HZ[k]
    return None


def _floor(windows: _Windows, loud: Section) -> Curve:
    """What all but the softest moments of each third octave exceed; digital black is left out."""
    heard = windows.power > 0.0
    rows = (windows.mid + windows.side)[heard]
    reference = _own(windows) + loud.loudness_db
    floors: list[float | None] = []
    for column in rows.T:
        sounding = column[column > 1e-14]
        floor = float(np.percentile(sounding, FLOOR_PERCENTILE)) if len(sounding) else 0.0
        floors.append(10.0 * math.log10(floor) - reference if floor > 0.0 else None)
    return tuple(floors)


def _movement(windows: _Windows) -> Curve:
    heard = (windows.loud + windows.quiet) > 0
    levels = 10.0 * np.log10(np.maximum(windows.wide[heard], 1e-14))
    return tuple(float(v) for v in levels.std(axis=0))


def _swing(windows: _Windows) -> tuple[float | None, float | None]:
    """Standard deviation of the 400 ms loudness over the 3 s around it, and its standard error.

    The form of a song is left out, so that two parts of one song have nearly the same.
    """
    power = 10.0 ** (windows.blocks_lufs / 10.0)
    around = np.maximum(_around(power, SWING_SEGMENTS), 1e-30)  # rounding, in digital silence
    level = 10.0 * np.log10(power / around)
    chunk = np.arange(len(level)) // SWING_CHUNK
    heard = windows.blocks_pass
    used, place = np.unique(chunk[heard], return_inverse=True)
    sums = np.zeros((len(used), 3))
    np.add.at(sums, place, np.stack((level**0, level, level**2), axis=1)[heard])
    n = len(sums)
    if n < 3:
        return None, None

    def deviation(total: Floats) -> Floats:
        count, first, second = np.moveaxis(total, -1, 0)
        return np.asarray(np.sqrt(np.maximum(second / count - (first / count) ** 2, 0.0)))

    whole = sums.sum(axis=0)
    without = deviation(whole - sums)
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    return float(deviation(whole)), float(error)


def _plr_error_db(measured: Measurement, windows: _Windows) -> float | None:
    """How far the highest peak over the loudness would differ by chance, elsewhere in this music.

    The standard error by jackknife over chunks of 5 s. One hit that stands out of all others makes
    it large; peaks that a limiter has levelled, small. Too few chunks to tell: None.
    """
    tops = measured.timeline.segment_true_peak[: len(windows.blocks_lufs)]
    chunk = np.arange(len(tops)) // SWING_CHUNK
    n = int(chunk[-1]) + 1 if len(chunk) else 0
    if n < 3:
        return None
    peaks, power, count = np.zeros(n), np.zeros(n), np.zeros(n)
    np.maximum.at(peaks, chunk, tops)
    heard = windows.blocks_pass
    np.add.at(power, chunk[heard], 10.0 ** (windows.blocks_lufs[heard] / 10.0))
    np.add.at(count, chunk[heard], 1.0)
    second, first = np.sort(peaks)[-2:]
    without = np.full(n, first)
    without[np.argmax(peaks)] = second
    loudness = (power.sum() - power) / np.maximum(count.sum() - count, 1.0)
    used = (without > 0) & (loudness > 0)
    if used.sum() < 3:
        return None
    ratio_db = 20.0 * np.log10(without[used]) - 10.0 * np.log10(loudness[used])
    m = len(ratio_db)
    return float(np.sqrt((m - 1) / m * ((ratio_db - ratio_db.mean()) ** 2).sum()))


def _short_term(measured: Measurement) -> Floats:
    """The loudness of every whole 3 s within 20 LU of their mean, as for the loudness range."""
    power = measured.timeline.segment_power
    shorts = sliding_sum(power, SHORT_TERM_SEGMENTS) / SHORT_TERM_SEGMENTS
    sounding = shorts[shorts > power_of(-70.0)]
    return lufs_of(sounding[sounding > 0.01 * sounding.mean()]) if len(sounding) else sounding


def _crest_db(measured: Measurement, windows: _Windows) -> float | None:
    """True peak over loudness of 400 ms, the mean of those that pass the gate."""
    tops = measured.timeline.segment_true_peak
    if len(tops) < MOMENTARY_SEGMENTS:
        return None
    top = np.lib.stride_tricks.sliding_window_view(tops, MOMENTARY_SEGMENTS).max(axis=1)
    ok = windows.blocks_pass & (top > 0)
    crest = 20.0 * np.log10(top[ok]) - windows.blocks_lufs[ok]
    return float(crest.mean()) if ok.any() else None


def _percentiles(values: Floats) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    if not len(known):
        return ()
    return tuple(float(v) for v in np.percentile(known, PERCENTILES))


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
