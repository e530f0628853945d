"""The page of a master: what it shows, to whom, and that it can be seen, heard and printed."""

import base64
import io
import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image

from burnish.audio import Audio, AudioSource, OutputFormat
from burnish.chain import InputNote, Plan, Step
from burnish.chain.work import Work
from burnish.finding import Finding
from burnish.measure import Measurement, measure
from burnish.playback.excerpt import on_devices
from burnish.playback.listening import listening_pair
from burnish.playback.small_speaker import SmallSpeaker
from burnish.processors.compressor import Compressor
from burnish.processors.limiter import Limiter
from burnish.processors.show import piece
from burnish.report import svg
from burnish.report.elsewhere import elsewhere
from burnish.report.over_time import psr
from burnish.report.page import page
from burnish.report.result import MasterResult
from burnish.report.style import DARK, LIGHT
from burnish.report.time_charts import dynamics, loudness, places, taken, waveforms, work
from needed import need_tool

RATE_HZ = 44_100
TEXT = ("ink", "quiet", "before", "after", "aim")
Floats = NDArray[np.float64]


def limited(taken_db: Floats, place: int = 1) -> Work:
    return Work(place, "limiter", "peaks", taken_db)


@pytest.fixture(scope="module")
def made() -> MasterResult:
    """12 s of music, and the same louder and flatter, as if it had been mastered."""
    mix = np.tile(piece(RATE_HZ, 4.0), (1, 3))
    mix *= 0.5 / np.abs(mix).max()
    master = np.tanh(3.0 * mix)
    sounds = [Audio(np.ascontiguousarray(one), RATE_HZ) for one in (mix, master)]
    before, after = (measure(one) for one in sounds)
    pair = listening_pair(AudioSource(sounds[0]), before, AudioSource(sounds[1]), after)
    assert pair is not None
    hold = Compressor(ratio=1.6, threshold_db=-20)
    steps = (
        Step(processor="compressor", settings=hold, reason="It moves more than most."),
        Step(processor="limiter", settings=Limiter(input_gain_db=9.5), reason="To -9.0 LUFS."),
    )
    points = [
        {
            "loudness_lufs": -14.0 + i,
            "cost": 0.1 * i,
            "plr_db": 12.0 - i,
            "drive_db": float(i),
            "stopped_by": "psr-floor" if i > 4 else "",
        }
        for i in range(7)
    ]
    plan = Plan(
        burnish="0.1.0",
        input=InputNote(
            file="song.wav", sha256="ab" * 32, rate_hz=RATE_HZ, channels=2, n_samples=1
        ),
        output=OutputFormat(),
        target={
            "style": "rock", "loudness_lufs": -9.0, "ceiling_dbtp": -1.0, "tradeoff": points,
        },
        steps=steps,
        notes=("Width: left alone.",),
    )  # fmt: skip
    notes = (
        Finding("mud", "warn", "Muddy at 280 Hz", "5 dB.", "Less.", 0.7, times_s=((2.0, 5.0),)),
        Finding("narrow", "info", "Narrow", "As a whole.", "Pan."),
        Finding("click", "warn", "A click", "One.", "Mend.", times_s=((7.001, 7.002),)),
    )
    wave = 3.0 * np.abs(np.sin(np.arange(120) / 9.0))
    return MasterResult(
        output=Path("song.master.wav"),
        recall=Path("song.master.recall.yaml"),
        report=None,
        before=replace(before, file="song.wav"),
        after=after,
        plan=plan,
        findings=notes,
        elapsed_s=1.0,
        decoded={"aac-256": -0.4},
        work=(Work(0, "compressor", "level", 0.6 * wave), limited(wave)),
        phone=SmallSpeaker("phone", "on a phone", -16.0, -2.0, 80.0),
        master_sha256="cd" * 32,
        listening=pair,
        on_devices=on_devices(AudioSource(sounds[1]), after),
    )


