"""Moves on single stems: planted faults are found, and nothing else is; never over 1.5 dB."""

import numpy as np
import pytest
from numpy.typing import NDArray
from stem_pieces import RATE_HZ, bass, chords, drums, voice

from burnish.chain import Stem
from burnish.engineer.stems import MOST_DB, HeardStem, StemAdvice, advise_stems
from burnish.measure.stem import StemMeter
from burnish.processors.deesser import Deesser
from burnish.processors.dynamic_eq import DynamicEq
from burnish.processors.equalizer import Equalizer
from burnish.processors.gain import Gain

Floats = NDArray[np.float64]
CHORDS = chords()


def advised(**parts: Floats) -> StemAdvice:
    """What the engineer says of stems that are named by their roles."""
    heard = []
    for role, samples in parts.items():
        meter = StemMeter(RATE_HZ, 2, low=role in ("drums", "kick", "bass"))
        for first in range(0, samples.shape[1], 65_536):
            meter.feed(samples[:, first : first + 65_536])
        stem = Stem(file=f"{role}.wav", role=role)  # type: ignore[arg-type]
        heard.append(HeardStem(stem, meter.finish()))
    return advise_stems(heard, RATE_HZ)


def the_step(said: StemAdvice, role: str) -> object:
    """The settings of the only move that there is, which is on that stem."""
    moved = [stem for stem in said.stems if stem.steps or stem.offset_samples]
    assert [stem.role for stem in moved] == [role]
    (step,) = moved[0].steps
    assert step.reason
    assert step.evidence
    return step.settings


def test_a_good_band_is_left_alone() -> None:
    said = advised(drums=drums(), bass=bass(), guitars=CHORDS, vocals=voice())
    assert not said.moved
    assert all(not stem.steps and stem.offset_samples == 0 for stem in said.stems)
    assert any("no fault belongs to one of them" in note for note in said.notes)


def test_a_stem_alone_has_nothing_to_be_judged_against() -> None:
    assert not advised(vocals=voice(ess=0.5)).moved


@pytest.mark.parametrize("late_ms", [12.0, 20.0])
def test_a_bass_that_is_late_every_time_is_moved_to_the_drums(late_ms: float) -> None:
    said = advised(drums=drums(), bass=bass(late_s=late_ms / 1000), guitars=CHORDS)
    moved = said.stems[1]
    assert moved.offset_samples / RATE_HZ * 1000 == pytest.approx(-late_ms, abs=1.5)
    assert not moved.steps
    assert "after the drums" in moved.notes[0]
    assert said.stems[0].offset_samples == 0


def test_a_bass_played_by_hand_is_left_as_it_is_played() -> None:
    """12 ms late in the mean, but each time otherwise."""
    late = bass(late_s=0.012)
    random = np.random.default_rng(4)
    note = round(0.5 * RATE_HZ)
    played = np.concatenate(
        [np.roll(late[:, k : k + note], round(random.normal(0, 0.01) * RATE_HZ), axis=1)
         for k in range(0, late.shape[1], note)], axis=1,
    )  # fmt: skip
    said = advised(drums=drums(), bass=played, guitars=CHORDS)
    assert said.stems[1].offset_samples == 0


@pytest.mark.parametrize("late_s", [0.004, 0.045])
def test_little_is_no_fault_and_much_is_not_sure(late_s: float) -> None:
    said = advised(drums=drums(), bass=bass(late_s=late_s), guitars=CHORDS)
    assert said.stems[1].offset_samples == 0


def test_a_sharp_voice_is_softened_and_a_soft_one_is_not() -> None:
    sharp = the_step(advised(drums=drums(), guitars=CHORDS, vocals=voice(ess=0.2)), "vocals")
    assert isinstance(sharp, Deesser)
    assert 0.0 < sharp.range_db <= MOST_DB
    assert not advised(drums=drums(), guitars=CHORDS, vocals=voice(ess=0.05)).moved


@pytest.mark.parametrize(
    ("gain_db", "wanted_db"), [(-8.0, MOST_DB), (-5.2, 0.7), (0.0, 0.0), (9.0, -MOST_DB)]
)
def test_a_buried_voice_comes_up_and_one_on_top_goes_down(gain_db: float, wanted_db: float) -> None:
    """As found at 0 dB, the voice is 0.5 LU under the rest; the edges are -5 and +4 LU."""
    singer = 10 ** (gain_db / 20) * voice()
    said = advised(drums=drums(), guitars=CHORDS, bass=bass(), vocals=singer)
    if wanted_db == 0.0:
        assert not said.moved
        return
    step = the_step(said, "vocals")
    assert isinstance(step, Gain)
    assert step.gain_db == pytest.approx(wanted_db, abs=0.3)


def test_a_voice_far_behind_is_meant_to_be_there() -> None:
    assert not advised(drums=drums(), guitars=CHORDS, vocals=0.1 * voice()).moved


def test_a_booming_note_is_held_at_its_pitch() -> None:
    step = the_step(advised(drums=drums(), guitars=CHORDS, bass=bass(boom=3.0)), "bass")
    assert isinstance(step, DynamicEq)
    assert step.bands[0].frequency_hz == pytest.approx(82.4, abs=1.5)
    assert step.bands[0].range_db == -MOST_DB


def test_harsh_cymbals_are_held_in_the_drums() -> None:
    step = the_step(advised(drums=drums(hats=0.3), guitars=CHORDS, bass=bass()), "drums")
    assert isinstance(step, DynamicEq)
    assert 6000 <= step.bands[0].frequency_hz <= 12_500
    assert -MOST_DB <= step.bands[0].range_db < 0


def test_a_bass_over_the_kick_gives_way() -> None:
    said = advised(drums=drums(), guitars=CHORDS, bass=4.0 * bass())
    step = the_step(said, "bass")
    assert isinstance(step, Equalizer)
    assert -MOST_DB <= step.bands[0].gain_db < 0
    assert 40 <= step.bands[0].frequency_hz <= 120


def test_silence_and_short_stems_are_heard_without_a_word() -> None:
    nothing = np.zeros((2, 1000))
    said = advised(drums=nothing, bass=nothing, vocals=nothing)
    assert not said.moved
    short = advised(drums=drums(1.5), bass=bass(2.5)[:, : round(1.5 * RATE_HZ)])
    assert not short.moved
