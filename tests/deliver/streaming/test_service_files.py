"""What goes to services, shops and distributors: by their rules, proven, and with its metadata."""

import csv
import hashlib
import json
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from orders import chunks_of, made, order_of, song

from burnish.audio import open_source, read
from burnish.chain import Teller
from burnish.deliver.encode import kind
from burnish.deliver.pieces import Pieces
from burnish.deliver.streaming.making import Making, excerpt_peak_dbtp, make_file
from burnish.deliver.tags import Fields
from burnish.dsp.resample import resampled_length
from burnish.errors import OutputError, SettingError
from burnish.targets import deliveries, delivery
from needed import need_tool

RATE = 44_100


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "front.jpg"
    image.linear_gradient("L").resize((3000, 3000)).convert("RGB").save(path)
    return path


def test_a_wav_for_spotify_is_plain_pcm_with_nothing_behind_the_sound(
    tmp_path: Path, cover: Path
) -> None:
    sounds = [song(RATE, 50_001), song(RATE, 60_000)]
    order = order_of(tmp_path / "in", sounds, [RATE] * 2, artwork=cover)
    delivered = made(order, "spotify", tmp_path / "spotify")
    for wav in sorted((tmp_path / "spotify" / "wav-24").iterdir()):
        assert [name for name, _ in chunks_of(wav)] == ["fmt ", "data"]
        tag, channels, rate_hz, _, group, bits = struct.unpack("<HHIIHH", wav.read_bytes()[20:36])
        assert (tag, channels, rate_hz, group, bits) == (1, 2, RATE, 6, 24)
    kinds = [file.kind for file in delivered.files]
    assert kinds == ["flac-24"] * 2 + ["wav-24"] * 2 + ["metadata"] * 2 + ["artwork"]
    told = {file.path.as_posix() for file in delivered.files}
    there = {
        path.relative_to(tmp_path / "spotify").as_posix()
        for path in (tmp_path / "spotify").rglob("*")
        if path.is_file()
    }
    assert told == there
    assert (tmp_path / "spotify" / "cover.jpg").read_bytes() == cover.read_bytes()


def test_mono_goes_to_spotify_on_both_channels(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(RATE, 50_001, 1)], [RATE])
    delivered = made(order, "spotify", tmp_path / "spotify")
    for file in delivered.files[:2]:
        both = read(tmp_path / "spotify" / file.path).samples
        assert len(both) == 2
        assert np.array_equal(both[0], both[1])
        assert file.samples == "44100/24/1/stereo"
    wav = next((tmp_path / "spotify" / "wav-24").iterdir())
    assert [name for name, _ in chunks_of(wav)] == ["fmt ", "data"]


def test_tracks_one_after_the_other_are_the_programme(tmp_path: Path) -> None:
    sounds = [song(RATE, 50_001), song(RATE, 60_000), song(RATE, 40_007)]
    order = order_of(tmp_path / "in", sounds, [RATE] * 3)
    pieces = Pieces(order, tmp_path / "scratch", Teller(None))
    made(order, "streaming", tmp_path / "out", pieces)
    for bits in (24, 16):
        with pieces.sequence() as programme:
            whole = np.concatenate(list(programme.quantised(bits, "tpdf")), axis=1)
        for family in ("wav", "flac"):
            files = sorted((tmp_path / "out" / f"{family}-{bits}").iterdir())
            played = [soundfile.read(file, dtype="int32")[0].T >> (32 - bits) for file in files]
            assert np.array_equal(np.concatenate(played, axis=1), whole)
        shown = subprocess.run(
            [need_tool("metaflac"), "--show-md5sum", files[0]], capture_output=True, text=True
        ).stdout
        wav = (tmp_path / "out" / f"wav-{bits}" / files[0].with_suffix(".wav").name).read_bytes()
        assert shown.split()[0] == hashlib.md5(wav[44:]).hexdigest()


