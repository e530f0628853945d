"""Stems, end to end: one master of many files, rebuilt, taken apart again, and what is refused."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import burnish
from burnish.apps.cli import main
from burnish.audio import Audio
from burnish.chain import Stem
from burnish.errors import InputError, OutputError, SettingError
from burnish.processors.show import piece
from burnish.report.result import MasterResult

Floats = NDArray[np.float64]

RATE_HZ = 44_100
PLAIN: dict[str, Any] = {"style": "pop", "loudness_lufs": -16.0, "report": False}
NAMES = ("drums", "bass", "keys")


def write(path: Path, samples: Floats, rate_hz: int = RATE_HZ, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, samples.T, rate_hz, subtype=subtype)
    return path


def read(path: Path) -> Floats:
    samples, _ = soundfile.read(path, always_2d=True)
    return np.ascontiguousarray(samples.T)


def bands(duration_s: float = 4.0, rate_hz: int = RATE_HZ) -> list[Floats]:
    """A piece in three bands that sum to it, on the grid of 24 bits."""
    whole = 0.7 * piece(rate_hz, duration_s)
    spectrum = np.fft.rfft(whole)
    hz = np.fft.rfftfreq(whole.shape[1], 1 / rate_hz)
    edges = ((0, 150), (150, 2000), (2000, 1e9))
    parts = [
        np.fft.irfft(np.where((hz >= low) & (hz < high), spectrum, 0), whole.shape[1])
        for low, high in edges
    ]
    return [np.rint(part * 2**23) / 2**23 for part in parts]


def lufs(samples: Floats) -> float:
    found = burnish.measure(Audio(samples, RATE_HZ)).loudness.integrated_lufs
    assert found is not None
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stems")


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return [write(folder / f"{name}.wav", part) for name, part in zip(NAMES, bands(), strict=True)]


@pytest.fixture(scope="module")
def mix(folder: Path) -> Path:
    return write(folder / "mix.wav", sum(bands()))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made(files: list[Path], mix: Path) -> MasterResult:
    return burnish.stems(
        files, mix.with_name("made.wav"), mix=mix, keep_stems=True, style="pop", loudness_lufs=-16
    )


# A master


def test_stems_without_a_move_become_the_master_of_their_mix(
    made: MasterResult, mix: Path, tmp_path: Path
) -> None:
    assert all(not stem.steps and not stem.offset_samples for stem in made.plan.stems)
    same = burnish.master(mix, tmp_path / "same.wav", **PLAIN)
    assert np.array_equal(read(made.output), read(same.output))
    assert made.steps == same.steps
    assert made.after.loudness == same.after.loudness


def test_the_result_tells_the_stems(made: MasterResult, files: list[Path], mix: Path) -> None:
    assert [stem.file for stem in made.plan.stems] == [str(path) for path in files]
    assert [stem.role for stem in made.plan.stems] == list(NAMES)
    assert all(len(stem.sha256) == 64 for stem in made.plan.stems)
    assert made.stems is not None
    assert made.stems.fit is not None
    assert made.stems.fit.null_db == -math.inf
    assert made.findings[0].code == "stems-sum"
    document = json.loads(json.dumps(made.to_json(), allow_nan=False))
    assert [stem["role"] for stem in document["stems"]] == list(NAMES)
    assert document["stems_to_mix"] == {
        "mix": str(mix), "null_db": None, "null_db_is_silence": True, "gain_db": 0.0
    }  # fmt: skip
    assert document["mastered_stems"]["null_db_is_silence"]
    assert made.report is not None
    page = made.report.read_text("utf-8")
    assert "<h2>Stems</h2>" in page
    assert "bit for bit" in page
    assert all(path.name in page for path in files)


def test_a_master_of_one_mix_says_nothing_of_stems(mix: Path, tmp_path: Path) -> None:
    result = burnish.master(mix, tmp_path / "out.wav", **PLAIN)
    assert "stems" not in result.to_json()
    assert result.recall is not None
    assert "\nstems:" not in result.recall.read_text()


def test_one_stem_is_mastered_as_the_mix_that_it_is(mix: Path, tmp_path: Path) -> None:
    alone = burnish.stems([mix], tmp_path / "alone.wav", **PLAIN)
    same = burnish.master(mix, tmp_path / "same.wav", **PLAIN)
    assert np.array_equal(read(alone.output), read(same.output))


def test_a_neutral_plan_is_the_plain_sum_bit_for_bit(
    made: MasterResult, mix: Path, tmp_path: Path
) -> None:
    """Every step bypassed: 24-bit stems give their 24-bit sum, without dither."""
    assert made.recall is not None
    sheet = tmp_path / "neutral.recall.yaml"
    sheet.write_text(made.recall.read_text().replace("bypass: false", "bypass: true"))
    result = burnish.recall(sheet, output=tmp_path / "sum.wav")
    assert np.array_equal(read(result.output), read(mix))


def test_roles_gains_and_places_are_respected(files: list[Path], tmp_path: Path) -> None:
    given = [Stem(file=str(files[0]), role="other", gain_db=-6.0), f"keys={files[1]}"]
    result = burnish.stems(given, tmp_path / "out.wav", **PLAIN)
    assert [stem.role for stem in result.plan.stems] == ["other", "keys"]
    assert result.plan.stems[0].gain_db == -6.0


def test_a_move_is_made_on_its_stem_and_told(tmp_path: Path) -> None:
    """A voice 8 LU under the rest, 6 s long."""
    low, _, high = bands(6.0)
    t = np.arange(6 * RATE_HZ) / RATE_HZ
    sung = np.stack([sum(np.sin(2 * np.pi * 220 * h * t) / h for h in range(1, 9))] * 2)
    middle = 0.3 * high
    quiet = 10 ** ((lufs(low + middle) - 8 - lufs(sung)) / 20) * sung
    files = [
        write(tmp_path / f"{name}.wav", part, subtype="FLOAT")
        for name, part in (("drums", low), ("keys", middle), ("Lead Vox", quiet))
    ]
    result = burnish.stems(files, tmp_path / "out.wav", **{**PLAIN, "report": True})
    (step,) = result.plan.stems[2].steps
    assert step.processor == "gain"
    assert 0.5 <= step.settings.gain_db <= 1.5  # type: ignore[attr-defined]
    assert result.report is not None
    assert "it comes up" in result.report.read_text("utf-8")
    plain = burnish.stems(files, tmp_path / "plain.wav", moves=False, **PLAIN)
    assert not any(stem.steps for stem in plain.plan.stems)


# Again, and apart


def test_a_recall_sheet_of_stems_gives_the_same_bits(
    made: MasterResult, tmp_path: Path, mix: Path
) -> None:
    assert made.recall is not None
    again = burnish.recall(made.recall, output=tmp_path / "again.wav")
    assert again.output.read_bytes() == made.output.read_bytes()
    with pytest.raises(SettingError, match="is made of stems"):
        burnish.recall(made.recall, mix, tmp_path / "no.wav")


def test_moves_places_and_rates_are_recalled(tmp_path: Path) -> None:
    low, middle, _ = bands(3.0)
    given = [
        write(tmp_path / "drums.wav", low),
        write(tmp_path / "keys.wav", bands(3.0, 48_000)[1], 48_000),
        write(tmp_path / "strings.wav", 0.05 * middle[:1], subtype="FLOAT"),
    ]
    stems = [Stem(file=str(path)) for path in given]
    stems[0] = stems[0].with_(offset_samples=-100, gain_db=-1.0)
    made = burnish.stems(stems, tmp_path / "out.wav", resample=True, **PLAIN)
    assert made.recall is not None
    again = burnish.recall(made.recall, output=tmp_path / "again.wav")
    assert again.output.read_bytes() == made.output.read_bytes()
    write(given[0], 0.5 * low)
    other = burnish.recall(made.recall, output=tmp_path / "other.wav")
    assert [one.code for one in other.findings][:1] == ["recall-other-mix"]


def test_stems_that_moved_beside_their_sheet_are_found(files: list[Path], tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    copies = [write(here / path.name, read(path)) for path in files]
    made = burnish.stems(copies, here / "out.wav", **PLAIN)
    there = tmp_path / "there"
    here.rename(there)
    again = burnish.recall(there / "out.recall.yaml", output=tmp_path / "again.wav")
    assert again.output.read_bytes() == (there / made.output.name).read_bytes()


def test_mastered_stems_sum_to_the_master_bit_for_bit(made: MasterResult) -> None:
    assert made.stems is not None
    assert [path.name for path in made.stems.kept] == [f"{name}.wav" for name in NAMES]
    assert made.stems.kept[0].parent.name == "made.stems"
    total = sum(soundfile.read(path, dtype="int32")[0].astype(np.int64) for path in made.stems.kept)
    master, _ = soundfile.read(made.output, dtype="int32")
    assert np.array_equal(total, master.astype(np.int64))
    assert made.stems.kept_null_db == -math.inf


@pytest.mark.parametrize(
    ("how", "most_db"),
    [
        ({"bits": "16"}, -math.inf),
        ({"bits": "32f"}, -120.0),
        ({"format": "flac"}, -math.inf),
        ({"rate_hz": 48_000}, -math.inf),
        ({"colour": "tape", "glue": "vca", "width": 1.4, "reverb": 0.3}, -math.inf),
    ],
    ids=str,
)
def test_mastered_stems_sum_to_any_master(
    how: dict[str, Any], most_db: float, files: list[Path], tmp_path: Path
) -> None:
    suffix = ".flac" if how.get("format") == "flac" else ".wav"
    result = burnish.stems(
        files, tmp_path / f"out{suffix}", keep_stems=tmp_path / "apart", **{**PLAIN, **how}
    )
    assert result.stems is not None
    assert result.stems.kept_null_db is not None
    assert result.stems.kept_null_db <= most_db
    master = read(result.output)
    left = master - sum(read(path) for path in result.stems.kept)
    assert np.sum(left**2) <= 1e-12 * np.sum(master**2)
    assert {path.parent for path in result.stems.kept} == {tmp_path / "apart"}


def test_stems_over_full_scale_are_kept_as_floats(tmp_path: Path) -> None:
    """Two stems that nearly cancel: each alone is far over full scale."""
    low, middle, high = bands()
    huge = 20.0 * middle
    given = [
        write(tmp_path / "a.wav", huge + low, subtype="FLOAT"),
        write(tmp_path / "b.wav", high - huge + middle, subtype="FLOAT"),
    ]
    result = burnish.stems(given, tmp_path / "out.wav", keep_stems=True, moves=False, **PLAIN)
    assert "stems-as-floats" in {one.code for one in result.findings}
    assert result.stems is not None
    assert {soundfile.info(path).subtype for path in result.stems.kept} == {"FLOAT"}
    left = read(result.output) - sum(read(path) for path in result.stems.kept)
    assert np.sum(left**2) <= 1e-12 * np.sum(read(result.output) ** 2)


# Against a mix


def test_a_stem_that_lies_elsewhere_is_told_and_moved(files: list[Path], tmp_path: Path) -> None:
    keys = read(files[2])
    keys[:, :480] = 0.0
    mix = write(tmp_path / "mix.wav", read(files[0]) + read(files[1]) + keys)
    early = write(tmp_path / "keys.wav", keys[:, 480:])  # exported without its head
    given = [*files[:2], write(tmp_path / "whole.wav", np.roll(keys, -480, axis=1))]
    told = burnish.stems(given, tmp_path / "told.wav", mix=mix, **PLAIN)
    (found,) = [one for one in told.findings if one.code == "stem-offset"]
    assert found.evidence["offset_samples"] == 480
    assert "stems-mix" in {one.code for one in told.findings}
    with pytest.raises(InputError, match="export them from one start"):
        burnish.stems([*files[:2], early], tmp_path / "no.wav", mix=mix, **PLAIN)
    moved = burnish.stems([*files[:2], early], tmp_path / "moved.wav", mix=mix, align=True, **PLAIN)
    assert moved.plan.stems[2].offset_samples == 480
    assert "480 samples" in moved.plan.stems[2].notes[0]
    assert moved.stems is not None
    assert moved.stems.fit is not None
    assert moved.stems.fit.null_db == -math.inf


def test_a_missing_and_a_louder_stem_are_named(
    files: list[Path], mix: Path, tmp_path: Path
) -> None:
    two = burnish.stems(files[:2], tmp_path / "two.wav", mix=mix, **PLAIN)
    (found,) = [one for one in two.findings if one.code == "stems-mix"]
    assert "a stem is missing" in found.detail
    softer = write(tmp_path / "bass.wav", 0.7 * read(files[1]))
    three = burnish.stems([files[0], softer, files[2]], tmp_path / "three.wav", mix=mix, **PLAIN)
    (found,) = [one for one in three.findings if one.code == "stems-mix"]
    assert "bass.wav is 3.1 dB louder in it" in found.detail


# What is refused


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda x: write(x, read(x)[:, :-9]), 3, "export them from one start to one end"),
        (lambda x: write(x, bands(4.0, 48_000)[2], 48_000), 3, "--resample brings all stems"),
        (lambda x: write(x, read(x.with_name("bass.wav"))), 3, "byte for byte"),
        (lambda x: write(x, -0.5 * read(x.with_name("bass.wav"))), 3, "same sound as"),
        (lambda x: write(x, np.zeros((3, 100))), 3, "has 3 channels"),
        (lambda x: x.write_bytes(b"no sound"), 3, "not a sound file"),
        (lambda x: x.write_bytes(b""), 3, "is empty"),
        (lambda x: x.unlink(), 3, "no such file"),
        (lambda x: write(x, np.full((2, 4 * RATE_HZ), np.nan), subtype="FLOAT"), 3, "not a number"),
    ],
    ids=["shorter", "rate", "twice", "twice at a gain", "channels", "text", "empty", "gone", "nan"],
)  # fmt: skip
def test_stems_that_cannot_be_summed_end_with_one_sentence(
    change: Any,
    code: int,
    words: str,
    files: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [write(tmp_path / path.name, read(path)) for path in files]
    change(given[2])
    before = {path.name for path in tmp_path.iterdir()}
    out = tmp_path / "out.wav"
    assert main(["stems", *map(str, given), "-o", str(out), "--quiet", "--keep-stems"]) == code
    said = capsys.readouterr().err
    assert said.startswith("burnish: ")
    assert said.count("\n") == 1
    assert words in said
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ([], 2, "stems: must be given, one file or more"),
        (["zither=drums.wav"], 2, "the role must be one of"),
        (["drums.wav", "drums.wav"], 3, "is given twice"),
        (["drums.wav", "--mix", "none.wav"], 3, "no such file"),
        (["drums.wav", "--loudness-lufs", "7"], 2, "loudness_lufs=7"),
        (["none.yaml"], 3, "cannot be read"),
    ],
)
def test_wrong_usage_ends_with_one_sentence(
    args: list[str],
    code: int,
    words: str,
    files: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(files[0].parent)
    out = tmp_path / "out.wav"
    assert main(["stems", *args, "-o", str(out), "--quiet"]) == code
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_command_needs_an_output(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stems", str(files[0])]) == 2
    assert "output: must be given" in capsys.readouterr().err


def test_when_asked_lengths_and_rates_are_brought_together(
    files: list[Path], tmp_path: Path
) -> None:
    short = write(tmp_path / "bass.wav", read(files[1])[:, :-999])
    other = write(tmp_path / "vocals.wav", bands(4.0, 48_000)[2], 48_000)
    result = burnish.stems(
        [files[0], short, other], tmp_path / "out.wav", align=True, resample=True, **PLAIN
    )
    assert (result.plan.input.rate_hz, result.plan.input.n_samples) == (RATE_HZ, 4 * RATE_HZ)


def test_mono_and_silent_stems_are_taken(files: list[Path], tmp_path: Path) -> None:
    mono = write(tmp_path / "mono.wav", read(files[1])[:1])
    silent = write(tmp_path / "silent.wav", np.zeros((2, 4 * RATE_HZ)))
    other = write(tmp_path / "silent too.flac", np.zeros((2, 4 * RATE_HZ)))
    result = burnish.stems([files[0], mono, silent, other], tmp_path / "out.wav", **PLAIN)
    assert [one.code for one in result.findings if one.code == "stem-silent"] == ["stem-silent"] * 2
    assert result.plan.input.channels == 2
    with pytest.raises(InputError, match="the sum of the stems: is silent"):
        burnish.stems([silent, other], tmp_path / "nothing.wav", **PLAIN)


def test_nothing_that_is_there_is_harmed(files: list[Path], mix: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a stem itself"):
        burnish.stems(files, files[1], overwrite=True, **PLAIN)
    with pytest.raises(OutputError, match="is the mix itself"):
        burnish.stems(files, mix, mix=mix, overwrite=True, **PLAIN)
    with pytest.raises(OutputError, match="is a stem itself"):
        burnish.stems(
            files, tmp_path / "o.wav", keep_stems=files[0].parent, overwrite=True, **PLAIN
        )
    (tmp_path / "o.stems").mkdir()
    write(tmp_path / "o.stems" / "bass.wav", np.zeros((1, 10)))
    with pytest.raises(OutputError, match="exists already"):
        burnish.stems(files, tmp_path / "o.wav", keep_stems=True, **PLAIN)
    assert {path.name for path in tmp_path.iterdir()} == {"o.stems"}


def test_the_command_line_makes_the_same_file(
    made: MasterResult,
    files: list[Path],
    mix: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sheet = tmp_path / "song.yaml"
    lines = "".join(f"  - file: {path}\n" for path in files)
    sheet.write_text(f"stems:\n{lines}mix: {mix}\n")
    out = tmp_path / "out.wav"
    words = ["--style", "pop", "--loudness-lufs", "-16", "--stems-dir", str(tmp_path / "apart")]
    assert main(["stems", str(sheet), "-o", str(out), *words, "--json", "--quiet"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert out.read_bytes() == made.output.read_bytes()
    assert [Path(stem["mastered"]).name for stem in document["stems"]] == [
        f"{name}.wav" for name in NAMES
    ]
    assert main(["stems", *map(str, files), "-o", str(tmp_path / "two.wav"), "--style", "pop"]) == 0
    assert "Stems" in capsys.readouterr().out


def test_audio_in_memory_has_no_stems() -> None:
    with pytest.raises(TypeError):
        burnish.stems([Audio(np.zeros((1, 9)), RATE_HZ)], "out.wav")  # type: ignore[list-item]


# Real music


@pytest.mark.corpus
def test_real_stems_are_their_mix_and_their_master_its_master(corpus: Path, tmp_path: Path) -> None:
    song = corpus / "stems" / "song1"
    names = ("drums", "bass", "guitars", "keys", "lead")
    given = [song / f"{name}.flac" for name in names]
    mix = song / "mix_unmastered.flac"
    made = burnish.stems(
        given, tmp_path / "out.wav", mix=mix, keep_stems=True, style="rock", report=False
    )
    assert made.stems is not None
    assert made.stems.fit is not None
    assert made.stems.fit.null_db < -100.0
    assert not any(stem.steps or stem.offset_samples for stem in made.plan.stems)
    same = burnish.master(mix, tmp_path / "same.wav", style="rock", report=False)
    assert made.output.read_bytes() == same.output.read_bytes()
    assert made.steps == same.steps
    assert made.stems.kept_null_db == -math.inf
    total = sum(read(path) for path in made.stems.kept)
    assert np.abs(total - read(made.output)).max() == 0.0
