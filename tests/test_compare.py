"""`burnish compare`: what tells two recordings apart, against what was done to one of them."""

import json
import math
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from rich.console import Console

import burnish
from burnish.apps.cli import main
from burnish.audio import Audio, AudioSource
from burnish.chain import Step, play
from burnish.errors import InputError
from burnish.measure.comparison import Comparison, compare
from burnish.report.comparison import headline, print_comparison, relation
from burnish.report.comparison_page import comparison_page

RATE_HZ = 44100


def music(seconds: float = 24.0, seed: int = 5, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Pinkish noise in two half-related channels, with beats: as broad as music, never the same."""
    draw = np.random.default_rng(seed)
    n = int(seconds * rate_hz)
    spectra = np.fft.rfft(draw.standard_normal((3, n)))
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    spectra *= (hz < 18_000) / np.sqrt(1.0 + hz / 60.0)  # as records end, so that filters agree
    common, left, right = np.fft.irfft(spectra, n)
    beats = np.zeros(n)
    for at in np.sort(draw.uniform(0, seconds - 0.2, int(seconds * 4))):
        first = int(at * rate_hz)
        tail = np.exp(-np.arange(min(n - first, rate_hz // 3)) / (0.05 * rate_hz))
        beats[first : first + len(tail)] += draw.uniform(0.3, 1.0) * tail
    shape = 0.15 + beats
    return 0.12 * shape * np.stack((common + 0.6 * left, common + 0.6 * right))


@pytest.fixture(scope="module")
def song() -> Audio:
    return Audio(music(), RATE_HZ)


def moved(samples: np.ndarray, by: float) -> np.ndarray:
    """The same sound later by a part of a sample, exactly, by its phase."""
    n = samples.shape[1]
    turn = np.exp(-2j * np.pi * np.arange(n // 2 + 1) / n * by)
    return np.fft.irfft(np.fft.rfft(samples, axis=1) * turn, n, axis=1)


def test_a_known_equalizer_is_read_back_in_third_octaves(song: Audio) -> None:
    bands = [
        {"kind": "bell", "frequency_hz": 200, "gain_db": -3.0, "q": 0.7},
        {"kind": "bell", "frequency_hz": 3000, "gain_db": 4.0, "q": 0.8, "on": "mid"},
        {"kind": "high_shelf", "frequency_hz": 6000, "gain_db": 5.0, "on": "side"},
    ]
    step = Step(processor="equalizer", settings={"bands": bands})
    out = np.concatenate(list(play([step], iter([song.samples]), RATE_HZ, 2)), axis=1)
    found = compare(song, Audio(out, RATE_HZ))

    # The theory: the equalizer's own response on an impulse, weighed by the power in each band.
    impulse = np.zeros((2, 1 << 17))
    impulse[:, 8192] = (1.0, 0.5)  # mid 0.75, side 0.25
    response = np.concatenate(list(play([step], iter([impulse]), RATE_HZ, 2)), axis=1)
    hz = np.fft.rfftfreq(impulse.shape[1], 1.0 / RATE_HZ)
    for row, sign, size in ((found.tone.mid_db, 1.0, 0.75), (found.tone.side_db, -1.0, 0.25)):
        gain_db = 20 * np.log10(
            np.abs(np.fft.rfft(0.5 * (response[0] + sign * response[1]))) / size + 1e-12
        )
        for centre, told in zip(found.tone.band_hz, row, strict=True):
            if not 60 <= centre <= 16000:
                continue
            exact = 1000 * 10 ** (round(10 * math.log10(centre / 1000)) / 10)
            inside = (hz >= exact * 10**-0.05) & (hz < exact * 10**0.05)
            wanted = 10 * np.log10(np.mean(10 ** (gain_db[inside] / 10)))
            assert told - found.gain_db == pytest.approx(wanted, abs=0.2), centre


def test_gain_alone_changes_nothing_but_loudness(song: Audio) -> None:
    found = compare(song, Audio(song.samples * 10 ** (-7.3 / 20), RATE_HZ))
    assert found.loudness_difference_lu == pytest.approx(-7.3, abs=0.01)
    for row in (found.tone.mid_db, found.tone.side_db, found.tone.bands_mid_db):
        assert max(abs(v) for v in row if v is not None) < 0.02
    assert found.dynamics.plr_db == pytest.approx(0, abs=0.01)
    assert found.width.side_to_mid_db == pytest.approx(0, abs=1e-6)
    assert found.null is not None
    assert found.null.null_db == -math.inf
    assert not found.null.identical
    assert found.null.gain_db == pytest.approx(7.3, abs=1e-6)


@pytest.mark.parametrize(
    ("samples", "inverted", "swapped"),
    [(0, (False, False), False), (1, (True, True), False), (12345, (False, True), False),
     (777, (True, False), True), (70001, (False, False), True)],
)  # fmt: skip
def test_delay_polarity_and_exchange_are_found(
    song: Audio, samples: int, inverted: tuple[bool, bool], swapped: bool
) -> None:
    other = song.samples[::-1] if swapped else song.samples
    other = other * np.array([-1.0 if one else 1.0 for one in inverted])[:, None]
    other = np.pad(other, ((0, 0), (samples, 0)))
    found = compare(song, Audio(other, RATE_HZ))
    assert found.alignment.same_music
    assert found.alignment.offset_samples == samples
    assert found.alignment.inverted == inverted
    assert found.alignment.swapped is swapped
    assert found.alignment.drift_ppm == 0.0
    assert found.alignment.length_difference_s == pytest.approx(samples / RATE_HZ)
    assert found.null is not None
    assert found.null.identical
    # And the other way round: a cut head.
    back = compare(Audio(other, RATE_HZ), song)
    assert back.alignment.offset_samples == -samples
    assert back.null is not None
    assert back.null.identical


def test_crossovers_turn_the_phase_but_not_the_polarity(song: Audio) -> None:
    """Two Linkwitz-Riley crossovers turn what lies between by half a turn: not upside down."""
    band = {"threshold_db": 0.0, "ratio": 1.01}
    step = Step(
        processor="multiband",
        settings={"crossovers_hz": [200.0, 1000.0], "bands": [band, band, band]},
    )
    out = np.concatenate(list(play([step], iter([song.samples]), RATE_HZ, 2)), axis=1)
    found = compare(song, Audio(out, RATE_HZ))
    assert found.alignment.same_music
    assert found.alignment.inverted == (False, False)


def test_a_part_of_a_sample_and_a_drift_are_found(song: Audio) -> None:
    import soxr

    found = compare(song, Audio(moved(song.samples, 40.3), RATE_HZ))
    assert found.alignment.offset_samples == pytest.approx(40.3, abs=0.02)
    assert found.null is not None
    assert found.null.null_db < -60

    long = music(80.0)
    slower = soxr.resample(long.T, RATE_HZ, RATE_HZ * (1 + 250e-6), "VHQ").T
    found = compare(Audio(long, RATE_HZ), Audio(slower, RATE_HZ))
    assert found.alignment.drift_ppm == pytest.approx(250, abs=1)
    assert found.null is not None
    assert found.null.null_db < -25


def test_another_rate_is_the_same_music(song: Audio) -> None:
    import soxr

    other = Audio(soxr.resample(song.samples.T, RATE_HZ, 96000, "VHQ").T, 96000)
    found = compare(song, other)
    assert found.alignment.offset_samples == 0
    assert found.null is not None
    assert found.null.null_db < -50  # the steps of the beats reach beyond 20 kHz
    assert not found.null.identical
    assert max(abs(v or 0) for v in found.tone.mid_db[3:28]) < 0.05


def test_a_mono_file_is_its_sound_in_both_loudspeakers(song: Audio) -> None:
    mono = song.samples.mean(axis=0, keepdims=True)
    found = compare(Audio(mono, RATE_HZ), Audio(np.repeat(mono, 2, axis=0), RATE_HZ))
    assert found.loudness_difference_lu == pytest.approx(0, abs=0.01)
    assert max(abs(v) for v in found.tone.mid_db if v is not None) < 0.02
    assert all(v is None for v in found.tone.side_db)
    assert found.dynamics.plr_db == pytest.approx(0, abs=0.02)
    assert found.null is not None
    assert found.null.null_db == -math.inf


def test_noise_under_the_music_is_what_the_null_shows(song: Audio) -> None:
    noise = np.random.default_rng(8).standard_normal(song.samples.shape)
    noise *= 10 ** (-40 / 20) * np.sqrt((song.samples**2).mean() / (noise**2).mean())
    found = compare(song, Audio(song.samples + noise, RATE_HZ))
    assert found.null is not None
    assert found.null.null_db == pytest.approx(-40, abs=0.1)


def test_a_hole_is_named_by_its_time(song: Audio) -> None:
    holed = song.samples.copy()
    loud = int(np.argmax((song.samples[:, 5 * RATE_HZ : 20 * RATE_HZ] ** 2).sum(axis=0)))
    at = 5 * RATE_HZ + loud
    holed[:, at - 200 : at + 200] = 0
    found = compare(song, Audio(holed, RATE_HZ))
    assert found.null is not None
    assert found.null.worst_s <= at / RATE_HZ <= found.null.worst_s + 1.01
    assert found.null.worst_db > found.null.null_db + 6


def test_loudness_over_time_tells_a_moved_fader(song: Audio) -> None:
    ridden = song.samples.copy()
    ridden[:, 12 * RATE_HZ :] *= 10 ** (-4 / 20)
    found = compare(song, Audio(np.pad(ridden, ((0, 0), (RATE_HZ, 0))), RATE_HZ))
    assert found.over_time is not None
    told = dict(zip(found.over_time.time_s, found.over_time.difference_lu, strict=True))
    early, late = told[8.0], told[20.0]
    assert early is not None
    assert late is not None
    assert early - late == pytest.approx(4, abs=0.1)
    assert found.over_time.p10_lu < found.over_time.p50_lu < found.over_time.p90_lu


def test_other_music_is_told_apart(song: Audio) -> None:
    found = compare(song, Audio(music(seed=6), RATE_HZ))
    assert not found.alignment.same_music
    assert found.null is None
    assert found.over_time is None
    assert found.alignment.offset_samples is None
    assert "Not the same music" in relation(found)[0]


@pytest.mark.corpus
def test_songs_of_the_corpus_are_never_taken_for_each_other(corpus: Path) -> None:
    from contextlib import ExitStack
    from itertools import combinations

    from burnish.audio import open_source
    from burnish.measure.align import align
    from burnish.measure.onset import OnsetEnvelope

    heard, held = [], ExitStack()
    for path in sorted((corpus / "tracks").iterdir()):
        source = held.enter_context(open_source(path))
        envelope = OnsetEnvelope(source.info.rate_hz, source.info.channels)
        for block in source.blocks():
            envelope.feed(block)
        heard.append((source, envelope.finish()))
    with held:
        for (a, a_power), (b, b_power) in combinations(heard, 2):
            assert not align(a, b, a_power, b_power).same_music, (a.info.name, b.info.name)


@pytest.mark.corpus
def test_a_master_is_the_music_of_its_mix(corpus: Path, tmp_path: Path) -> None:
    mix = corpus / "tracks" / "15_lmms_alf42red_mauiwowi.flac"
    out = tmp_path / "m.wav"
    burnish.master(mix, out, loudness_lufs=-11, report=False)
    found = burnish.compare(mix, out)
    assert found.alignment.same_music
    assert abs(found.alignment.offset_samples or 0.0) < 1.0
    assert found.alignment.inverted == (False, False)
    assert found.dynamics.plr_db is not None
    assert found.dynamics.plr_db < -1


@pytest.mark.parametrize("samples", [1, 100, 20000, 40000])
def test_short_sounds_end_in_a_word_or_a_result(samples: int) -> None:
    short = Audio(music(1.0)[:, :samples], RATE_HZ)
    if samples < 0.4 * RATE_HZ:
        with pytest.raises(InputError, match=r"0\.4 s or more"):
            compare(short, short)
    else:
        found = compare(short, short)
        assert found.null is None or found.null.identical


def test_silence_has_no_loudness_to_match(song: Audio) -> None:
    with pytest.raises(InputError, match="silent"):
        compare(song, Audio(np.zeros((2, RATE_HZ)), RATE_HZ))


def test_an_envelope_is_the_same_whatever_the_blocks(song: Audio) -> None:
    from burnish.measure.onset import OnsetEnvelope

    def of(size: int) -> np.ndarray:
        envelope = OnsetEnvelope(RATE_HZ, 2)
        for block in AudioSource(song).blocks(size, stop=RATE_HZ):
            envelope.feed(block)
        return envelope.finish()

    whole = of(RATE_HZ)
    assert len(whole) == 200
    for size in (17, 4096):
        assert of(size) == pytest.approx(whole, rel=1e-12)


@pytest.fixture(scope="module")
def files(song: Audio, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("compare")
    soundfile.write(folder / "a.wav", song.samples.T, RATE_HZ, subtype="PCM_24")
    later = np.pad(-0.5 * song.samples, ((0, 0), (100, 0)))
    soundfile.write(folder / "b <i>.mp3", later.T, RATE_HZ)
    return folder / "a.wav", folder / "b <i>.mp3"


def test_the_command_says_it_in_words_in_json_and_on_a_page(
    files: tuple[Path, Path], tmp_path: Path, capsys: Any
) -> None:
    page = tmp_path / "page.html"
    words = ["compare", *map(str, files), "-o", str(page)]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "LU quieter" in printed
    assert "polarity inverted" in printed
    assert "By third octave, in dB" in printed
    text = page.read_text()
    assert text.count("<svg") >= 5
    assert "<script" not in text
    assert "<i>" not in text
    assert main(words) == 5  # it exists
    assert "exists already" in capsys.readouterr().err

    assert main(["compare", *map(str, files), "--json", "--quiet"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {
        "burnish", "a", "b", "loudness", "tone", "dynamics", "width", "alignment", "null",
        "over_time",
    }  # fmt: skip
    assert document["alignment"]["same_music"] is True
    assert document["alignment"]["inverted"] == [True, True]
    assert document["loudness"]["difference_lu"] == pytest.approx(-6.02, abs=0.2)
    assert len(document["tone"]["mid_db"]) == len(document["tone"]["band_hz"]) == 30


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["compare", "{a}"], 2, "usage"),
        (["compare", "{a}", "nowhere.wav"], 3, "no such file"),
        (["compare", "{a}", "{b}", "-o", "page.txt"], 2, "must end in .html"),
        (["compare", "{a}", "{b}", "-o", "no/folder/page.html"], 5, "no folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    files: tuple[Path, Path], capsys: Any, words: list[str], code: int, said: str
) -> None:
    given = [word.format(a=files[0], b=files[1]) for word in words]
    assert main(given) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_every_band_fits_into_a_terminal_of_80_columns(song: Audio) -> None:
    """A table that is too wide loses its last columns without a word."""
    said = StringIO()
    print_comparison(Console(file=said, width=80), compare(song, song))
    for hz in ("12.2k", "200", "2k", "20k"):
        assert re.search(rf" {hz}$", said.getvalue(), re.MULTILINE), hz


def test_the_page_and_the_headline_hold_for_the_same_sound(song: Audio) -> None:
    found: Comparison = compare(song, song)
    assert headline(found).endswith("equally loud")
    assert "Every sample" in relation(found)[1]
    page = comparison_page(replace(found, gain_db=-3.5))
    assert "NaN" not in page
    assert "B here, against A, " in page
    assert "B turned by −3.50 dB" in page
