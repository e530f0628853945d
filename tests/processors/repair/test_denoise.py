"""How far the noise goes down, what the music loses, and what is left alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.processors.repair.denoise import BAND_HZ, N_BANDS, Denoise, gains, noise_density
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def white(rms_dbfs: float, rate_hz: int = RATE_HZ) -> tuple[float, ...]:
    """The profile of white noise, its own in each channel: 3 dB less in the middle."""
    widths_hz = BAND_HZ * (10**0.05 - 10**-0.05)
    return tuple(rms_dbfs - 3.01 + 10 * np.log10(widths_hz / (rate_hz / 2)))


def hiss(rms_dbfs: float, duration_s: float = 4.0, rate_hz: int = RATE_HZ, seed: int = 1) -> Floats:
    noise = np.random.default_rng(seed).standard_normal((2, round(duration_s * rate_hz)))
    return np.asarray(10 ** (rms_dbfs / 20) * noise)


def rms_db(samples: Floats) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-40))


def plucked(duration_s: float = 6.0) -> Floats:
    """Chords that die away, left and right a little apart, and a tick on each of them."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    age = t % 0.75
    out = [
        sum(np.sin(2 * np.pi * f * t + c) for f in (220, 330, 440, 660, 1320, 2640)) for c in (0, 1)
    ]
    return np.asarray(0.08 * np.stack(out) * np.exp(-age / 0.18) * np.minimum(1.0, age / 0.002))


@pytest.mark.parametrize("reduction_db", [3.0, 8.0, 12.0, 20.0])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 96_000])
def test_noise_alone_goes_down_by_the_reduction(reduction_db: float, rate_hz: int) -> None:
    """Nearly: what scatters far above its mean passes, so it is never quite reached."""
    noise = hiss(-50, rate_hz=rate_hz)
    out = play(Denoise(reduction_db=reduction_db, noise_dbfs=white(-50, rate_hz)), noise, rate_hz)
    inner = slice(rate_hz // 2, -rate_hz // 2)
    assert rms_db(out[:, inner]) - rms_db(noise[:, inner]) == pytest.approx(
        -reduction_db, abs=1.0 if reduction_db <= 12.0 else 2.5
    )


def test_what_is_left_does_not_sing() -> None:
    """Kurtosis of the windows' power: of plain noise 2 (exponential); musical noise has 10s."""
    out = play(Denoise(reduction_db=12, noise_dbfs=white(-50)), hiss(-50), RATE_HZ)
    windows = out[0, RATE_HZ : 3 * RATE_HZ].reshape(-1, 882) * np.hanning(882)
    power = np.abs(np.fft.rfft(windows, axis=1)[:, 5:400]) ** 2
    relative = power / power.mean(axis=0)
    assert np.mean(relative**2) < 2.5


@pytest.mark.parametrize("noise_dbfs", [-60.0, -50.0, -40.0])
def test_music_under_hiss_comes_nearer_to_itself(noise_dbfs: float) -> None:
    music, noise = plucked(), hiss(noise_dbfs, 6.0)
    out = play(Denoise(reduction_db=10, noise_dbfs=white(noise_dbfs)), music + noise, RATE_HZ)
    gained_db = rms_db(noise) - rms_db(out - music)
    assert gained_db > 6.0


@pytest.mark.parametrize("noise_dbfs", [-90.0, -75.0])
def test_little_hiss_is_never_made_worse(noise_dbfs: float) -> None:
    music, noise = plucked(), hiss(noise_dbfs, 6.0)
    out = play(Denoise(reduction_db=10, noise_dbfs=white(noise_dbfs)), music + noise, RATE_HZ)
    assert rms_db(out - music) < rms_db(noise)


def test_a_profile_three_db_too_high_still_gains() -> None:
    music, noise = plucked(), hiss(-50, 6.0)
    out = play(Denoise(reduction_db=10, noise_dbfs=white(-47)), music + noise, RATE_HZ)
    assert rms_db(noise) - rms_db(out - music) > 5.0


def test_attacks_are_kept() -> None:
    """The first 5 ms of a burst 20 dB over the noise lose less than 0.3 dB, and none is before."""
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    burst = np.where((t > 2.0) & (t < 2.05), 1.0, 0.0) * hiss(-25, 4.0, seed=9)
    noise = hiss(-50)
    out = play(Denoise(reduction_db=12, noise_dbfs=white(-50)), burst + noise, RATE_HZ)
    at = slice(2 * RATE_HZ, 2 * RATE_HZ + 220)
    assert rms_db(out[:, at]) - rms_db((burst + noise)[:, at]) > -0.3
    before = slice(2 * RATE_HZ - 4410, 2 * RATE_HZ - 2205)
    assert rms_db(out[:, before]) - rms_db(noise[:, before]) < -6.0


def test_far_above_the_noise_every_bit_stays() -> None:
    loud = hiss(-10)
    assert np.array_equal(
        play(Denoise(reduction_db=12, noise_dbfs=white(-85)), loud, RATE_HZ), loud
    )


def test_a_band_without_noise_is_left_alone() -> None:
    """Noise is told of above 1 kHz only: below, what is as soft as it stays."""
    profile = tuple(
        -140.0 if hz < 1000 else level for hz, level in zip(BAND_HZ, white(-50), strict=True)
    )
    noise = hiss(-50)
    out = play(Denoise(reduction_db=12, noise_dbfs=profile), noise, RATE_HZ)
    change = np.abs(np.fft.rfft(out - noise)) / np.abs(np.fft.rfft(noise))
    hz = np.fft.rfftfreq(noise.shape[1], 1 / RATE_HZ)
    assert np.median(change[:, (hz > 50) & (hz < 700)]) < 1e-2
    assert np.median(change[:, (hz > 2000) & (hz < 15000)]) > 0.6


def test_middle_and_side_have_their_own() -> None:
    """A mono recording's noise is all in the middle: the side is not touched."""
    side = hiss(-56)[0]
    both = np.stack((side, -side))
    quiet = (-140.0,) * N_BANDS
    out = play(
        Denoise(reduction_db=12, noise_dbfs=white(-50), side_noise_dbfs=quiet), both, RATE_HZ
    )
    assert np.array_equal(out, both)


def test_density_of_white_noise_is_flat() -> None:
    density = noise_density(white(-50), np.array([10.0, 100.0, 1000.0, 5000.0, 20_000.0]))
    assert 10 * np.log10(density * RATE_HZ / 2) == pytest.approx(-53.01, abs=1e-9)


def test_gains_reach_from_the_reduction_to_one() -> None:
    power = np.ones((1, 15, 40))
    power[:, :, 20:] = 1e6
    found = gains(power, np.ones((1, 40)), 0.25)
    assert found.shape == (1, 5, 40)
    assert (found[:, :, :15] == 0.25).all()
    assert (found[:, :, 25:] == 1.0).all()


def test_a_profile_has_thirty_bands() -> None:
    with pytest.raises(SettingError, match="noise_dbfs: 3 given; must be none, or 30 dBFS"):
        Denoise(reduction_db=6, noise_dbfs=(-60.0, -60.0, -60.0))
