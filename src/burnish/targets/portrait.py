"""Portrait: one sound in the terms that a match compares, free of its length and its gain.

A reference gives one, the mix gives one, several merge into one, and a learned profile is one.
"""

import math
from collections.abc import Sequence
from typing import Any, Self

from pydantic import model_validator

from burnish.settings import Settings, setting
from burnish.targets.model import N_BANDS

THIRDS_HZ = tuple(1000.0 * 10.0 ** (n / 10.0) for n in range(-16, 14))
"""Exact centres of the third-octave bands from 25 Hz to 20 kHz, IEC 61260-1."""

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
"""Of the moments that pass the loudness gate, in which loudness over time is told."""

Curve = tuple[float | None, ...]


class Section(Settings):
    """The tone of the loud or the quiet part of a sound, in third octaves.

    Decibels relative to the part's own loudness. None: nothing is known there, as in the side of a
    mono sound, above a lossy cutoff, or above half the sample rate. The errors are standard errors:
    how far the same music, heard elsewhere, would differ by chance. The spreads are standard
    deviations between several sounds; empty for one.
    """

    share: float = setting(..., low=0, high=1, help="Part of the sounding time.")
    loudness_db: float = setting(
        ..., low=-120, high=120, unit="LU", help="Loudness of this part over the integrated one."
    )
    mid_db: Curve = setting(..., unit="dB", help="Tone of the middle, by third octave.")
    mid_error_db: Curve = setting(..., unit="dB", help="How sure that is: standard errors.")
    side_db: Curve = setting(..., unit="dB", help="Tone of the side, by third octave.")
    side_error_db: Curve = setting(..., unit="dB", help="How sure that is: standard errors.")
    mid_spread_db: Curve = setting((), unit="dB", help="Spread between several sounds.")
    side_spread_db: Curve = setting((), unit="dB", help="Spread between several sounds.")

    @model_validator(mode="after")
    def _thirty_bands(self) -> Self:
        for name in ("mid_db", "mid_error_db", "side_db", "side_error_db"):
            _count(name, getattr(self, name), len(THIRDS_HZ))
        return self


class Portrait(Settings):
    """One sound, or the mean of several, as a match sees it. None: cannot be measured."""

    names: tuple[str, ...] = setting((), scale="text", help="What it is the portrait of.")
    sounds: float = setting(
        1.0, low=1, high=1e9, help="How many sounds speak in it: less where weights differ."
    )
    rate_hz: int = setting(..., low=1, high=1_000_000, unit="Hz", help="Sample rate (the lowest).")
    duration_s: float = setting(..., low=0, high=1e12, unit="s", help="Length of it all.")
    loud: Section = setting(..., help="Where it is loud.")
    quiet: Section | None = setting(None, help="Where it is clearly quieter; absent: nowhere.")
    loudness_lufs: float = setting(..., low=-100, high=100, unit="LUFS", help="Integrated.")
    loud_lufs: float = setting(..., low=-100, high=100, unit="LUFS", help="Of the loud part.")
    range_lu: float | None = setting(None, unit="LU", help="Loudness range.")
    plr_db: float | None = setting(None, unit="dB", help="True peak over integrated loudness.")
    plr_error_db: float | None = setting(None, unit="dB", help="Its standard error.")
    psr_p5_db: float | None = setting(
        None, unit="dB", help="True peak over short-term loudness, 5th percentile."
    )
    crest_400ms_db: float | None = setting(
        None, unit="dB", help="True peak over loudness of 400 ms, mean of the sounding ones."
    )
    sharpness_db: float | None = setting(
        None, unit="dB", help="Spread of the 25 ms level over the 200 ms level: punch."
    )
    movement_db: float | None = setting(
        None, unit="dB", help="Standard deviation of the 400 ms loudness that passes the gate."
    )
    swing_db: float | None = setting(
        None,
        unit="dB",
        help="The same over the 3 s around: beats and phrases, not the song's form.",
    )
    swing_error_db: float | None = setting(None, unit="dB", help="Its standard error.")
    momentary_db: tuple[float, ...] = setting(
        (), unit="LU", help="Percentiles of the 400 ms loudness over the integrated one."
    )
    short_term_db: tuple[float, ...] = setting(
        (), unit="LU", help="Percentiles of the 3 s loudness over the integrated one."
    )
    bands_range_lu: Curve = setting(..., unit="LU", help="Loudness range of the nine wide bands.")
    bands_movement_db: Curve = setting(
        ..., unit="dB", help="Standard deviation of the 400 ms levels of the nine wide bands."
    )
    bands_side_to_mid_db: Curve = setting(
        ..., unit="dB", help="Width of the nine wide bands: side over middle."
    )
    near_mono: bool = setting(False, help="Whether there is no side worth the name.")
    cutoff_hz: float | None = setting(
        None, low=1, high=1_000_000, unit="Hz", help="Above it a lossy codec left nothing."
    )
    floor_db: Curve = setting(
        ..., unit="dB", help="The softest moments by third octave, as the loud part's tone is told."
    )
    spread: dict[str, float] = setting(
        {}, help="Standard deviation between several sounds, by the name of the figure."
    )

    @model_validator(mode="after")
    def _bands(self) -> Self:
        for name in ("bands_range_lu", "bands_movement_db", "bands_side_to_mid_db"):
            _count(name, getattr(self, name), N_BANDS)
        _count("floor_db", self.floor_db, len(THIRDS_HZ))
        for name in ("momentary_db", "short_term_db"):
            if getattr(self, name):
                _count(name, getattr(self, name), len(PERCENTILES))
        return self


