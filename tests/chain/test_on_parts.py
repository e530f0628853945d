"""Every processor of the rack on one part of the sound: mid, side, left or right."""

from importlib import import_module
from typing import Literal, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.chain import Step, play
from burnish.processors import RACK, Processor, processor_type
from pieces import piece

Floats = NDArray[np.float64]
Part = Literal["mid", "side", "left", "right"]
PARTS: tuple[Part, ...] = get_args(Part)

RATE_HZ = 44_100
BETWEEN = {"width", "align", "balance"}
"""They work between two channels, and a part has only one."""

REPAIRS = {name for name, (module, _) in RACK.items() if module.startswith("repair.")}
"""They leave undamaged music alone, whatever part of it."""


def example(name: str) -> Processor:
    module = import_module(f"burnish.processors.{RACK[name][0]}")
    found = getattr(module, "EXAMPLE", None) or processor_type(name)()
    assert isinstance(found, Processor)
    return found


def played(samples: Floats, step: Step) -> Floats:
    blocks = (np.ascontiguousarray(samples[:, i : i + 9999]) for i in range(0, 60_000, 9999))
    return np.concatenate(list(play([step], blocks, RATE_HZ, len(samples))), axis=1)


def music(gain: float = 1.2) -> Floats:
    """Loud and dense, a little different in each channel."""
    return np.ascontiguousarray(gain * piece(RATE_HZ, 4.0)[:, -60_000:])


def part_of(samples: Floats, on: str) -> Floats:
    left, right = samples
    return {"mid": (left + right) / 2, "side": (left - right) / 2, "left": left, "right": right}[on]


OTHER = {"mid": "side", "side": "mid", "left": "right", "right": "left"}

every = pytest.mark.parametrize("name", RACK)
each_part = pytest.mark.parametrize("on", PARTS)


@every
@each_part
def test_a_neutral_one_leaves_every_bit(name: str, on: Part) -> None:
    settings = processor_type(name)()
    samples = music(1.2 if settings.is_neutral else 0.05)
    assert np.array_equal(played(samples, Step(processor=name, settings=settings, on=on)), samples)


@every
@each_part
def test_the_other_part_is_untouched(name: str, on: Part) -> None:
    samples = music()
    out = played(samples, Step(processor=name, settings=example(name), on=on))
    assert out.shape == samples.shape
    there, was = part_of(out, OTHER[on]), part_of(samples, OTHER[on])
    if on in ("left", "right"):
        assert np.array_equal(there, was)
    else:
        assert np.abs(there - was).max() < 1e-12  # left and right are made of both


@every
@each_part
def test_the_part_becomes_what_it_would_alone(name: str, on: Part) -> None:
    samples = music()
    step = Step(processor=name, settings=example(name), on=on)
    here = part_of(played(samples, step), on)
    alone = np.ascontiguousarray(part_of(samples, on)[np.newaxis])
    mono = played(alone, Step(processor=name, settings=example(name)))
    assert np.abs(here - mono[0]).max() < 1e-12
    if name not in REPAIRS:
        changed = bool(np.abs(here - alone[0]).max() > 1e-4)
        assert changed is (name not in BETWEEN)


@each_part
def test_a_bypassed_one_is_not_there(on: Part) -> None:
    samples = music()
    step = Step(processor="limiter", settings=example("limiter"), on=on, bypass=True)
    assert np.array_equal(played(samples, step), samples)


@every
def test_on_a_mono_mix_mid_and_left_are_all_there_is(name: str) -> None:
    samples = music()[:1]
    for on in PARTS:
        out = played(samples, Step(processor=name, settings=example(name), on=on))
        if on in ("mid", "left"):
            whole = played(samples, Step(processor=name, settings=example(name)))
            assert np.array_equal(out, whole)
        else:
            assert np.array_equal(out, samples)
