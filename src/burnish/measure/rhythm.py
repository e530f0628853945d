"""Tempo: how often the beat comes, from when notes begin.

Onset flux by bands, its autocorrelation and a comb over two bars (after Scheirer, JASA 103, 1998,
and Percival and Tzanetakis, IEEE TASLP 22, 2014); the octave by the tempo people tap to (van
Noorden and Moelants, J. New Music Research 28, 1999).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOWEST_BPM, HIGHEST_BPM = 60.0, 200.0
_TAPPED_BPM, _TAPPED_OCTAVES = 120.0, 0.7
_LEAST_S = 8.0
_BEATS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
_AROUND_S = 1.0
_TOGETHER = 4096  # windows at once: all of an hour would take 100 MB
_UNSURE = 0.08  # autocorrelation of what has no beat


@dataclass(frozen=True)
class Tempo:
    """Beats a minute, and how sure: 0 to 1. The likeliest mistake is half or twice."""

    bpm: float
    confidence: float


def onset_flux(bands: NDArray[np.float32]) -> Floats:
    """How much each window rises over the one before: (windows, bands) powers -> (windows,).

    Amplitudes, so that soft onsets count beside loud ones; a gain of the whole moves nothing.
    """
    if not len(bands) or (loudest := float(bands.max())) <= 0.0:
        return np.zeros(len(bands))
    flux, before = [], np.sqrt(bands[:1].astype(np.float64) / loudest)
    for k in range(0, len(bands), _TOGETHER):
        heard = np.sqrt(bands[k : k + _TOGETHER].astype(np.float64) / loudest)
        flux.append(np.maximum(np.diff(heard, axis=0, prepend=before), 0.0).sum(axis=1))
        before = heard[-1:]
    return np.concatenate(flux)


def tempo(flux: Floats, hop_s: float) -> Tempo | None:
    """The tempo of an onset flux; None for under 8 s and for what has no onsets."""
    if len(flux) * hop_s < _LEAST_S or float(flux.max()) <= 0.0:
        return None
    around = max(3, round(_AROUND_S / hop_s) | 1)
    even = flux - np.convolve(flux, np.full(around, 1.0 / around), mode="same")
    even = np.clip(even, -np.inf, 6.0 * float(even.std()))  # one crash is not the beat
    even -= even.mean()
    n_fft = 1 << (2 * len(even) - 1).bit_length()
    spectrum = np.fft.rfft(even, n_fft)
    lags = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, n_fft)[: len(even)]
    if lags[0] <= 0.0:
        return None
    lags = lags / lags[0] * len(even) / np.arange(len(even), 0, -1)
    reach = len(even) // 2
    at = np.arange(reach)

    def alike(lag: Floats) -> Floats:
        return np.asarray(np.interp(lag, at, lags[:reach], right=0.0))

    bpm = np.arange(LOWEST_BPM, HIGHEST_BPM, 0.25)
    beat = 60.0 / bpm / hop_s
    comb = np.mean([alike(k * beat) for k in _BEATS], axis=0)
    tapped = np.exp(-0.5 * (np.log2(bpm / _TAPPED_BPM) / _TAPPED_OCTAVES) ** 2)
    score = comb * tapped
    best = int(np.argmax(score))
    if comb[best] <= 0.0:
        return None
    found = _refined(float(bpm[best]), alike, hop_s, reach)
    # Others that are neither half, twice nor in three.
    ratio = np.abs(np.log2(bpm / found))
    other = np.min([np.abs(ratio - r) for r in (0.0, 0.585, 1.0, 0.415)], axis=0) > 0.06
    rival = float(max(0.0, comb[other].max(initial=0.0)))
    clear = float(comb[best]) / (float(comb[best]) + rival)
    strong = 1.0 - np.exp(-max(0.0, float(comb[best]) - _UNSURE) / 0.12)
    return Tempo(round(found, 1), round(float(np.clip((2.0 * clear - 0.6) * strong, 0, 1)), 2))


def _refined(bpm: float, alike, hop_s: float, reach: int) -> float:  # type: ignore[no-untyped-def]
    """Sharper by longer combs: 8, 16 and 32 beats, while they find it within what is left open."""
    width = 0.02
    for beats in (4, 8, 16, 32, 64):
        if beats * 60.0 / bpm / hop_s > reach:
            break
        near = bpm * np.linspace(1.0 - width, 1.0 + width, 41)
        score = np.mean([alike(k * 60.0 / near / hop_s) for k in range(1, beats + 1)], axis=0)
        bpm = float(near[int(np.argmax(score))])
        width = max(width / 2, 5e-4)
    return bpm
