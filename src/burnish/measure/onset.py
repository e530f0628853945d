"""Where in time things happen: the envelope by which two recordings are laid over each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.walk import HOPS_PER_S, hop_edge

Floats = NDArray[np.float64]

_AROUND_HOPS = HOPS_PER_S // 2  # the half second that a hop is held against
_DEEPEST = 1e-6  # 60 dB under the loudest hop is silence: noise floors do not speak


class OnsetEnvelope:
    """The power of every 5 ms of a stream, all channels together, treble before bass.

    The samples' differences are taken, which tilts the spectrum by 6 dB an octave: beats and
    consonants are up there, and bass would ring over several hops.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._last = np.zeros((channels, 1))
        self._n_samples = 0
        self._n_hops = 0
        self._open = 0.0  # energy of the hop that is not full yet
        self._pieces: list[Floats] = []

    def feed(self, block: Floats) -> None:
        """Take the next ``(channels, n)`` samples."""
        if not block.shape[1]:
            return
        steps = np.diff(block, axis=1, prepend=self._last)
        self._last = block[:, -1:].copy()
        energy = np.einsum("ij,ij->j", steps, steps)
        end = self._n_samples + len(energy)
        edges = [0]
        while (edge := hop_edge(self._n_hops + len(edges), self._rate_hz)) <= end:
            edges.append(edge - self._n_samples)
        n_whole = len(edges) - 1
        if n_whole:
            sums = np.add.reduceat(energy[: edges[-1]], edges[:-1])
            sums[0] += self._open
            self._open = 0.0
            self._pieces.append(sums)
        self._open += float(energy[edges[-1] :].sum())
        self._n_samples = end
        self._n_hops += n_whole

    def finish(self) -> Floats:
        """The power of each whole hop."""
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0)


def accents(power: Floats) -> Floats:
    """How far each hop stands over the half second around it, in decibels; 0 in silence.

    What mastering does to loudness is slow beside that and falls out; a gain does entirely.
    """
    if not len(power) or (loudest := float(power.max())) <= 0.0:
        return np.zeros(len(power))
    level_db = 10.0 * np.log10(np.maximum(power, loudest * _DEEPEST))
    size = min(_AROUND_HOPS, len(level_db))
    sums = np.concatenate(((0.0,), np.cumsum(level_db)))
    at = np.arange(len(level_db))
    first = np.clip(at - size // 2, 0, len(level_db))
    last = np.clip(at + size // 2 + 1, 0, len(level_db))
    return np.asarray(level_db - (sums[last] - sums[first]) / (last - first))


@dataclass(frozen=True)
class Place:
    """One moment of the music: where the same excerpt begins in two recordings."""

    a_s: float
    b_s: float


_MOST_PLACES = 8
_PLACE_HOPS = 20 * HOPS_PER_S
_LEAST_HOPS = HOPS_PER_S // 10
_MOST_DRIFT = 1e-3  # a tape machine is within 0.1 %; a semitone would be another recording
_APART_HOPS = HOPS_PER_S // 20  # a place may lie this much beside the others without any drift


def places(a: Floats, b: Floats, excerpt_s: float, around_s: float) -> list[Place]:
    """Up to eight loud moments of a, and where b seems to have them; none: there is nothing alike.

    ``a`` and ``b`` are powers of 5 ms hops. Of each place at most ``excerpt_s`` are meant, and
    ``around_s`` on both sides of it exist in the longer recording.
    """
    if len(b) < len(a):
        return [Place(one.b_s, one.a_s) for one in places(b, a, excerpt_s, around_s)]
    size = min(len(a), _PLACE_HOPS)
    if size < _LEAST_HOPS:
        return []
    n_places = int(np.clip(len(a) // size, 1, _MOST_PLACES))
    give = int(_APART_HOPS + _MOST_DRIFT / 2 * len(a))
    rows = _alikeness(a, b, np.linspace(0, len(a) - size, n_places).astype(int).tolist(), size)
    lag = _common_lag(rows, len(a), len(b), size, give)
    found = []
    for first, row in rows:
        at = first + lag + size - 1
        near = row[max(0, at - give) : max(0, at + give + 1)]
        if len(near) and float(near.max()) > 0.0:
            moved = max(0, at - give) + int(np.argmax(near)) - size + 1 - first
            begin = _loudest(a, b, first, size, moved, excerpt_s, around_s)
            if begin is not None:
                found.append(Place(begin / HOPS_PER_S, (begin + moved) / HOPS_PER_S))
    return found


def _alikeness(a: Floats, b: Floats, firsts: list[int], size: int) -> list[tuple[int, Floats]]:
    """The correlation of some parts of a with every position in b; position 1 - size is first."""
    needle, stack = accents(a), accents(b)
    n_fft = 1 << (len(b) + size - 1).bit_length()
    spectrum = np.fft.rfft(stack, n_fft)
    sums = np.concatenate((np.zeros(size), np.cumsum(stack**2)))
    sums = np.concatenate((sums, np.full(size - 1, sums[-1])))
    under = sums[size:] - sums[:-size]  # what lies under each position
    audible = under > 1e-6 * float(under.max())
    rows = []
    for first in firsts:
        part = needle[first : first + size]
        if (own := float((part**2).sum())) > 0.0:
            row = np.fft.irfft(spectrum * np.conj(np.fft.rfft(part, n_fft)), n_fft)
            row = np.concatenate((row[n_fft - size + 1 :], row[: len(b)]))
            rows.append((first, np.where(audible, row, 0.0) / np.sqrt(own * under + 1e-30)))
    return rows


def _common_lag(rows: list[tuple[int, Floats]], n_a: int, n_b: int, size: int, give: int) -> int:
    """How much later b has it all, in hops: what most parts agree on, give or take."""
    from scipy.ndimage import maximum_filter1d

    together = np.zeros(n_a + n_b)  # lag 1 - n_a is first
    for first, row in rows:
        begin = n_a - first - size
        together[begin : begin + len(row)] += maximum_filter1d(row, 2 * give + 1)
    # Of a plateau, as wide as the give, the middle.
    best = np.flatnonzero(together >= together.max() - 1e-9)
    return int(best[len(best) // 2]) - n_a + 1


def _loudest(
    a: Floats, b: Floats, first: int, size: int, moved: int, excerpt_s: float, around_s: float
) -> int | None:
    """The hop of a where the loudest excerpt of a part begins; None where there is no room."""
    around = int(around_s * HOPS_PER_S) + 1
    low = max(first, around - moved, 0)
    high = min(first + size, len(b) - around - moved)
    if high - low < _LEAST_HOPS:
        low, high = max(first, -moved), min(first + size, len(b) - moved)
        if high - low < _LEAST_HOPS:
            return None
    n = min(int(excerpt_s * HOPS_PER_S), high - low)
    one, other = a[low:high], b[low + moved : high + moved]
    both = np.minimum(one / max(1e-30, one.max()), other / max(1e-30, other.max()))
    sums = np.concatenate(((0.0,), np.cumsum(both)))
    windows = sums[n:] - sums[:-n]
    return low + int(np.argmax(windows)) if windows.max() > 0.0 else None
