"""Restore, end to end: what is damaged is mended, what is not keeps its bits."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import burnish
from burnish.apps.cli import main
from burnish.audio import Audio
from burnish.errors import InputError, OutputError, SettingError

Floats = NDArray[np.float64]

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "song1_excerpt.flac"
RATE_HZ = 48_000
SECONDS = 6


@pytest.fixture(scope="module")
def clean() -> Floats:
    """Six seconds of the example, at a height that a master would have."""
    samples, _ = soundfile.read(EXAMPLE, frames=SECONDS * RATE_HZ, start=6 * RATE_HZ)
    return np.ascontiguousarray(samples.T * (0.5 / np.abs(samples).max()))


def write(path: Path, samples: Floats, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, samples.T, RATE_HZ, subtype=subtype)
    return path


def read(path: Path) -> Floats:
    samples, _ = soundfile.read(path, always_2d=True)
    return np.ascontiguousarray(samples.T)


def gain_db(clean: Floats, damaged: Floats, restored: Floats) -> float:
    """How much less damage there is: SNR gain against the clean one."""
    left, was = (np.square(one - clean).sum() for one in (restored, damaged))
    return float(10 * np.log10(was / left))


def clicked(clean: Floats) -> Floats:
    rng = np.random.default_rng(3)
    damaged = clean.copy()
    for place in rng.integers(2000, clean.shape[1] - 2000, 12):
        damaged[rng.integers(2), place : place + rng.integers(1, 12)] += rng.choice((-0.4, 0.4))
    return damaged


def clipped(clean: Floats) -> Floats:
    return np.clip(clean, -0.2, 0.2)


def humming(clean: Floats) -> Floats:
    t = np.arange(clean.shape[1]) / RATE_HZ
    lines = [0.02 / n * np.sin(2 * np.pi * 50.07 * n * t + n) for n in range(1, 9)]
    return clean + np.sum(lines, axis=0)


@pytest.mark.parametrize(
    ("damage", "processor", "least_db", "times"),
    [(clicked, "declick", 6.0, 1), (clipped, "declip", 3.0, 1), (humming, "dehum", 8.0, 3)],
)
def test_damage_is_found_and_mended(
    damage: Any, processor: str, least_db: float, times: int, clean: Floats, tmp_path: Path
) -> None:
    clean = np.ascontiguousarray(np.tile(clean, times))
    damaged = damage(clean)
    mix = write(tmp_path / "damaged.wav", damaged, "FLOAT")
    aside = tmp_path / "removed.wav"
    result = burnish.restore(mix, tmp_path / "out.wav", removed=aside)
    assert processor in [step.processor for step in result.steps]
    restored = read(result.output)
    assert gain_db(clean, damaged, restored) > least_db
    # What was taken away and what is left are the recording again.
    assert np.abs(restored + read(aside) - read(mix)).max() < 1e-6
    assert result.removed_db < 0.0
    assert 0.0 < result.touched <= 1.0


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_where_nothing_is_damaged_every_bit_stays(
    subtype: str, clean: Floats, tmp_path: Path
) -> None:
    mix = write(tmp_path / "clean.wav", clean, subtype)
    result = burnish.restore(mix, tmp_path / "out.wav", removed=tmp_path / "removed.wav")
    assert result.steps == ()
    assert np.array_equal(read(result.output), read(mix))
    assert not read(tmp_path / "removed.wav").any()
    assert result.removed_db == -np.inf
    assert result.plan.notes  # what was looked for


def test_the_sheet_rebuilds_it(clean: Floats, tmp_path: Path) -> None:
    mix = write(tmp_path / "damaged.wav", clipped(clicked(clean)))
    first = burnish.restore(mix, tmp_path / "out.wav")
    assert first.recall is not None
    again = burnish.recall(first.recall, output=tmp_path / "again.wav")
    assert again.output.read_bytes() == first.output.read_bytes()


def test_what_is_asked_is_done_and_what_is_refused_is_not(clean: Floats, tmp_path: Path) -> None:
    audio = Audio(clicked(clean), RATE_HZ)
    off = burnish.restore(audio, tmp_path / "off.wav", declick=0.0)
    assert "declick" not in [step.processor for step in off.steps]
    asked = burnish.restore(Audio(clean, RATE_HZ), tmp_path / "asked.wav", declick=0.3)
    (step,) = [step for step in asked.steps if step.processor == "declick"]
    assert step.settings.model_dump()["sensitivity"] == 0.3


def test_a_noise_profile_from_a_stretch_or_a_file(clean: Floats, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    noise = 0.004 * rng.standard_normal((2, clean.shape[1] + RATE_HZ))
    noisy = noise.copy()
    noisy[:, RATE_HZ:] += clean
    mix = write(tmp_path / "noisy.wav", noisy)
    alone = write(tmp_path / "noise.wav", noise[:, :RATE_HZ])
    for words in ("0:00-0:01", "0-0.9", str(alone)):
        result = burnish.restore(
            mix, tmp_path / "out.wav", noise_profile=words, overwrite=True, denoise=10
        )
        (step,) = [step for step in result.steps if step.processor == "denoise"]
        assert step.settings.model_dump()["reduction_db"] == 10
        before, after = (np.square(one[:, :RATE_HZ]).mean() for one in (noisy, read(result.output)))
        assert 6.0 < 10 * np.log10(before / after) < 11.0


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"declick": 1.5}, SettingError, "declick=1.5: must be 0 to 1 or auto"),
        ({"noise_profile": "nowhere.wav"}, SettingError, "noise_profile=nowhere.wav"),
        ({"noise_profile": "1:00-1:10"}, InputError, "it lasts 6.0 s"),
        ({"rate_hz": 44_100}, SettingError, "keeps its own rate"),
        ({"loudness_lufs": -14}, SettingError, "loudness_lufs: no such setting"),
    ],
)
def test_a_bad_setting_is_one_sentence_and_writes_nothing(
    settings: dict[str, Any], kind: type[Exception], words: str, clean: Floats, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=words):
        burnish.restore(Audio(clean, RATE_HZ), tmp_path / "out.wav", **settings)
    assert not list(tmp_path.iterdir())


def test_nothing_is_harmed(clean: Floats, tmp_path: Path) -> None:
    mix = write(tmp_path / "mix.wav", clean)
    there = write(tmp_path / "there.wav", clean)
    for output, removed in ((mix, None), (tmp_path / "o.wav", mix), (there, None)):
        with pytest.raises(OutputError):
            burnish.restore(mix, output, removed=removed)
    with pytest.raises(SettingError, match="is where the restored recording goes"):
        burnish.restore(mix, tmp_path / "o.wav", removed=tmp_path / "o.wav")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mix.wav", "there.wav"]
    assert np.array_equal(read(mix), read(there))


@pytest.mark.parametrize("kind", ["clicks", "silence", "one sample", "square"])
def test_odd_recordings_end_well(kind: str, tmp_path: Path) -> None:
    """Damage everywhere, or nothing but it: a finite result of the same length."""
    rng = np.random.default_rng(1)
    samples = np.zeros((1, 2 * RATE_HZ))
    if kind == "clicks":
        samples[0, rng.integers(0, samples.shape[1], 800)] = rng.choice((-0.9, 0.9), 800)
    elif kind == "square":
        samples[0] = 0.8 * np.sign(np.sin(2 * np.pi * 220 * np.arange(2 * RATE_HZ) / RATE_HZ))
    elif kind == "one sample":
        samples = np.full((1, 1), 0.5)
    result = burnish.restore(Audio(samples, RATE_HZ), tmp_path / "out.wav", decrackle=1.0)
    out = read(result.output)
    assert out.shape == samples.shape
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0


def test_the_command(clean: Floats, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mix = write(tmp_path / "damaged.wav", clicked(clean))
    out, aside = tmp_path / "out.wav", tmp_path / "removed.wav"
    assert main(["restore", str(mix), "-o", str(out), "--removed", str(aside), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["restore", str(mix), "-o", str(out), "--overwrite"]) == 0
    said = capsys.readouterr()
    assert "declick" in said.out
    assert "taken away" in said.out
    assert main(["restore", str(mix), "-o", str(out), "--overwrite", "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"output", "recall", "removed", "before", "after", "steps", "notes", "removed_db",
            "touched", "elapsed_s"} <= set(told)  # fmt: skip
    assert told["removed"] is None
    assert main(["restore", str(mix), "-o", str(out)]) == 5
    assert main(["restore", str(mix)]) == 2
    assert main(["restore", str(tmp_path / "none.wav"), "-o", str(out), "--overwrite"]) == 3
