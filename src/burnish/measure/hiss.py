"""Hiss: the steady noise under the music, from the moments that hold nothing else."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Hiss:
    """The noise floor as a profile; all defaults: none can be told from the music.

    ``mid_dbfs`` and ``side_dbfs`` are mean squares of (L + R) / 2 and (L - R) / 2 in the 30 third
    octaves of ``BAND_HZ``, in dBFS (a mono file is all mid; -140 is nothing): what
    ``Denoise.noise_dbfs`` and ``Denoise.side_noise_dbfs`` ask for. ``a_weighted_dbfs`` is all of
    it, mid and side together, A-weighted. ``confidence``: 1 where pauses hold the noise alone, 0.5
    where only its high bands lie bare between the notes, 0 where all may be soft music.
    ``times_s`` are the stretches it was heard in, the longest first.
    """

    mid_dbfs: tuple[float, ...] = ()
    side_dbfs: tuple[float, ...] = ()
    a_weighted_dbfs: float = -math.inf
    confidence: float = 0.0
    times_s: tuple[tuple[float, float], ...] = ()
