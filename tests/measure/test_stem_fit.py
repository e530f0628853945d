"""How stems fit a mix: null, gains, what is missing, and where each lies."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.measure.stem import StemMeter, twice
from burnish.measure.stem_fit import SumFit, SumMeter, lag_in

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def noises(n_stems: int, n_samples: int = RATE_HZ) -> list[Floats]:
    random = np.random.default_rng(8)
    return [random.normal(0, 0.1, (2, n_samples)) for _ in range(n_stems)]


def fitted(stems: list[Floats], mix: Floats, size: int = 4096) -> SumFit:
    meter = SumMeter(len(stems))
    for first in range(0, mix.shape[1], size):
        here = slice(first, first + size)
        meter.feed([stem[:, here] for stem in stems], mix[:, here])
    found = meter.finish()
    assert found is not None
    return found


@pytest.mark.parametrize("gain_db", [0.0, -6.0, 3.0])
def test_a_sum_leaves_nothing_at_its_gain(gain_db: float) -> None:
    stems = noises(4)
    fit = fitted(stems, 10 ** (gain_db / 20) * sum(stems))
    assert fit.null_db == -math.inf
    assert fit.gain_db == pytest.approx(gain_db, abs=1e-9)
    assert all(
        gain == pytest.approx(gain_db, abs=1e-9) for gain in fit.gains_db if gain is not None
    )


def test_each_stem_that_does_not_fit_is_told() -> None:
    stems = noises(4)
    mix = stems[0] + 10 ** (1.5 / 20) * stems[1] - stems[2]
    fit = fitted(stems, mix)
    assert fit.null_db > -6.0
    assert fit.best_null_db == -math.inf
    assert fit.gains_db[0] == pytest.approx(0.0, abs=1e-6)
    assert fit.gains_db[1] == pytest.approx(1.5, abs=1e-6)
    assert fit.gains_db[2:] == (None, None)
    assert fit.inverted == (False, False, True, False)


def test_a_missing_stem_leaves_its_energy() -> None:
    stems = noises(4)
    fit = fitted(stems[:3], sum(stems))
    assert fit.null_db == pytest.approx(10 * math.log10(1 / 4), abs=0.1)
    assert fit.best_null_db == pytest.approx(fit.null_db, abs=0.1)


def test_a_known_noise_is_the_null() -> None:
    """-60 dB of something else: the null says so within 0.1 dB."""
    stems = noises(3)
    fit = fitted(stems[:2], stems[0] + stems[1] + math.sqrt(2.0) * 1e-3 * stems[2])
    assert fit.null_db == pytest.approx(-60.0, abs=0.1)


def test_silence_fits_nothing() -> None:
    meter = SumMeter(2)
    meter.feed([np.zeros((2, 10)), np.zeros((2, 10))], np.ones((2, 10)))
    assert meter.finish() is None
    stems = [noises(1)[0], np.zeros((2, RATE_HZ))]
    fit = fitted(stems, stems[0])
    assert fit.null_db == -math.inf
    assert fit.gains_db[1] is None


@pytest.mark.parametrize("late", [0, 1, 480, -700, 100_000])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_where_a_stem_lies_is_found_to_the_sample(late: int, sign: float) -> None:
    random = np.random.default_rng(2)
    n = 8 * RATE_HZ
    stem, other = random.normal(0, 0.1, (2, 2, n))
    placed = np.roll(stem, late, axis=1)
    mix = AudioSource(Audio(sign * placed + 2.0 * other, RATE_HZ))
    found = lag_in(AudioSource(Audio(stem, RATE_HZ)), mix)
    assert found is not None
    assert (found.samples, found.inverted) == (late, sign < 0)


def test_what_is_not_in_the_mix_lies_nowhere() -> None:
    random = np.random.default_rng(3)
    stem, mix = (AudioSource(Audio(x, RATE_HZ)) for x in random.normal(0, 0.1, (2, 2, 8 * RATE_HZ)))
    assert lag_in(stem, mix) is None
    assert lag_in(AudioSource(Audio(np.zeros((1, RATE_HZ)), RATE_HZ)), mix) is None


def test_a_stem_twice_is_known_by_its_sound() -> None:
    one, other = noises(2, 3 * RATE_HZ)

    def figures(samples: Floats) -> object:
        meter = StemMeter(RATE_HZ, 2, low=False)
        meter.feed(samples)
        return meter.finish()

    heard = [figures(x) for x in (one, -0.5 * one, other, 0 * one)]
    assert twice(heard[0], heard[0]) == 0.0  # type: ignore[arg-type]
    assert twice(heard[0], heard[1]) == pytest.approx(-6.0206, abs=1e-3)  # type: ignore[arg-type]
    assert twice(heard[0], heard[2]) is None  # type: ignore[arg-type]
    assert twice(heard[0], heard[3]) is None  # type: ignore[arg-type]
