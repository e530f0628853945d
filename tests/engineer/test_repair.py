"""Which repairs are made unasked, how far, and what is said of those that are not."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from burnish.audio import Audio, AudioSource
from burnish.engineer.aim import aim
from burnish.engineer.notes import would_do
from burnish.engineer.repair import ACCIDENT_SHARE, CRACKLE_PER_MIN, SURE, Repairs, extent_of, mend
from burnish.engineer.wishes import Wishes
from burnish.measure.clicks import Clicks
from burnish.measure.examine import Examination, examine
from burnish.measure.hiss import Hiss
from burnish.measure.hum import Hum, HumLine
from burnish.processors.show import piece

RATE_HZ = 44_100
SOURCE = AudioSource(Audio(0.5 * piece(RATE_HZ, 4.0), RATE_HZ))


@pytest.fixture(scope="module")
def clean() -> Examination:
    return examine(SOURCE)


def found(clean: Examination, **damage: Any) -> Examination:
    return dataclasses.replace(clean, **damage)


def clicks(per_min: float, prominence_db: float = 40.0) -> Clicks:
    return Clicks(9, per_min, (1.0,) * 9, (0.1,) * 9, (prominence_db,) * 9)


def test_a_soft_tick_or_two_are_music_and_a_plain_click_is_not(clean: Examination) -> None:
    for extent in ("sure", "all"):
        few = Clicks(2, 1.0, (1.0, 2.0), (0.1,) * 2, (30.0, 32.0))
        assert names(found(clean, clicks=few), extent) == []
        plain = dataclasses.replace(few, prominence_db=(30.0, 50.0))
        assert names(found(clean, clicks=plain), extent) == ["declick"]


def hum(confidence: float) -> Hum:
    lines = (HumLine(1, -50.0, 20.0), HumLine(3, -60.0, 15.0))
    return Hum(50.02, 50, 0.01, lines, -49.6, confidence)


def hiss(dbfs: float, confidence: float) -> Hiss:
    return Hiss((dbfs - 15.0,) * 30, (dbfs - 15.0,) * 30, dbfs, confidence, ((0.0, 1.0),))


def names(examined: Examination, extent: Any, **asked: Any) -> list[str]:
    return [step.processor for step in mend(examined, Repairs(**asked), SOURCE, extent).steps]


def test_what_is_whole_is_left_alone(clean: Examination) -> None:
    for extent in ("none", "sure", "all"):
        assert names(clean, extent) == []


def test_sure_faults_are_mended_in_every_master_and_hiss_only_where_all_is(
    clean: Examination,
) -> None:
    damaged = found(clean, clicks=clicks(3.0), hum=hum(0.9), hiss=hiss(-50.0, 1.0))
    assert names(damaged, "none") == []
    assert names(damaged, "sure") == ["declick", "dehum"]
    assert names(damaged, "all") == ["declick", "dehum", "denoise"]


def test_a_worn_surface_is_decrackled_only_where_all_is(clean: Examination) -> None:
    worn = found(clean, clicks=clicks(CRACKLE_PER_MIN, 28.0))
    assert names(worn, "sure") == ["declick"]
    assert names(worn, "all") == ["declick", "decrackle"]
    assert names(found(clean, clicks=clicks(CRACKLE_PER_MIN - 1, 28.0)), "all") == ["declick"]
    assert names(found(clean, clicks=clicks(CRACKLE_PER_MIN, 50.0)), "all") == ["declick"]


def test_doubt_leaves_alone_and_says_so(clean: Examination) -> None:
    doubtful = found(clean, hum=hum(SURE - 0.1), hiss=hiss(-50.0, SURE - 0.1))
    advice = mend(doubtful, Repairs(), SOURCE, "all")
    assert advice.steps == ()
    text = " ".join(advice.notes)
    assert "may be music" in text
    assert "may be soft music" in text
    # Who asks for it gets it.
    assert names(doubtful, "all", dehum="on", denoise=8) == ["dehum", "denoise"]


def test_hiss_that_nobody_hears_is_left(clean: Examination) -> None:
    assert names(found(clean, hiss=hiss(-75.0, 1.0)), "all") == []


def test_what_is_refused_is_not_done(clean: Examination) -> None:
    damaged = found(clean, clicks=clicks(100.0), hum=hum(0.9), hiss=hiss(-50.0, 1.0))
    refused = {"declick": 0.0, "decrackle": 0.0, "dehum": "off", "denoise": 0.0}
    assert names(damaged, "all", **refused) == []


def test_the_settings_are_what_was_found(clean: Examination) -> None:
    (step,) = mend(found(clean, hum=hum(0.9)), Repairs(), SOURCE, "sure").steps
    settings = step.settings.model_dump()
    assert settings["mains_hz"] == 50.02
    assert settings["strengths_dbfs"] == (-50.0, -140.0, -60.0)
    assert settings["harmonics"] == 3
    assert "50.02 Hz" in step.reason


def test_a_style_or_a_wish_tells_how_far(clean: Examination) -> None:
    def extent(**wished: Any) -> str:
        wishes = Wishes(**wished)
        return extent_of(aim(clean.measured, wishes), wishes)

    assert extent(style="pop") == "sure"
    assert extent(style="remaster") == "all"
    assert extent(style="remaster", repair="none") == "none"
    assert extent(style="pop", repair="all") == "all"


def test_repair_comes_before_every_other_move(clean: Examination) -> None:
    damaged = found(clean, clicks=clicks(3.0))
    wishes = Wishes(style="pop", low_db=2.0)
    steps = would_do(damaged, SOURCE, wishes)
    assert steps[0].processor == "declick"
    assert "equalizer" in [step.processor for step in steps[1:]]


def test_what_was_clipped_on_purpose_is_left_in_a_master_and_mended_when_asked(
    clean: Examination,
) -> None:
    top = 0.5 * float(np.abs(piece(RATE_HZ, 4.0)).max())
    source = AudioSource(Audio(np.clip(piece(RATE_HZ, 4.0), -top, top), RATE_HZ))
    cut = examine(source)
    for share, mended in ((0.5 * ACCIDENT_SHARE, ["declip"]), (2 * ACCIDENT_SHARE, [])):
        examined = found(cut, clipping=dataclasses.replace(cut.clipping, share=share))
        for extent, wanted in (("sure", mended), ("all", ["declip"])):
            assert [s.processor for s in mend(examined, Repairs(), source, extent).steps] == wanted


def test_clipping_past_help_is_left(clean: Examination) -> None:
    crushed = np.clip(20 * piece(RATE_HZ, 4.0), -0.5, 0.5)
    source = AudioSource(Audio(crushed, RATE_HZ))
    examined = examine(source)
    assert examined.clipping.share > 0.2
    advice = mend(examined, Repairs(), source, "all")
    assert "declip" not in [step.processor for step in advice.steps]
    assert "too much is gone" in " ".join(advice.notes)
    asked = mend(examined, Repairs(declip="on"), source, "all")
    assert "declip" in [step.processor for step in asked.steps]
