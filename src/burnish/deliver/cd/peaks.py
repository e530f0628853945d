"""True peaks of a CD as it is written: rounded, on the disc's own clock, track by track."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from burnish.chain.layout import CD_RATE_HZ
from burnish.deliver.cd.disc import Disc
from burnish.deliver.cd.msf import SAMPLES_PER_CD_FRAME, msf
from burnish.dsp.truepeak import TruePeak
from burnish.finding import Finding
from burnish.units import db_from_gain

OVER_DB = 0.05
"""So much a true peak may pass a ceiling: two meters differ by as much, and dither adds to it."""
_STEP = SAMPLES_PER_CD_FRAME  # so each belongs to one track


class DiscPeaks:
    """Reads the true peak of an image while it is written, at 16x.

    ``ceiling_dbtp`` is what the masters were made for; a track that is ``kept`` as it came may go
    to full scale, and is only warned of. What is hidden counts with the first track.
    """

    def __init__(self, disc: Disc, ceiling_dbtp: float, kept: Sequence[bool]) -> None:
        self._starts = [track.start_cd_frame * SAMPLES_PER_CD_FRAME for track in disc.tracks]
        self._kept = kept
        self._limits_dbtp = [0.0 if one else ceiling_dbtp for one in kept]
        self._exact_from = 10.0 ** (min(self._limits_dbtp) / 20.0)
        self._peaks = [(0.0, 0)] * len(kept)  # linear, and the sample where it was read
        self._meter = TruePeak(2, factor=16, step=_STEP)
        self._at = 0

    def hearing(self, blocks: Iterable[NDArray[np.int16]]) -> Iterator[NDArray[np.int16]]:
        """The same blocks, while they are metered."""
        for block in blocks:
            self._put(self._meter.feed(block.astype(np.float64) / 32768.0))
            yield block
        self._put(self._meter.finish())

    def _put(self, steps: NDArray[np.float64]) -> None:
        for peak in steps.max(axis=0, initial=0.0):
            track = self._track()
            if peak > self._peaks[track][0]:
                self._peaks[track] = (float(peak), self._at)
            self._at += _STEP
        self._meter.floor = min(self._exact_from, self._peaks[self._track()][0])

    def _track(self) -> int:
        return max(0, bisect_right(self._starts, self._at) - 1)

    @property
    def true_peak_dbtp(self) -> float:
        """That of the whole disc; -inf is silence."""
        return db_from_gain(max(peak for peak, _ in self._peaks))

    def findings(self) -> Iterator[Finding]:
        """The tracks that pass their limit, each with the place of its highest peak."""
        for track, (peak, at) in enumerate(self._peaks):
            limit, peak_dbtp = self._limits_dbtp[track], db_from_gain(peak)
            if peak_dbtp <= limit + OVER_DB:
                continue
            place = msf(at // SAMPLES_PER_CD_FRAME)
            kept = self._kept[track]
            yield Finding(
                "cd-true-peak",
                "warn" if kept else "fail",
                f"True peak over {limit:g} dBTP",
                f"track {track + 1}: {peak_dbtp:.2f} dBTP at {place} of the disc"
                + (", and it is kept as it is" if kept else f", the ceiling is {limit:g}"),
                "Players may cut it; ask for a master with headroom."
                if kept
                else "Lower the ceiling and make it again.",
                times_s=((at / CD_RATE_HZ, (at + _STEP) / CD_RATE_HZ),),
                evidence={"true_peak_dbtp": round(peak_dbtp, 3), "limit_dbtp": limit},
                about="master",
            )