def test_metadata_lies_beside_the_files(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(RATE, 30_000)] * 2, [RATE] * 2, mastered_by="Ö. Own")
    made(order, "apple-music", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "metadata.json").read_text("utf-8"))
    assert told["release"]["upc"] == "0036000291452"
    assert [track["isrc"] for track in told["tracks"]] == ["DEAB12600000", "DEAB12600001"]
    assert told["tracks"][0]["title"] == "夜の光"
    assert told["tracks"][1]["files"] == ["02 AC-DC.wav"]
    with (tmp_path / "out" / "metadata.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows] == ["夜の光", "AC/DC?"]
    assert rows[0]["mastered_by"] == "Ö. Own"
    assert rows[1]["files"] == "02 AC-DC.wav"


def test_sixteen_bits_are_not_padded(tmp_path: Path) -> None:
    sound = np.rint(song(RATE, 40_000) * 2**15) / 2**15
    order = order_of(tmp_path / "in", [sound], [RATE], bits="16")
    delivered = made(order, "tidal", tmp_path / "tidal")
    assert delivered.files[0].kind == "flac-16"
    assert np.array_equal(read(tmp_path / "tidal" / delivered.files[0].path).samples, sound)
    assert "16 bits" in delivered.notes[0]
    apple = made(order, "apple-music", tmp_path / "apple")
    assert apple.files[0].kind == "wav-16"
    assert [finding.code for finding in apple.findings] == ["sixteen-bits"]


def test_no_rate_is_raised_unless_asked_and_then_it_is_told(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(48_000, 40_000)] * 2, [48_000] * 2)
    delivered = made(order, "apple-music", tmp_path / "a")
    with open_source(tmp_path / "a" / delivered.files[0].path) as source:
        assert source.info.rate_hz == 48_000
    assert not delivered.findings
    assert not delivered.notes
    order = order_of(tmp_path / "in2", [song(48_000, 40_000)], [48_000], rate_hz=96_000)
    delivered = made(order, "apple-music", tmp_path / "b", Pieces(order, tmp_path, Teller(None)))
    assert [finding.code for finding in delivered.findings] == ["sampled-up"]
    assert delivered.notes == ("Track 1: converted from 48 kHz to 96 kHz.",)


@pytest.mark.parametrize(("rate_hz", "out_hz"), [(96_000, 48_000), (88_200, 44_100)])
def test_past_the_highest_rate_of_a_service_it_is_halved(
    rate_hz: int, out_hz: int, tmp_path: Path
) -> None:
    order = order_of(tmp_path / "in", [song(rate_hz, 90_000)], [rate_hz])
    delivered = made(order, "soundcloud", tmp_path / "out")
    with open_source(tmp_path / "out" / delivered.files[0].path) as source:
        assert source.info.rate_hz == out_hz
    assert "converted" in delivered.notes[1]


def test_every_service_is_written(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(RATE, 30_000)], [RATE])
    pieces = Pieces(order, tmp_path / "scratch", Teller(None))
    services = [name for name in deliveries() if delivery(name).product == "service"]
    assert {"spotify", "apple-music", "amazon", "tidal", "deezer", "youtube"} <= set(services)
    for name in services:
        delivered = made(order, name, tmp_path / name, pieces)
        sound = [file for file in delivered.files if file.track]
        assert {file.kind for file in sound} == set(delivery(name).files)
        assert {file.path.suffix[1:] for file in sound} <= set(delivery(name).formats)


def test_what_two_products_want_is_encoded_once(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(RATE, 30_000)], [RATE])
    pieces = Pieces(order, tmp_path / "scratch", Teller(None))
    one = made(order, "streaming", tmp_path / "one", pieces)
    two = made(order, "bandcamp", tmp_path / "two", pieces)
    (first,) = [file for file in one.files if file.kind == "flac-24"]
    (second,) = [file for file in two.files if file.kind == "flac-24"]
    a, b = tmp_path / "one" / first.path, tmp_path / "two" / second.path
    assert a.read_bytes() == b.read_bytes()
    assert not a.samefile(b)
    assert len(pieces.finished) == 2  # both FLACs of the distributor's four kinds


# ---- downloads -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Squared noise at the ceiling: what codecs give back of it passes full scale."""
    folder = tmp_path_factory.mktemp("loud")
    noise = np.random.default_rng(1).standard_normal((2, 30_000))
    loud = 0.7 * np.sign(noise)
    order = order_of(folder / "in", [loud, 0.1 * loud], [RATE] * 2, replay_gain=True)
    return folder, order, made(order, "download", folder / "out")


