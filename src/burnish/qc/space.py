"""Space: polarity and phase, what is lost in mono, width, balance of left and right."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.examine import Examination
from burnish.measure.meter import passing_windows
from burnish.measure.ranges import Range, merged_s, ranges_s, total_s
from burnish.qc.grade import severity_of, size_of, sure_of
from burnish.qc.places import hertz, when
from burnish.qc.tone_curve import MOST_RANGES, STEP_S
from burnish.targets import Style
from burnish.targets.model import BAND_EDGES_HZ

Floats = NDArray[np.float64]

SMOOTH = 15  # windows: 3 s
BAND_MIDDLES_HZ = tuple(math.sqrt(a * b) for a, b in pairwise(BAND_EDGES_HZ))
PHASE = (0.0, -0.35)  # correlation of 3 s: noted and strong
FAIL_SHARE = 0.8  # of the music in opposite polarity: no master can be made of it
LOW_PHASE = (0.2, -0.2)  # correlation below 148 Hz
MONO_LU = (2.0, 3.2)
MONO_BAND_DB = (4.5, 6.5)
BALANCE_DB = (1.2, 3.0)
WIDE_DB, NARROW_DB = (1.5, 5.0), (3.0, 9.0)  # beyond the style's ninth and first tenth
MONO_DB = -40.0  # side to mid: nothing to speak of
DELAY_GAIN_DB = (0.7, 1.6)  # what the mono sum would gain
LEAST_S = 2.0


@dataclass(frozen=True, eq=False)
class _Sides:
    """Powers of left, right and their product in bands, the mean of every 3 s, 0.2 s apart."""

    left: Floats
    right: Floats
    cross: Floats
    heard: NDArray[np.bool_]
    half_s: float
    duration_s: float

    @classmethod
    def of(cls, measured: Measurement) -> "_Sides":
        bands = measured.timeline.bands
        passing = passing_windows(measured.timeline.segment_power, bands)[: len(bands.wide_mid)]
        n = len(passing)
        mid, side, product = (
            rows[:n].astype(np.float64)
            for rows in (bands.wide_mid, bands.wide_side, bands.wide_cross)
        )
        k = min(SMOOTH, n)

        def smooth(rows: Floats) -> Floats:
            sums = np.cumsum(np.vstack((np.zeros(rows.shape[1]), rows * passing[:, None])), axis=0)
            return np.asarray(sums[k:] - sums[:-k])

        counts = np.concatenate(((0,), np.cumsum(passing)))
        return cls(
            left=smooth(mid + side + 2.0 * product),
            right=smooth(mid + side - 2.0 * product),
            cross=smooth(mid - side),
            heard=2 * (counts[k:] - counts[:-k]) >= k,
            half_s=0.5 * k * STEP_S,
            duration_s=measured.source.duration_s,
        )

    def correlation(self, bands: slice) -> Floats:
        """Of every 3 s over some bands; 1 where one channel is silent."""
        left, right = self.left[:, bands].sum(axis=1), self.right[:, bands].sum(axis=1)
        both = np.minimum(left, right) > 1e-6 * np.maximum(left, right)
        scale = np.sqrt(np.maximum(left * right, 1e-30))
        return np.where(both & self.heard, self.cross[:, bands].sum(axis=1) / scale, 1.0)

    def ranges(self, shown: NDArray[np.bool_]) -> tuple[Range, ...]:
        found = ranges_s(shown, STEP_S, first_s=self.half_s)
        joined = merged_s(found, gap_s=1.0, least_s=LEAST_S, most=MOST_RANGES)
        end = STEP_S * len(shown) + self.half_s
        return tuple(
            (0.0 if a <= self.half_s else a, self.duration_s if b >= end - 0.1 else b)
            for a, b in joined
        )


def space(examined: Examination, style: Style) -> Iterator[Finding]:
    """All findings of space; a mono file has none."""
    measured = examined.measured
    if measured.source.channels == 1:
        return
    if (silent := measured.defects.silent_channels) and len(silent) == 1:
        yield _silent(silent[0])
        return
    if not len(measured.timeline.bands.wide_mid):
        return
    sides = _Sides.of(measured)
    opposed = tuple(_phase(measured, sides))
    yield from opposed
    yield from _delay(measured)
    lost = () if opposed else tuple(_mono(measured))
    yield from lost
    yield from _width(measured, style, told=bool(opposed or lost))
    yield from _balance(measured)


def _silent(channel: int) -> Finding:
    name = ("left", "right")[channel]
    return Finding(
        code="silent-channel",
        severity="fail",
        title=f"The {name} channel is silent",
        detail=f"Nothing in the {name} channel rises above -80 dBFS.",
        advice="Export the mix again, in stereo or as a mono file; this one plays on one side.",
        confidence=1.0,
        evidence={"channel": name},
        size=6.0,
    )


def _phase(measured: Measurement, sides: _Sides) -> Iterator[Finding]:
    """Polarity where the whole is opposed, and the bass alone where only that is."""
    whole = sides.correlation(slice(None))
    music_s = STEP_S * max(1.0, float(sides.heard.sum()))
    shown = whole < PHASE[0]
    if not (times_s := sides.ranges(shown)):
        yield from _bass_phase(sides, music_s)
        return
    deepest = float(np.mean(whole[shown]))
    share = min(1.0, total_s(times_s) / music_s)
    turned = deepest < PHASE[1]
    fails = turned and share >= FAIL_SHARE
    size = size_of(deepest, *PHASE) + (2.0 if fails else share)
    everywhere = share >= FAIL_SHARE
    place = when(() if everywhere else times_s, sides.duration_s)
    yield Finding(
        code="polarity" if turned else "phase",
        severity="fail" if fails else severity_of(size),
        title="Left against right: the polarity is turned" if turned else "Out of phase",
        detail=(
            f"The channels have a correlation of {deepest:.2f} {place}: "
            f"{'most' if turned else 'much'} of it vanishes in mono."
        ),
        advice=(
            f"Turn the polarity of one channel {place}, or find the track that is turned."
            if turned
            else f"Look {place} for a widener or a doubled track that is turned; narrow it."
        ),
        confidence=0.95 if turned else 0.8,
        times_s=() if everywhere else times_s,
        evidence={"correlation": round(deepest, 3), "share": round(share, 3)},
        size=round(size, 2),
    )


def _bass_phase(sides: _Sides, music_s: float) -> Iterator[Finding]:
    low = sides.correlation(slice(0, 1))
    weight = sides.left[:, 0] + sides.right[:, 0]
    weighty = weight > 0.25 * weight[sides.heard].mean() if sides.heard.any() else sides.heard
    shown = (low < LOW_PHASE[0]) & weighty
    times_s = sides.ranges(shown)
    if not times_s:
        return
    deepest = float(np.mean(low[shown]))
    share = min(1.0, total_s(times_s) / music_s)
    size = size_of(deepest, *LOW_PHASE) * min(1.0, 0.5 + 2.0 * share)
    if size < 1.0:
        return
    everywhere = share >= FAIL_SHARE
    place = when(() if everywhere else times_s, sides.duration_s)
    yield Finding(
        code="bass-phase",
        severity=severity_of(size),
        title="The bass is out of phase",
        detail=f"Under 150 Hz the channels have a correlation of {deepest:.2f} {place}.",
        advice=f"Make the bass mono under 120 Hz {place}; a club and a lathe will thank you.",
        confidence=0.8,
        times_s=() if everywhere else times_s,
        frequency_hz=round(BAND_MIDDLES_HZ[0], 1),
        evidence={"correlation": round(deepest, 3), "share": round(share, 3)},
        size=round(size, 2),
    )


def _delay(measured: Measurement) -> Iterator[Finding]:
    stereo = measured.stereo
    gain_db, delay_ms, sure = stereo.aligned_gain_db, stereo.delay_ms, stereo.delay_sure
    if gain_db is None or delay_ms is None or sure is None or stereo.inverted:
        return
    size = size_of(gain_db, *DELAY_GAIN_DB)
    if size < 1.0 or abs(delay_ms) < 0.05 or sure < 0.5:
        return
    late = "right" if delay_ms > 0 else "left"
    yield Finding(
        code="channel-delay",
        severity=severity_of(size),
        title=f"The {late} channel comes {abs(delay_ms):.2f} ms late",
        detail=f"Both channels play the same, and mono loses {gain_db:.1f} dB by the delay.",
        advice=f"Move the {late} channel {abs(delay_ms):.2f} ms earlier.",
        confidence=round(min(0.95, sure), 2),
        evidence={"delay_ms": round(delay_ms, 3), "mono_gain_db": round(gain_db, 2)},
        size=round(size, 2),
    )


def _mono(measured: Measurement) -> Iterator[Finding]:
    loss_lu = measured.stereo.mono_loss_lu
    bands = [
        None if value is None else 10.0 * math.log10(1.0 + 10.0 ** (min(value, 200.0) / 10.0))
        for value in measured.stereo.bands_side_to_mid_db
    ]
    levels = measured.spectrum.bands_db
    heard = [
        (loss, k)
        for k, (loss, level) in enumerate(zip(bands, levels, strict=True))
        if loss is not None and level is not None and level > -30.0
    ]
    worst_db, worst = max(heard, default=(0.0, 0))
    total = 0.0 if loss_lu is None else size_of(min(loss_lu, 60.0), *MONO_LU)
    band = size_of(worst_db, *MONO_BAND_DB)
    size = max(total, band)
    if size < 1.0:
        return
    centre_hz = BAND_MIDDLES_HZ[worst]
    told = f"{worst_db:.1f} dB of what lies around {hertz(centre_hz)}"
    yield Finding(
        code="mono-loss",
        severity=severity_of(size),
        title=f"Loses {loss_lu or 0.0:.1f} LU in mono",
        detail=f"A phone or a club plays left and right as one, and loses {told}.",
        advice=f"Narrow what is widest around {hertz(centre_hz)}, or bring its centre up 2 dB.",
        confidence=0.9,
        frequency_hz=None if total >= band else round(centre_hz, 1),
        evidence={
            "mono_loss_lu": None if loss_lu is None else round(loss_lu, 2),
            "worst_band_hz": round(centre_hz, 1),
            "worst_band_loss_db": round(worst_db, 2),
        },
        size=round(size, 2),
    )


def _width(measured: Measurement, style: Style, told: bool) -> Iterator[Finding]:
    width_db, own = measured.stereo.side_to_mid_db, style.stereo
    if width_db is None:
        return
    evidence = {
        "side_to_mid_db": round(width_db, 2) if math.isfinite(width_db) else None,
        "style_low_db": own.q10_db,
        "style_high_db": own.q90_db,
    }
    sure = sure_of(own.confidence, measured.source.duration_s)
    if width_db < MONO_DB:
        yield Finding(
            code="mono",
            severity="info",
            title="Mono in a stereo file",
            detail="Left and right are the same.",
            advice="If that is meant, nothing is to be done; else look at the bounce's settings.",
            evidence=evidence,
        )
        return
    if width_db > own.q90_db and not told:
        size = size_of(width_db - own.q90_db, *WIDE_DB)
        words = (
            "Wider", f"{width_db - own.q90_db:.1f} dB more side than the widest tenth of",
            "width", "Narrow the widest tracks a little, and listen in mono.",
        )  # fmt: skip
    elif width_db < own.q10_db:
        size = min(1.6, size_of(own.q10_db - width_db, *NARROW_DB))  # narrow is taste, no fault
        words = (
            "Narrower", f"{own.q10_db - width_db:.1f} dB less side than the narrowest tenth of",
            "width", "Spread doubled guitars, keys or backing voices; leave bass and voice.",
        )  # fmt: skip
    else:
        return
    if size >= 1.0:
        title, detail, code, advice = words
        yield Finding(
            code=code,
            severity=severity_of(size),
            title=f"{title} than {style.name} is",
            detail=f"{detail} {style.name}.",
            advice=advice,
            confidence=round(sure, 2),
            evidence=evidence,
            size=round(size, 2),
        )


def _balance(measured: Measurement) -> Iterator[Finding]:
    balance_db = measured.stereo.balance_db
    if balance_db is None:
        return
    size = size_of(min(abs(balance_db), 60.0), *BALANCE_DB)
    if size < 1.0:
        return
    louder, softer = ("right", "left") if balance_db > 0 else ("left", "right")
    yield Finding(
        code="imbalance",
        severity=severity_of(size),
        title=f"Leans to the {louder}",
        detail=f"The {louder} channel is {abs(balance_db):.1f} dB louder to the ear.",
        advice=(
            f"Move what is loudest on the {louder} towards the middle, or bring the {softer} up "
            f"{min(abs(balance_db), 60.0):.1f} dB."
        ),
        confidence=0.85,
        evidence={"right_over_left_db": round(balance_db, 2)},
        size=round(size, 2),
    )
