"""Alternate versions: the main version's plan, sample-aligned, as long, each with its own sheet."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.apps.cli import main
from burnish.audio import OutputFormat
from burnish.chain import InputNote, Plan, Step
from burnish.chain.recall import load
from burnish.errors import SettingError
from burnish.master import recall, render
from burnish.release import SongTags
from burnish.versions import Version, check_files, master_versions, named_versions

RATE_HZ = 44_100
Samples = NDArray[np.float64]


def song(duration_s: float = 4.0, voice: float = 1.0) -> Samples:
    """A band with a beat, and a singer of that gain."""
    random = np.random.default_rng(4)
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    beat = random.standard_normal((2, len(time_s))) * np.exp(-25 * (time_s % 0.37)) * 0.15
    bass = np.sin(2 * np.pi * 82 * time_s) * 0.08
    sung = random.standard_normal(len(time_s)) * (np.sin(2 * np.pi * 0.9 * time_s) > 0) * 0.05
    return np.asarray(beat + bass + voice * sung)


def write(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> Path:
    soundfile.write(path, samples.T, rate_hz, subtype="PCM_24")
    return path


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("versions") / "main.wav", song())


def plan_of(mix: Path, gain_db: float = 6.0) -> Plan:
    note = InputNote(file=str(mix), rate_hz=RATE_HZ, channels=2, n_samples=4 * RATE_HZ)
    steps = [
        {"processor": "limiter", "settings": {"input_gain_db": gain_db, "ceiling_dbtp": -1.0}},
    ]
    target = {"loudness_lufs": -12.0, "ceiling_dbtp": -1.0}
    return Plan(
        input=note,
        output=OutputFormat(bits="24"),
        steps=tuple(Step(**step) for step in steps),
        target=target,
    )


@pytest.fixture
def made(mix: Path, tmp_path: Path) -> tuple[Plan, Path]:
    """The plan of the main version and its master, in a folder of its own."""
    out = tmp_path / "song.wav"
    return render(mix, plan_of(mix), out).plan, out


def one(made: tuple[Plan, Path], file: Path, label: str = "instrumental") -> Version:
    (version,) = master_versions({label: file}, *made)
    return version


def codes(version: Version) -> list[str]:
    return [finding.code for finding in version.findings]


def test_an_instrumental_lies_over_the_main_version(
    made: tuple[Plan, Path], tmp_path: Path
) -> None:
    file = write(tmp_path / "i.wav", song(voice=0.0))
    version = one(made, file)
    assert version.output == tmp_path / "song.instrumental.wav"
    assert (version.lag.samples, version.lag.moves_samples) == (0, 0)
    assert version.after.source.n_samples == 4 * RATE_HZ
    assert version.after.peaks.true_peak_dbtp < -0.95
    assert codes(version) == []
    assert version.plan.steps == made[0].steps
    assert "loudness_lufs" not in version.plan.target
    assert "song" not in version.plan.input.file
    again = tmp_path / "again.wav"
    recall(version.recall, output=again)
    assert again.read_bytes() == version.output.read_bytes()


def test_the_main_version_as_its_own_alternate_has_the_same_bits(
    mix: Path, made: tuple[Plan, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes(mix.read_bytes())
    assert one(made, copy, "clean").output.read_bytes() == made[1].read_bytes()


@pytest.mark.parametrize(
    ("longer_s", "tail", "found", "n_samples"),
    [
        (-0.05, 0.0, [], 4 * RATE_HZ),
        (-0.5, 0.0, ["version-length"], 4 * RATE_HZ),
        (0.05, 0.0, [], 4 * RATE_HZ),
        (0.5, 0.0, ["version-length"], 4 * RATE_HZ),
        (0.5, 0.1, ["version-length"], round(4.5 * RATE_HZ)),  # nothing that sounds is cut
    ],
)
def test_every_version_is_as_long(
    made: tuple[Plan, Path],
    tmp_path: Path,
    longer_s: float,
    tail: float,
    found: list[str],
    n_samples: int,
) -> None:
    n = round(longer_s * RATE_HZ)
    samples = song(voice=0.0)
    samples = samples[:, :n] if n < 0 else np.pad(samples, ((0, 0), (0, n)))
    samples[0, 4 * RATE_HZ :] = tail
    version = one(made, write(tmp_path / "i.wav", samples))
    assert version.after.source.n_samples == n_samples
    assert codes(version) == found
    assert version.lag.samples == 0
    again = tmp_path / "again.wav"
    recall(version.recall, output=again)
    assert again.read_bytes() == version.output.read_bytes()


def test_an_alternate_is_another_recording(made: tuple[Plan, Path], tmp_path: Path) -> None:
    """Its name stands in its title, and the ISRC of the song is not its own."""
    plan, out = made
    tags = SongTags(title="Song", isrc="USABC2600001")
    version = one((plan.with_(tags=tags), out), write(tmp_path / "i.wav", song(voice=0.0)))
    assert load(version.recall).tags == SongTags(title="Song (Instrumental)")


def test_another_rate_and_mono_are_brought_to_the_main_version(
    made: tuple[Plan, Path], tmp_path: Path
) -> None:
    import soxr

    mono = song(voice=0.0).mean(axis=0)
    at_48 = np.asarray(soxr.resample(mono, RATE_HZ, 48_000, "VHQ"))[None]
    version = one(made, write(tmp_path / "i.wav", at_48, 48_000))
    source = version.after.source
    assert (source.rate_hz, source.channels, source.n_samples) == (RATE_HZ, 2, 4 * RATE_HZ)
    assert version.lag.samples == 0
    assert codes(version) == []


def test_what_does_not_lie_over_it_is_told(made: tuple[Plan, Path], tmp_path: Path) -> None:
    late = np.roll(song(voice=0.0), 441, axis=1)
    version = one(made, write(tmp_path / "late.wav", late), "late")
    assert version.lag.samples == 441
    assert codes(version) == ["version-lag"]
    assert "441 samples (10.0 ms) after" in version.findings[0].detail
    turned = one(made, write(tmp_path / "turned.wav", -song(voice=0.0)), "turned")
    assert codes(turned) == ["version-turned"]
    random = np.random.default_rng(9)
    other = random.standard_normal((2, 4 * RATE_HZ)) * 0.1
    assert codes(one(made, write(tmp_path / "o.wav", other), "other")) == ["version-other"]


def test_a_version_over_the_ceiling_is_told(mix: Path, tmp_path: Path) -> None:
    """A plan without a limiter holds no ceiling: what the louder one makes of it is said."""
    plan = plan_of(mix).with_(steps=())
    out = tmp_path / "song.wav"
    made = render(mix, plan, out).plan, out
    loud = song() * 3.0
    version = one(made, write(tmp_path / "loud.wav", np.clip(loud, -0.99, 0.99)), "loud")
    assert "ceiling-passed" in codes(version)
    assert version.findings[-1].title.startswith("loud: ")


def test_labels_and_files() -> None:
    assert named_versions(["instrumental=a, b.wav,clean=c=d.wav"]) == {
        "instrumental": "a, b.wav",
        "clean": "c=d.wav",
    }
    for words, sentence in (
        (["a.wav"], "must be LABEL=FILE"),
        (["clean="], "must be LABEL=FILE"),
        (["clean=a.wav", "clean=b.wav"], "versions=clean: is there twice"),
        (["Clean Edit=a.wav"], "versions=Clean Edit: must be small letters"),
        (["main=a.wav"], "versions=main: must be"),
    ):
        with pytest.raises(SettingError) as told:
            named_versions(words)
        assert sentence in told.value.sentence


def test_what_cannot_be_is_said_before_any_work(
    mix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alternate = write(tmp_path / "i.wav", song(0.5))
    taken = tmp_path / "song.clean.wav"
    taken.write_bytes(b"kept")
    cases = (
        (f"instrumental={tmp_path / 'none.wav'}", 3),
        (f"instrumental={mix}", 2),
        (f"instrumental={alternate},clean={alternate}", 2),
        (f"clean={alternate}", 5),
        (f"clean={taken}", 3),
    )
    for words, code in cases:
        command = ["master", str(mix), "-o", str(tmp_path / "song.wav"), "--versions", words]
        assert main([*command, "--quiet"]) == code, words
        assert capsys.readouterr().err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["i.wav", "song.clean.wav"]
    assert taken.read_bytes() == b"kept"
    with pytest.raises(SettingError, match="versions=I: must be"):
        check_files({"i": alternate, "I": mix})


def test_the_command(mix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alternate = write(tmp_path / "i.wav", song(voice=0.0))
    words = ["master", str(mix), "-o", str(tmp_path / "song.wav"), "--no-report", "--quiet"]
    words += ["--versions", f"instrumental={alternate}", "--json", "--overwrite"]
    assert main(words) == 0
    document = json.loads(capsys.readouterr().out)
    (version,) = document["versions"]
    assert version["output"] == str(tmp_path / "song.instrumental.wav")
    assert version["lag_samples"] == 0
    assert version["n_samples"] == 4 * RATE_HZ
    main_plan = load(tmp_path / "song.recall.yaml")
    own_plan = load(tmp_path / "song.instrumental.recall.yaml")
    assert own_plan.steps == main_plan.steps
    assert own_plan.input.file == str(alternate)