def test_lossy_files_over_full_scale_are_turned_down_together(loud) -> None:  # type: ignore[no-untyped-def]
    _, _, delivered = loud
    by_kind: dict[str, list[dict[str, float]]] = {}
    for file in delivered.files:
        if "decoded" in file.told:
            by_kind.setdefault(file.kind, []).append(file.told)
    assert set(by_kind) == {"mp3-320", "mp3-v0", "aac-256", "opus-160", "vorbis-q6"}
    for told in by_kind.values():
        assert all(one["decoded"]["true_peak_dbtp"] <= 0.0 for one in told)  # type: ignore[index]
        assert told[0]["gain_db"] == told[1]["gain_db"]
    assert any(told[0]["gain_db"] < 0.0 for told in by_kind.values())
    turned = sum(told[0]["gain_db"] < 0.0 for told in by_kind.values())
    assert sum("The masters are as they were." in note for note in delivered.notes) == turned
    assert not delivered.findings


def test_the_track_that_asks_for_most_decides_and_not_the_loudest(tmp_path: Path) -> None:
    t = np.arange(40_000) / RATE
    loudest = np.tile(0.95 * np.sin(2 * np.pi * 997 * t), (2, 1))
    noise = np.random.default_rng(1).standard_normal((2, 40_000))
    peaky = np.where(np.arange(40_000) % 8000 < 2000, 0.85 * np.sign(noise), 0.0)
    order = order_of(tmp_path / "in", [loudest, peaky], [RATE] * 2)
    delivered = made(order, "download", tmp_path / "out", files=("aac-256", "opus-160"))
    for name in ("aac-256", "opus-160"):
        steady, sharp = (one.told for one in delivered.files if one.kind == name)
        assert steady["gain_db"] == pytest.approx(sharp["gain_db"])
        assert sharp["gain_db"] < -0.5
        assert -1.5 < sharp["decoded"]["true_peak_dbtp"] <= 0.0


def test_an_aac_far_over_its_master_is_made_without_tns(loud) -> None:  # type: ignore[no-untyped-def]
    """And only that: the soft track beside it has nothing that is spoiled."""
    _, _, delivered = loud
    encoders = {
        (file.kind, file.track): file.told["encoder"]
        for file in delivered.files
        if "encoder" in file.told
    }
    assert encoders["aac-256", 1] == "FFmpeg's AAC-LC, without TNS"
    assert encoders["aac-256", 2] == "FFmpeg's AAC-LC"
    assert sum("TNS" in name for name in encoders.values()) == 1


def test_an_excerpt_tells_what_the_whole_will_ask_for(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal((2, 3 * RATE))
    noise *= np.where(np.arange(3 * RATE) < 2 * RATE, 0.01, 0.1)
    order = order_of(tmp_path / "in", [noise], [RATE])
    (piece,) = Pieces(order, tmp_path, Teller(None)).cut("24")
    one = Making(tmp_path / "x.mp3", kind("mp3-320"), (piece,), 0, False, Fields(), None, None)
    whole = make_file(one, Teller(None)).decoded
    assert whole is not None
    (tmp_path / "scratch").mkdir()
    peak_dbtp = excerpt_peak_dbtp(one, tmp_path / "scratch", 1, Teller(None))
    assert peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=0.3)
    assert not list((tmp_path / "scratch").iterdir())


def test_opus_tracks_are_as_long_together_as_the_release(tmp_path: Path) -> None:
    sounds = [song(RATE, n) for n in (50_001, 30_007, 41_113)]
    order = order_of(tmp_path / "in", sounds, [RATE] * 3, hidden=True)
    delivered = made(order, "download", tmp_path / "out", files=("opus-160",))
    lengths = [one.told["decoded"]["n_samples"] for one in delivered.files if one.track]
    hidden = resampled_length(50_001, RATE, 48_000)
    total = 50_001 + sum(sound.shape[1] for sound in sounds)
    assert hidden + sum(lengths) == resampled_length(total, RATE, 48_000)
    assert [one.track for one in delivered.files] == [1, 2, 3]
    assert "hidden" in delivered.notes[-1]


