"""Reverb: decay times against what was asked, its share, its mono sum; each measured."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp import matched
from burnish.dsp.biquad import Cascade
from burnish.processors.reverb import Reverb, absorption, line_lengths
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def answer(reverb: Reverb, rate_hz: int = RATE_HZ, duration_s: float = 3.0) -> Floats:
    """What the room adds to an impulse in both channels."""
    samples = np.zeros((2, round(duration_s * rate_hz)))
    samples[:, 0] = 1.0
    return play(reverb, samples, rate_hz) - samples


def decay_s(wave: Floats, low_hz: float, high_hz: float, rate_hz: int) -> float:
    """Time for 60 dB from the slope between -5 and -35 dB (ISO 3382's T30), in one band."""
    filters = (*matched.high_pass(low_hz, 4), *matched.low_pass(high_hz, 4))
    heard = Cascade([matched.sections(filters, rate_hz)]).process(wave[None])[0]
    left_db = 10 * np.log10(np.cumsum(heard[::-1] ** 2)[::-1] / np.sum(heard**2) + 1e-30)
    there = (left_db < -5) & (left_db > -35)
    slope = np.polyfit(np.flatnonzero(there) / rate_hz, left_db[there], 1)[0]
    return float(-60.0 / slope)


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
@pytest.mark.parametrize("asked_s", [0.3, 0.6, 1.5])
def test_decay_time_is_what_was_asked(asked_s: float, rate_hz: int) -> None:
    """Within 10 % in the low middle, in both channels, with the damping far above."""
    made = answer(
        Reverb(wet_db=-20, decay_s=asked_s, damping_hz=20_000), rate_hz, 2 * asked_s + 0.5
    )
    for channel in made:
        assert decay_s(channel, 350, 1400, rate_hz) == pytest.approx(asked_s, rel=0.1)


def test_damping_halves_the_decay() -> None:
    """Around the damping frequency; within 15 %, for what is lower in the band decays slower."""
    made = answer(Reverb(wet_db=-20, decay_s=1.2, damping_hz=5000, high_cut_hz=20_000))
    for channel in made:
        assert decay_s(channel, 4500, 5600, RATE_HZ) == pytest.approx(0.6, rel=0.15)


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 192_000])
def test_every_line_loses_as_much_a_second(rate_hz: int) -> None:
    """At 0 Hz and at the damping frequency, exactly what the decay asks."""
    lengths = line_lengths(0.8, rate_hz)
    gain, pole = absorption(lengths, 0.8, 3000.0, rate_hz)
    omega = 2 * np.pi * 3000 / rate_hz
    at_damping = np.abs(gain * (1 - pole) / (1 - pole * np.exp(-1j * omega)))
    for size, asked_s in ((gain, 0.8), (at_damping, 0.4)):
        lost_db_per_s = -20 * np.log10(size) * rate_hz / lengths
        assert lost_db_per_s == pytest.approx(np.full(8, 60 / asked_s))


def test_lines_share_no_factor() -> None:
    for decay_s, rate_hz in ((0.2, 8000), (0.2, 44_100), (0.6, 48_000), (4.0, 384_000)):
        lengths = line_lengths(decay_s, rate_hz)
        assert len(set(lengths)) == 8
        assert np.gcd.outer(lengths, lengths).sum() == lengths.sum() + 56


@pytest.mark.parametrize("wet_db", [-30.0, -12.0])
def test_wet_share(wet_db: float) -> None:
    """White noise between the corners: the room in the mono sum is as loud as told, in 0.5 dB."""
    reverb = Reverb(wet_db=wet_db, low_cut_hz=20, high_cut_hz=20_000)
    noise = np.random.default_rng(2).standard_normal(6 * RATE_HZ) * 0.1
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(len(noise), 1 / RATE_HZ)
    noise = np.fft.irfft(np.where((hz > 20) & (hz < 20_000), spectrum, 0.0))
    samples = np.stack((noise, noise))
    wet = (play(reverb, samples, RATE_HZ) - samples).mean(axis=0)[2 * RATE_HZ :]
    assert 20 * np.log10(wet.std() / noise.std()) == pytest.approx(wet_db, abs=0.5)


def test_mono_sum_has_no_comb() -> None:
    """At -24 dB the sum of both channels keeps its tone within 0.4 dB in every third octave."""
    samples = np.zeros((2, 4 * RATE_HZ))
    samples[:, 0] = 1.0
    out = play(Reverb(wet_db=-24, decay_s=0.6), samples, RATE_HZ)
    power = np.abs(np.fft.rfft(out.mean(axis=0))) ** 2
    hz = np.fft.rfftfreq(out.shape[1], 1 / RATE_HZ)
    for middle_hz in 1000 * 10 ** (np.arange(-16, 13) / 10):
        inside = (hz > middle_hz * 10**-0.05) & (hz < middle_hz * 10**0.05)
        assert abs(10 * np.log10(power[inside].mean())) < 0.4


def test_mono_keeps_its_share_and_the_sides_differ() -> None:
    """Middle and side answer alike, unrelated: the sum loses 3 dB of the room and no more."""
    made = answer(Reverb(wet_db=-20, decay_s=0.8))
    mid, side = made.sum(axis=0) / 2, (made[0] - made[1]) / 2
    assert 10 * np.log10(np.sum(side**2) / np.sum(mid**2)) == pytest.approx(0.0, abs=1.0)
    assert abs(np.sum(made[0] * made[1]) / np.sqrt(np.prod((made**2).sum(axis=1)))) < 0.15


def test_a_mono_file_gets_the_room_of_the_middle() -> None:
    samples = np.random.default_rng(4).standard_normal((1, RATE_HZ)) * 0.1
    both = play(Reverb(wet_db=-15), np.vstack((samples, samples)), RATE_HZ)
    alone = play(Reverb(wet_db=-15), samples, RATE_HZ)
    assert alone[0] == pytest.approx(both.mean(axis=0), abs=1e-12)


def test_what_is_only_in_the_side_makes_no_room() -> None:
    side = np.random.default_rng(5).standard_normal(RATE_HZ) * 0.1
    samples = np.stack((side, -side))
    assert np.array_equal(play(Reverb(wet_db=-10), samples, RATE_HZ), samples)


def test_first_sound_of_the_room() -> None:
    """It comes the predelay and the shortest line after the dry one: no earlier."""
    made = answer(Reverb(wet_db=-10, predelay_ms=20))
    first = np.flatnonzero(np.abs(made).max(axis=0) > 1e-9)[0]
    assert first == pytest.approx((0.020 + 0.0231) * RATE_HZ, abs=0.001 * RATE_HZ)
