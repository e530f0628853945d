"""The report: words and page, from records only."""

import math
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from burnish.audio import Audio, OutputFormat
from burnish.chain import InputNote, Plan, Step
from burnish.finding import Finding
from burnish.measure import Measurement, measure
from burnish.processors import Processor
from burnish.processors.bus_compressor import BusCompressor
from burnish.processors.dynamic_eq import DynamicBand, DynamicEq
from burnish.processors.multiband import BANDS, Multiband
from burnish.processors.passive_equalizer import PassiveEqualizer
from burnish.processors.saturation import Saturation
from burnish.processors.tape import Tape
from burnish.report import svg
from burnish.report.page import page, write_page
from burnish.report.result import MasterResult
from burnish.report.words import evidence, figures, headline, label, moves, number, with_unit

RATE_HZ = 44100


@pytest.fixture(scope="module")
def measured() -> Measurement:
    noise = np.random.default_rng(3).standard_normal((2, 10 * RATE_HZ)) * 0.1
    return measure(Audio(noise, RATE_HZ))


@pytest.fixture(scope="module")
def silence() -> Measurement:
    return measure(Audio(np.zeros((2, RATE_HZ)), RATE_HZ))


def result(before: Measurement, after: Measurement, name: str = "mix.wav") -> MasterResult:
    bands = [
        {"kind": "bell", "frequency_hz": 320, "gain_db": -1.2},
        {"kind": "high_pass", "frequency_hz": 25, "slope_db_per_octave": 24, "on": "side"},
    ]
    steps = (
        Step(
            processor="equalizer",
            settings={"bands": bands},
            reason="Too much <b>mud</b> & more.",
            evidence={"outside_at_320_hz_db": 2.5, "source": "138 tracks", "known": None},
        ),
        Step(processor="width", settings={"low_width": 0.9, "mid_width": 0.9, "high_width": 0.9}),
        Step(processor="gain", settings={"gain_db": 3.0}, bypass=True),
        Step(processor="gain", settings={}, on="mid"),
    )
    plan = Plan(
        burnish="0.1.0",
        input=InputNote(file=name, sha256="ab" * 32, rate_hz=RATE_HZ, channels=2, n_samples=1),
        output=OutputFormat(),
        target={
            "style": "pop", "style_confidence": 0.5, "for": ["spotify"], "loudness_lufs": -9.5,
            "ceiling_dbtp": -1.0, "stopped_by": None,
        },
        steps=steps,
        notes=("Width: within what pop has; left alone.",),
    )  # fmt: skip
    finding = Finding("x", "warn", "Careful", "A <detail>.", "Do it again.")
    return MasterResult(
        output=Path("out") / name,
        recall=Path("out/m.recall.yaml"),
        report=None,
        before=replace(before, file=name),
        after=after,
        plan=plan,
        findings=(finding,),
        elapsed_s=1.0,
    )


