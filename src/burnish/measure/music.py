"""Music: what a listener who knows music hears. One spectrogram, and those who read it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.measure.low_end import LowEnd, LowEndSeries
from burnish.measure.model import Measurement
from burnish.measure.rhythm import Tempo, onset_flux, tempo
from burnish.measure.spectrogram import Spectrogram, Windows
from burnish.measure.tonality import Key, Pitches
from burnish.measure.treble import Resonance, TrebleSeries
from burnish.measure.voice import Voice, VoiceSeries

Floats = NDArray[np.float64]

_FLUX_FROM_HZ, _FLUX_PER_OCTAVE, _N_FLUX = 40.0, 2, 17


@dataclass(frozen=True, eq=False)
class Music:
    """What the music does. None: too short, or nothing of the kind is there."""

    tempo: Tempo | None
    key: Key | None
    low_end: LowEnd
    voice: Voice | None
    resonances: tuple[Resonance, ...]


class MusicDetector:
    """Reads one spectrogram for all that follows the music."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._spectrogram = Spectrogram(rate_hz, channels)
        grid = self._spectrogram.grid
        edges = _FLUX_FROM_HZ * 2.0 ** (np.arange(_N_FLUX + 1) / _FLUX_PER_OCTAVE)
        edges = np.minimum(edges, rate_hz / 2)
        self._flux_bins = sorted({grid.bins(edge, edge).start for edge in edges})
        self._flux_bands = bytearray()  # grows in place: no second copy of an hour
        self._pitches = Pitches(grid)
        self._low_end = LowEndSeries(grid, channels)
        self._voice = VoiceSeries(grid)
        self._treble = TrebleSeries(grid)

    def feed(self, piece: Floats) -> None:
        """Take the next whole second, or the rest of the stream."""
        self._take(self._spectrogram.feed(piece))

    def finish(self, measured: Measurement) -> Music:
        """What was heard."""
        self._take(self._spectrogram.finish())
        hop_s = self._spectrogram.grid.hop_s
        bands = np.frombuffer(self._flux_bands, dtype=np.float32)
        flux = onset_flux(bands.reshape(-1, len(self._flux_bins)))
        return Music(
            tempo=tempo(flux, hop_s),
            key=self._pitches.finish(),
            low_end=self._low_end.finish(),
            voice=self._voice.finish(),
            resonances=self._treble.finish(),
        )

    def _take(self, windows: Windows) -> None:
        bands = np.add.reduceat(windows.mid_power, self._flux_bins, axis=1)
        self._flux_bands += bands.astype(np.float32).tobytes()
        self._pitches.feed(windows)
        self._low_end.feed(windows)
        self._voice.feed(windows)
        self._treble.feed(windows)
