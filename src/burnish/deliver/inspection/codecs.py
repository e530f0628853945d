"""Check 19: what comes back from the codecs that a place sends to its listeners.

What is missing: how much a codec smears before attacks (pre-echo); ``burnish playback`` tells what
is lost to the ear.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from burnish.audio import Block, Source
from burnish.deliver.inspection.record import Check, checked, not_asked
from burnish.dsp.truepeak import TruePeak
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.listen import Listener
from burnish.measure.loudness import sliding_sum
from burnish.playback.codec import round_trip
from burnish.targets import Delivery
from burnish.units import db_from_gain

OVER_DB = 0.1  # over a demand: encoders differ by as much
LOUDER_LU = 0.5
EXCERPT_S = 12.0
_STEP = 4096


@dataclass(frozen=True)
class Decoded:
    """A sound as it came back: its true peak, and how much louder it is."""

    codec: str
    true_peak_dbtp: float
    louder_lu: float


def heard_behind(
    source: Source, names: Sequence[str], span_s: tuple[float, float] | None = None
) -> tuple[Decoded, ...]:
    """Send a source, or a span of it, through codecs; two of them at a time."""
    info = source.info
    start, stop = 0, info.n_samples
    if span_s is not None:
        start, stop = round(span_s[0] * info.rate_hz), round(span_s[1] * info.rate_hz)

    def blocks() -> Iterator[Block]:
        return source.blocks(start=start, stop=stop)

    def back(name: str) -> tuple[float, float]:
        return _heard(round_trip(blocks(), info.rate_hz, info.channels, name), source)

    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(_heard, blocks(), source)
        found = list(pool.map(back, names))
        _, lufs = before.result()
    return tuple(
        Decoded(name, peak, now - lufs if np.isfinite(now) and np.isfinite(lufs) else 0.0)
        for name, (peak, now) in zip(names, found, strict=True)
    )


def loudest_span_s(measured: Measurement) -> tuple[float, float] | None:
    """The loudest 12 s; None: all of a sound that is hardly longer."""
    power = measured.timeline.segment_power
    n = round(10 * EXCERPT_S)
    if len(power) <= 1.5 * n:
        return None
    start = 0.1 * int(np.argmax(sliding_sum(power, n)))
    return start, start + EXCERPT_S


def behind_codecs(decoded: Sequence[Decoded], place: Delivery | None) -> Check:
    """Check 19."""
    if place is None or not decoded:
        return not_asked(19, "the target names no codec" if place else "no target was named")
    limit_dbtp = place.encoded_ceiling_dbtp
    words = [f"{one.codec} {one.true_peak_dbtp:.2f} dBTP" for one in decoded]
    found = []
    for one in decoded:
        demanded = limit_dbtp is not None and one.true_peak_dbtp > limit_dbtp + OVER_DB
        limit = limit_dbtp if demanded and limit_dbtp is not None else 0.0
        if one.true_peak_dbtp > limit:
            found.append(
                Finding(
                    "codec-peak",
                    "fail" if demanded else "warn",
                    f"{one.true_peak_dbtp:.2f} dBTP behind {one.codec}",
                    f"What comes back passes {limit:g} dBTP; players cut it.",
                    f"Lower the ceiling by {one.true_peak_dbtp - limit + OVER_DB:.1f} dB.",
                    evidence={"codec": one.codec, "true_peak_dbtp": round(one.true_peak_dbtp, 3)},
                    size=2.0 + one.true_peak_dbtp - limit,
                    about="master",
                )
            )
        if abs(one.louder_lu) > LOUDER_LU:
            found.append(
                Finding(
                    "codec-loudness",
                    "info",
                    f"{one.louder_lu:+.1f} LU behind {one.codec}",
                    "The codec changes how loud it is.",
                    "Listen to it: burnish playback FILE.",
                    evidence={"codec": one.codec, "louder_lu": round(one.louder_lu, 2)},
                    about="master",
                )
            )
    return checked(19, found, ", ".join(words))


def _heard(blocks: Iterable[Block], source: Source) -> tuple[float, float]:
    """True peak and integrated loudness of a stream."""
    info = source.info
    listener, meter = Listener(info.rate_hz, info.channels), TruePeak(info.channels, step=_STEP)
    for block in blocks:
        listener.feed(block)
        meter.floor = max(meter.floor, float(meter.feed(block).max(initial=0.0)))
    listener.finish()
    peak = max(meter.floor, float(meter.finish().max(initial=0.0)))
    return db_from_gain(peak), listener.integrated_lufs
