"""A master split into stems: the sum is the master whatever the chain, and a stem keeps its own."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.chain import Step, play
from burnish.deliver.split import Splitter
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.limiter import Limiter

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def band() -> list[Floats]:
    """A tone, noise, and strokes: three stems that have little in common."""
    n = 3 * RATE_HZ
    t = np.arange(n) / RATE_HZ
    random = np.random.default_rng(1)
    tone = 0.2 * sum(np.sin(2 * np.pi * 110 * h * t) / h for h in range(1, 9))
    hiss = 0.02 * random.normal(0, 1, n)
    strokes = 0.5 * np.exp(-20 * (t % 0.5)) * np.sin(2 * np.pi * 60 * t)
    return [np.stack((x, 0.7 * x)) for x in (tone, hiss, strokes)]


def played(samples: Floats, *settings: Equalizer | Limiter) -> Floats:
    steps = [Step(processor=one.name, settings=one) for one in settings]
    return np.concatenate(list(play(steps, [samples], RATE_HZ, len(samples))), axis=1)


def split(stems: list[Floats], master: Floats, size: int = 10_000) -> Floats:
    splitter = Splitter(RATE_HZ, len(master), len(stems), 0)
    out = [
        splitter.feed([stem[:, k : k + size] for stem in stems], master[:, k : k + size])
        for k in range(0, master.shape[1], size)
    ]
    return np.concatenate([*out, splitter.finish()], axis=2)


def apart_db(one: Floats, other: Floats) -> float:
    return 10 * np.log10(np.sum((one - other) ** 2) / np.sum(one**2) + 1e-32)


EQ = Equalizer(bands=(Band(frequency_hz=300, gain_db=-2.0), Band(kind="high_shelf", gain_db=3.0)))
HARD = Limiter(input_gain_db=12.0, ceiling_dbtp=-1.0)


@pytest.mark.parametrize("chain", [(), (EQ,), (EQ, HARD)], ids=["nothing", "eq", "eq, limiter"])
def test_the_sum_is_the_master_for_any_chain(chain: tuple[Equalizer | Limiter, ...]) -> None:
    stems = band()
    master = played(sum(stems), *chain)
    done = split(stems, master)
    assert apart_db(master, done.sum(axis=0)) < -250.0


def test_what_does_nothing_leaves_the_stems() -> None:
    stems = band()
    for stem, mastered in zip(stems, split(stems, sum(stems)), strict=True):
        assert apart_db(stem, mastered) < -80.0


def test_a_filter_is_what_every_stem_goes_through() -> None:
    """The true split is known: each stem through the filter alone."""
    stems = band()
    done = split(stems, played(sum(stems), EQ))
    for stem, mastered in zip(stems, done, strict=True):
        assert apart_db(played(stem, EQ), mastered) < -25.0


def test_a_gain_that_moves_is_what_every_stem_goes_through() -> None:
    stems = band()
    t = np.arange(stems[0].shape[1]) / RATE_HZ
    gain = 1.5 + 0.5 * np.sin(2 * np.pi * 3.0 * t)
    done = split(stems, gain * sum(stems))
    for stem, mastered in zip(stems, done, strict=True):
        assert apart_db(gain * stem, mastered) < -25.0


def test_what_no_stem_had_is_shared_and_silence_stays_near_silence() -> None:
    stems = [np.zeros((1, RATE_HZ)), np.zeros((1, RATE_HZ))]
    hum = 0.1 * np.sin(np.arange(RATE_HZ) * 0.05)[None]
    done = split(stems, hum)
    assert apart_db(hum, done.sum(axis=0)) < -250.0
    one = [band()[0], 0 * band()[0]]
    assert np.abs(split(one, played(one[0], HARD))[1]).max() < 1e-12


@pytest.mark.parametrize("size", [1, 17, 4096, 50_000])
def test_blocks_do_not_matter(size: int) -> None:
    stems = [stem[:, :20_000] if size > 1 else stem[:, :3000] for stem in band()]
    master = 0.5 * sum(stems)
    assert np.allclose(split(stems, master, size), split(stems, master), rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [1, 2, 100, 2047, 2048, 4096, 4097])
def test_any_length(n: int) -> None:
    stems = [stem[:, :n] for stem in band()]
    done = split(stems, sum(stems))
    assert done.shape == (3, 2, n)
