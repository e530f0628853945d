"""`burnish learn`: from records to a profile, and with it to a master."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import burnish
from burnish.apps.cli import main
from burnish.audio.dates import tagged_date
from burnish.engineer.learn import learn, track_of
from burnish.engineer.portrait import portrait
from burnish.errors import InputError, OutputError, SettingError
from burnish.measure import measure
from burnish.targets.profile import FIGURES, N_FIGURES, Profile
from burnish.targets.profile_file import load_profile

RATE_HZ = 44100


def record(path: Path, seed: int, seconds: float = 6.0, tilt: float = 0.5) -> Path:
    """Noise with a beat and a slope: broad enough to have a figure everywhere."""
    draw = np.random.default_rng(seed)
    n = int(seconds * RATE_HZ)
    spectra = np.fft.rfft(draw.standard_normal((3, n)))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    middle, left, right = np.fft.irfft(spectra / (1 + hz / 80) ** tilt, n)
    beat = 0.3 + np.exp(-((np.arange(n) / RATE_HZ * 2.1 + seed) % 1.0) * 6)
    sound = beat * np.stack((middle + 0.5 * left, middle + 0.5 * right))
    sound *= draw.uniform(0.1, 0.3) / np.abs(sound).max() * 3
    soundfile.write(path, np.clip(sound, -1, 1).T, RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five records, two of them deeper in, and what else lies in such folders."""
    root = tmp_path_factory.mktemp("records")
    (root / "album").mkdir()
    for seed in range(3):
        record(root / f"{seed}.wav", seed)
    record(root / "album" / "3.flac", 3)
    record(root / "album" / "4.wav", 4)
    shutil.copy(root / "1.wav", root / "album" / "copy of 1.wav")
    (root / "cover.jpg").write_bytes(b"\xff\xd8")
    (root / "broken.mp3").write_bytes(b"this is no music" * 99)
    (root / "._0.wav").write_bytes(b"a resource fork")
    record(root / "blip.wav", 9, seconds=1.0)
    soundfile.write(root / "silence.wav", np.zeros((5 * RATE_HZ, 2)), RATE_HZ)
    return root


def test_a_folder_is_learned_and_what_is_no_use_is_told(folder: Path, tmp_path: Path) -> None:
    found = learn(folder, tmp_path / "p.yaml")
    assert [t.name for t in sorted(found.profile.tracks, key=lambda t: t.name)] == [
        "0.wav", "1.wav", "2.wav", "3.flac", "4.wav",
    ]  # fmt: skip
    assert (found.learned, found.duplicates) == (5, 1)
    told = {Path(one.file).name: one.code for one in found.skipped}
    assert set(told) == {"broken.mp3", "blip.wav", "silence.wav"}
    assert told["silence.wav"] == "input-silent"
    assert load_profile(tmp_path / "p.yaml") == found.profile
    assert str(folder) not in (tmp_path / "p.yaml").read_text()


def test_any_order_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    learn(folder, tmp_path / "a.yaml")
    files = [path for path in folder.rglob("*") if path.suffix in (".wav", ".flac")]
    learn([path for path in reversed(files) if not path.name.startswith(".")], tmp_path / "b.yaml")
    assert (tmp_path / "a.yaml").read_bytes() == (tmp_path / "b.yaml").read_bytes()


@pytest.mark.parametrize("half_life_days", [None, 90.0])
def test_an_update_is_learning_all_at_once(
    folder: Path, tmp_path: Path, half_life_days: float | None
) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    learn(folder / "album", old, half_life_days=half_life_days)
    first = learn([folder / "0.wav", folder / "1.wav", folder / "2.wav"], new, update=old)
    assert (first.learned, first.duplicates) == (2, 1)
    assert first.profile.half_life_days == half_life_days
    learn(folder, tmp_path / "all.yaml", half_life_days=half_life_days)
    assert new.read_bytes() == (tmp_path / "all.yaml").read_bytes()
    # In place, and with nothing new: it stays as it is.
    again = learn(folder / "album", new, update=new)
    assert again.learned == 0
    assert new.read_bytes() == (tmp_path / "all.yaml").read_bytes()


