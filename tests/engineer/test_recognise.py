"""Recognise: the nearest style, and how sure that is."""

import dataclasses
import math

import numpy as np
import pytest
from mixes import RATE_HZ, base, middle_of, shaped_noise, with_figures

from burnish.audio import Audio
from burnish.engineer.recognise import _score, recognise
from burnish.measure import measure
from burnish.targets import style, styles

AUTOMATIC = tuple(name for name in styles() if style(name).automatic)
RELATIVES = {"ambient": {"folk"}, "r&b": {"pop"}, "rock": {"metal"}}
"""What else the middle of a style may be taken for, beside pop, from which most are told."""


@pytest.mark.parametrize("name", sorted(set(AUTOMATIC) - {"speech"}))  # speech is to be asked for
def test_the_middle_of_a_style_is_that_style_or_a_near_relative(name: str) -> None:
    """Between a style and pop, pop has the better chance; then the style is the next."""
    found = recognise(middle_of(name))
    near = {name} | RELATIVES.get(name, set())
    if found.style.name == "pop" != name:
        assert found.runner_up in near
        assert found.confidence < 0.5
    else:
        assert found.style.name in near


@pytest.mark.parametrize("name", ["pop", "jazz", "classical"])
def test_what_is_like_no_other_is_recognised(name: str) -> None:
    assert recognise(middle_of(name)).style.name == name


@pytest.mark.parametrize("name", ["pop", "jazz", "classical"])
def test_a_record_made_of_noise_is_measured_and_recognised(name: str) -> None:
    """From samples: bands and width are those that were asked for, within half a decibel."""
    wanted = style(name)
    samples = shaped_noise(wanted.tone.median_db, wanted.stereo.median_db)
    measured = measure(Audio(samples, RATE_HZ))
    for got, asked in zip(measured.spectrum.bands_db, wanted.tone.median_db, strict=True):
        assert got == pytest.approx(asked, abs=0.5)
    assert measured.stereo.side_to_mid_db == pytest.approx(wanted.stereo.median_db, abs=0.2)
    ranged = with_figures(measured, loudness={"range_lu": wanted.dynamics.range_median_lu})
    assert recognise(ranged).style.name == name


@pytest.mark.parametrize("name", AUTOMATIC)
def test_the_certainties_share_one(name: str) -> None:
    """The nearest of n has at least 1 / n, at most 1."""
    found = recognise(middle_of(name))
    assert 1 / len(AUTOMATIC) < found.confidence <= 1.0
    assert found.runner_up in AUTOMATIC
    assert found.runner_up != found.style.name


def test_certainties_add_up_to_one() -> None:
    """The certainty told is the share of the best in a sum over all styles."""
    for name in AUTOMATIC:
        mix = middle_of(name)
        likelihoods = [math.exp(_score(mix, style(each))) for each in AUTOMATIC]
        shares = dict(zip(AUTOMATIC, np.array(likelihoods) / sum(likelihoods), strict=True))
        assert sum(shares.values()) == pytest.approx(1.0)
        found = recognise(mix)
        assert found.confidence == pytest.approx(shares.pop(found.style.name))
        assert shares[found.runner_up] == max(shares.values()) <= found.confidence


def test_the_same_mix_is_always_the_same_style() -> None:
    assert recognise(base()) == recognise(dataclasses.replace(base()))


def test_loudness_and_peaks_say_nothing() -> None:
    """They are what mastering changes."""
    mix = middle_of("electronic")
    louder = with_figures(
        mix,
        loudness={"integrated_lufs": -5.0},
        dynamics={"plr_db": 3.0},
        peaks={"true_peak_dbtp": 1.0},
    )
    assert recognise(mix) == recognise(louder)


def test_a_style_that_is_to_be_asked_for_is_never_picked() -> None:
    assert set(styles()) - set(AUTOMATIC) == {"remaster"}
    assert recognise(middle_of("remaster")).style.name != "remaster"


def test_one_odd_band_does_not_decide_alone() -> None:
    mix = middle_of("jazz")
    bands = list(mix.spectrum.bands_db)
    bands[8] = -90.0  # a codec's cut
    assert recognise(with_figures(mix, spectrum={"bands_db": tuple(bands)})).style.name == "jazz"


def test_what_cannot_be_measured_is_left_out() -> None:
    mix = with_figures(
        middle_of("classical"),
        spectrum={"bands_db": (*style("classical").tone.median_db[:6], None, None, None)},
        loudness={"range_lu": None},
        stereo={"side_to_mid_db": float("-inf")},
    )
    assert recognise(mix).style.name == "classical"
    nothing = with_figures(mix, spectrum={"bands_db": (None,) * 9})
    found = recognise(nothing)
    assert found.style.name == "pop"  # the prior
    assert found.confidence == pytest.approx(3 / (3 + 0.2 + len(AUTOMATIC) - 2))
