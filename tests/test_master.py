"""The library's face: master, plan, render, recall; what they write, and what they refuse."""

import json
import math
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import resample_poly

import burnish
from burnish.audio import Audio, file_sha256
from burnish.chain import Plan
from burnish.chain.recall import load, save
from burnish.errors import InputError, OutputError, SettingError
from burnish.processors.equalizer import Equalizer
from burnish.processors.limiter import Limiter
from burnish.processors.show import piece
from burnish.report.result import MasterResult

Floats = NDArray[np.float64]

RATE_HZ = 44_100
PLAIN: dict[str, Any] = {"style": "pop", "report": False}


def music(rate_hz: int = RATE_HZ, duration_s: float = 4.0) -> Floats:
    """A few bars, with nothing above 0.45 of the rate, as in music that came out of a converter.

    What lies higher, no interpolator of finite length reads in full: true peak ends at 21 kHz.
    """
    samples = piece(rate_hz, duration_s)
    spectrum = np.fft.rfft(samples)
    spectrum[:, int(0.9 * spectrum.shape[1]) :] = 0.0
    return np.fft.irfft(spectrum, samples.shape[1])


def write(path: Path, samples: Floats, rate_hz: int = RATE_HZ, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, samples.T, rate_hz, subtype=subtype)
    return path


def read(path: Path) -> tuple[Floats, int]:
    """By libsndfile, which did not write it."""
    samples, rate_hz = soundfile.read(path, always_2d=True)
    return np.ascontiguousarray(samples.T), rate_hz


def true_peak_dbtp(samples: Floats, factor: int = 16) -> float:
    """The largest sample of the wave at 16 times the rate, by one FFT over all of it."""
    n = next_fast_len(samples.shape[1] + 4096, real=True)
    padded = np.zeros((len(samples), n))
    padded[:, 2048 : 2048 + samples.shape[1]] = samples
    fine = irfft(rfft(padded), n * factor) * factor
    return 20 * math.log10(np.abs(fine).max())