def test_dates_come_from_tags_and_else_from_the_file(tmp_path: Path) -> None:
    tagged, plain = record(tmp_path / "tagged.flac", 1), record(tmp_path / "plain.wav", 2)
    samples, rate_hz = soundfile.read(tagged)
    with soundfile.SoundFile(tagged, "w", rate_hz, 2, "PCM_16") as file:
        file.date = "1999-03-02"
        file.write(samples)
    os.utime(plain, (946_684_800, 946_684_800))  # 2000-01-01
    assert str(tagged_date(tagged)) == "1999-03-02"
    assert tagged_date(plain) is None
    assert tagged_date(tmp_path / "nothing.wav") is None
    found = learn(tmp_path, half_life_days=305)
    assert found.dates == {"tag": 1, "file": 1, "none": 0}
    weights = dict(zip((t.name for t in found.profile.tracks), found.profile.weights, strict=True))
    assert weights["plain.wav"] == 1.0
    assert weights["tagged.flac"] == pytest.approx(0.5)  # 305 days before
    # Without being asked for, the day a file was changed is not part of a profile.
    assert learn(tmp_path).dates == {"tag": 1, "file": 0, "none": 1}


def test_a_half_life_needs_dates(folder: Path, tmp_path: Path) -> None:
    learn(folder / "album", tmp_path / "p.yaml")
    with pytest.raises(SettingError, match="3 tracks of the profile to update have no date"):
        learn(folder / "0.wav", tmp_path / "q.yaml", update=tmp_path / "p.yaml",
              half_life_days=10)  # fmt: skip
    assert not (tmp_path / "q.yaml").exists()
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(SettingError, match="half_life_days"):
            learn(folder, half_life_days=wrong)


def test_nothing_to_learn_from_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to learn from"):
        learn([folder / "blip.wav", folder / "silence.wav"], tmp_path / "p.yaml")
    with pytest.raises(InputError, match="nothing to learn from"):
        learn(tmp_path)
    with pytest.raises(InputError, match="no such file or folder"):
        learn(folder / "nowhere")
    with pytest.raises(SettingError, match=r"must end in \.yaml"):
        learn(folder / "0.wav", folder / "0.wav", overwrite=True)
    odd = shutil.copy(folder / "0.wav", tmp_path / "sound.yaml")
    with pytest.raises(OutputError, match="one of the files"):
        learn(odd, odd, overwrite=True)
    assert not (tmp_path / "p.yaml").exists()


def test_a_track_holds_its_portrait(folder: Path) -> None:
    measured = measure(folder / "2.wav")
    drawn, kept = portrait(measured), track_of(measured, "2.wav", "0" * 64)
    assert len(kept.values) == N_FIGURES
    assert kept.one("loudness_lufs") == pytest.approx(drawn.loudness_lufs, abs=0.0051)
    assert kept.one("rate_hz") == RATE_HZ
    assert kept.get("bands_db") == pytest.approx(measured.spectrum.bands_db, abs=0.0051)
    for mine, theirs in zip(kept.get("loud_mid_db"), drawn.loud.mid_db, strict=True):
        assert (mine is None) == (theirs is None)
        assert theirs is None or mine == pytest.approx(theirs, abs=0.0051)
    assert kept.one("quiet_share") is None  # it is equally loud all along
    assert set(FIGURES) >= {"swing_db", "plr_db", "bands_side_to_mid_db"}


