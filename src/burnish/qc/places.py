"""Places in words: how a person is told where something is."""

from collections.abc import Sequence

from burnish.measure.ranges import Range

_POINT_S = 2.0  # what is shorter is a moment
_MOST = 3  # more places than this are told by the first


def clock(time_s: float) -> str:
    """A time or a length as a person says it: 72.4 is ``1:12``, 3723 is ``1:02:03``."""
    minutes, seconds = divmod(max(0, round(time_s)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def when(times_s: Sequence[Range], duration_s: float) -> str:
    """``from 1:12 to 1:34``, ``at 0:05, 1:13 and 2:40``, or ``throughout``.

    Of many places the first few given are told, in the order of time.
    """
    if not times_s or sum(b - a for a, b in times_s) >= 0.8 * duration_s:
        return "throughout"
    told = []
    before = ""
    for a, b in sorted(times_s[:_MOST]):
        word = "at" if b - a < _POINT_S else "from"
        place = clock(a) if word == "at" else f"{clock(a)} to {clock(b)}"
        told.append(place if word == before else f"{word} {place}")
        before = word
    if len(times_s) > _MOST:
        more = len(times_s) - _MOST
        return ", ".join(told) + f" and {more} more place{'s' if more > 1 else ''}"
    *rest, last = told
    return ", ".join(rest) + (" and " if rest else "") + last


def hertz(frequency_hz: float) -> str:
    """``82 Hz``, ``430 Hz``, ``8.2 kHz``: as a person would set it."""
    if frequency_hz < 100.0:
        return f"{frequency_hz:.0f} Hz"
    if frequency_hz < 1000.0:
        return f"{10 * round(frequency_hz / 10)} Hz"
    return f"{frequency_hz / 1000:.1f}".removesuffix(".0") + " kHz"