def true_peak_of_a_song_dbtp(samples: Floats) -> float:
    """The same of something long, with a Kaiser window over 2 x 64 samples: where 4 times the rate
    comes near the top, 16 times.
    """  # fmt: skip
    half = 64
    kaiser = np.kaiser(8 * half + 1, 9.0)
    coarse = np.abs(resample_poly(samples, 4, 1, axis=1, window=kaiser_sinc(4, half, kaiser)))
    top = coarse.max()
    padded = np.pad(samples, ((0, 0), (half, half)))
    at = np.arange(-half, half + 1)
    for channel, near in zip(padded, coarse, strict=True):
        # Within one sample around, 4x may read 0.69 dB too little.
        places = np.unique(np.flatnonzero(near > 0.92 * top) // 4)
        around = channel[places[:, None] + half + at]
        for k in range(-15, 16):
            t = at - k / 16
            weights = np.sinc(t) * np.i0(9.0 * np.sqrt(np.maximum(0.0, 1 - (t / half) ** 2)))
            top = max(top, np.abs(around @ (weights / np.i0(9.0))).max(initial=0.0))
    return 20 * math.log10(top)


def kaiser_sinc(factor: int, half: int, window: Floats) -> Floats:
    t = np.arange(-half * factor, half * factor + 1) / factor
    return np.asarray(np.sinc(t) * window / factor)


def loudness_lufs(samples: Floats, rate_hz: int) -> float:
    found = burnish.measure(Audio(samples, rate_hz)).loudness.integrated_lufs
    assert found is not None
    return found


def check_written(result: MasterResult, n_samples: int, channels: int, rate_hz: int) -> Floats:
    """What every master keeps: loudness, ceiling, length, channels, rate."""
    samples, written_hz = read(result.output)
    assert (samples.shape, written_hz) == ((channels, n_samples), rate_hz)
    peak_dbtp = (true_peak_dbtp if n_samples < 2**17 else true_peak_of_a_song_dbtp)(samples)
    assert peak_dbtp <= result.target["ceiling_dbtp"] + 0.01
    own = loudness_lufs(samples, rate_hz)
    assert result.after.loudness.integrated_lufs == pytest.approx(own, abs=1e-6)
    if result.stopped_by is None:
        assert own == pytest.approx(result.target["loudness_lufs"], abs=0.05)
    return samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("master")


@pytest.fixture(scope="module")
def mix(folder: Path) -> Path:
    """Four seconds, 24 bits."""
    return write(folder / "mix.wav", 0.7 * music(RATE_HZ, 4.0))


@pytest.fixture(scope="module")
def made(mix: Path) -> MasterResult:
    return burnish.master(mix, mix.with_name("made.wav"), style="pop", loudness_lufs=-15.5)


# The names


def test_the_public_names_stay_functions_whoever_imports_the_rooms() -> None:
    """Once ``burnish.master`` became the module as soon as it was first called."""
    code = (
        "import burnish.measure.walk, burnish.master, burnish\n"
        "from burnish import measure\n"
        "for name in burnish.__all__[-6:]:\n"
        "    assert callable(getattr(burnish, name)), name\n"
        "    assert callable(getattr(burnish, name)), name\n"
        "assert burnish.measure is measure\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert burnish.master is burnish.master
    assert callable(burnish.measure)


# A master, end to end


@pytest.mark.parametrize(
    ("wishes", "channels"),
    [
        ({"loudness_lufs": -15.0}, 2),
        ({"loudness_lufs": -16.5, "ceiling_dbtp": -2.0}, 2),
        ({"loudness_lufs": -18.5}, 1),
        ({"for_": ("broadcast-r128",)}, 2),
        ({"loudness_lufs": -15.0, "low_db": 1.0, "high_db": -1.0, "width": 1.3, "warmth": 0.5}, 2),
        ({"style": "auto"}, 2),
    ],
    ids=str,
)
def test_a_mix_becomes_what_was_asked(
    wishes: dict[str, Any], channels: int, tmp_path: Path
) -> None:
    samples = music(RATE_HZ, 8.0)[:channels]
    mix = write(tmp_path / "song.wav", samples)
    result = burnish.master(mix, **{**PLAIN, **wishes})
    assert result.output == tmp_path / "song.master.wav"
    check_written(result, samples.shape[1], channels, RATE_HZ)
    assert result.stopped_by is None
    assert result.of_the_master == ()
    assert {path.name for path in tmp_path.iterdir()} == {
        "song.wav",
        "song.master.wav",
        "song.master.recall.yaml",
    }


def test_a_master_for_a_place(tmp_path: Path) -> None:
    """Spotify plays at -14 LUFS: with peaks rounded off beforehand, it is had."""
    samples = np.tanh(2.0 * music(duration_s=4.0))
    result = burnish.master(
        Audio(samples, RATE_HZ), tmp_path / "out.wav", for_=("spotify",), **PLAIN
    )
    assert (result.target["loudness_lufs"], result.target["ceiling_dbtp"]) == (-14.0, -1.0)
    assert result.target["for"] == ["spotify"]
    assert result.target["sources"]["loudness"] == "Spotify plays at it"
    assert result.stopped_by is None
    check_written(result, samples.shape[1], 2, RATE_HZ)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("track", "wishes"),
    [
        ("14_lmms_saber_final_step.flac", {"for_": ("spotify",)}),
        ("02_macleod_vibe_ace.ogg", {}),
    ],
)
def test_real_music_becomes_what_was_asked(
    track: str, wishes: dict[str, Any], corpus: Path, tmp_path: Path
) -> None:
    mix = corpus / "tracks" / track
    info = soundfile.info(mix)
    result = burnish.master(mix, tmp_path / "out.wav", report=False, **wishes)
    check_written(result, info.frames, info.channels, info.samplerate)
    codes = {finding.code for finding in result.of_the_master}
    assert codes <= {"loudness-stopped", "codec-lowered", "phone-bass-lost"}
    assert ("loudness-stopped" in codes) == (result.stopped_by is not None)


def test_the_result_tells_what_was_done(made: MasterResult, mix: Path) -> None:
    assert made.output.name == "made.wav"
    assert made.recall == made.output.with_name("made.recall.yaml")
    assert made.report == made.output.with_name("made.report.html")
    assert "<html" in made.report.read_text("utf-8")
    assert made.before.file == str(mix)
    assert made.after.source.bits == 24
    assert made.steps[-1].processor == "limiter"
    assert made.plan.input.sha256 == file_sha256(mix)
    assert (made.plan.input.rate_hz, made.plan.input.channels) == (RATE_HZ, 2)
    assert made.plan.input.n_samples == 4 * RATE_HZ
    assert made.elapsed_s > 0
    document = json.loads(json.dumps(made.to_json(), allow_nan=False))
    assert document["target"]["loudness_lufs"] == -15.5
    assert document["stopped_by"] is None
    assert document["before"]["loudness"]["integrated_lufs"] < -16
    assert [step["processor"] for step in document["steps"]][-1] == "limiter"


@pytest.mark.parametrize("gain", [1.0, 100.0])
def test_down_is_exact_and_needs_no_limiting(gain: float, tmp_path: Path) -> None:
    """Quieter than the mix, also one at +36 dBFS: gain and 24 bits, nothing else."""
    samples = gain * 0.5 * music(RATE_HZ, 3.0)
    result = burnish.master(
        Audio(samples, RATE_HZ), tmp_path / "out.wav", loudness_lufs=-26, intensity=0, **PLAIN
    )
    assert [step.processor for step in result.steps] == ["limiter"]
    assert result.stopped_by is None
    out = check_written(result, samples.shape[1], 2, RATE_HZ)
    factor = float(np.sum(out * samples) / np.sum(samples**2))
    # Flat dither is up to one step to each side, and rounding half a step.
    assert np.abs(out - factor * samples).max() < 1.6 / 2**23
    change_lu = -26 - loudness_lufs(samples, RATE_HZ)
    assert 20 * math.log10(factor) == pytest.approx(change_lu, abs=0.001)


def test_loudness_that_cannot_be_had_is_stopped_and_told(mix: Path, tmp_path: Path) -> None:
    result = burnish.master(mix, tmp_path / "loud.wav", loudness_lufs=-5, **PLAIN)
    stop = result.stopped_by
    assert stop is not None
    assert set(stop) == {"rule", "value", "limit", "unit", "sentence"}
    check_written(result, 4 * RATE_HZ, 2, RATE_HZ)
    own = result.after.loudness.integrated_lufs
    assert own is not None
    assert -15.5 < own < -6
    (finding,) = result.of_the_master
    assert finding.code == "loudness-stopped"
    assert stop["rule"] in finding.detail
    document = result.to_json()
    assert document["stopped_by"] == stop
    assert "stopped_by" not in document["target"]
    assert result.plan.target["stopped_by"] == stop
    louder = burnish.master(mix, tmp_path / "louder.wav", loudness_lufs=-5, intensity=1, **PLAIN)
    assert louder.after.loudness.integrated_lufs > own  # type: ignore[operator]


@pytest.mark.parametrize("over_db", [-0.2, 0.0, 0.3, 3.0])
def test_a_dense_mix_is_not_turned_down_for_what_it_had_lost_before(
    over_db: float, tmp_path: Path
) -> None:
    """Clipped before burnish, its peaks stand out less than any floor allows: once it came out
    3 dB quieter than it could, its peaks as flat as before.
    """  # fmt: skip
    samples = np.clip(6.0 * music(RATE_HZ, 4.0), -0.9, 0.9)
    mix = burnish.measure(Audio(samples, RATE_HZ))
    own = mix.loudness.integrated_lufs
    assert own is not None
    held_lufs = own - 1.02 - mix.peaks.true_peak_dbtp  # where only its overshoots are turned down
    result = burnish.master(
        Audio(samples, RATE_HZ),
        tmp_path / "out.wav",
        **{**PLAIN, "loudness_lufs": min(-4.0, held_lufs + over_db), "intensity": 0},
    )
    got = result.after.loudness.integrated_lufs
    assert got is not None
    assert got >= held_lufs - 0.3


# What is strange


STRANGE = {
    "opposite channels": lambda s: np.stack((s[0], -s[0])),
    "left alone": lambda s: np.stack((s[0], 0 * s[0])),
    "with DC": lambda s: s + 0.2,
    "20 Hz": lambda s: 0.9 * np.sin(2 * np.pi * 20 * np.arange(s.shape[1]) / RATE_HZ)[None],
    "at +20 dBFS": lambda s: 10.0 * s,
    "at -40 dBFS": lambda s: 1e-2 * s,
    "square wave": lambda s: np.sign(np.sin(np.arange(s.shape[1]) * 0.0142))[None],
}


@pytest.mark.parametrize("what", STRANGE)
def test_strange_mixes_become_good_masters(what: str, tmp_path: Path) -> None:
    """Once opposite channels ended with an error: an infinite ratio was no evidence."""
    samples = STRANGE[what](music(RATE_HZ, 3.0))
    result = burnish.master(Audio(samples, RATE_HZ), tmp_path / "out.wav", style="pop")
    check_written(result, samples.shape[1], len(samples), RATE_HZ)
    json.dumps(result.to_json(), allow_nan=False)
    assert load(result.recall or "") == result.plan


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 96_000, 192_000])
def test_any_rate_is_kept(rate_hz: int, tmp_path: Path) -> None:
    samples = 0.8 * music(rate_hz, 2.0)
    mix = write(tmp_path / "mix.wav", samples, rate_hz)
    result = burnish.master(mix, loudness_lufs=-16, high_db=2.0, **PLAIN)
    check_written(result, samples.shape[1], 2, rate_hz)