def test_downloads_are_tagged_and_told_how_loud_they_are(loud) -> None:  # type: ignore[no-untyped-def]
    mutagen = pytest.importorskip("mutagen")
    folder, _, delivered = loud
    firsts = {file.kind: file for file in delivered.files if file.track == 1}
    flac = mutagen.File(folder / "out" / firsts["flac-24"].path)
    opus = mutagen.File(folder / "out" / firsts["opus-160"].path)
    mp3 = mutagen.File(folder / "out" / firsts["mp3-320"].path)
    m4a = mutagen.File(folder / "out" / firsts["aac-256"].path)
    assert flac["TITLE"] == ["夜の光"]
    assert flac["ISRC"] == ["DEAB12600000"]
    gain = float(flac["REPLAYGAIN_TRACK_GAIN"][0].removesuffix(" dB"))
    r128 = int(opus["R128_TRACK_GAIN"][0]) / 256
    turned = firsts["opus-160"].told["gain_db"]
    assert r128 + turned == pytest.approx(gain - 5.0, abs=0.01)
    assert not any(name.startswith("REPLAYGAIN") for name in map(str.upper, opus.tags.keys()))
    turned = firsts["mp3-320"].told["gain_db"]
    of_mp3 = str(mp3.tags["TXXX:REPLAYGAIN_TRACK_GAIN"])
    assert float(of_mp3.removesuffix(" dB")) == pytest.approx(gain - turned, abs=0.011)
    assert str(mp3.tags["TIT2"]) == "夜の光"
    assert m4a["©nam"] == ["夜の光"]
    assert "----:com.apple.iTunes:iTunSMPB" in m4a


def test_tags_leave_the_sound_gapless(loud) -> None:  # type: ignore[no-untyped-def]
    folder, _, delivered = loud
    for file in delivered.files:
        if file.kind in ("mp3-320", "mp3-v0", "opus-160", "vorbis-q6"):
            played = soundfile.read(folder / "out" / file.path)[0]
            assert len(played) == file.told["decoded"]["n_samples"]
    flac = next(file for file in delivered.files if file.kind == "flac-16")
    subprocess.run([need_tool("flac"), "-t", "-s", folder / "out" / flac.path], check=True)
    m4a = next(file for file in delivered.files if file.kind == "alac-24")
    said = subprocess.run(
        [need_tool("exiftool"), "-j", folder / "out" / m4a.path], capture_output=True, check=True
    ).stdout
    told = json.loads(said)[0]
    assert (told["AudioFormat"], told["Title"]) == ("alac", "夜の光")


# ---- hi-res --------------------------------------------------------------------------------------


def test_hi_res_keeps_the_tracks_own_rate(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(96_000, 90_000)] * 2, [96_000] * 2, rate_hz=44_100)
    delivered = made(order, "hi-res", tmp_path / "out")
    for file in delivered.files[:4]:
        with open_source(tmp_path / "out" / file.path) as source:
            assert (source.info.rate_hz, source.info.bits) == (96_000, 24)
    assert not delivered.notes


def test_hi_res_is_not_made_of_less(tmp_path: Path) -> None:
    rates = [96_000, 48_000, 44_100]
    order = order_of(tmp_path / "in", [song(rate, 60_000) for rate in rates], rates)
    with pytest.raises(SettingError, match=r"not tracks 2 \(48 kHz\), 3 \(44.1 kHz\)"):
        made(order, "hi-res", tmp_path / "out")


# ---- what can go wrong ---------------------------------------------------------------------------


def test_an_interruption_ends_both_threads(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def told(progress) -> None:  # type: ignore[no-untyped-def]
        if progress.stage == "encode" and progress.done > 0.05:
            raise Enough

    order = order_of(tmp_path / "in", [song(RATE, 200_000)] * 2, [RATE] * 2)
    pieces = Pieces(order, tmp_path / "scratch", Teller(None))
    (tmp_path / "out").mkdir()
    from burnish.deliver.products import maker_of

    place = delivery("download")
    with pytest.raises(Enough):
        maker_of(place)(order, place, tmp_path / "out", pieces, Teller(told))
    halves = [path for path in (tmp_path / "out").rglob("*") if path.name.startswith(".burnish")]
    assert not halves


def test_a_cover_of_the_wrong_kind_is_told_before_anything_is_encoded(tmp_path: Path) -> None:
    from burnish.errors import InputError

    (tmp_path / "cover.pdf").write_bytes(b"%PDF-1.4")
    order = order_of(tmp_path / "in", [song(RATE, 30_000)], [RATE], artwork=tmp_path / "cover.pdf")
    with pytest.raises(InputError, match="a PDF"):
        made(order, "download", tmp_path / "out")
    assert not any((tmp_path / "out").iterdir())


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(RATE, 30_000)], [RATE])
    pieces = Pieces(order, tmp_path / "scratch", Teller(None))
    place = delivery("streaming")
    from burnish.deliver.products import maker_of

    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError):
        maker_of(place)(order, place, tmp_path / "out", pieces, Teller(None))
