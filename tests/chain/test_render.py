"""Render: latency taken out, parts of the sound, equal roads bit for bit, threads that end."""

import threading
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any, ClassVar, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from burnish.chain import Step, ahead, play, render
from burnish.chain.plan import On
from burnish.dsp.resample import resampled_length
from burnish.measure import measure
from burnish.processors import RACK, Processor, Runner, processor_type
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.gain import Gain
from burnish.processors.limiter import Limiter
from burnish.processors.match_eq import MatchEq
from burnish.processors.width import Width
from pieces import piece

Floats = NDArray[np.float64]

RATE_HZ = 44_100
SLOW_RATE_HZ = 8_000  # where the processors' inner blocks are short

PARTS = get_args(On)
every = pytest.mark.parametrize("name", RACK)


def example(name: str, **changes: Any) -> Step:
    """A step that can be heard."""
    module = import_module(f"burnish.processors.{RACK[name][0]}")
    found: Processor = getattr(module, "EXAMPLE", None) or processor_type(name)()
    return Step(processor=name, settings=found, **changes)


def step(processor: Processor, **changes: Any) -> Step:
    return Step(processor=processor.name, settings=processor, **changes)


CHAIN = (
    example("equalizer"),
    example("match_eq"),
    example("compressor", on="mid"),
    example("saturation"),
    example("width"),
    example("gain", on="side"),
    step(Limiter(input_gain_db=6.0, ceiling_dbtp=-1.0)),
)
LINEAR = step(MatchEq(frequencies_hz=(100.0, 5000.0), gains_db=(3.0, -3.0), phase="linear"))


def cut(samples: Floats, cuts: Iterable[int]) -> Iterator[Floats]:
    edges = [0, *cuts, samples.shape[1]]
    for a, b in pairwise(edges):
        yield np.ascontiguousarray(samples[:, a:b])


def in_blocks(samples: Floats, size: int) -> Iterator[Floats]:
    return cut(samples, range(size, samples.shape[1], size))


def joined(blocks: Iterable[Floats], channels: int) -> Floats:
    return np.concatenate([np.zeros((channels, 0)), *blocks], axis=1)


def played(steps: Iterable[Step], samples: Floats, rate_hz: int = RATE_HZ) -> Floats:
    return joined(play(tuple(steps), [samples], rate_hz, len(samples)), len(samples))


def rendered(
    steps: Iterable[Step], samples: Floats, rate_hz: int, out_rate_hz: int | None = None
) -> Floats:
    blocks = render(tuple(steps), in_blocks(samples, 4096), rate_hz, len(samples), out_rate_hz)
    return joined(blocks, len(samples))


def music(rate_hz: int = RATE_HZ, duration_s: float = 1.0) -> Floats:
    return piece(rate_hz, duration_s)


# Latency

DISPERSED = {"multiband": 1, "align": 31}
"""Samples by which an impulse may peak later: crossovers turn its phase, as analogue ones do, and
to delay one channel is what align is for."""


@every
@pytest.mark.parametrize("channels", [1, 2])
def test_an_impulse_stays_in_its_place(name: str, channels: int) -> None:
    samples = np.zeros((channels, 12_000))
    samples[:, 5000] = 0.25
    out = played([example(name)], samples)
    assert out.shape == samples.shape
    late = np.abs(out).argmax(axis=1) - 5000
    assert set(late.tolist()) <= set(range(DISPERSED.get(name, 0) + 1))


@every
def test_an_impulse_on_either_edge_is_kept(name: str) -> None:
    for place in (0, 2999):
        samples = np.zeros((2, 3000))
        samples[:, place] = 0.25
        late = np.abs(played([example(name)], samples)[0]).argmax() - place
        assert 0 <= late <= DISPERSED.get(name, 0)


@pytest.mark.parametrize("channels", [1, 2])
def test_every_length_is_kept(channels: int) -> None:
    """Nothing, one, two samples, and around every inner block of the chain at this rate."""
    samples = music(SLOW_RATE_HZ, 3.0)[:channels]
    inner = [s.settings.start(SLOW_RATE_HZ, channels).latency for s in CHAIN]
    edges = {latency + d for latency in (*inner, sum(inner), 4096) for d in (-1, 0, 1)}
    for n_samples in sorted({0, 1, 2, *(e for e in edges if 0 < e < samples.shape[1])}):
        part = samples[:, :n_samples]
        out = played(CHAIN, part, SLOW_RATE_HZ)
        assert out.shape == part.shape
        assert np.isfinite(out).all()