class Checker(HTMLParser):
    """Every tag that is opened is closed, in order."""

    VOID = ("meta", "br", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def checked(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


def test_the_page_is_whole_and_needs_nothing_else(measured: Measurement) -> None:
    text = page(result(measured, measured))
    seen = checked(text)
    assert not {"script", "link", "img", "iframe"} & set(seen.seen)
    assert "://" not in text
    assert not re.search(r"\b(nan|inf|None)\b", text)
    assert seen.seen.count("svg") == 6
    for words in ("Too much <b>mud</b> & more.", "bell −1.2 dB at 320 Hz", "138 tracks", "Careful"):
        assert words in seen.words
    assert "half of all pop records" in seen.words


def test_notes_on_the_mix_tell_where_how_sure_and_what_is_eased(measured: Measurement) -> None:
    note = Finding(
        "mud", "warn", "Muddy around 280 Hz", "5 dB over.", "Try 2 dB less.", 0.7,
        times_s=((2.0, 5.0),), mended_by="dynamic_eq",
    )  # fmt: skip
    seen = checked(page(replace(result(measured, measured), findings=(note,))))
    for words in ("Notes on the mix", "from 0:02 to 0:05, 70 % sure", "eases it (dynamic eq)"):
        assert words in seen.words


def test_the_page_takes_odd_names_and_silence(measured: Measurement, silence: Measurement) -> None:
    evil = "<script>alert('x')</script> & \"é\".wav"
    seen = checked(page(result(measured, measured, evil)))
    assert "script" not in seen.seen
    assert evil in seen.words
    seen = checked(page(result(silence, silence)))
    assert "silent" in seen.words
    assert "svg" not in seen.seen


def test_the_page_of_a_sheet_with_a_style_of_tomorrow(measured: Measurement) -> None:
    one = result(measured, measured)
    plan = one.plan.with_(target={"style": "hyperpop"}, steps=(), notes=())
    seen = checked(page(replace(one, plan=plan)))
    assert "hyperpop" in seen.words
    assert "records" not in seen.words


def test_the_page_is_quick(measured: Measurement) -> None:
    """Under 50 ms of work for an hour of music, however busy the machine is; the best of three."""
    long = replace(
        measured,
        timeline=replace(
            measured.timeline,
            segment_power=np.resize(measured.timeline.segment_power, 36_000),
            segment_true_peak=np.resize(measured.timeline.segment_true_peak, 36_000),
        ),
        source=replace(measured.source, duration_s=3600.0),
    )
    one = result(long, long)
    best = 1.0
    for _ in range(3):
        began = time.process_time()
        text = page(one)
        best = min(best, time.process_time() - began)
    assert best < 0.05
    assert len(text) < 90_000


def test_the_page_is_written_whole_or_not(measured: Measurement, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    write_page(result(measured, measured), path)
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
    assert [one.name for one in tmp_path.iterdir()] == ["r.html"]


def test_figures_and_headline(measured: Measurement) -> None:
    one = result(measured, measured)
    rows = {row.name: row for row in figures(one.before, one.after, one.target)}
    assert rows["loudness"].before == rows["loudness"].after
    assert rows["loudness"].aim == "-9.5"
    assert rows["true peak"].aim == "under -1.0"
    assert rows["peak to loudness"].aim == "pop keeps 8.0"
    assert rows["correlation"].unit == ""
    assert headline(one).startswith("mix.wav: from -")
    assert figures(measured, None, {})[0].after == ""


def test_steps_in_words(measured: Measurement) -> None:
    steps = result(measured, measured).steps
    assert moves(steps[0]) == "bell -1.2 dB at 320 Hz; high pass 25 Hz, 24 dB/oct (side)"
    assert moves(steps[1]) == "width 0.9"
    assert moves(steps[2]) == "left out: gain 3 dB"
    assert moves(steps[3]) == "mid only: neutral"
    assert evidence(steps[0]) == (
        ("outside at 320 hz", "2.5 dB"),
        ("source", "138 tracks"),
        ("known", "–"),
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (-math.inf, "silent"), (-0.04, "0.0"), (-9.55, "-9.6"), (3, "3.0")],
)
def test_numbers_for_people(value: float | None, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("attack_ms", 30.0, "attack 30 ms"),
        ("frequency_hz", 15620.0, "frequency 15,620 Hz"),
        ("loudness_lufs", -9.5, "loudness -9.5 LUFS"),
        ("ratio", 1.6, "ratio 1.6"),
        ("on", True, "on yes"),
        ("duty_percent", 80.0, "duty 80 %"),
    ],
)
def test_units_in_words(name: str, value: float, words: str) -> None:
    assert f"{label(name)} {with_unit(name, value)}" == words


def test_dynamic_bands_in_words() -> None:
    held = DynamicBand(frequency_hz=3330, threshold_db=-24, range_db=-1.5)
    step = Step(processor="dynamic_eq", settings=DynamicEq(bands=(held,)))
    assert moves(step) == "bell up to -1.5 dB at 3,330 Hz while above -24 dB"
    low = BANDS[0].with_(ratio=1.5, range_db=2)
    bands = Multiband(crossovers_hz=(150.0,), bands=(low, BANDS[1]))
    assert moves(Step(processor="multiband", settings=bands)) == (
        "crossovers 150 Hz, ratio 1.5, attack 40 ms, release 300 ms, range 2 dB; untouched"
    )


def test_chart_parts() -> None:
    log = svg.Axis(20.0, 20000.0, (), log=True)
    assert log.part(20.0) == 0.0
    assert log.part(20000.0) == 1.0
    assert log.part(math.sqrt(20.0 * 20000.0)) == pytest.approx(0.5)
    assert log.part(5.0) == 0.0  # held inside
    assert svg.every(-20, -5, 5) == ((-20, "-20"), (-15, "-15"), (-10, "-10"), (-5, "-5"))
    assert [words for _, words in svg.clock(20.0)] == ["0:00", "0:05", "0:10", "0:15", "0:20"]
    assert [words for _, words in svg.clock(3600.0)][-1] == "60:00"
    row = [None, 1.0, 3.0, 2.0, None, None]
    assert svg.thinned(row, 3) == [1.0, 3.0, None]
    assert svg.thinned(row, 10) == row
    line = svg.Line("after", "x", (0.0, 1.0, 2.0, 3.0), (0.0, 1.0, None, 1.0))
    axis = svg.Axis(0.0, 3.0, ())
    assert svg.chart("t", axis, axis, [line]).count("M") == 2  # a gap lifts the pen


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            BusCompressor(ratio="4", attack_ms="10", release_s="0.3", threshold_db=-20),
            "threshold -20 dB, ratio 4, attack 10 ms, release 0.3 s",
        ),
        (Tape(speed_ips="7.5", amount=0.5), "amount 0.5, speed 7.5 in/s"),
        (PassiveEqualizer(low_hz="30", low_boost_db=3), "low 30 Hz, low boost 3 dB"),
        (Saturation(character="tape", amount=0.5), "amount 0.5, tape"),
    ],
)
def test_steps_of_stepped_settings_are_told_with_their_names(
    settings: Processor, words: str
) -> None:
    """Once the low corner of the passive equalizer was told as '30'."""
    assert moves(Step(processor=settings.name, settings=settings)) == words
