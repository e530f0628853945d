"""Plan and Step: data only, checked when made, plain as JSON."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from burnish.audio import OutputFormat
from burnish.chain import InputNote, Plan, Step
from burnish.errors import SettingError
from burnish.processors import RACK, processor_type
from burnish.processors.clipper import Clipper
from burnish.processors.compressor import Compressor
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.gain import Gain
from burnish.processors.limiter import Limiter

NOTE = InputNote(file="mix.wav", sha256="ab" * 32, rate_hz=44_100, channels=2, n_samples=1000)
STEPS = (
    Step(
        processor="equalizer",
        settings=Equalizer(
            bands=(Band(kind="low_shelf", frequency_hz=120, gain_db=1.5, on="mid"),)
        ),
        reason="Thin.",
        evidence={"outside_at_85_hz_db": -1.8, "source": "138 tracks", "many": 3, "yes": True},
    ),
    Step(processor="gain", settings=Gain(gain_db=-2.0), on="side", bypass=True),
    Step(processor="limiter", settings=Limiter(input_gain_db=4.25)),
)
PLAN = Plan(
    burnish="0.1.0",
    input=NOTE,
    output=OutputFormat(bits="16", rate_hz=48_000),
    target={"style": "pop", "loudness_lufs": -9.5, "stopped_by": None, "for": ["spotify"]},
    steps=STEPS,
    notes=("Width: left alone.",),
)


@pytest.mark.parametrize("name", RACK)
def test_settings_are_those_of_the_named_processor(name: str) -> None:
    kind = processor_type(name)
    from_nothing = Step(processor=name, settings={})
    assert type(from_nothing.settings) is kind
    assert from_nothing.settings == kind()
    assert Step(processor=name, settings=kind()) == from_nothing
    assert Step(processor=name) == from_nothing
    assert Step(processor=name, settings=kind().model_dump()) == from_nothing


def test_settings_of_a_mapping_are_checked() -> None:
    made = Step(processor="gain", settings={"gain_db": 3})
    assert made.settings == Gain(gain_db=3.0)


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown processor": (
        {"processor": "vocoder", "settings": {}},
        "processor-unknown",
        "processor=vocoder: must be one of gain, .*limiter",
    ),
    "another processor's settings": (
        {"processor": "limiter", "settings": Gain()},
        "setting-range",
        "settings of gain given to limiter",
    ),
    "out of range": (
        {"processor": "gain", "settings": {"gain_db": 50}},
        "setting-range",
        "gain_db=50: must be -60 to 40 dB",
    ),
    "unknown setting": (
        {"processor": "gain", "settings": {"gain": 5}},
        "setting-unknown",
        "gain: no such setting; there are gain_db",
    ),
    "settings that are a number": (
        {"processor": "gain", "settings": 5},
        "setting-range",
        "settings",
    ),
    "settings that are a list": (
        {"processor": "gain", "settings": [5]},
        "setting-range",
        "settings",
    ),
    "a part that is none": (
        {"processor": "gain", "on": "centre"},
        "setting-range",
        "on=centre: must be one of stereo, mid, side, left, right",
    ),
    "an unknown key": (
        {"processor": "gain", "mix": 0.5},
        "setting-unknown",
        "mix: no such setting",
    ),
    "no processor": ({"settings": {}}, "setting-missing", "processor: must be given"),
    "a processor that is no word": ({"processor": 7}, "setting-", "processor"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence(fault: str) -> None:
    values, code, sentence = FAULTS[fault]
    with pytest.raises(SettingError, match=sentence) as raised:
        Step(**values)
    assert raised.value.code.startswith(code)
    assert "\n" not in raised.value.sentence


def test_evidence_holds_no_infinity() -> None:
    """A sheet could not hold it: once an anti-phase mix, side over mid infinite, had no master."""
    nothing = {"side_db": float("-inf"), "wide_db": float("inf"), "odd_db": float("nan")}
    made = Step(processor="gain", evidence={**nothing, "peak_dbfs": -1.5, "source": "inf"})
    assert made.evidence == {**dict.fromkeys(nothing), "peak_dbfs": -1.5, "source": "inf"}


STOP = {"rule": "punch", "value": 13, "limit": 12.0, "unit": "%", "sentence": "more is lost"}
POINT = {
    "loudness_lufs": -9.5, "cost": 0.4, "psr_db": 8.1, "plr_db": 8.5, "drive_db": 9.0,
    "stopped_by": "",
}  # fmt: skip


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"style": None, "loudness_lufs": -14, "ceiling_dbtp": None, "stopped_by": None},
        {"my own note": [1, 2]},
        {"style": "mine", "for": ["spotify"], "sources": {"loudness": "me"}, "stopped_by": STOP},
        {"passed_by": STOP, "tradeoff": [POINT, {**POINT, "psr_db": None}]},
    ],
)
def test_a_target_is_kept_as_told(target: dict[str, Any]) -> None:
    assert PLAN.with_(target=target).target == target


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ({"loudness_lufs": "loud"}, "target.loudness_lufs=loud: must be a number"),
        ({"loudness_lufs": True}, "target.loudness_lufs=True: must be a number"),
        ({"ceiling_dbtp": [1]}, r"target.ceiling_dbtp=\[1\]: must be a number"),
        ({"ceiling_dbtp": float("nan")}, "target.ceiling_dbtp=nan: must be a number"),
        ({"style": 3}, "target.style=3: must be text"),
        ({"for": "spotify"}, "target.for=spotify: must be a list"),
        ({"stopped_by": "me"}, "target.stopped_by=me: must be a mapping"),
        ({"stopped_by": {**STOP, "limit": "12"}}, "target.stopped_by.limit=12: must be a number"),
        ({"stopped_by": {"rule": "punch"}}, "target.stopped_by.value: must be given"),
        ({"passed_by": {"rule": "punch"}}, "target.passed_by.value: must be given"),
        ({"tradeoff": "cheap"}, "target.tradeoff=cheap: must be a list"),
        ({"tradeoff": [3]}, "target.tradeoff.0=3: must be a mapping"),
        ({"tradeoff": [POINT, {}]}, "target.tradeoff.1.loudness_lufs: must be given"),
        ({"tradeoff": [{**POINT, "cost": "2"}]}, "target.tradeoff.0.cost=2: must be a number"),
    ],
)
def test_a_target_that_was_edited_wrongly(target: dict[str, Any], sentence: str) -> None:
    """Once a traceback, when the master was written already."""
    with pytest.raises(SettingError, match=f"^{sentence}"):
        PLAN.with_(target=target)


def test_a_step_acts_unless_it_is_neutral_or_bypassed() -> None:
    assert not Step(processor="gain").acts
    assert Step(processor="gain", settings=Gain(gain_db=1)).acts
    assert not Step(processor="gain", settings=Gain(gain_db=1), bypass=True).acts
    assert Step(processor="limiter").acts  # it holds the ceiling whatever comes
    assert not Step(processor="compressor", settings=Compressor()).acts


def test_a_plan_is_frozen() -> None:
    with pytest.raises(ValidationError):
        PLAN.steps = ()  # type: ignore[misc]
    with pytest.raises(ValidationError):
        PLAN.steps[0].bypass = True  # type: ignore[misc]


def test_the_first_step_of_a_processor_is_found() -> None:
    assert PLAN.step("limiter") == STEPS[2]
    assert PLAN.step("width") is None
    assert PLAN.with_(steps=(*STEPS, *STEPS)).step("gain") == STEPS[1]


def test_a_copy_keeps_every_setting_of_every_processor() -> None:
    """The settings are those of the processor, not what all processors share."""
    assert PLAN.with_() == PLAN
    changed = PLAN.with_(notes=())
    assert changed.steps == STEPS
    assert changed.notes == ()
    moved = STEPS[2].with_(bypass=True)
    assert moved.settings == STEPS[2].settings


def test_a_plan_is_plain_as_json_and_comes_back() -> None:
    text = PLAN.model_dump_json()
    document = json.loads(text)
    assert document["steps"][2]["settings"]["input_gain_db"] == 4.25
    assert document["steps"][0]["settings"]["bands"][0]["kind"] == "low_shelf"
    assert document["steps"][0]["evidence"] == STEPS[0].evidence
    assert document["input"]["sha256"] == "ab" * 32
    assert document["recall"] == Plan.FORMAT
    assert json.loads(json.dumps(PLAN.model_dump(), allow_nan=False)) == document
    assert Plan(**document) == PLAN


def test_a_plan_of_nothing() -> None:
    plan = Plan(input=NOTE, output=OutputFormat())
    assert plan.steps == ()
    assert Plan(**json.loads(plan.model_dump_json())) == plan


@pytest.mark.parametrize(
    "change", [{"rate_hz": 0}, {"channels": 3}, {"channels": 0}, {"n_samples": -1}]
)
def test_an_input_that_cannot_be(change: dict[str, int]) -> None:
    with pytest.raises(SettingError, match=next(iter(change))):
        NOTE.with_(**change)


def _plan(*steps: Step) -> Plan:
    return PLAN.with_(steps=steps)


def test_a_clipper_is_followed_by_a_limiter() -> None:
    """It swings over its ceiling between the samples; what does not act is not in the way."""
    clipper = Step(processor="clipper", settings=Clipper(ceiling_dbfs=-1))
    limiter = Step(processor="limiter")
    _plan(clipper, limiter)
    _plan(limiter, clipper, STEPS[1], limiter)
    _plan(Step(processor="clipper"))
    _plan(clipper.with_(bypass=True))
    for steps in ((clipper,), (clipper, limiter, clipper), (clipper, limiter.with_(bypass=True))):
        with pytest.raises(SettingError, match="a clipper must be followed by a limiter"):
            _plan(*steps)
