"""Codec-safe: a ceiling that still holds when the master comes back from a lossy codec.

Decided on the loudest and the highest parts of a song, played through the whole plan, encoded and
decoded; proved on the written file (``deliver/written.py``). What is decoded must not pass full
scale, where players clip: that is what the ceiling of -1 dBTP of AES TD1008 and of the services is
meant for, and a loud master needs more of it than others. Where the encoded file itself is handed
in (audiobooks, podcasts), it must keep the ceiling that is demanded.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.chain import Evidence, Plan, render
from burnish.chain.outside import beginning_at
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.playback import decoded_true_peak_dbtp
from burnish.processors.limiter import Limiter
from burnish.targets import Delivery, Target

Floats = NDArray[np.float64]

FULL_SCALE_DBTP = 0.0
SPARE_DB = 0.05  # lowered by more than what was over: the next try is coded anew
WHOLE_DB = 0.2  # what the whole comes back higher than its parts: mostly 0 to 0.7 dB, once 2.4
MOST_DB = 6.0  # below this much under the ceiling asked, a codec is told of and not obeyed

_PIECE_SEGMENTS = 30  # 3 s
_N_PIECES = 3  # of the loudest, and as many of the highest
_BEFORE_S, _AFTER_S = 1.0, 0.25  # heard around a piece, so that it begins and ends as in the song
_FADE_S = 0.01
_SETTLED_S = 0.5  # of what is heard before a piece, not looked at
_TRIES = 3


def codecs_of(wishes: Wishes, places: Sequence[Delivery]) -> tuple[str, ...]:
    """The codecs that are asked for, or those that the places send."""
    if wishes.codec_safe == "none":
        return ()
    if wishes.codec_safe == "auto":
        return tuple(dict.fromkeys(name for place in places for name in place.codecs))
    return tuple(dict.fromkeys(wishes.codec_safe.split(",")))


def decoded_ceiling(places: Sequence[Delivery]) -> float:
    """Full scale, or what the strictest place demands of the file that is handed in encoded."""
    demanded = (place.encoded_ceiling_dbtp for place in places)
    return min((one for one in demanded if one is not None), default=FULL_SCALE_DBTP)


def over_db(decoded: dict[str, float], target: Target) -> float:
    """How far the worst codec passes what is allowed; 0 or less: all hold."""
    return max(decoded.values(), default=-np.inf) - target.decoded_ceiling_dbtp


def with_decoded(plan: Plan, target: Target, decoded: dict[str, float]) -> Plan:
    """The plan whose limiter, its last step, tells what came back from the codecs, and the cost."""
    last = plan.steps[-1] if plan.steps else None
    if not decoded or last is None or not isinstance(last.settings, Limiter):
        return plan
    figures: Evidence = {
        f"{name.replace('-', '_')}_decoded_dbtp": round(peak, 2) for name, peak in decoded.items()
    }
    reason, lowered_db = last.reason, lowered(plan, target)
    if lowered_db > 0.0:
        figures["codec_lowered_db"] = lowered_db
        words = f"Its ceiling is {lowered_db:.2f} dB lower for {', '.join(decoded)}."
        reason = f"{reason.partition(' Its ceiling is')[0]} {words}".strip()
    last = last.with_(evidence={**last.evidence, **figures}, reason=reason)
    return plan.with_(steps=(*plan.steps[:-1], last))


def lowered(plan: Plan, target: Target) -> float:
    """How far the limiter at the end holds more than was asked, dB; rounding is no cost."""
    last = plan.steps[-1].settings if plan.steps else None
    if not isinstance(last, Limiter) or not target.codecs:
        return 0.0
    lowered_db = round(target.ceiling_dbtp - last.ceiling_dbtp, 2)
    return lowered_db if lowered_db >= 0.05 else 0.0


def lowering(
    source: Source, measured: Measurement, target: Target, plan_under: Callable[[float], Plan]
) -> float:
    """By how many dB to lower the limiter's ceiling until parts of the song hold behind the codecs.

    ``plan_under`` gives the plan whose ceiling is so much lower. 0: it holds as it is.
    """
    parts = _parts(source, measured)
    lower_db = 0.0
    for _ in range(_TRIES):
        heard = decoded_parts(source, plan_under(lower_db), parts, target.codecs)
        over = over_db(heard, target) + WHOLE_DB
        if over <= 0.0 or lower_db >= MOST_DB:
            break
        lower_db = round(min(lower_db + over + SPARE_DB, MOST_DB), 2)
    return lower_db


def decoded_parts(
    source: Source, plan: Plan, parts: Sequence[tuple[float, float]], codecs: Sequence[str]
) -> dict[str, float]:
    """The highest decoded true peak of some parts of a plan's master, by codec, dBTP."""
    rate_hz = plan.output.rate_hz or source.info.rate_hz

    def played(part: tuple[float, float]) -> Floats:
        return _played(source, plan, part, rate_hz)

    def peak(name: str) -> float:
        channels = source.info.channels
        return max(
            decoded_true_peak_dbtp([one], rate_hz, channels, name, _SETTLED_S if start_s else 0.0)
            for (start_s, _), one in zip(parts, pieces, strict=True)
        )

    with ThreadPoolExecutor(2) as pool:
        pieces = list(pool.map(played, parts))
        return dict(zip(codecs, pool.map(peak, codecs), strict=True))


def _played(source: Source, plan: Plan, part: tuple[float, float], rate_hz: int) -> Floats:
    """One part of the master, faded in and out where it is cut out of the song."""
    info = source.info
    start, stop = (round(at * info.rate_hz) for at in part)
    steps = beginning_at(plan.steps, start)
    blocks = source.blocks(start=start, stop=stop)
    stream = render(steps, blocks, info.rate_hz, info.channels, rate_hz)
    piece = np.concatenate([np.zeros((info.channels, 0)), *stream], axis=1)
    ramp = np.linspace(0.0, 1.0, round(_FADE_S * rate_hz))[: piece.shape[1]]
    if start > 0:
        piece[:, : len(ramp)] *= ramp
    if stop < info.n_samples:
        piece[:, piece.shape[1] - len(ramp) :] *= ramp[::-1]
    return piece


def _parts(source: Source, measured: Measurement) -> list[tuple[float, float]]:
    """Start and end, in seconds, of the loudest and the highest 3 s of the mix."""
    duration_s = source.info.duration_s
    n = len(measured.timeline.segment_power) // _PIECE_SEGMENTS
    if n <= 2 * _N_PIECES:
        return [(0.0, duration_s)]

    def pieces(values: Floats) -> Floats:
        return values[: n * _PIECE_SEGMENTS].reshape(n, _PIECE_SEGMENTS)

    loud = np.argsort(-pieces(measured.timeline.segment_power).mean(axis=1), kind="stable")
    high = np.argsort(-pieces(measured.timeline.segment_true_peak).max(axis=1), kind="stable")
    chosen = [int(k) for k in loud[:_N_PIECES]]
    chosen += [int(k) for k in high if k not in chosen][:_N_PIECES]
    length_s = _PIECE_SEGMENTS / 10
    return [
        (max(0.0, k * length_s - _BEFORE_S), min((k + 1) * length_s + _AFTER_S, duration_s))
        for k in sorted(chosen)
    ]