def test_a_stream_without_blocks_gives_none() -> None:
    assert list(render(CHAIN, [], RATE_HZ, 2)) == []
    assert list(play(CHAIN, [np.zeros((2, 0))], RATE_HZ, 2)) == []


def test_blocks_that_come_out_are_contiguous() -> None:
    """Once the block where the latency ends was a slice: kernels were compiled for it anew."""
    for out in play(CHAIN, in_blocks(music(), 5000), RATE_HZ, 2):
        assert out.flags.c_contiguous
        assert out.shape[1] > 0


def test_what_goes_in_is_not_changed() -> None:
    samples = music()
    kept = samples.copy()
    for part in PARTS:
        played([example(name, on=part) for name in RACK], samples)
    assert np.array_equal(samples, kept)


# Equal roads


@pytest.mark.parametrize("size", [1, 17, 4096])
@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_of_any_size_give_the_same_bits(size: int, channels: int) -> None:
    samples = music(SLOW_RATE_HZ, 1.2 if size > 1 else 0.6)[:channels]
    whole = played(CHAIN, samples, SLOW_RATE_HZ)
    split = play(CHAIN, in_blocks(samples, size), SLOW_RATE_HZ, channels)
    assert np.array_equal(joined(split, channels), whole)
    assert not np.array_equal(whole, samples)


@given(st.lists(st.integers(0, 9600), max_size=12))
@settings(max_examples=15, deadline=None)
def test_any_split_gives_the_same_bits(cuts: list[int]) -> None:
    samples = music(SLOW_RATE_HZ, 1.2)
    split = render(CHAIN, cut(samples, sorted(cuts)), SLOW_RATE_HZ, 2, 11_025)
    whole = render(CHAIN, [samples], SLOW_RATE_HZ, 2, 11_025)
    assert np.array_equal(joined(split, 2), joined(whole, 2))


@pytest.mark.parametrize("channels", [1, 2])
def test_threads_give_the_same_bits_as_none(channels: int) -> None:
    samples = music()[:channels]
    assert np.array_equal(rendered(CHAIN, samples, RATE_HZ), played(CHAIN, samples))


def test_a_limiter_that_is_not_last_gives_the_same_bits() -> None:
    samples = music()
    for places in ((0, 6, 1), (6, 0), (6, 2, 6)):
        steps = [CHAIN[k] for k in places]
        assert np.array_equal(rendered(steps, samples, RATE_HZ), played(steps, samples))


def test_no_steps_are_the_identity() -> None:
    samples = music()
    assert np.array_equal(rendered((), samples, RATE_HZ), samples)


# Bypass


def test_a_bypassed_step_is_as_if_it_were_not_there() -> None:
    samples = music()
    for k in range(len(CHAIN)):
        without = [s for i, s in enumerate(CHAIN) if i != k]
        off = [s.with_(bypass=True) if i == k else s for i, s in enumerate(CHAIN)]
        assert np.array_equal(played(off, samples), played(without, samples))


def test_all_bypassed_is_bit_exact() -> None:
    samples = 3.0 * music()
    off = [s.with_(bypass=True) for s in CHAIN]
    assert np.array_equal(rendered(off, samples, RATE_HZ), samples)
    assert not any(s.acts for s in off)


# Mid, side, left, right

IDLE = (
    step(Gain(), on="mid"),
    step(Equalizer(bands=(Band(gain_db=0.0),)), on="mid"),
    step(Limiter(ceiling_dbtp=0.0), on="mid"),  # works with latency, and changes nothing
)


@pytest.mark.parametrize("idle", IDLE, ids=lambda s: s.processor)
@pytest.mark.parametrize("on", PARTS)
def test_a_step_that_changes_nothing_keeps_the_bits(idle: Step, on: str) -> None:
    samples = 0.3 * music()
    assert np.array_equal(played([idle.with_(on=on)], samples), samples)


def mid(samples: Floats) -> Floats:
    return (samples[0:1] + samples[1:2]) / 2


def side(samples: Floats) -> Floats:
    return (samples[0:1] - samples[1:2]) / 2


