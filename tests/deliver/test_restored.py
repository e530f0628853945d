"""What is written of a restoration: the repaired sound, what it took away, and room for it."""

import numpy as np
import pytest

from burnish.audio import Audio, AudioSource, OutputFormat, read
from burnish.chain import InputNote, Plan, Step, Teller, render
from burnish.deliver.restored import write_restored
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.gain import Gain

RATE_HZ = 44_100


def noise(n_samples=RATE_HZ * 3, size=0.3):
    rng = np.random.default_rng(1)
    return rng.uniform(-size, size, (2, n_samples))


def plan_of(source, steps, **form):
    info = source.info
    note = InputNote(rate_hz=info.rate_hz, channels=info.channels, n_samples=info.n_samples)
    return Plan(input=note, output=OutputFormat(**form), steps=steps)


def cut():
    """A step that takes something away, with latency of its own in the chain."""
    return Step(
        processor="equalizer",
        settings=Equalizer(bands=(Band(kind="bell", frequency_hz=1000, gain_db=-6.0, q=1.0),)),
    )


def test_restored_and_removed_are_the_recording(tmp_path):
    source = AudioSource(Audio(noise(), RATE_HZ))
    plan = plan_of(source, (cut(),), bits="32f")
    out, aside = tmp_path / "out.wav", tmp_path / "removed.wav"
    restored = write_restored(source, plan, out, aside, False, Teller(None))
    kept, away = read(out).samples, read(aside).samples
    assert np.abs(kept + away - source.audio.samples).max() < 1e-7
    power = np.square(away).sum() / np.square(source.audio.samples).sum()
    assert restored.removed_db == pytest.approx(10 * np.log10(power), abs=0.01)
    assert restored.touched > 0.99
    assert restored.plan == plan


def test_nothing_to_do_is_nothing_done(tmp_path):
    samples = np.round(noise() * 32768) / 32768
    source = AudioSource(Audio(samples, RATE_HZ))
    out, aside = tmp_path / "out.wav", tmp_path / "removed.wav"
    plan = plan_of(source, (), dither="none")
    restored = write_restored(source, plan, out, aside, False, Teller(None))
    assert np.array_equal(read(out).samples, samples)
    assert not read(aside).samples.any()
    assert restored.removed_db == -np.inf
    assert restored.touched == 0.0


def test_what_rises_over_full_scale_is_turned_down_and_the_plan_says_so(tmp_path):
    source = AudioSource(Audio(noise(size=0.9), RATE_HZ))
    louder = Step(processor="gain", settings=Gain(gain_db=6.0))
    plan = plan_of(source, (louder,))
    out, aside = tmp_path / "out.wav", tmp_path / "removed.wav"
    restored = write_restored(source, plan, out, aside, False, Teller(None))
    gain_db = restored.plan.steps[-1].settings.gain_db
    assert gain_db == pytest.approx(-5.4)  # 0.9 and 6 dB are 5.08 dB over; and 0.3 dB of room
    assert 20 * np.log10(np.abs(read(out).samples).max()) == pytest.approx(-0.31, abs=0.02)
    # What was taken away is told before that gain.
    assert np.allclose(read(aside).samples, source.audio.samples * (1 - 10**0.3), atol=1e-6)
    # The sheet says it all: played again, the same samples.
    steps = restored.plan.steps
    again = np.concatenate(list(render(steps, source.blocks(), RATE_HZ, 2)), axis=1)
    assert np.abs(again - read(out).samples).max() < 3e-7  # dither of 24 bits


def test_floats_keep_what_is_over_full_scale(tmp_path):
    source = AudioSource(Audio(noise(size=0.9), RATE_HZ))
    plan = plan_of(source, (Step(processor="gain", settings=Gain(gain_db=6.0)),), bits="32f")
    restored = write_restored(source, plan, tmp_path / "o.wav", None, False, Teller(None))
    assert restored.plan == plan
    assert np.abs(read(tmp_path / "o.wav").samples).max() > 1.5
