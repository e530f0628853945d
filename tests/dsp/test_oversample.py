import numpy as np
import pytest

from burnish.dsp.oversample import Oversampler

RATE_HZ = 44_100


def tone(frequency_hz: float, n_samples: int) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(n_samples) / RATE_HZ)[None]


@pytest.mark.parametrize(("factor", "latency"), [(1, 0), (2, 64), (4, 72)])
def test_there_and_back_is_a_delay(factor: int, latency: int) -> None:
    """To 20 kHz at 44.1 kHz within 0.002 dB, and late by whole samples: -78 dB of difference."""
    sampler = Oversampler(factor, 1)
    assert sampler.latency == latency
    for frequency_hz in (50, 1000, 15_000, 20_000):
        x = tone(frequency_hz, 6000)
        y = Oversampler(factor, 1)
        back = y.down(y.up(x))
        late = x[:, 1000 - latency : 5000 - latency]
        assert 20 * np.log10(np.abs(back[:, 1000:5000] - late).max() + 1e-20) < -78


@pytest.mark.parametrize("factor", [2, 4])
def test_samples_there_are_stay(factor: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 500))
    up = Oversampler(factor, 2).up(x)
    late = Oversampler(factor, 2).latency // 2
    assert np.array_equal(up[:, factor * late :: factor], x[:, : 500 - late])


@pytest.mark.parametrize("factor", [2, 4])
def test_images_are_gone(factor: int) -> None:
    """Way up: from 24.1 kHz on -86 dB. Way down: a tone there does not come back as another."""
    impulse = np.zeros((1, 4096))
    impulse[0, 2000] = 1.0
    spectrum = np.abs(np.fft.rfft(Oversampler(factor, 1).up(impulse)[0])) / factor
    gain_db = 20 * np.log10(spectrum + 1e-12)
    frequencies_hz = np.fft.rfftfreq(4096 * factor, 1 / (factor * RATE_HZ))
    assert np.abs(gain_db[frequencies_hz < 20_000]).max() < 0.001
    assert gain_db[frequencies_hz > 24_100].max() < -86
    high = np.sin(2 * np.pi * 25_000 * np.arange(8192 * factor) / (factor * RATE_HZ))[None]
    assert 20 * np.log10(np.abs(Oversampler(factor, 1).down(high)[:, 200:]).max()) < -85


@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("block", [1, 17, 63, 64, 65])
def test_any_split_gives_the_same_bits(factor: int, block: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 1000))
    one = Oversampler(factor, 2)
    up = one.up(x)
    down = one.down(up)
    two = Oversampler(factor, 2)
    ups = [two.up(x[:, i : i + block]) for i in range(0, 1000, block)]
    assert np.array_equal(np.concatenate(ups, axis=1), up)
    assert np.array_equal(np.concatenate([two.down(u) for u in ups], axis=1), down)


def test_other_factors_are_refused() -> None:
    with pytest.raises(ValueError, match="factor=3: must be one of"):
        Oversampler(3, 1)