BETWEEN = ("align", "balance", "width")  # what they do is between the channels, not in a part
REPAIRS = {name for name, (module, _) in RACK.items() if module.startswith("repair.")}
"""They leave undamaged music alone, on any part of it."""
STEPS_ON_A_PART = [example(name) for name in RACK if name not in BETWEEN] + [LINEAR]


@pytest.mark.parametrize("one", STEPS_ON_A_PART, ids=lambda s: s.processor)
def test_a_step_works_on_its_part_and_leaves_the_other(one: Step) -> None:
    """Also where the processor is late: what it does not touch waits for it."""
    samples = 1.5 * music()
    for on, touched, other in (("mid", mid, side), ("side", side, mid)):
        out = played([one.with_(on=on)], samples)
        wanted = played([one], touched(samples))
        np.testing.assert_allclose(touched(out), wanted, rtol=0, atol=1e-14)
        np.testing.assert_allclose(other(out), other(samples), rtol=0, atol=1e-15)
        if one.processor not in REPAIRS:
            assert not np.array_equal(out, samples)
    for on, k in (("left", 0), ("right", 1)):
        out = played([one.with_(on=on)], samples)
        np.testing.assert_allclose(
            out[k : k + 1], played([one], samples[k : k + 1]), rtol=0, atol=1e-14
        )
        assert np.array_equal(out[1 - k], samples[1 - k])


@pytest.mark.parametrize("name", ["gain", "limiter", "match_eq"])
def test_a_mono_mix_is_its_own_mid_and_left_and_has_no_side_and_right(name: str) -> None:
    samples = 1.5 * music()[:1]
    whole = played([example(name)], samples)
    for on in ("mid", "left"):
        assert np.array_equal(played([example(name, on=on)], samples), whole)
    for on in ("side", "right"):
        assert np.array_equal(played([example(name, on=on)], samples), samples)


def test_gain_on_the_side_is_width() -> None:
    samples = music()
    wider = played([step(Gain(gain_db=20 * np.log10(1.5)), on="side")], samples)
    widths = Width(low_width=1.5, mid_width=1.5, high_width=1.5)
    np.testing.assert_allclose(wider, played([step(widths)], samples), atol=1e-9)


# Another rate

RATES = [(44_100, 48_000), (96_000, 44_100), (8_000, 11_025), (48_000, 48_000)]


@pytest.mark.parametrize(("in_hz", "out_hz"), RATES)
@pytest.mark.parametrize("n_samples", [0, 1, 2, 4095, 4097, 20_001])
def test_length_at_another_rate(in_hz: int, out_hz: int, n_samples: int) -> None:
    samples = music(in_hz)[:, :1]
    out = rendered(CHAIN, np.repeat(samples, n_samples, axis=1), in_hz, out_hz)
    assert out.shape == (2, resampled_length(n_samples, in_hz, out_hz))


@pytest.mark.parametrize(("in_hz", "out_hz"), RATES[:2])
def test_a_pulse_keeps_its_time_at_another_rate(in_hz: int, out_hz: int) -> None:
    """A tone burst of 1 kHz, 10 ms wide: its centre moves by less than 1 us."""
    n = in_hz // 2

    def burst(rate_hz: int) -> Floats:
        t = np.arange(rate_hz // 2) / rate_hz - 0.2
        return 0.1 * np.exp(-((t / 0.01) ** 2)) * np.cos(2 * np.pi * 1000 * t)

    samples = np.stack([burst(in_hz)] * 2)
    assert samples.shape[1] == n
    steps = [LINEAR.with_(bypass=True), step(Limiter(ceiling_dbtp=-1.0))]
    out = rendered(steps, samples, in_hz, out_hz)
    # 1 us of a tone of 1 kHz is an error of 2 pi 1e-3 of its size.
    assert np.abs(out[0] - burst(out_hz)).max() < 2 * np.pi * 1e-3 * 0.1


@pytest.mark.parametrize(("in_hz", "out_hz"), RATES[:2])
def test_the_limiter_holds_its_ceiling_at_the_rate_that_is_delivered(
    in_hz: int, out_hz: int
) -> None:
    from burnish.audio import Audio

    samples = music(in_hz, 2.0)
    steps = (step(Equalizer(bands=(Band(gain_db=3.0),))), step(Limiter(input_gain_db=8.0)))
    out = rendered(steps, samples, in_hz, out_hz)
    peaks = measure(Audio(out, out_hz)).peaks
    assert -1.1 < peaks.true_peak_dbtp <= -1.0 + 0.005


def test_steps_after_the_limiter_work_at_the_new_rate() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(22_050) / 44_100)[None] * 0.1
    cut_at_1k = step(Equalizer(bands=(Band(frequency_hz=1000, gain_db=-12, q=8),)))
    steps = (step(Limiter()), cut_at_1k)
    out = rendered(steps, tone, 44_100, 96_000)[0, 24_000:40_000]
    assert 20 * np.log10(np.abs(out).max() / 0.1) == pytest.approx(-12, abs=0.02)