@pytest.mark.parametrize("duration_s", [0.4, 0.5, 1.01])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100])
def test_short_mixes(duration_s: float, rate_hz: int, tmp_path: Path) -> None:
    samples = music(rate_hz, duration_s)
    audio = Audio(samples, rate_hz)
    result = burnish.master(audio, tmp_path / "out.wav", loudness_lufs=-15.5, **PLAIN)
    check_written(result, samples.shape[1], 2, rate_hz)


@pytest.mark.parametrize("wish", ["ceiling_dbtp", "loudness_lufs"])
def test_wishes_at_the_ends_of_their_range(wish: str, tmp_path: Path) -> None:
    """Once a ceiling of -20 dBTP was refused with the words that it may be -20."""
    audio = Audio(music(RATE_HZ, 2.0), RATE_HZ)
    from burnish.engineer import Wishes

    (declared,) = [one for one in Wishes.declared() if one.name == wish]
    for value in (declared.low, declared.high):
        result = burnish.master(
            audio, tmp_path / "out.wav", overwrite=True, **{**PLAIN, wish: value}
        )
        check_written(result, 2 * RATE_HZ, 2, RATE_HZ)


# Formats


@pytest.mark.parametrize(
    ("name", "settings", "kind", "subtype", "rate_hz"),
    [
        ("out.wav", {}, "WAV", "PCM_24", RATE_HZ),
        ("out.wav", {"bits": "16"}, "WAV", "PCM_16", RATE_HZ),
        ("out.wav", {"bits": "32f"}, "WAV", "FLOAT", RATE_HZ),
        ("out.wav", {"rate_hz": 48_000}, "WAV", "PCM_24", 48_000),
        ("out.wav", {"rate_hz": 22_050}, "WAV", "PCM_24", 22_050),
        ("out.flac", {}, "FLAC", "PCM_24", RATE_HZ),
        ("out.flac", {"bits": "16", "rate_hz": 48_000}, "FLAC", "PCM_16", 48_000),
        ("out.aiff", {}, "AIFF", "PCM_24", RATE_HZ),
        ("out.aif", {"bits": "16"}, "AIFF", "PCM_16", RATE_HZ),
        (None, {"format": "flac"}, "FLAC", "PCM_24", RATE_HZ),
        ("out", {"format": "aiff"}, "AIFF", "PCM_24", RATE_HZ),
    ],
)
def test_formats(
    name: str | None,
    settings: dict[str, Any],
    kind: str,
    subtype: str,
    rate_hz: int,
    mix: Path,
    tmp_path: Path,
) -> None:
    """The name's ending says the format where nothing else does: once out.flac was a WAV."""
    source = tmp_path / "mix.wav"
    shutil.copyfile(mix, source)
    output = None if name is None else tmp_path / name
    result = burnish.master(source, output, loudness_lufs=-15, **{**PLAIN, **settings})
    info = soundfile.info(result.output)
    assert (info.format, info.subtype, info.samplerate) == (kind, subtype, rate_hz)
    check_written(result, round(4 * rate_hz), 2, rate_hz)
    assert load(result.recall or "").output == result.plan.output


