"""Listen along: loudness and sample peak of a stream while it is rendered, at little cost."""

import numpy as np
from numpy.typing import NDArray

from burnish.measure.loudness import gated_power, lufs, sliding_sum
from burnish.measure.segments import HOPS_PER_SEGMENT, SEGMENTS_PER_S
from burnish.measure.walk import HOPS_PER_S, Walk, hop_edge
from burnish.units import db_from_gain

Floats = NDArray[np.float64]

_PIECE_S = 2  # listened to at once


class Listener:
    """Feed it a stream; ask for integrated loudness and sample peak so far."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._walk = Walk(rate_hz, channels)
        self._held = np.zeros((channels, 0))
        self._hops = 0
        self._energy: list[Floats] = []
        self._largest: list[Floats] = []
        self._top = 0.0

    def feed(self, block: Floats) -> None:
        """Take the next ``(channels, n)`` samples."""
        held = np.concatenate((self._held, block), axis=1)
        while True:
            size = self._edge(_PIECE_S * HOPS_PER_S)
            if held.shape[1] < size:
                break
            self._take(np.ascontiguousarray(held[:, :size]))
            self._hops += _PIECE_S * HOPS_PER_S
            held = held[:, size:]
        self._held = held.copy()

    def finish(self) -> None:
        """Say that the stream has ended."""
        whole = 0
        while self._edge(whole + HOPS_PER_SEGMENT) <= self._held.shape[1]:
            whole += HOPS_PER_SEGMENT
        end = self._edge(whole)
        if whole:
            self._take(np.ascontiguousarray(self._held[:, :end]))
        # What is left is too short to be loud, but not to be a peak.
        self._top = max(self._top, float(np.abs(self._held[:, end:]).max(initial=0.0)))

    @property
    def segment_power(self) -> Floats:
        """K-weighted power of every whole 100 ms so far, summed over the channels."""
        segments = _joined(self._energy).reshape(-1, HOPS_PER_SEGMENT).sum(axis=1)
        return np.asarray(segments * SEGMENTS_PER_S / self._rate_hz)

    @property
    def hop_power(self) -> Floats:
        """K-weighted power of every 5 ms of these segments, summed over the channels."""
        return np.asarray(_joined(self._energy) * HOPS_PER_S / self._rate_hz)

    @property
    def hop_largest(self) -> Floats:
        """Largest magnitude in every 5 ms of these segments, of all channels."""
        return _joined(self._largest)

    @property
    def integrated_lufs(self) -> float:
        """Loudness of what was whole so far; minus infinity for silence and less than 400 ms."""
        return lufs(gated_power(sliding_sum(self.segment_power, 4) / 4))

    @property
    def sample_peak_dbfs(self) -> float:
        """Largest magnitude of a sample so far."""
        return db_from_gain(self._top)

    def _edge(self, hops: int) -> int:
        start = hop_edge(self._hops, self._rate_hz)
        return hop_edge(self._hops + hops, self._rate_hz) - start

    def _take(self, piece: Floats) -> None:
        hops = self._walk.feed(piece)
        self._energy.append(hops.weighted.sum(axis=0))
        self._largest.append(hops.largest.max(axis=0))
        self._top = max(self._top, float(hops.largest.max(initial=0.0)))


def _joined(rows: list[Floats]) -> Floats:
    return np.concatenate(rows) if rows else np.zeros(0)