# Threads


def n_threads() -> int:
    return threading.active_count()


class Broken(RuntimeError):
    """A fault of a stage."""


class Breaking(Processor):
    """Fails after some samples."""

    name: ClassVar[str] = "gain"

    def start(self, rate_hz: int, channels: int) -> Runner:
        return _Breaking()


class _Breaking(Runner):
    def __init__(self) -> None:
        self.left = 3

    def process(self, block: Floats) -> Floats:
        self.left -= 1
        if self.left < 0:
            raise Broken("in the third block")
        return block


def endless() -> Iterator[Floats]:
    while True:
        yield np.zeros((2, 64))


def broken_input() -> Iterator[Floats]:
    yield np.zeros((2, 64))
    raise Broken("the file ends in the middle")


def breaking() -> Step:
    return Step.model_construct(processor="gain", settings=Breaking(), on="stereo", bypass=False)


LIMITER = step(Limiter())
FAULTS: dict[str, tuple[tuple[Step, ...], Any, int]] = {
    "in the first stage": ((breaking(), LIMITER), endless, RATE_HZ),
    "in the last stage": ((LIMITER, breaking()), endless, RATE_HZ),
    "in the last stage at another rate": ((LIMITER, breaking()), endless, 48_000),
    "in the input": ((LIMITER,), broken_input, RATE_HZ),
    "in the input at another rate": ((LIMITER,), broken_input, 48_000),
}


@pytest.mark.parametrize("where", FAULTS)
def test_an_error_reaches_the_caller_and_ends_the_threads(where: str) -> None:
    steps, source, out_hz = FAULTS[where]
    before = n_threads()
    with pytest.raises(Broken) as kept:  # the error is kept, as a caller may; threads are not
        for _ in render(steps, source(), RATE_HZ, 2, out_hz):
            pass
    assert n_threads() == before
    assert kept.value.args


@pytest.mark.parametrize("out_hz", [RATE_HZ, 48_000])
def test_a_caller_that_stops_early_ends_the_threads(out_hz: int) -> None:
    before = n_threads()
    stream = render((LIMITER,), endless(), RATE_HZ, 2, out_hz)
    next(stream)
    assert n_threads() == before + 2
    stream.close()  # type: ignore[attr-defined]
    assert n_threads() == before


def test_a_caller_that_fails_ends_the_threads() -> None:
    before = n_threads()

    def write() -> None:
        for _ in render((LIMITER,), endless(), RATE_HZ, 2):
            raise Broken("the disk is full")

    with pytest.raises(Broken):
        write()
    assert n_threads() == before


def test_no_thread_is_left_after_a_whole_render() -> None:
    before = n_threads()
    rendered(CHAIN, music(), RATE_HZ, 48_000)
    assert n_threads() == before


def test_no_thread_starts_before_it_is_needed() -> None:
    before = n_threads()
    stream = render((LIMITER,), endless(), RATE_HZ, 2)
    assert n_threads() == before
    del stream


def test_ahead_keeps_order_and_items() -> None:
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []
    assert list(ahead([None, None])) == [None, None]


def test_ahead_is_only_a_few_items_ahead() -> None:
    made = []

    def counted() -> Iterator[int]:
        for k in range(1000):
            made.append(k)
            yield k

    stream = ahead(counted())
    for _ in range(3):
        next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert len(made) < 15


def test_ahead_gives_what_came_before_the_error() -> None:
    def some() -> Iterator[int]:
        yield 1
        yield 2
        raise Broken("at 3")

    got: list[int] = []
    with pytest.raises(Broken, match="at 3"):
        got.extend(ahead(some()))
    assert got == [1, 2]


def test_ahead_closes_what_it_reads() -> None:
    closed = []

    def some() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    source = some()
    stream = ahead(source)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert closed == [True]