@pytest.mark.parametrize("settings", [{"format": "flac"}, {}])
def test_a_name_that_says_another_format_is_refused(
    settings: dict[str, str], mix: Path, made: MasterResult, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match="must end in"):
        burnish.master(mix, tmp_path / ("x.wav" if settings else "x.mp3"), **PLAIN, **settings)
    plan = made.plan
    with pytest.raises(SettingError, match="must end in"):
        burnish.render(mix, plan, tmp_path / "x.flac")
    assert list(tmp_path.iterdir()) == []


# The same bits


def test_two_runs_give_the_same_bytes(made: MasterResult, mix: Path, tmp_path: Path) -> None:
    again = burnish.master(mix, tmp_path / "again.wav", loudness_lufs=-15.5, **PLAIN)
    assert again.output.read_bytes() == made.output.read_bytes()
    assert again.plan == made.plan
    assert again.recall is not None
    assert made.recall is not None
    assert again.recall.read_bytes() == made.recall.read_bytes()


def test_the_report_shows_the_work_and_can_be_heard(
    made: MasterResult, mix: Path, tmp_path: Path
) -> None:
    """The steps before the limiter were gauged while it was decided, a recall's all at once."""
    assert made.report is not None
    assert made.recall is not None
    page = made.report.read_text("utf-8")
    assert page.count("data:audio/ogg;base64,") == 2
    assert made.master_sha256 == file_sha256(made.output)
    assert made.master_sha256 in page
    assert made.work[-1].place == len(made.steps) - 1
    again = burnish.recall(made.recall, mix, tmp_path / "m.wav", report=True, listening=False)
    assert again.report is not None
    assert "data:audio" not in again.report.read_text("utf-8")
    assert again.listening is None
    for one, other in zip(made.work, again.work, strict=True):
        assert (one.place, one.processor, one.kind) == (other.place, other.processor, other.kind)
        assert one.taken_db == pytest.approx(other.taken_db, abs=1e-9)


