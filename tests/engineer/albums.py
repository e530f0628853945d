"""Albums for the tests: short noise measured once, and masters that are nothing but gain."""

from dataclasses import replace
from functools import cache

import numpy as np
from mixes import RATE_HZ, shaped_noise, with_figures

from burnish.audio import Audio
from burnish.chain import InputNote
from burnish.engineer import Taken, Wishes
from burnish.engineer.aim import aim
from burnish.engineer.album import Surveyed
from burnish.measure import Measurement, measure
from burnish.targets import Target, style

NOTE = InputNote(file="mix.wav", sha256="00", rate_hz=RATE_HZ, channels=2, n_samples=RATE_HZ)


@cache
def song(kind: str = "pop", seed: int = 3, quiet_db: float = 0.0, side_db: float = -9.0) -> Audio:
    """Seven seconds in the tone of a style; the first three softer by ``quiet_db``."""
    samples = shaped_noise(style(kind).tone.median_db, side_db, 7.0, seed=seed)
    samples[:, : 3 * RATE_HZ] *= 10.0 ** (-quiet_db / 20.0)
    return Audio(samples, RATE_HZ)


@cache
def heard(kind: str = "pop", seed: int = 3, quiet_db: float = 0.0, side_db: float = -9.0):
    """What that song measures."""
    return measure(song(kind, seed, quiet_db, side_db))


def surveyed(number: int, measured: Measurement, kept: bool = False, **wishes: object) -> Surveyed:
    """A track as it was taken in."""
    return Surveyed(number, f"Song {number}", Taken(measured, NOTE), kept, Wishes(**wishes))


def album(**wishes: object) -> list[Surveyed]:
    """A full one, one with a soft part, and a dark one."""
    ones = (heard(), heard("pop", 4, 9.0), heard("jazz", 5))
    return [surveyed(k + 1, one, **wishes) for k, one in enumerate(ones)]


def gained(measured: Measurement, lu: float) -> Measurement:
    """The measurement of the same sound, so much louder."""
    timeline = measured.timeline
    factor = 10.0 ** (lu / 10.0)
    bands = replace(
        timeline.bands,
        **{
            name: (getattr(timeline.bands, name) * factor).astype(np.float32)
            for name in ("mid", "side", "wide_mid", "wide_side", "wide_cross")
        },
    )
    louder = replace(
        timeline,
        segment_power=timeline.segment_power * factor,
        segment_true_peak=timeline.segment_true_peak * 10.0 ** (lu / 20.0),
        bands=bands,
    )
    loudness = measured.loudness
    moved = {
        name: getattr(loudness, name) + lu
        for name in ("integrated_lufs", "max_short_term_lufs", "max_momentary_lufs", "gate_lufs")
    }
    peaks = {
        name: getattr(measured.peaks, name) + lu for name in ("true_peak_dbtp", "sample_peak_dbfs")
    }
    return replace(with_figures(measured, loudness=moved, peaks=peaks), timeline=louder)


def mastered_to(measured: Measurement, loudness_lufs: float) -> Measurement:
    """A master that is the mix at this loudness."""
    return gained(measured, loudness_lufs - measured.loudness.integrated_lufs)


def target_of(measured: Measurement, **wishes: object) -> Target:
    return aim(measured, Wishes(**wishes))
