"""BWF for broadcasters, read by others; and the archive, from which everything can be proven."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from orders import chunks_of, made, order_of, song

from burnish.audio import open_source, read
from burnish.chain import Teller
from burnish.chain.album_sheet import dump
from burnish.deliver.masters import recall_of
from burnish.deliver.pieces import Pieces
from burnish.measure import measure
from needed import need_tool


def loudness_by_wavinfo(path: Path) -> dict[str, float]:
    reader = pytest.importorskip("wavinfo").WavInfoReader(str(path))
    bext = reader.bext
    return {
        "version": bext.version,
        "integrated": bext.loudness_value,
        "peak": bext.max_true_peak,
        "short": bext.max_shortterm_loudness,
    }


def test_a_bwf_tells_its_loudness_history_and_isrc(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(44_100, 200_000)], [44_100])
    delivered = made(order, "broadcast", tmp_path / "out")
    (file,) = [one for one in delivered.files if one.track]
    path = tmp_path / "out" / file.path
    assert file.kind == "bwf-24"
    with open_source(path) as source:
        info, measured = source.info, measure(source)
    assert (info.rate_hz, info.bits, info.n_samples) == (48_000, 24, 217_687)
    told = loudness_by_wavinfo(path)
    assert told["version"] == 2
    assert told["integrated"] == pytest.approx(measured.loudness.integrated_lufs, abs=0.006)
    assert told["peak"] == pytest.approx(measured.peaks.true_peak_dbtp, abs=0.006)
    assert told["short"] == pytest.approx(measured.loudness.max_short_term_lufs, abs=0.006)
    data = path.read_bytes()
    chunks = dict(chunks_of(path))
    assert {"bext", "iXML", "axml", "fmt ", "data"} <= set(chunks)
    assert list(chunks)[-1] == "data"
    assert chunks["data"] == 6 * 217_687
    history = re.search(rb"A=PCM[^\0]*", data)
    assert history is not None
    lines = history[0].decode().split("\r\n")
    assert lines[0].startswith("A=PCM,F=44100,W=32,M=stereo,T=burnish")
    assert lines[1] == "A=PCM,F=48000,W=24,M=stereo,T=from 44100 Hz; tpdf dither"
    assert re.search(rb"ISRC:\s*DEAB12600000", data)
    said = subprocess.run([need_tool("mediainfo"), path], capture_output=True, text=True).stdout
    assert "Wave" in said
    assert re.search(r"Sampling rate +: 48.0 kHz", said)
    assert re.search(r"Bit depth +: 24 bits", said)


def test_r128_is_reached_by_a_gain_alone(tmp_path: Path) -> None:
    sounds = [song(48_000, 150_000), song(48_000, 150_000, gain=0.02)]
    order = order_of(tmp_path / "in", sounds, [48_000] * 2)
    delivered = made(order, "broadcast-r128", tmp_path / "out")
    pieces = Pieces(order, tmp_path / "scratch2", Teller(None)).cut("32f")
    files = [one for one in delivered.files if one.track]
    assert not delivered.findings
    for file, piece in zip(files, pieces, strict=True):
        path = tmp_path / "out" / file.path
        measured = measure(path)
        assert measured.loudness.integrated_lufs == pytest.approx(-23.0, abs=0.02)
        assert loudness_by_wavinfo(path)["integrated"] == pytest.approx(-23.0, abs=0.006)
        with piece.open() as source:
            before = source.read().samples
        after = read(path).samples
        gain = 10 ** (file.told["gain_db"] / 20)
        # the told gain is rounded to 0.01 dB; else there is dither only
        assert np.abs(after - gain * before).max() < 1.2e-3 * np.abs(after).max() + 3 * 2.0**-23
    assert "turned down" in delivered.notes[0]
    assert "turned up" in delivered.notes[1]


def test_a_soft_track_with_high_peaks_misses_r128_and_says_so(tmp_path: Path) -> None:
    soft = song(48_000, 150_000, gain=0.01)
    soft[:, 70_000] = 0.8
    order = order_of(tmp_path / "in", [soft], [48_000])
    delivered = made(order, "broadcast-r128", tmp_path / "out")
    assert [(one.code, one.severity) for one in delivered.findings] == [("loudness-demand", "fail")]
    assert "no room for more gain" in delivered.findings[0].detail
    (file,) = [one for one in delivered.files if one.track]
    assert measure(tmp_path / "out" / file.path).peaks.true_peak_dbtp <= -0.99


def test_an_archive_holds_the_masters_and_what_proves_the_release(tmp_path: Path) -> None:
    sounds = [song(96_000, 120_000), song(44_100, 100_001)]
    order = order_of(tmp_path / "in", sounds, [96_000, 44_100])
    pieces = Pieces(order, tmp_path / "scratch", Teller(None))
    delivered = made(order, "archive", tmp_path / "out", pieces)
    for master, recall in zip(delivered.files[0:4:2], delivered.files[1:4:2], strict=True):
        assert master.track is None
        path, sheet = tmp_path / "out" / master.path, tmp_path / "out" / recall.path
        original = order.masters[master.told["master_of"] - 1]
        assert np.array_equal(read(path).samples, read(original.file).samples)
        with open_source(path) as source:
            assert source.info.is_float
        assert original.recall is not None
        assert sheet.read_bytes() == original.recall.read_bytes()
        assert sheet.name == f"{path.stem}.recall.yaml"
        told = loudness_by_wavinfo(path)
        assert told["integrated"] == pytest.approx(
            measure(path).loudness.integrated_lufs, abs=0.006
        )
    assert (tmp_path / "out" / "album.yaml").read_text("utf-8") == dump(order.release)
    sums = json.loads((tmp_path / "out" / "checksums.json").read_text("utf-8"))
    made(order, "tidal", tmp_path / "flac", pieces)
    for one, flac in zip(sums["tracks"], sorted((tmp_path / "flac").glob("*.flac")), strict=True):
        shown = subprocess.run(
            [need_tool("metaflac"), "--show-md5sum", flac], capture_output=True, text=True
        ).stdout
        assert shown.split()[0] == one["md5"]


def test_an_archive_holds_sheet_signature_and_alternates(tmp_path: Path) -> None:
    order = order_of(tmp_path / "in", [song(44_100, 60_000)] * 2, [44_100] * 2)
    alternate = order.masters[1].file.with_name("master-1.clean.wav")
    alternate.write_bytes(order.masters[0].file.read_bytes())
    recall_of(alternate).write_text("recall: clean\n")
    kept = tmp_path / "in" / "kept.flac"
    soundfile.write(kept, song(44_100, 60_000).T, 44_100, subtype="PCM_24")
    sheet, signature = tmp_path / "my album.yaml", tmp_path / "its signature.yaml"
    sheet.write_text("# mine\nalbum: 1\n")
    signature.write_text("signature: 1\n")
    masters = (
        replace(order.masters[0], recall=None, versions={"tv": kept}),
        replace(order.masters[1], versions={"clean": alternate}),
    )
    order = replace(order, masters=masters, sheet=sheet, signature=signature)
    delivered = made(order, "archive", tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "album.yaml").read_text() == "# mine\nalbum: 1\n"
    assert (out / "album.signature.yaml").read_bytes() == signature.read_bytes()
    title = f"02 {order.release.tracks[1].title.replace('/', '-').rstrip('?')} (clean)"
    assert (out / "masters" / f"{title}.recall.yaml").read_text() == "recall: clean\n"
    assert np.array_equal(read(out / "masters" / f"{title}.wav").samples, read(alternate).samples)
    (flac,) = out.glob("masters/*(tv).flac")
    assert flac.read_bytes() == kept.read_bytes()
    told = {one.told.get("version"): one.kind for one in delivered.files}
    assert told["clean"] == "recall"
    there = {p.relative_to(out) for p in out.rglob("*") if p.is_file()}
    assert there == {one.path for one in delivered.files}
    assert "Kept as they are, as the files that they were: 1." in delivered.notes


def test_a_track_that_was_kept_lies_in_the_archive_as_it_was(tmp_path: Path) -> None:
    sound = np.rint(song(44_100, 30_000) * 2**15) / 2**15
    order = order_of(tmp_path / "in", [sound], [44_100], bits="16")
    delivered = made(order, "archive", tmp_path / "out")
    assert delivered.files[0].kind == "wav-16"
    kept = tmp_path / "out" / delivered.files[0].path
    assert kept.read_bytes() == order.masters[0].file.read_bytes()
    assert "Kept as they are" in delivered.notes[0]
