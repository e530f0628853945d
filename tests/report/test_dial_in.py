"""The dial-in sheet: every step in the words that stand on gear."""

from pathlib import Path

import pytest

from burnish.audio import OutputFormat
from burnish.chain import InputNote, Plan, Step
from burnish.errors import SettingError
from burnish.processors import OUTSIDE, RACK, processor_type
from burnish.processors.compressor import Compressor
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.hardware import Hardware
from burnish.processors.limiter import Limiter
from burnish.processors.match_eq import MatchEq
from burnish.processors.multiband import Multiband, MultibandBand
from burnish.processors.width import Width
from burnish.report.dial_in import dial_in
from burnish.report.dial_in_sheet import as_page, as_text, write_sheet

STEPS = (
    Step(
        processor="equalizer",
        on="mid",
        reason="Mud at 280 Hz.",
        settings=Equalizer(
            bands=(
                Band(kind="high_pass", frequency_hz=28, slope_db_per_octave=24),
                Band(kind="bell", frequency_hz=280, gain_db=-1.5, q=0.8),
                Band(kind="bell", frequency_hz=900),
            )
        ),
    ),
    Step(processor="match_eq", settings=MatchEq(frequencies_hz=(100, 1600), gains_db=(2, -2))),
    Step(
        processor="compressor",
        evidence={"reduction_db": 1.6},
        settings=Compressor(threshold_db=-20, ratio=1.5, makeup_db=1, mix=0.5),
    ),
    Step(
        processor="multiband",
        settings=Multiband(
            crossovers_hz=(150.0, 3000.0),
            bands=tuple(MultibandBand(threshold_db=-30 + k, ratio=2) for k in range(3)),
        ),
    ),
    Step(processor="width", settings=Width(low_width=0.5, high_width=2.0)),
    Step(processor="hardware", settings=Hardware(device="Passive EQ", note="3 at 60 Hz")),
    Step(processor="reverb", bypass=True, settings=processor_type("reverb")(wet_db=-20)),
    Step(processor="limiter", settings=Limiter(input_gain_db=4.25, ceiling_dbtp=-1.0)),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(
        burnish="0.1.0",
        input=InputNote(file="song.wav", rate_hz=44_100, channels=2, n_samples=44_100 * 72),
        output=OutputFormat(),
        steps=STEPS,
        target={"style": "pop", "loudness_lufs": -10.5, "ceiling_dbtp": -1.0},
    )


def test_every_step_is_told_in_common_terms(plan: Plan) -> None:
    text = as_text(dial_in(plan, "song.wav"))
    for words in (
        "song.wav, 1:12, 44100 Hz",
        "1. Equalizer, mid only\n   Mud at 280 Hz.",
        "high pass  28 Hz      24 dB/oct",
        "bell       280 Hz     -1.5 dB    0.80",
        "ratio                1.5 : 1",
        "make-up gain         +1.0 dB",
        "mix, wet             50 %",
        "set the threshold by the reduction, 1.6 dB here",
        "low to 150 Hz",
        "side below 250 Hz    -6.0 dB (width 50 %)",
        "side above 4,000 Hz  +6.0 dB (width 200 %)",
        "6. Outside",
        "Passive EQ",
        "input gain          +4.2 dB",
        "until the loudness is there: -10.5 LUFS",
    ):
        assert words in text, words
    assert "everb" not in text  # it is left out of the chain
    assert "900 Hz" not in text  # a band at 0 dB


def test_a_chain_without_a_loudness_asks_for_none(plan: Plan) -> None:
    text = as_text(dial_in(plan.with_(target={}), "song.wav"))
    assert "(Oversampled, true peak on.)" in text
    assert "Drive it" not in text


def test_a_curve_becomes_ten_octaves(plan: Plan) -> None:
    dial = dial_in(plan, "").dials[1]
    row = dict(zip(dial.heads, dial.bands[0], strict=True))
    assert (row["31.5"], row["16k"]) == ("+2.0", "-2.0")  # flat beyond its ends
    assert row["500"] == "-0.3"  # log2(500 / 100) of the four octaves: 2 - 4 * 0.580


def test_every_processor_has_a_sheet(plan: Plan) -> None:
    for name in (*RACK, *OUTSIDE):
        step = Step(processor=name, settings=processor_type(name)())
        drawn = dial_in(plan.with_(steps=(step, STEPS[-1])), "x")
        assert as_text(drawn)
        assert drawn.dials[-1].name == "Limiter"


def test_it_is_written_as_page_paper_and_text(plan: Plan, tmp_path: Path) -> None:
    sheet = dial_in(plan, "<song> & co.wav")
    assert "<h1>&lt;song&gt; &amp; co.wav</h1>" in as_page(sheet)
    for ending in ("html", "pdf", "txt"):
        write_sheet(sheet, tmp_path / f"s.{ending}")
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF")
    pages = (tmp_path / "s.pdf").read_bytes().count(b"/Type /Page ")
    assert pages <= 2
    with pytest.raises(SettingError, match=r"must end in \.html, \.pdf or \.txt"):
        write_sheet(sheet, tmp_path / "s.doc")