def test_a_sheet_gives_the_same_bytes(made: MasterResult, mix: Path, tmp_path: Path) -> None:
    assert made.recall is not None
    by_name = burnish.recall(made.recall, output=tmp_path / "one.wav")
    by_mix = burnish.recall(made.recall, mix, tmp_path / "two.wav")
    by_plan = burnish.render(str(mix), made.plan, str(tmp_path / "three.wav"))
    for result in (by_name, by_mix, by_plan):
        assert result.output.read_bytes() == made.output.read_bytes()
        assert result.plan == made.plan
        assert result.of_the_master == ()
        assert (result.recall, result.report) == (None, None)
        assert result.after.loudness == made.after.loudness


def test_audio_in_memory_gives_the_bytes_of_the_file(
    made: MasterResult, mix: Path, tmp_path: Path
) -> None:
    audio = burnish.read(mix)
    kept = audio.samples.copy()
    result = burnish.master(audio, tmp_path / "out.wav", loudness_lufs=-15.5, **PLAIN)
    assert result.output.read_bytes() == made.output.read_bytes()
    assert np.array_equal(audio.samples, kept)
    assert (result.plan.input.file, result.plan.input.sha256) == ("", "")
    assert result.recall is not None
    with pytest.raises(SettingError, match="names no mix"):
        burnish.recall(result.recall, output=tmp_path / "again.wav")
    again = burnish.recall(result.recall, audio, tmp_path / "again.wav")
    assert again.output.read_bytes() == made.output.read_bytes()


