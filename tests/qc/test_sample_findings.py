"""Findings on the samples: planted ones are told, music that was not damaged is left alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from bench.planted import samples as planted
from sounds import POP, RATE_HZ, mix

from burnish import Audio
from burnish.measure.examine import examine
from burnish.qc.clicks import clicks
from burnish.qc.clipping import clipping
from burnish.qc.continuity import continuity
from burnish.qc.source import source

FAMILIES = (clicks, clipping, continuity, source)
MUSIC = (
    "tracks/01_karissa_lets_go_fishin.ogg",
    "tracks/02_macleod_vibe_ace.ogg",
    "tracks/04_helland_leaving_millie.mp3",
    "tracks/05_helland_faith_love_remix.mp3",
    "tracks/09_crystan_battlescape01.ogg",
    "tracks/14_lmms_saber_final_step.flac",
    "tracks/15_lmms_alf42red_mauiwowi.flac",
    "stems/song1/mix_unmastered.flac",
    "damaged/d1_strings_vinyl_clean.flac",
)
TRUE_OF_MUSIC = {"cut-tail", "silence-head", "silence-tail", "lossy-source", "inter-sample-peaks"}


def told(samples, rate_hz=RATE_HZ, info=None):
    """All four families on samples, by code."""
    examined = examine(Audio(np.ascontiguousarray(samples), rate_hz))
    if info:
        given = {"bits": 24, "is_float": False, "codec": "pcm", "format": "wav", **info}
        examined = SimpleNamespace(
            **{name: getattr(examined, name) for name in ("measured", "clicks", "clipping")},
            **{name: getattr(examined, name) for name in ("continuity", "resolution")},
            info=SimpleNamespace(**given),
        )
    return {one.code: one for family in FAMILIES for one in family(examined, POP)}


def quiet_ends(samples):
    """The same, faded in and out."""
    n = samples.shape[1]
    ramp = np.minimum(1.0, np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.2 * RATE_HZ))
    return samples * ramp


def chord():
    """Four voices over a little noise."""
    t = np.arange(mix().shape[1]) / RATE_HZ
    voices = sum(np.sin(2 * np.pi * hz * t) for hz in (110.0, 277.2, 659.3, 1108.7))
    return 0.1 * voices + 0.02 * mix()


def test_a_mix_that_is_whole_says_nothing():
    assert told(quiet_ends(mix())) == {}


@pytest.mark.parametrize(
    ("fault", "strength"),
    [(fault, strength) for fault in planted.FAULTS for strength in (1, 2)],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_is_planted_is_told_at_its_place(fault, strength):
    if fault.code in ("lossy-source", "upsampled", "padded-bits") or "encoded" in fault.label:
        pytest.skip("is about files: tested below and in bench/faults.py")
    # One sample does not stand out of the noise this mix is made of: it is a chord then.
    of_samples = fault.code == "clicks" or fault.label == "1 sample"
    spoilt = fault.plant(quiet_ends(chord() if of_samples else mix()).copy(), RATE_HZ, strength)
    found = told(spoilt.samples, info={})
    one = next(found[code] for code in (fault.code, *fault.or_) if code in found)
    assert one.advice
    assert one.size >= 1.0
    assert 0.0 < one.confidence <= 1.0
    if spoilt.times_s and one.times_s:
        for start, end in one.times_s:
            assert any(a - 1.0 <= end and start <= b + 1.0 for a, b in spoilt.times_s)


def test_bits_rates_and_codecs_are_told():
    x = quiet_ends(mix())
    sixteen = np.round(x * 2**15) / 2**15
    assert told(sixteen, info={"bits": 16}) == {}
    assert told(sixteen, info={"bits": 24})["padded-bits"].evidence["used_bits"] == 16
    float_file = told(sixteen, info={"bits": 32, "is_float": True})
    assert float_file["padded-bits"].evidence["used_bits"] == 16
    assert told(x, info={"bits": None, "codec": "mp3"})["lossy-source"].severity == "info"
    raised = planted.upsampled(np.round(x * 2**15) / 2**15, RATE_HZ, 1)
    assert told(raised.samples, raised.rate_hz, info={})["upsampled"].frequency_hz == 22_050
    coded = planted.encoded(x, RATE_HZ, 2)
    lossy = told(coded.samples, info={"bits": 24})["lossy-source"]
    assert 15_500 < lossy.frequency_hz < 17_500
    assert lossy.severity == "warn"


def test_a_cut_end_and_a_cut_beginning_are_noted():
    x = quiet_ends(mix())
    assert "cut-tail" in told(x[:, : 20 * RATE_HZ])
    cut = x[:, 10 * RATE_HZ :].copy()
    cut[:, 0] = 0.2
    assert "cut-head" in told(cut)


def test_clipped_to_pieces_fails():
    assert told(np.clip(mix() * 100.0, -1.0, 1.0))["clipped"].severity == "fail"


def test_peaks_over_full_scale_in_a_float_file_are_only_noted():
    x = quiet_ends(mix()) * 2.6
    assert told(x, info={"is_float": True, "bits": 32})["inter-sample-peaks"].severity == "info"
    assert told(x, info={"bits": 24})["inter-sample-peaks"].severity == "warn"


@pytest.mark.corpus
@pytest.mark.parametrize("track", MUSIC)
def test_clean_music_has_no_such_fault(corpus, track):
    examined = examine(corpus / track)
    found = [one for family in FAMILIES for one in family(examined, POP)]
    assert {one.code for one in found} <= TRUE_OF_MUSIC
    assert not [one.code for one in found if one.severity != "info"]
    assert examined.clicks.count <= max(2, examined.measured.source.duration_s / 20.0)


@pytest.mark.corpus
def test_a_worn_record_clicks_and_its_clean_twin_does_not(corpus):
    worn = examine(corpus / "damaged/d1_strings_vinyl.flac")
    (one,) = clicks(worn, POP)
    assert one.severity == "warn"
    assert worn.clicks.per_min > 60.0
    assert not list(clicks(examine(corpus / "damaged/d1_strings_vinyl_clean.flac"), POP))
