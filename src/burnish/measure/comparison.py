"""Comparison: what tells two recordings apart once they are equally loud. B against A, throughout.

Loudness is taken out first, because the louder one would win every other comparison.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish import __version__
from burnish.audio import Audio, AudioSource, Source, open_source
from burnish.errors import InputError
from burnish.measure.align import Alignment, align
from burnish.measure.loudness import SHORT_TERM_SEGMENTS, lufs_of, sliding_sum
from burnish.measure.meter import Meter, passing_windows
from burnish.measure.model import Measurement
from burnish.measure.null import Null, null
from burnish.measure.onset import OnsetEnvelope
from burnish.measure.spectrum import mean_over
from burnish.units import db_from_power

Floats = NDArray[np.float64]
Row = tuple[float | None, ...]
Sound = str | Path | Source | Audio

MONO_IN_BOTH_LU = 10.0 * math.log10(2.0)
"""A mono file plays from both loudspeakers, and is that much louder there than it measures."""

_HEARD_DB = -60.0  # under the loudest third octave: below, a mean of differences says nothing
_SOUNDING_LU = -20.0  # under the integrated loudness: fades and pauses are left out, as in PSR
_OVER_TIME_S = 1.0


@dataclass(frozen=True)
class ToneDifference:
    """By how much B has more than A in each band, in dB, at equal loudness. None: not in both.

    Third octaves of mid and side; ``bands_mid_db`` and ``bands_side_db`` are the nine wide bands.
    ``mid_mean_db`` and ``side_mean_db`` are the mean sizes of the differences in the third octaves
    within 60 dB of the loudest one.
    """

    band_hz: tuple[float, ...]
    mid_db: Row
    side_db: Row
    band_edges_hz: tuple[float, ...]
    bands_mid_db: Row
    bands_side_db: Row
    mid_mean_db: float | None
    side_mean_db: float | None


@dataclass(frozen=True)
class DynamicsDifference:
    """Dynamics of B minus those of A: the figures of ``Dynamics``, and the loudness range.

    ``quiet_lu`` and ``loud_lu`` tell how far the quiet parts (10th percentile of the short-term
    loudness) and the loud ones (95th) lie from A's when both are equally loud.
    """

    range_lu: float | None
    plr_db: float | None
    psr_p5_db: float | None
    crest_db: float | None
    sharpness_db: float | None
    dynamics_db: float | None
    quiet_lu: float | None
    loud_lu: float | None
    bands_range_lu: Row


@dataclass(frozen=True)
class WidthDifference:
    """Width of B minus that of A: side over mid whole and by wide band, and what mono loses."""

    side_to_mid_db: float | None
    correlation: float | None
    balance_db: float | None
    mono_loss_lu: float | None
    bands_side_to_mid_db: Row


@dataclass(frozen=True)
class OverTime:
    """How much louder B is than A moment by moment, in LU, after both were made equally loud.

    Short-term loudness at each second of A, the same music beneath it in B. None where either is
    more than 20 LU under its mean. The percentiles are of what is known.
    """

    time_s: tuple[float, ...]
    difference_lu: Row
    p10_lu: float
    p50_lu: float
    p90_lu: float


@dataclass(frozen=True)
class Comparison:
    """Two recordings measured, and how B differs from A. -inf is silence, None not known.

    ``loudness_difference_lu`` is how much louder B is; ``gain_db`` is what B was turned by for all
    that follows. ``null`` and ``over_time`` are None unless both are the same music.
    """

    a: Measurement
    b: Measurement
    loudness_difference_lu: float
    gain_db: float
    tone: ToneDifference
    dynamics: DynamicsDifference
    width: WidthDifference
    alignment: Alignment
    null: Null | None
    over_time: OverTime | None

    def to_json(self) -> dict[str, Any]:
        """Of plain numbers, strings, lists and None; both measurements are in it, whole."""
        document: dict[str, Any] = {
            "burnish": __version__,
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            "loudness": {
                "difference_lu": _plain(self.loudness_difference_lu),
                "gain_db": _plain(self.gain_db),
            },
        }
        for name in ("tone", "dynamics", "width", "alignment", "null", "over_time"):
            document[name] = _plain(getattr(self, name))
        return document


def compare(
    a: Sound, b: Sound, progress: Callable[[str, float, float], None] | None = None
) -> Comparison:
    """Compare B against A: two files, sources or audio in memory, of any rates and lengths.

    Each is read once, and once more both together where they are the same music. ``progress`` is
    called with what is done, the part of it, and how many seconds of sound it is. A sound that is
    silent or shorter than 0.4 s is an ``InputError``: there is no loudness to match.
    """
    told = progress or (lambda stage, done, duration_s: None)
    with _opened(a) as one, _opened(b) as other:
        a_measured, a_power = _measured(one, "A", told)
        b_measured, b_power = _measured(other, "B", told)
        difference_lu = _loudness(b_measured) - _loudness(a_measured)
        told("align", 0.0, 0.0)
        alignment = align(one, other, a_power, b_power)
        left = null(one, other, alignment)
        told("align", 1.0, one.info.duration_s)
    return Comparison(
        a=a_measured,
        b=b_measured,
        loudness_difference_lu=difference_lu,
        gain_db=-difference_lu,
        tone=_tone(a_measured, b_measured, -difference_lu),
        dynamics=_dynamics(a_measured, b_measured),
        width=_width(a_measured, b_measured),
        alignment=alignment,
        null=left,
        over_time=_over_time(a_measured, b_measured, alignment, -difference_lu),
    )


def _opened(sound: Sound) -> Source:
    if isinstance(sound, Source):
        return sound
    return AudioSource(sound) if isinstance(sound, Audio) else open_source(sound)


def _measured(
    source: Source, name: str, told: Callable[[str, float, float], None]
) -> tuple[Measurement, Floats]:
    """Measure a source and take its envelope, in one pass."""
    info = source.info
    envelope = OnsetEnvelope(info.rate_hz, info.channels)
    done = 0
    with Meter(info.rate_hz, info.channels, threads=True) as meter:
        for block in source.blocks():
            meter.feed(block)
            envelope.feed(block)
            done += block.shape[1]
            told(f"measure {name}", done / info.n_samples, info.duration_s)
        file = None if info.path is None else str(info.path)
        measured = meter.finish(file, info.format, info.bits)
    loudness_lufs = measured.loudness.integrated_lufs
    if loudness_lufs is None:
        raise InputError(
            "input-too-short",
            f"{info.name}: lasts {info.duration_s:.3f} s; must be 0.4 s or more to be compared",
        )
    if loudness_lufs == -math.inf:
        raise InputError("input-silent", f"{info.name}: is silent (nothing above -70 LUFS)")
    return measured, envelope.finish()


def _loudness(one: Measurement) -> float:
    """Integrated loudness from two loudspeakers."""
    return (one.loudness.integrated_lufs or 0.0) + _in_both(one)


def _in_both(one: Measurement) -> float:
    return MONO_IN_BOTH_LU if one.source.channels == 1 else 0.0


def _tone(a: Measurement, b: Measurement, gain_db: float) -> ToneDifference:
    mid, side = (
        _minus(getattr(b.spectrum, key), getattr(a.spectrum, key), gain_db)
        for key in ("mid_db", "side_db")
    )
    wide = [_wide(one) for one in (a, b)]
    return ToneDifference(
        band_hz=a.spectrum.band_hz,
        mid_db=mid,
        side_db=side,
        band_edges_hz=a.spectrum.band_edges_hz,
        bands_mid_db=_minus(wide[1][0], wide[0][0], gain_db),
        bands_side_db=_minus(wide[1][1], wide[0][1], gain_db),
        mid_mean_db=_mean_size(mid, a.spectrum.mid_db),
        side_mean_db=_mean_size(side, a.spectrum.side_db),
    )


def _wide(one: Measurement) -> tuple[Row, Row]:
    """Mid and side in the nine wide bands over what passes the gate, in dB."""
    powers = one.timeline.bands
    passing = passing_windows(one.timeline.segment_power, powers)
    limits = one.spectrum.band_edges_hz[:-1]
    mid, side = (
        tuple(
            db_from_power(float(p)) if low < one.source.rate_hz / 2 else None
            for p, low in zip(mean_over(rows, passing), limits, strict=True)
        )
        for rows in (powers.wide_mid, powers.wide_side)
    )
    return mid, side


def _dynamics(a: Measurement, b: Measurement) -> DynamicsDifference:
    quiet, loud = (
        _less(_short_term(b, percentile), _short_term(a, percentile)) for percentile in (10, 95)
    )
    keys = ("plr_db", "psr_p5_db", "crest_db", "sharpness_db", "dynamics_db")
    differences = {key: _less(getattr(b.dynamics, key), getattr(a.dynamics, key)) for key in keys}
    if differences["plr_db"] is not None:
        differences["plr_db"] -= _in_both(b) - _in_both(a)
    if differences["psr_p5_db"] is not None:
        differences["psr_p5_db"] -= _in_both(b) - _in_both(a)
    return DynamicsDifference(
        range_lu=_less(b.loudness.range_lu, a.loudness.range_lu),
        quiet_lu=quiet,
        loud_lu=loud,
        bands_range_lu=_minus(b.dynamics.bands_range_lu, a.dynamics.bands_range_lu),
        **differences,
    )


def _short_term(one: Measurement, percentile: float) -> float | None:
    """A percentile of the short-term loudness over the integrated one, fades left out."""
    integrated = one.loudness.integrated_lufs or 0.0
    power = one.timeline.segment_power
    short = lufs_of(sliding_sum(power, SHORT_TERM_SEGMENTS) / SHORT_TERM_SEGMENTS) - integrated
    sounding = short[short > _SOUNDING_LU]
    return float(np.percentile(sounding, percentile)) if len(sounding) else None


def _width(a: Measurement, b: Measurement) -> WidthDifference:
    keys = ("side_to_mid_db", "correlation", "balance_db", "mono_loss_lu")
    return WidthDifference(
        **{key: _less(getattr(b.stereo, key), getattr(a.stereo, key)) for key in keys},
        bands_side_to_mid_db=_minus(b.stereo.bands_side_to_mid_db, a.stereo.bands_side_to_mid_db),
    )


def _over_time(
    a: Measurement, b: Measurement, alignment: Alignment, gain_db: float
) -> OverTime | None:
    if alignment.offset_s is None:
        return None
    drift = 1.0 + 1e-6 * (alignment.drift_ppm or 0.0)
    first_s, end_s = SHORT_TERM_SEGMENTS / 10.0, len(a.timeline.segment_power) / 10.0
    a_s = np.arange(first_s, end_s + 1e-9, _OVER_TIME_S)
    b_s = alignment.offset_s + drift * a_s
    inside = (b_s >= first_s) & (b_s <= len(b.timeline.segment_power) / 10.0 + 1e-9)
    a_s, b_s = a_s[inside], b_s[inside]
    if not len(a_s):
        return None
    levels = []
    for one, at in ((a, a_s), (b, b_s)):
        power = 10.0 ** (one.timeline.short_term_lufs / 10.0)
        level = 10.0 * np.log10(np.interp(at, one.timeline.time_s, power) + 1e-30)
        levels.append(level - (one.loudness.integrated_lufs or 0.0))
    known = (levels[0] > _SOUNDING_LU) & (levels[1] > _SOUNDING_LU)
    if not known.any():
        return None
    difference = levels[1] - levels[0]
    low, middle, high = (float(v) for v in np.percentile(difference[known], (10, 50, 90)))
    return OverTime(
        time_s=tuple(round(float(t), 3) for t in a_s),
        difference_lu=tuple(
            round(float(d), 3) if k else None for d, k in zip(difference, known, strict=True)
        ),
        p10_lu=low,
        p50_lu=middle,
        p90_lu=high,
    )


def _less(b: float | None, a: float | None) -> float | None:
    """b - a; None where either is not known, or is silence or its ratio."""
    if a is None or b is None or not (math.isfinite(a) and math.isfinite(b)):
        return None
    return b - a


def _minus(b: Sequence[float | None], a: Sequence[float | None], gain_db: float = 0.0) -> Row:
    differences = (_less(one, other) for one, other in zip(b, a, strict=True))
    return tuple(None if d is None else d + gain_db for d in differences)


def _mean_size(differences: Row, beside_db: Sequence[float | None]) -> float | None:
    heard = [value for value in beside_db if value is not None and math.isfinite(value)]
    sizes = [
        abs(difference)
        for difference, value in zip(differences, beside_db, strict=True)
        if difference is not None and value is not None and value > max(heard) + _HEARD_DB
    ]
    return sum(sizes) / len(sizes) if sizes else None


def _plain(value: Any) -> Any:
    """Records as dicts, numbers that JSON has no word for as None with the word beside them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dict(_entries(value))
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _entries(record: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        yield field.name, _plain(value)
        if value == -math.inf:
            yield f"{field.name}_is_silence", True