def test_a_folder_that_moved_still_renders(mix: Path, tmp_path: Path) -> None:
    """The sheet finds its mix beside it, and without a name the master goes beside the mix."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    shutil.copyfile(mix, old / "song.wav")
    first = burnish.master(old / "song.wav", loudness_lufs=-16, **PLAIN)
    bits = first.output.read_bytes()
    old.rename(new)
    with pytest.raises(OutputError, match="exists already"):
        burnish.recall(new / "song.master.recall.yaml")
    (new / "song.master.wav").unlink()
    again = burnish.recall(new / "song.master.recall.yaml")
    assert again.output == new / "song.master.wav"
    assert again.output.read_bytes() == bits
    assert again.of_the_master == ()
    (new / "song.wav").unlink()
    with pytest.raises(InputError) as raised:
        burnish.recall(new / "song.master.recall.yaml", output=tmp_path / "x.wav")
    assert "old" in raised.value.sentence


def test_an_edited_sheet_is_respected(made: MasterResult, mix: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "edited.recall.yaml"
    driven = made.steps[-1].settings
    assert isinstance(driven, Limiter)
    softer = driven.with_(input_gain_db=driven.input_gain_db - 6.0, character="punchy")
    steps = (*made.steps[:-1], made.steps[-1].with_(settings=softer))
    save(made.plan.with_(steps=steps), sheet)
    result = burnish.recall(sheet, mix, tmp_path / "out.wav")
    assert result.steps[-1].settings == softer
    assert result.after.loudness.integrated_lufs == pytest.approx(-21.5, abs=0.5)
    assert [finding.code for finding in result.of_the_master] == ["loudness-missed"]


def test_another_mix_is_told(made: MasterResult, mix: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.wav", 0.6 * music(RATE_HZ, 3.0))
    result = burnish.render(other, made.plan, tmp_path / "out.wav")
    assert "recall-other-mix" in {finding.code for finding in result.findings}
    assert read(result.output)[0].shape == (2, 3 * RATE_HZ)
    copied = tmp_path / "copied.wav"
    shutil.copyfile(mix, copied)
    same = burnish.render(copied, made.plan, tmp_path / "same.wav")
    assert same.of_the_master == ()


def test_a_plan_is_what_the_master_does_and_writes_nothing(mix: Path, tmp_path: Path) -> None:
    source = tmp_path / "mix.wav"
    shutil.copyfile(mix, source)
    planned = burnish.plan(source, style="pop", loudness_lufs=-15.5)
    assert list(tmp_path.iterdir()) == [source]
    done = burnish.master(source, loudness_lufs=-15.5, **PLAIN)
    assert planned == done.plan
    assert isinstance(planned, Plan)


def test_what_is_bypassed_is_bit_exact(tmp_path: Path) -> None:
    """16 bits come out as they were, in 16 and in 24, without dither."""
    rng = np.random.default_rng(1)
    whole = rng.integers(-32768, 32768, (2, 30_000)).astype(np.int16)
    mix = tmp_path / "mix.wav"
    soundfile.write(mix, whole.T, RATE_HZ, subtype="PCM_16")
    plan = burnish.plan(mix, style="pop", low_db=1.0)
    off = plan.with_(steps=tuple(step.with_(bypass=True) for step in plan.steps))
    for bits in ("16", "24"):
        out = tmp_path / f"{bits}.wav"
        burnish.render(mix, off.with_(output=off.output.with_(bits=bits)), out)
        written = soundfile.read(out, dtype="int32", always_2d=True)[0].T
        assert np.array_equal(written, whole.astype(np.int32) << 16)


def test_fewer_bits_are_dithered_even_where_nothing_acts(tmp_path: Path) -> None:
    samples = 0.3 * music(RATE_HZ, 1.0)
    mix = write(tmp_path / "mix.wav", samples)
    plan = burnish.plan(mix, style="pop")
    off = plan.with_(
        steps=tuple(step.with_(bypass=True) for step in plan.steps),
        output=plan.output.with_(bits="16"),
    )
    burnish.render(mix, off, tmp_path / "out.wav")
    error = read(tmp_path / "out.wav")[0] - read(mix)[0]
    # Flat dither over two steps and rounding: 3 / 12 of a step's square.
    assert np.std(error) * 2**15 == pytest.approx(0.5, abs=0.02)


# What is refused, and what is left behind


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_exists_is_refused_and_not_touched(mix: Path, tmp_path: Path) -> None:
    for name in ("out.wav", "out.recall.yaml", "out.report.html"):
        taken = tmp_path / name
        taken.write_text("mine")
        with pytest.raises(OutputError, match="exists already"):
            burnish.master(mix, tmp_path / "out.wav", style="pop")
        assert listing(tmp_path) == {name: b"mine"}
        taken.unlink()


def test_overwrite_replaces_all_three(made: MasterResult, mix: Path, tmp_path: Path) -> None:
    for name in ("out.wav", "out.recall.yaml", "out.report.html"):
        (tmp_path / name).write_text("old")
    burnish.master(mix, tmp_path / "out.wav", overwrite=True, style="pop", loudness_lufs=-15.5)
    found = listing(tmp_path)
    assert len(found) == 3
    assert b"old" not in found.values()
    assert found["out.wav"] == made.output.read_bytes()


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_mix_is_never_overwritten(overwrite: bool, mix: Path, tmp_path: Path) -> None:
    source = tmp_path / "mix.wav"
    shutil.copyfile(mix, source)
    with pytest.raises(OutputError, match=r"never overwritten"):
        burnish.master(source, source, overwrite=overwrite, **PLAIN)
    assert listing(tmp_path) == {"mix.wav": mix.read_bytes()}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"loudness_lufs": 3.0}, "setting-range"),
        ({"style": "polka"}, "style-unknown"),
        ({"for_": ("myspace",)}, "delivery-unknown"),
        ({"louder": True}, "setting-unknown"),
        ({"bits": "20"}, "setting-range"),
        ({"bits": "32f", "format": "flac"}, "setting-range"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], code: str, mix: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError) as raised:
        burnish.master(mix, tmp_path / "out", **{**PLAIN, **settings})
    assert raised.value.code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (np.zeros((2, RATE_HZ)), "input-silent"),
        (0.5 * np.ones((2, 0)), "input-too-short"),
        (music(RATE_HZ, 0.39), "input-too-short"),
        (np.full((2, RATE_HZ), np.nan), "input-not-finite"),
        (np.zeros((3, RATE_HZ)), "input-channels"),
    ],
)
def test_what_cannot_be_mastered(samples: Floats, code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        burnish.master(Audio(samples, RATE_HZ), tmp_path / "out.wav", **PLAIN)
    assert raised.value.code == code
    assert list(tmp_path.iterdir()) == []


class Broken(Exception):
    """A fault in the middle."""


def broken_limiter(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Limiter.start

    def starting(self: Limiter, rate_hz: int, channels: int) -> Any:
        runner = start(self, rate_hz, channels)
        process, done = runner.process, 0

        def failing(block: Floats) -> Floats:
            nonlocal done
            done += block.shape[1]
            if done > 2 * RATE_HZ:
                raise Broken
            return process(block)

        runner.process = failing  # type: ignore[method-assign]
        return runner

    monkeypatch.setattr(Limiter, "start", starting)


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_error_in_the_middle_leaves_nothing_behind(
    overwrite: bool,
    made: MasterResult,
    mix: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if overwrite:
        (tmp_path / "out.wav").write_text("mine")
    before, threads = listing(tmp_path), threading.active_count()
    broken_limiter(monkeypatch)
    with pytest.raises(Broken):
        burnish.render(mix, made.plan, tmp_path / "out.wav", overwrite=overwrite)
    with pytest.raises(Broken):
        burnish.master(mix, tmp_path / "out.wav", overwrite=overwrite, loudness_lufs=-10, **PLAIN)
    assert listing(tmp_path) == before
    assert threading.active_count() == threads


@pytest.mark.parametrize("stage", ["measure", "decide", "render"])
def test_a_listener_that_stops_it_leaves_nothing_behind(
    stage: str, mix: Path, tmp_path: Path
) -> None:
    """As Ctrl-C does."""
    threads = threading.active_count()

    def told(progress: Any) -> None:
        if progress.stage == stage and progress.done > 0.2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        burnish.master(mix, tmp_path / "out.wav", progress=told, **PLAIN)
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == threads


def test_progress_is_told_from_0_to_1_stage_by_stage(mix: Path, tmp_path: Path) -> None:
    told: list[Any] = []
    burnish.master(mix, tmp_path / "out.wav", progress=told.append, loudness_lufs=-15.5, **PLAIN)
    stages = list(dict.fromkeys(one.stage for one in told))
    assert stages == ["measure", "decide", "render", "prove"]
    for stage in stages:
        done = [one.done for one in told if one.stage == stage]
        assert min(done) >= 0.0
        assert max(done) == pytest.approx(1.0)
        if stage != "render":  # which may come twice
            assert done == sorted(done)
    assert all(one.audio_s == pytest.approx(one.done * 4.0) for one in told)


def test_the_mix_is_open_no_longer_than_needed(mix: Path, tmp_path: Path) -> None:
    """It can be removed, and its folder too, when the master is done."""
    source = tmp_path / "sub" / "mix.wav"
    source.parent.mkdir()
    shutil.copyfile(mix, source)
    burnish.master(source, tmp_path / "out.wav", loudness_lufs=-16, **PLAIN)
    open_files = (
        [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        if Path("/proc/self/fd").is_dir()
        else []
    )
    assert source not in open_files
    shutil.rmtree(source.parent)


def test_a_plan_may_be_made_by_hand(mix: Path, tmp_path: Path) -> None:
    """Steps that no engineer would make, in any order, are played as they stand."""
    from burnish.chain import InputNote, Step
    from burnish.processors.equalizer import Band

    bell = Equalizer(bands=(Band(frequency_hz=1000, gain_db=6.0),))
    plan = Plan(
        input=InputNote(rate_hz=RATE_HZ, channels=2, n_samples=4 * RATE_HZ),
        output={"bits": "32f"},
        steps=(
            Step(processor="limiter", settings={"input_gain_db": 3.0}),
            Step(processor="equalizer", settings=bell, on="side"),
        ),
    )
    result = burnish.render(mix, plan, tmp_path / "out.wav")
    assert read(result.output)[0].shape == (2, 4 * RATE_HZ)
    assert [finding.code for finding in result.of_the_master] == ["recall-other-mix"]
