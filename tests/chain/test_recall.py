"""Recall sheets: written, read back to the same bits, edited by people."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from burnish.audio import OutputFormat
from burnish.chain.plan import InputNote, Plan, Step
from burnish.chain.recall import dump, load, save
from burnish.errors import InputError, OutputError, SettingError
from burnish.processors import RACK, processor_type
from burnish.release import SongTags
from burnish.settings import Settings

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)


def values_of(annotation: Any, low: float | None = None, high: float | None = None) -> Any:
    """A strategy for one setting, from its type and declared range."""
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if get_origin(annotation) is tuple:
        kinds = get_args(annotation)
        if len(kinds) == 2 and kinds[1] is Ellipsis:
            return st.lists(values_of(kinds[0], low, high), max_size=4).map(tuple)
        return st.tuples(*(values_of(kind, low, high) for kind in kinds))
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return records(annotation)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(None if low is None else int(low), 2**53 if high is None else int(high))
    if annotation is float:
        return FLOAT if low is None or high is None else st.floats(low, high)
    if annotation is str:
        return TEXT
    if annotation is type(None):
        return st.none()
    if kinds := get_args(annotation):
        return st.one_of(*(values_of(kind, low, high) for kind in kinds))
    return TEXT


@st.composite
def records(draw: st.DrawFn, model: type[Settings]) -> Settings:
    """A random record of that kind; what its own validators refuse is left at its default."""
    values = {}
    for one in model.declared():
        annotation = model.model_fields[one.name].annotation
        if draw(st.booleans()):
            values[one.name] = draw(values_of(annotation, one.low, one.high))
    try:
        return model(**values)
    except SettingError:
        return model()


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    words = st.dictionaries(
        st.text("abcdefgh_0123onfyes", max_size=8).map("x{}".format),  # no name that a plan knows
        st.one_of(FLOAT, st.integers(), TEXT, st.booleans(), st.none()),
        max_size=4,
    )
    kinds = [name for name in RACK if _built(name)]
    steps = []
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(kinds))
        steps.append(
            Step(
                processor=name,
                settings=draw(records(processor_type(name))),
                on=draw(st.sampled_from(["stereo", "mid", "side", "left", "right"])),
                bypass=draw(st.booleans()),
                reason=draw(TEXT),
                evidence=draw(words),
            )
        )
    if any(step.processor == "clipper" for step in steps):
        steps.append(Step(processor="limiter"))
    return Plan(
        burnish=draw(TEXT),
        input=InputNote(file=draw(TEXT), sha256="ab" * 32, rate_hz=44100, channels=2, n_samples=1),
        output=draw(records(OutputFormat)),
        tags=SongTags(title=draw(TEXT), artist=draw(TEXT)),
        target=draw(words),
        steps=tuple(steps),
        notes=tuple(draw(st.lists(TEXT, max_size=2))),
    )


def _built(name: str) -> bool:
    try:
        processor_type(name)
    except ModuleNotFoundError:
        return False
    return True


def a_plan(**changes: Any) -> Plan:
    values = {
        "burnish": "0.1.0",
        "input": InputNote(file="mix.wav", rate_hz=48000, channels=2, n_samples=96000),
        "output": OutputFormat(),
        "target": {"style": "pop", "loudness_lufs": -9.5},
        "steps": (
            Step(processor="gain", settings={"gain_db": 1 / 3}, reason="Why: 3 # dB."),
            Step(processor="gain", settings={}, evidence={"side_db": -12.5}),
        ),
        "notes": ("Width is inside its corridor.",),
    }
    return Plan(**{**values, **changes})


@given(plans())
@how(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_dump_load_dump_is_identical(tmp_path_factory: Any, plan: Plan) -> None:
    sheet = tmp_path_factory.mktemp("sheet") / "a.recall.yaml"
    save(plan, sheet)
    again = load(sheet)
    assert again == plan
    assert dump(again) == dump(plan)


def test_floats_round_trip_exactly(tmp_path: Path) -> None:
    for gain_db in (1 / 3, -0.1 + 0.3, 1e-17, -5e-324, 39.999999999999996):
        steps = (Step(processor="gain", settings={"gain_db": gain_db}),)
        save(a_plan(steps=steps), tmp_path / "a", overwrite=True)
        step = load(tmp_path / "a").steps[0]
        assert step.settings.model_dump()["gain_db"] == gain_db


def test_a_sheet_reads_well() -> None:
    text = dump(a_plan())
    assert text.startswith("# A burnish recall sheet")
    assert "burnish recall" in text.splitlines()[2]
    assert "gain_db: 0.3333333333333333\n" in text
    assert "    on: stereo\n" in text  # a word, not YAML 1.1's truth
    assert text.index("recall: 1") < text.index("input:") < text.index("steps:")
    assert max(len(line) for line in text.splitlines()) <= 110


def edited(tmp_path: Path, old: str, new: str) -> Plan:
    sheet = tmp_path / "song.recall.yaml"
    text = dump(a_plan())
    assert old in text
    sheet.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(sheet)


@pytest.mark.parametrize(
    ("old", "new", "gain_db"),
    [
        ("gain_db: 0.3333333333333333", "gain_db: -2", -2.0),
        ("gain_db: 0.3333333333333333", "gain_db: 1e-3  # a hair", 0.001),
        ("gain_db: 0.3333333333333333", "{gain_db: .5}", 0.5),
        ("gain_db: 0.3333333333333333", "", 0.0),
    ],
)
def test_an_edited_value_is_respected(tmp_path: Path, old: str, new: str, gain_db: float) -> None:
    if not new:
        old, new = "settings:\n      gain_db: 0.3333333333333333", "settings: {}"
    step = edited(tmp_path, old, new).steps[0]
    assert step.settings.model_dump()["gain_db"] == gain_db


def test_a_step_may_be_left_out_moved_or_bypassed(tmp_path: Path) -> None:
    assert edited(tmp_path, "bypass: false", "bypass: true").steps[0].bypass
    assert edited(tmp_path, "on: stereo", "on: mid").steps[0].on == "mid"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (
            "gain_db: 0.3333333333333333",
            "gain_db: 99",
            None,
            "gain_db=99: must be -60 to 40 dB",
        ),
        ("gain_db: 0.3333333333333333", "gain_db: .inf", None, "must be -60 to 40 dB"),
        ("gain_db: 0.3333333333333333", "gein_db: 1", None, "gein_db: no such setting"),
        ("processor: gain", "processor: gian", None, "processor=gian: must be one of gain"),
        ("on: stereo", "on: middle", None, "on=middle: must be one of stereo, mid, side"),
        ("recall: 1", "recall: 2", None, "recall=2: this sheet comes from a newer burnish"),
        ("recall: 1", "recall: one", None, "recall=one: must be a number"),
        ("recall: 1", "kind: 1", 1, "recall: must be given"),
        ("channels: 2", "channels: 3", None, "channels=3: must be 1 to 2"),
        ("channels: 2", "channels: 2\n  channels: 2", 16, "channels: is there twice"),
        ("steps:", "stepps:", None, "stepps: no such setting; there are recall, "),
        ("steps:", "steps: [}", None, "bad YAML: expected the node content"),
        ("file:", "file: &one", None, ""),
        ("file: mix.wav", "file: *one", None, "no anchors and aliases"),
        ("file: mix.wav", "file: !!python/name:os.system ''", None, "is not allowed"),
        ("  - processor: gain", "  - 5\n  - processor: gain", None, "must hold settings"),
        ("notes:", "notes: \x07", None, "character #x7 is not allowed"),
        ("notes:", "notes: " + "[" * 5000, 1, "nested too deep"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int | None, words: str
) -> None:
    if not words:
        edited(tmp_path, old, new)  # an anchor that nobody uses does no harm
        return
    if line is None:
        text = dump(a_plan())
        line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(SettingError) as caught:
        edited(tmp_path, old, new)
    where, _, sentence = caught.value.sentence.partition(": ")
    assert where == f"{tmp_path / 'song.recall.yaml'}:{line}"
    assert words in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "data", [b"", b"RIFF\0\0\0\0WAVE", b"just a word", b"- 1\n- 2\n", b"\xff\xfe"]
)
def test_what_is_no_sheet_is_told_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    with pytest.raises((SettingError, InputError), match=r"a\.yaml(:1)?: this is not"):
        load(tmp_path / "a.yaml")


def test_missing_folder_and_huge(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read: No such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        load(tmp_path)
    (tmp_path / "mix.wav").write_bytes(b"a" * 5_000_000)
    with pytest.raises(InputError, match="this is not a recall sheet"):
        load(tmp_path / "mix.wav")


def test_save_writes_beside_and_leaves_nothing(tmp_path: Path) -> None:
    long = tmp_path / ("n" * 240 + ".recall.yaml")  # the name itself is as long as may be
    save(a_plan(), long)
    with pytest.raises(OutputError, match="exists already"):
        save(a_plan(burnish="2"), long)
    assert load(long).burnish == "0.1.0"
    save(a_plan(burnish="2"), long, overwrite=True)
    assert load(long).burnish == "2"
    with pytest.raises(OutputError, match="there is no folder"):
        save(a_plan(), tmp_path / "no" / "sheet.yaml")
    with pytest.raises(OutputError):
        save(a_plan(), tmp_path, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == [long.name]
