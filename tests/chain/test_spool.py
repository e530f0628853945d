"""The spool: what was kept plays on to the same bits, and what cannot be kept is played again."""

import numpy as np
import pytest

from burnish.chain import Step, play, side_by_side, spool
from burnish.chain.spool import Spool
from burnish.processors.compressor import Compressor
from burnish.processors.gain import Gain
from burnish.processors.limiter import Limiter
from burnish.processors.width import Width

RATE_HZ = 44100
FIRST = (
    Step(processor="compressor", settings=Compressor(threshold_db=-30, ratio=3)),
    Step(processor="width", settings=Width(low_width=0.5)),
)
LAST = (Step(processor="limiter", settings=Limiter(input_gain_db=6.0)),)


def blocks(size: int = 7001) -> list[np.ndarray]:
    noise = 0.3 * np.random.default_rng(5).standard_normal((2, RATE_HZ))
    return [np.ascontiguousarray(noise[:, i : i + size]) for i in range(0, RATE_HZ, size)]


def joined(stream) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.concatenate(list(stream), axis=1)


def test_steps_in_threads_give_the_bits_of_steps_in_a_row() -> None:
    alone = joined(play((*FIRST, *LAST), blocks(), RATE_HZ, 2))
    assert np.array_equal(joined(side_by_side((*FIRST, *LAST), blocks(), RATE_HZ, 2)), alone)


def test_what_is_kept_plays_on_to_the_same_bits() -> None:
    whole = joined(play((*FIRST, *LAST), blocks(), RATE_HZ, 2))
    with Spool() as kept:
        heard = joined(kept.keep(FIRST, side_by_side(FIRST, blocks(), RATE_HZ, 2)))
        assert np.array_equal(heard, joined(play(FIRST, blocks(), RATE_HZ, 2)))
        for _ in range(2):  # as often as asked
            onward = kept.onward((*FIRST, *LAST))
            assert onward is not None
            steps, stream = onward
            assert steps == LAST
            assert np.array_equal(joined(play(steps, stream, RATE_HZ, 2)), whole)


def test_other_steps_are_not_behind_it() -> None:
    with Spool() as kept:
        assert kept.onward(FIRST) is None  # nothing was kept yet
        list(kept.keep(FIRST, blocks()))
        other = Step(processor="gain", settings=Gain(gain_db=1.0))
        assert kept.onward((other, *FIRST)) is None
        assert kept.onward(FIRST[:1]) is None
    assert kept.onward(FIRST) is None


def test_what_is_too_long_passes_and_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 400_000)
    with Spool() as kept:
        assert np.array_equal(joined(kept.keep((), blocks())), np.concatenate(blocks(), axis=1))
        assert kept.onward(LAST) is None


def test_a_full_disk_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Spool() as kept:
        stream = kept.keep((), blocks())
        first = next(stream)
        monkeypatch.setattr(kept, "_put", lambda block: False)
        assert np.array_equal(np.concatenate((first, joined(stream)), axis=1), joined(blocks()))
        assert kept.onward(LAST) is None