def test_the_command_in_words_and_in_json(folder: Path, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "p.yaml"
    assert main(["learn", str(folder), "-o", str(path)]) == 0
    captured = capsys.readouterr()
    assert "A profile of 5 tracks" in captured.out
    assert "3 skipped" in captured.out
    assert "broken.mp3" in captured.out
    assert "learn: " in captured.err
    assert main(["learn", str(folder), "-o", str(path)]) == 5
    assert "exists already" in capsys.readouterr().err
    words = ["learn", str(folder), "-o", str(path), "--update", str(path), "--json", "--quiet",
             "--half-life", "100"]  # fmt: skip
    assert main(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["n"] == 5
    assert document["learned"] == 0
    assert document["half_life_days"] == 100
    assert len(document["skipped"]) == 3
    assert document["figures"]["loudness_lufs"]["n"] == 5
    assert len(document["figures"]["loud_mid_db"]["p50"]) == 30


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["learn", "{folder}"], 2, "usage"),
        (["learn", "{folder}/blip.wav", "-o", "{tmp}/p.yaml"], 3, "nothing to learn from"),
        (["learn", "{folder}/no", "-o", "{tmp}/p.yaml"], 3, "no such file or folder"),
        (["learn", "{folder}", "-o", "{tmp}/no/p.yaml"], 5, "no folder"),
        (["learn", "{folder}", "-o", "{tmp}/p.yaml", "--half-life", "0"], 2, "over 0"),
        (["learn", "{folder}", "-o", "{tmp}/p.yaml", "--update", "{folder}/0.wav"], 2, "not text"),
        (["master", "{folder}/0.wav", "--profile", "{tmp}/none.yaml"], 2, "no such profile"),
        (["master", "{folder}/0.wav", "--profile", "{folder}/cover.jpg"], 2, "not text"),
        (["master", "{folder}/0.wav", "--style", "{tmp}/none.yaml"], 2, "no such profile"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    folder: Path, tmp_path: Path, capsys: Any, words: list[str], code: int, said: str
) -> None:
    given = [word.format(folder=folder, tmp=tmp_path) for word in words]
    assert main([*given, "--quiet"]) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def away(profile: Profile, path: Path) -> float:
    """How far a sound's tone lies outside the quartiles of a profile, RMS in dB."""
    track = track_of(measure(path), path.name, "0" * 64)
    out = []
    for k, one in enumerate(profile.figures["loud_mid_db"]):
        value = track.get("loud_mid_db")[k]
        if one is not None and value is not None and 3 <= k <= 27:  # 50 Hz to 12.5 kHz
            out.append(max(0.0, value - one.at(75), one.at(25) - value))
    return float(np.sqrt(np.mean(np.square(out))))


@pytest.mark.corpus
@pytest.mark.parametrize("how", ["profile", "style"])
def test_a_master_moves_toward_what_was_learned(corpus: Path, tmp_path: Path, how: str) -> None:
    records = [p for p in (corpus / "tracks").iterdir() if p.name[:2] in ("01", "08", "11", "12")]
    path, mix, out = tmp_path / "mine.yaml", tmp_path / "mix.flac", tmp_path / "m.wav"
    profile = learn(records, path).profile
    shutil.copy(corpus / "tracks" / "15_lmms_alf42red_mauiwowi.flac", mix)
    result = burnish.master(mix, out, **{how: path}, report=True)
    before, after = away(profile, mix), away(profile, out)
    # A profile is matched, a style is leaned toward.
    assert after < (0.6 if how == "profile" else 0.95) * before
    loudness = profile.one("loudness_lufs")
    assert loudness is not None
    assert result.target["loudness_lufs"] == pytest.approx(loudness.median, abs=0.01)
    reached = result.after.loudness.integrated_lufs
    assert reached is not None
    assert result.stopped_by is not None or reached == pytest.approx(loudness.median, abs=0.05)
    # Its recall sheet renders the same bits, with the profile gone.
    path.unlink()
    again = burnish.recall(out.with_suffix(".recall.yaml"), mix, tmp_path / "again.wav")
    assert (tmp_path / "again.wav").read_bytes() == out.read_bytes()
    assert again.plan.steps == result.plan.steps


@pytest.mark.corpus
def test_one_of_the_records_is_left_as_it_is(corpus: Path, tmp_path: Path) -> None:
    """A mix in the middle of a profile has nothing to be matched to."""
    paths = sorted((corpus / "tracks").iterdir())
    song = next(p for p in paths if p.name.startswith("11"))
    profile = learn([song], tmp_path / "p.yaml").profile
    plan = burnish.plan(song, profile=tmp_path / "p.yaml")
    assert len(profile.tracks) == 1
    assert [step.processor for step in plan.steps if step.processor != "limiter"] in (
        [],
        ["equalizer"],  # rumble, which a profile does not ask for
    )
