"""Low-end focus: hits against what lies between them, in dB, and what must stay as it is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.low_end_focus import LowEndFocus, half_width
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def bass_line(duration_s: float = 8.0) -> Floats:
    """A 55 Hz tone under a kick of 62 Hz every half second, in both channels."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    beat = t % 0.5
    kick = (
        0.4 * np.exp(-beat / 0.07) * np.minimum(1.0, beat / 0.004) * np.sin(2 * np.pi * 62 * beat)
    )
    return np.stack([kick + 0.1 * np.sin(2 * np.pi * 55 * t)] * 2)


def hit_over_between_db(samples: Floats) -> float:
    """The first 120 ms of each beat over its last 150 ms, in the settled middle."""
    beats = samples[0, RATE_HZ * 2 : RATE_HZ * 6].reshape(8, -1)
    hit = beats[:, : round(0.12 * RATE_HZ)]
    between = beats[:, -round(0.15 * RATE_HZ) :]
    return float(10 * np.log10(np.mean(hit**2) / np.mean(between**2)))


def test_contrast_moves_hits_against_what_lies_between() -> None:
    """Each way by several dB, the more the more is asked; never by more than twice the most."""
    samples = bass_line()
    plain = hit_over_between_db(samples)
    moved = [
        hit_over_between_db(play(LowEndFocus(contrast=c, most_db=4), samples, RATE_HZ)) - plain
        for c in (-1.0, -0.5, 0.5, 1.0)
    ]
    assert moved[0] < moved[1] < -1.0
    assert 1.0 < moved[2] < moved[3]
    assert moved[3] > 2.5
    assert all(abs(m) < 8.0 for m in moved)


@pytest.mark.parametrize("contrast", [-1.0, 1.0])
def test_power_of_the_bass_is_held(contrast: float) -> None:
    samples = bass_line()
    out = play(LowEndFocus(contrast=contrast, most_db=6), samples, RATE_HZ)
    middle = slice(RATE_HZ, -RATE_HZ)
    change_db = 10 * np.log10(np.mean(out[:, middle] ** 2) / np.mean(samples[:, middle] ** 2))
    assert abs(change_db) < 0.35


@pytest.mark.parametrize("frequency_hz", [30, 41.2, 60, 100])
def test_a_steady_tone_is_left_alone(frequency_hz: float) -> None:
    """Its waves are too fast to be taken for hits: what is added is 50 dB down, 45 at 30 Hz."""
    t = np.arange(6 * RATE_HZ) / RATE_HZ
    samples = 0.3 * np.sin(2 * np.pi * frequency_hz * t)[None]
    out = play(LowEndFocus(contrast=1.0, most_db=12), samples, RATE_HZ)
    change = (out - samples)[0, RATE_HZ:-RATE_HZ]
    assert 20 * np.log10(change.std() / samples.std()) < (-50 if frequency_hz > 40 else -44)


def test_what_is_above_the_bass_stays() -> None:
    """Over a loud bass line, a tone two octaves up moves by less than 0.15 dB, five by nothing."""
    bass = bass_line()
    t = np.arange(bass.shape[1]) / RATE_HZ
    focus = LowEndFocus(contrast=1.0, low_hz=150, most_db=6)
    alone = play(focus, bass, RATE_HZ)
    for frequency_hz, most_db in ((600.0, 0.15), (4800.0, 0.003)):
        tone = 0.01 * np.sin(2 * np.pi * frequency_hz * t)
        made = (play(focus, bass + tone, RATE_HZ) - alone)[0, RATE_HZ:-RATE_HZ]
        change = made - tone[RATE_HZ:-RATE_HZ]
        assert np.abs(change).max() / 0.01 < 10 ** (most_db / 20) - 1


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
@pytest.mark.parametrize("low_hz", [60.0, 150.0, 300.0])
def test_split_is_6_db_down_at_its_corner(low_hz: float, rate_hz: int) -> None:
    width = 2 * half_width(low_hz, rate_hz) + 1
    box = np.abs(np.sinc(low_hz * width / rate_hz) / np.sinc(low_hz / rate_hz)) ** 3
    assert 20 * np.log10(box) == pytest.approx(-6.02, abs=0.25)


def test_a_hit_after_silence_is_bounded() -> None:
    samples = np.zeros((1, 4 * RATE_HZ))
    samples[:, 2 * RATE_HZ :] = bass_line(2.0)[:1]
    out = play(LowEndFocus(contrast=1.0, most_db=3), samples, RATE_HZ)
    assert not out[:, : 2 * RATE_HZ - RATE_HZ // 10].any()
    # The most is for the bass; where a band is added to its neighbour a little more can come out.
    assert np.abs(out).max() < 10 ** (3.2 / 20) * np.abs(samples).max()
