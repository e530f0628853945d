"""One file: what it is, what it says of itself, what codecs make of it, who heard it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from finished_files import by_check, master, outcomes, raw_wav, write

import burnish
from burnish.audio import Audio, AudioSource, file_sha256, open_source
from burnish.deliver.inspection import Inspection
from burnish.deliver.inspection.cd import of_file as of_cd
from burnish.deliver.inspection.codecs import Decoded, behind_codecs, heard_behind
from burnish.deliver.inspection.file import Wanted, inspect_file
from burnish.deliver.inspection.listened import LOG, read_log, sign
from burnish.deliver.inspection.metadata import garbled, told_apart
from burnish.deliver.inspection.sequence import of_side
from burnish.errors import InputError, SettingError
from burnish.targets import Delivery, delivery

SPOTIFY, CD = delivery("spotify"), delivery("cd")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("clean") / "01 Song.wav")


def test_a_clean_file_passes_all_that_applies(clean: Path) -> None:
    one = burnish.inspect(clean, for_="spotify")
    assert isinstance(one, burnish.Inspection)
    assert one.verdict == "pass"
    came = outcomes(one)
    assert list(came) == list(range(1, 21))
    assert {n for n, o in came.items() if o == "none"} == {15, 17, 18}
    assert {n for n, o in came.items() if o not in ("none", "pass")} == {20}
    assert one.sha256 == file_sha256(clean)
    assert one.n_bytes == clean.stat().st_size


def test_the_document_has_the_keys_of_the_contract(clean: Path) -> None:
    document = inspect_file(clean, SPOTIFY).to_json()
    assert {"burnish", "file", "verdict", "findings", "sha256", "md5", "target"} <= set(document)
    assert [check["number"] for check in document["checks"]] == list(range(1, 21))
    keys = {"code", "severity", "title", "detail", "advice", "confidence", "times_s", "evidence"}
    assert all(keys <= set(one) for one in document["findings"])


# 10: form


def formed(path: Path, place: Delivery | None = None) -> Inspection:
    """Inspected without its codecs, which take the longest."""
    return inspect_file(path, place, Wanted(codecs="none"))


@pytest.mark.parametrize(
    ("lies", "code", "severity"),
    [
        ({"tag": 0xFFFE}, "wav-tag", "fail"),
        ({"behind": ((b"id3 ", b"ID3\4\0\0\0\0\0\0"),)}, "wav-behind-data", "fail"),
        ({"riff": 8}, "wav-header", "fail"),
        ({"per_s": 7}, "wav-header", "fail"),
        ({"pad": b"\7"}, "wav-header", "fail"),
        ({"pad": b"\0"}, None, None),
        ({}, None, None),
    ],
)
def test_a_header_is_read_without_mercy(tmp_path: Path, lies, code, severity) -> None:
    one = formed(raw_wav(tmp_path / "a.wav", **lies), SPOTIFY)
    found = by_check(one, 10)
    assert set(found) == ({code} if code else set())
    assert all(finding.severity == severity for finding in found.values())
    assert one.verdict == (severity or one.verdict)


def test_what_only_a_strict_service_refuses_is_told_elsewhere(tmp_path: Path) -> None:
    odd = raw_wav(tmp_path / "a.wav", tag=0xFFFE, behind=((b"id3 ", b"ID3\4\0\0\0\0\0\0"),))
    assert {f.severity for f in by_check(formed(odd), 10).values()} == {"info"}


def test_bits_rate_container_and_channels_are_as_ordered(tmp_path: Path) -> None:
    assert by_check(formed(write(tmp_path / "a.wav"), CD), 10)["format-bits"].severity == "fail"
    sixteen = write(tmp_path / "b.wav", bits="16")
    assert not by_check(formed(sixteen, CD), 10)
    assert set(by_check(formed(sixteen, delivery("broadcast-r128")), 10)) >= {"format-rate"}
    aiff = write(tmp_path / "c.aiff")
    assert "format-container" in by_check(formed(aiff, SPOTIFY), 10)
    mono = write(tmp_path / "d.wav", master()[:1])
    assert "format-channels" in by_check(formed(mono, SPOTIFY), 10)


def test_a_flac_holds_what_its_md5_says(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac")
    assert not by_check(formed(path, SPOTIFY), 10)
    data = bytearray(path.read_bytes())
    for first, code in ((0xFF ^ data[30], "flac-md5"), (None, "flac-no-md5")):
        data[26:42] = bytes(16) if first is None else bytes([first]) + data[27:42]
        other = tmp_path / f"{code}.flac"
        other.write_bytes(data)
        assert set(by_check(formed(other, SPOTIFY), 10)) == {code}


def test_a_file_that_breaks_off_fails(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    one = formed(path, SPOTIFY)
    assert (one.verdict, set(by_check(one, 10))) == ("fail", {"undecodable"})
    wav = write(tmp_path / "b.wav")
    wav.write_bytes(wav.read_bytes()[:-5000])
    assert "damaged" in by_check(formed(wav), 10)


def test_what_is_no_sound_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError):
        burnish.inspect(tmp_path / "a.wav")
    with pytest.raises(InputError):
        burnish.inspect(tmp_path / "missing.wav")
    with pytest.raises(SettingError):
        burnish.inspect(tmp_path / "a.wav", for_="nowhere")


# 15 and 17: a track for a CD, a side for vinyl


def test_a_track_for_a_cd_is_long_enough(tmp_path: Path) -> None:
    short = write(tmp_path / "a.wav", master()[:, : 3 * 44_100], "16")
    assert by_check(inspect_file(short, CD), 15)["cd-short-track"].severity == "fail"
    whole = write(tmp_path / "b.wav", master()[:, : 588 * 400], "16")
    assert not by_check(inspect_file(whole, CD), 15)
    with open_source(short) as source:
        assert of_cd(source.info, SPOTIFY).outcome == "none"


@pytest.mark.parametrize(
    ("target", "minutes", "outcome"),
    [("vinyl", 18, "pass"), ("vinyl", 25, "warn"), ("vinyl", 28, "fail"), ("cassette", 46, "fail")],
)
def test_a_side_has_a_length(target: str, minutes: float, outcome: str) -> None:
    assert of_side("A.wav", 60.0 * minutes, delivery(target)).outcome == outcome


# 16: metadata


def test_garbled_letters_and_a_wrong_isrc_are_seen(tmp_path: Path) -> None:
    assert all(garbled(name) for name in ("BjÃ¶rk", "donâ€™t", "a\ufffdb"))
    assert not any(garbled(name) for name in ("Björk", "Ñandú", "ÎNTRE", "夜の光", "Ünï", "Ça va"))
    import mutagen.flac

    path = write(tmp_path / "a.flac")
    tags = mutagen.flac.FLAC(path)
    tags["TITLE"], tags["ISRC"] = "BjÃ¶rk", "US-RC1-76"
    tags.save()
    found = by_check(inspect_file(path), 16)
    assert (found["garbled"].severity, found["isrc-wrong"].severity) == ("warn", "fail")


def test_a_wrong_title_fails_and_a_missing_genre_warns() -> None:
    said = list(told_apart(['title: says "A", must say "B"', 'genre: is missing, must say "Pop"']))
    assert [one.severity for one in said] == ["fail", "warn"]


# 19: codecs


def test_what_comes_back_from_codecs() -> None:
    quiet = heard_behind(AudioSource(Audio(0.5 * master(), 44_100)), ("aac-256",))
    assert behind_codecs(quiet, SPOTIFY).outcome == "pass"
    assert abs(quiet[0].louder_lu) < 0.2
    loud = 0.97 * np.sign(master()) * np.abs(master()) ** 0.05
    heard = heard_behind(AudioSource(Audio(loud, 44_100)), ("mp3-128",), (1.0, 4.0))
    check = behind_codecs(heard, SPOTIFY)
    assert (check.outcome, check.findings[0].code) == ("warn", "codec-peak")
    demanded = behind_codecs((Decoded("mp3-128", -0.5, 0.0),), delivery("podcast"))
    assert demanded.outcome == "fail"
    assert behind_codecs((), None).outcome == "none"


# 20: the listening log


def test_a_file_is_signed_for_and_a_changed_one_is_not(tmp_path: Path, clean: Path) -> None:
    path = Path(shutil.copy(clean, tmp_path))
    assert outcomes(inspect_file(path))[20] == "open"
    (log,) = sign([path], "Ana", ['0:04 click? "äö"'], at="2026-11-21T18:30:00Z")
    assert log == tmp_path / LOG
    assert read_log(tmp_path).heard[0].sha256 == file_sha256(path)
    one = inspect_file(path)
    assert one.is_heard
    note = by_check(one, 20)["listening-note"]
    assert (note.times_s, note.detail) == (((4.0, 4.0),), '0:04 click? "äö"')
    sign([path], "Bo")
    assert [one.by for one in read_log(tmp_path).heard] == ["Ana", "Bo"]
    write(tmp_path / "other.wav", 0.9 * master()).replace(path)
    changed = inspect_file(path)
    assert outcomes(changed)[20] == "open"
    assert "Changed" in by_check(changed, 20)["listening-log"].title
    with pytest.raises(SettingError):
        sign([path], " ")