class Reader(HTMLParser):
    """Tags with what stands in them, and the words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.words: dict[str, str] = {}
        self.text = ""
        self._id = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.tags.append((tag, held))
        self._id = held.get("id", "")
        self.ids += [self._id] if self._id else []
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "meta":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._id:
            self.words[self._id] = data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_everything_that_was_done_and_found_is_told(made: MasterResult) -> None:
    told = read(page(made)).text
    for words in (
        *("compressor", "It moves more than most.", "limiter", "To −9.0 LUFS."),
        *("Took up to 3.0 dB of the peaks", "Muddy at 280 Hz", "from 0:02 to 0:05"),
        *("ab" * 32, "cd" * 32, "this master", "half of all rock records", "aac-256 −0.40 dBTP"),
        *("Spotify", "its bass line", "Width: left alone.", "target −9.0, integrated"),
    ):
        assert words in told, words


def test_nothing_is_fetched_and_nothing_runs(made: MasterResult) -> None:
    text = page(made)
    seen = read(text)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & {t for t, _ in seen.tags}
    assert "://" not in text
    assert "@import" not in text
    assert not re.search(r"\son\w+=", text)
    for tag, held in seen.tags:
        for name in ("src", "href"):
            assert held.get(name, "#").startswith(("#", "data:audio/ogg;base64,")), (tag, held)


def test_every_picture_has_a_name_and_a_description(made: MasterResult) -> None:
    seen = read(page(made))
    assert len(seen.ids) == len(set(seen.ids))
    pictures = [held for tag, held in seen.tags if tag == "svg"]
    assert len(pictures) == 9
    for held in pictures:
        assert held["role"] == "img"
        name, desc = held["aria-labelledby"].split()
        assert len(seen.words[name]) > 10
        assert len(seen.words[desc]) > 20
    players = [held for tag, held in seen.tags if tag == "audio"]
    assert [held["aria-label"] for held in players] == ["mix, 0:00 to 0:12", "master, 0:00 to 0:12"]
    assert all("controls" in held for held in players)


def test_the_pair_in_the_page_is_equally_loud(made: MasterResult) -> None:
    packed = re.findall(r'src="data:audio/ogg;base64,([^"]+)"', page(made))
    heard = []
    for one in packed:
        samples, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(one)), always_2d=True)
        lufs = measure(Audio(np.ascontiguousarray(samples.T), rate_hz)).loudness.integrated_lufs
        assert lufs is not None
        heard.append(lufs)
    assert heard[0] == pytest.approx(heard[1], abs=0.2)
    assert "audio" not in {tag for tag, _ in read(page(replace(made, listening=None))).tags}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK, {**LIGHT, "paper": "#ffffff"}])
def test_colours_can_be_told_from_the_paper(colours: dict[str, str]) -> None:
    """WCAG 2.2: 4.5 for text (1.4.3), 3 for what is drawn (1.4.11), on the corridor too."""
    for name in TEXT:
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
        assert contrast(colours[name], colours["corridor"]) >= 3.0, name


def test_lines_are_told_apart_without_colour(made: MasterResult) -> None:
    """Dash and weight differ between mix, master and what is asked."""
    text = page(made)
    rules = dict(re.findall(r"\.line\.(\w+)\{([^}]*)\}", text))
    drawn = {
        kind: re.sub(r"stroke:var\([^)]*\);?", "", rules[kind])
        for kind in ("before", "after", "aim")
    }
    assert len(set(drawn.values())) == 3
    assert "dasharray" in drawn["before"]
    assert "dasharray" not in drawn["after"]


def test_a_waveform_shows_the_loud_and_the_soft(made: MasterResult) -> None:
    drawn = waveforms(made)
    hills = re.findall(r'class="(peaks|body) (before|after)" d="M44 ([\d.]+)l([^L]+)L', drawn)
    assert [(a, b) for a, b, *_ in hills] == [
        ("peaks", "before"), ("body", "before"), ("peaks", "after"), ("body", "after"),
    ]  # fmt: skip
    tops = []
    for _, _, _, steps in hills:
        pairs = np.array([float(v) for v in re.findall(r"-?[\d.]+", steps)]).reshape(-1, 2)
        tops.append(float(-pairs[:, 1].cumsum().min()))
    peaks = [float(m.timeline.segment_true_peak.max()) for m in (made.before, made.after)]
    assert tops[0] / tops[2] == pytest.approx(peaks[0] / peaks[1], abs=0.02)
    assert tops[1] < tops[0]


def test_work_is_drawn_as_deep_as_it_was(made: MasterResult) -> None:
    assert taken(limited(np.array([0.0, 4.0, 0.0, 0.0]))) == (
        "took up to 4.0 dB of the peaks, more than 3 dB in 25 % of the time"
    )
    assert "took nothing" in taken(limited(np.zeros(5)))
    assert work(replace(made, work=(limited(np.zeros(5)),))) == ""
    drawn = work(replace(made, work=(limited(np.full(120, 6.0)), limited(np.full(120, 3.0)))))
    first, second = (
        float(steps.split()[1].split("-")[0])
        for steps in re.findall(r'class="took peaks" d="M44 [\d.]+l([^L]+)L', drawn)
    )
    assert first == pytest.approx(2.0 * second, rel=0.05)


def test_what_is_asked_is_drawn_where_it_is(made: MasterResult) -> None:
    """Once a floor under all that was measured was drawn on the lowest line of the grid."""
    for drawn, wanted in ((loudness(made), -9.0), (dynamics(made), 7.5)):
        (at,) = re.findall(r'class="line aim" d="M44.0 ([\d.]+)L', drawn)
        ticks = {
            float(words.replace("−", "-")): float(y)
            for y, words in re.findall(r'y="([\d.]+)" class="ytick">([^<]+)<', drawn)
        }
        values = sorted(ticks)
        assert float(at) == pytest.approx(
            np.interp(wanted, values, [ticks[v] for v in values]), abs=0.1
        )


def test_places_are_on_the_time_axis(made: MasterResult) -> None:
    drawn = places(made.of_the_mix, 12.0)
    (left, wide), (click, least) = (
        (float(a), float(b)) for a, b in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)v6", drawn)
    )
    width = svg.WIDTH - svg.LEFT - svg.RIGHT
    assert left == pytest.approx(svg.LEFT + width * 2 / 12, abs=0.1)
    assert wide == pytest.approx(width * 3 / 12, abs=0.1)
    assert click == pytest.approx(svg.LEFT + width * 7 / 12, abs=0.1)
    assert least == 3.0  # what is short is still seen
    assert ">3<" in drawn
    assert "Narrow" not in drawn


def test_psr_of_the_page_is_that_of_the_measurement(made: MasterResult) -> None:
    _, ratio = psr(made.before)
    known = ratio[np.isfinite(ratio)]
    assert float(np.percentile(known, 5)) == pytest.approx(made.before.dynamics.psr_p5_db, abs=1e-9)


def test_json_tells_what_the_page_shows(made: MasterResult) -> None:
    document = json.loads(json.dumps(made.to_json(), allow_nan=False))
    over_time = document["over_time"]
    for name in ("mix", "master"):
        assert {len(row) for row in over_time[name].values()} == {12}
    limiter = over_time["work"][1]
    assert (limiter["step"], limiter["processor"]) == (1, "limiter")
    assert max(limiter["taken_db"]) == limiter["most_db"] == pytest.approx(3.0, abs=0.01)
    assert document["sha256"] == {"mix": "ab" * 32, "master": "cd" * 32}
    assert document["listening"]["duration_s"] == 12.0
    assert document["phone"]["bass_db"] == -16.0
    told = read(page(made)).text
    for one in document["playback"]["devices"]:
        assert f"{one['title']}{one['score']:.0f}" in told
        assert 0.0 <= one["score"] <= 100.0
    assert "spotify" in {one["service"] for one in document["services"]}


def test_silence_a_second_and_one_channel(made: MasterResult) -> None:
    def of(sound: Floats) -> Measurement:
        return measure(Audio(sound, RATE_HZ))

    tone = 0.1 * np.sin(np.arange(RATE_HZ) / 20.0)
    for sound in (np.zeros((2, RATE_HZ)), tone[None], np.vstack((tone, tone)), tone[None, :9000]):
        one = of(sound)
        bare = replace(made, before=one, after=one, work=(limited(np.zeros(3)),), listening=None)
        bare = replace(bare, on_devices=on_devices(AudioSource(Audio(sound, RATE_HZ)), one))
        told = read(page(bare)).text
        assert not re.search(r"\b(nan|inf|None)\b", told)
        json.dumps(bare.to_json(), allow_nan=False)


def test_a_codec_a_phone_and_services_only_where_they_are_known(made: MasterResult) -> None:
    told = elsewhere(replace(made, decoded={}, phone=None, on_devices=None))
    assert "loudest part" not in told
    assert "codec" not in told
    assert "bass line" not in told


def shot(chromium: str, url: str, target: Path, width: int, dark: bool) -> Image.Image:
    """The page as a browser shows it."""
    subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--user-data-dir={target.parent / 'chromium'}",
            f"--window-size={width},4200",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            *(f"--screenshot={target}", url),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return Image.open(target).convert("RGB")


@pytest.mark.tool("chromium")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_a_browser_shows_it(made: MasterResult, tmp_path: Path, width: int, dark: bool) -> None:
    """All of it is drawn, in the reader's colours, and nothing stands over the edge."""
    chromium = need_tool("chromium")
    path = tmp_path / "page.html"
    path.write_text(page(made), encoding="utf-8")
    picture = np.asarray(shot(chromium, path.as_uri(), tmp_path / "page.png", width, dark))
    colours = DARK if dark else LIGHT
    rgb = {name: [int(c[i : i + 2], 16) for i in (1, 3, 5)] for name, c in colours.items()}
    assert picture.shape[1] == width
    assert (picture[:, [0, -1]] == rgb["paper"]).all()
    inside = picture.reshape(-1, 3)
    for name, least in (("after", 1500), ("before", 500), ("corridor", 1500), ("ink", 500)):
        assert int((inside == rgb[name]).all(axis=1).sum()) > least, name


