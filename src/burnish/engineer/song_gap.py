"""Song gap: how much silence between two songs. Opinion, from how the first ends."""

from dataclasses import dataclass

from burnish.measure.ends import Ends
from burnish.measure.rhythm import Tempo

SHORTEST_S, LONGEST_S = 0.5, 4.0

_COLD_S, _LONG_DECAY_S = 1.0, 4.0
_AFTER_COLD_S, _AFTER_RING_S, _AFTER_FADE_S = 2.0, 1.2, 0.6  # of silence, as it is heard
_SOFTER_LU, _FOR_SOFTER_S = 8.0, 0.8  # a much softer song needs an ear that has come to rest
_SURE = 0.3  # of the tempo
_LAST_ATTACK_S = 6.0  # later than this, the beat is forgotten


@dataclass(frozen=True)
class Gap:
    """Silence to be put between two files, and why. ``heard_s`` is with what the files hold.

    ``beats`` is how many beats of the first lie between its last attack and the second's first.
    """

    gap_s: float
    heard_s: float
    beats: int | None
    reason: str


def gap_between(a: Ends, b: Ends, tempo: Tempo | None) -> Gap:
    """The gap after a song that ends as ``a``, before one that begins as ``b``, 0.5 to 4 s.

    Longer after a loud full end, short where a tail rings or fades, and where the tempo is sure so
    long that the next song comes in on a beat of the last.
    """
    if a.decay_s < _COLD_S:
        wanted_s, reason = _AFTER_COLD_S, "a full stop before it"
    elif a.decay_s < _LONG_DECAY_S:
        wanted_s, reason = _AFTER_RING_S, f"the end before it rings for {a.decay_s:.1f} s"
    else:
        wanted_s, reason = _AFTER_FADE_S, f"the end before it fades for {a.decay_s:.0f} s"
    if a.end_lu is not None and b.begin_lu is not None and b.begin_lu < a.end_lu - _SOFTER_LU:
        wanted_s += _FOR_SOFTER_S
        reason += ", and what comes is much softer"
    inside_s = a.tail_s + b.head_s
    gap_s = min(max(wanted_s - inside_s, SHORTEST_S), LONGEST_S)
    if inside_s > wanted_s - SHORTEST_S + 0.25:
        reason += f"; the files hold {inside_s:.1f} s of silence themselves"
    beats = None
    if (on_beat := _on_a_beat(a, b, tempo, gap_s)) is not None:
        gap_s, beats = on_beat
        reason += f"; comes in {beats} beats after the last attack"
    gap_s = round(gap_s, 3)
    return Gap(gap_s, gap_s + inside_s, beats, reason)


def _on_a_beat(a: Ends, b: Ends, tempo: Tempo | None, near_s: float) -> tuple[float, int] | None:
    """The gap nearest to ``near_s`` that lets b's first attack fall on a beat of a's."""
    if tempo is None or tempo.confidence < _SURE:
        return None
    if a.last_attack_s is None or b.first_attack_s is None or a.last_attack_s > _LAST_ATTACK_S:
        return None
    beat_s = 60.0 / tempo.bpm
    inside_s = a.last_attack_s + b.first_attack_s
    fewest = int((inside_s + SHORTEST_S) / beat_s)
    most = int((inside_s + LONGEST_S) / beat_s) + 1
    gaps = [(beats * beat_s - inside_s, beats) for beats in range(fewest, most + 1)]
    allowed = [gap for gap in gaps if SHORTEST_S <= gap[0] <= LONGEST_S]
    return min(allowed, key=lambda gap: abs(gap[0] - near_s)) if allowed else None