def merged(portraits: Sequence[Portrait], weights: Sequence[float] | None = None) -> Portrait:
    """The weighted mean of several portraits, with the spread between them; one stays as it is.

    The order does not matter. A figure that some of them lack is the mean of the others'. Raises
    ``ValueError`` for no portraits, or weights that are not all positive.
    """
    given = [1.0] * len(portraits) if weights is None else [float(w) for w in weights]
    if not portraits or len(given) != len(portraits) or not all(w > 0 for w in given):
        raise ValueError("portraits and positive weights: must be as many, and at least one")
    if len(portraits) == 1:
        return portraits[0]
    total = math.fsum(given)
    shares = [w / total for w in given]
    order = sorted(range(len(shares)), key=lambda k: (portraits[k].names, shares[k]))
    ones, shares = [portraits[k] for k in order], [shares[k] for k in order]
    values: dict[str, Any] = {}
    spread: dict[str, float] = {}
    for name in _SCALARS:
        mean, deviation = _mean([getattr(one, name) for one in ones], shares)
        values[name] = mean
        if deviation is not None:
            spread[name] = deviation
    for name in _CURVES:
        values[name] = _mean_curve([getattr(one, name) for one in ones], shares)[0]
    quiet = [one.quiet for one in ones]
    quiets = [(part, w) for part, w in zip(quiet, shares, strict=True) if part is not None]
    cutoffs = [one.cutoff_hz for one in ones]
    values["plr_error_db"] = _error([one.plr_error_db for one in ones], shares)
    values["swing_error_db"] = _error([one.swing_error_db for one in ones], shares)
    return Portrait(
        names=tuple(name for one in ones for name in one.names),
        sounds=max(
            1.0, 1.0 / math.fsum(w * w / one.sounds for one, w in zip(ones, shares, strict=True))
        ),
        rate_hz=min(one.rate_hz for one in ones),
        duration_s=math.fsum(one.duration_s for one in ones),
        loud=_mean_section([one.loud for one in ones], shares),
        quiet=_mean_section([part for part, _ in quiets], [w for _, w in quiets])
        if math.fsum(w for _, w in quiets) > 0.5
        else None,
        near_mono=math.fsum(w for one, w in zip(ones, shares, strict=True) if one.near_mono) > 0.5,
        cutoff_hz=None if None in cutoffs else max(c for c in cutoffs if c is not None),
        spread=spread,
        **values,
    )


_SCALARS = (
    *("loudness_lufs", "loud_lufs", "range_lu", "plr_db", "psr_p5_db"),
    *("crest_400ms_db", "sharpness_db", "movement_db", "swing_db"),
)
_CURVES = (
    *("momentary_db", "short_term_db", "bands_range_lu", "bands_movement_db"),
    *("bands_side_to_mid_db", "floor_db"),
)


def _count(name: str, values: Sequence[object], n: int) -> None:
    if len(values) != n:
        raise ValueError(f"{name}: must have {n} values, has {len(values)}")


def _mean(
    values: Sequence[float | None], shares: Sequence[float]
) -> tuple[float | None, float | None]:
    """Weighted mean and standard deviation of the values that are known."""
    known = [(v, w) for v, w in zip(values, shares, strict=True) if v is not None]
    if not known:
        return None, None
    total = math.fsum(w for _, w in known)
    mean = math.fsum(v * w for v, w in known) / total
    return mean, math.sqrt(math.fsum(w * (v - mean) ** 2 for v, w in known) / total)


def _mean_curve(curves: Sequence[Curve], shares: Sequence[float]) -> tuple[Curve, Curve]:
    """Mean and deviation, entry by entry, of the curves that are not empty."""
    full = [(c, w) for c, w in zip(curves, shares, strict=True) if c]
    if not full:
        return (), ()
    pairs = [_mean([c[k] for c, _ in full], [w for _, w in full]) for k in range(len(full[0][0]))]
    return tuple(m for m, _ in pairs), tuple(d for _, d in pairs)


def _mean_section(parts: Sequence[Section], shares: Sequence[float]) -> Section:
    total = math.fsum(shares)
    shares = [w / total for w in shares]
    values: dict[str, Any] = {}
    for part in ("mid", "side"):
        mean, spread = _mean_curve([getattr(s, f"{part}_db") for s in parts], shares)
        inner = [getattr(s, f"{part}_spread_db") or (0.0,) * len(mean) for s in parts]
        # The variance of them all: of their means, and what each held within.
        within = _mean_curve([_squares(c) for c in inner], shares)[0]
        values[f"{part}_db"] = mean
        values[f"{part}_spread_db"] = tuple(
            None if d is None or w is None else math.sqrt(d * d + w)
            for d, w in zip(spread, within, strict=True)
        )
        values[f"{part}_error_db"] = tuple(
            _error([getattr(s, f"{part}_error_db")[k] for s in parts], shares)
            for k in range(len(mean))
        )
    return Section(
        share=min(1.0, math.fsum(s.share * w for s, w in zip(parts, shares, strict=True))),
        loudness_db=math.fsum(s.loudness_db * w for s, w in zip(parts, shares, strict=True)),
        **values,
    )


def _squares(curve: Curve) -> Curve:
    return tuple(None if v is None else v * v for v in curve)


def _error(errors: Sequence[float | None], shares: Sequence[float]) -> float | None:
    """Standard error of a weighted mean of independent figures."""
    known = [(e, w) for e, w in zip(errors, shares, strict=True) if e is not None]
    if not known:
        return None
    total = math.fsum(w for _, w in known)
    return math.sqrt(math.fsum((w * e) ** 2 for e, w in known)) / total