@pytest.mark.tool("chromium")
def test_a_browser_prints_it(made: MasterResult, tmp_path: Path) -> None:
    """Every step and every figure is on paper, and no player."""
    chromium, pdftotext = need_tool("chromium"), need_tool("pdftotext")
    path, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    path.write_text(page(made), encoding="utf-8")
    subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            f"--user-data-dir={tmp_path / 'chromium'}",
            *(f"--print-to-pdf={printed}", path.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    said = subprocess.run(
        [pdftotext, printed, "-"], check=True, capture_output=True
    ).stdout.decode()
    for words in ("What was done, and why", "compressor", "limiter", "Muddy at 280 Hz", "cd" * 32):
        assert words in said, words
    assert "To hear" not in said


def test_options_stay_whole_and_every_figure_has_the_wide_minus(made: MasterResult) -> None:
    """A line ended with "--", the next began with "intensity"; a title had a hyphen for minus."""
    stopped = Finding("loudness-stopped", "info", "Stopped", "", "--intensity 1 does.")
    hiss = Finding("hiss", "warn", "Hiss at -51 dBFS (A)", "", "", times_s=((3.0, 4.0),))
    told = page(replace(made, findings=(replace(stopped, about="master"), hiss)))
    assert "<span class=option>--intensity</span> 1 does." in told
    assert told.count("Hiss at −51 dBFS") == 2
    assert "Hiss at -51" not in re.sub("<desc.*?</desc>", "", told)


def test_the_last_label_of_an_axis_is_not_cut() -> None:
    drawn = svg.below(svg.Axis(-15.0, -9.0, ((-15.0, "-15"), (-9.0, "-9 LUFS"))), 100)
    first, last = re.findall(r'<text x="([\d.]+)"', drawn)
    assert float(first) == svg.LEFT
    assert float(last) + 3 * len("-9 LUFS") < svg.WIDTH


def test_an_axis_without_room_holds_all_in_its_middle() -> None:
    assert svg.Axis(-40.0, -40.0, ()).part(-40.0) == 0.5
