"""Pieces around the joins: the programme's own samples, and where the join lies in them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, open_source
from burnish.chain import Teller
from burnish.chain.sequence import SequenceSource
from burnish.deliver.joins import LIST, join_files, preview_joins
from burnish.deliver.order import Master, Order
from burnish.errors import OutputError
from burnish.release import Release, Track

RATE_HZ = 44_100


def noise(n_samples: int, seed: int) -> NDArray[np.float64]:
    """Samples on the 24-bit grid: they need no dither."""
    random = np.random.default_rng(seed)
    return np.round(random.standard_normal((2, n_samples)) * 0.1 * 2**23) / 2**23


def test_a_piece_is_a_part_of_the_programme(tmp_path: Path) -> None:
    lengths = (3 * RATE_HZ, 2 * RATE_HZ, RATE_HZ // 2, 3 * RATE_HZ)
    files = []
    for i, n in enumerate(lengths):
        soundfile.write(tmp_path / f"{i}.wav", noise(n, i).T, RATE_HZ, subtype="PCM_24")
        files.append(open_source(tmp_path / f"{i}.wav"))
    tracks = (
        Track(file="0.wav", hidden_file="h.wav", gap_s=0.25),
        Track(file="1.wav", gap_s=0),
        Track(file="2.wav", gap_s=1.5),
    )
    programme = SequenceSource(Release(tracks=tracks), files[:3], files[3])
    told = preview_joins(programme, programme.layout, tmp_path, ["A/B", "日本", "C"], seconds=1.0)
    assert [one.file for one in told] == [
        "00-01 hidden - A-B.wav", "01-02 A-B - 日本.wav", "02-03 日本 - C.wav"
    ]  # fmt: skip
    whole = programme.read().samples
    for one in told:
        heard, rate_hz = soundfile.read(tmp_path / one.file, always_2d=True)
        assert soundfile.info(tmp_path / one.file).subtype == "PCM_24"
        start = round(one.programme_s * RATE_HZ)
        assert rate_hz == RATE_HZ
        assert np.array_equal(heard.T, whole[:, start : start + len(heard)])
        assert one.duration_s == pytest.approx(len(heard) / RATE_HZ)
    hidden, gapless, gap = told
    assert (hidden.join, hidden.left_ends_s, hidden.at_s) == ("gap", 1.0, 1.25)
    assert (gapless.join, gapless.left_ends_s, gapless.right_begins_s) == ("gapless", 1.0, 1.0)
    assert (gap.join, gap.left_ends_s, gap.right_begins_s) == ("gap", 1.0, 2.5)
    assert gap.duration_s == 3.0  # the last song has only half a second
    for file in files:
        file.close()


def test_a_crossfade_is_there_as_a_whole(tmp_path: Path) -> None:
    sources = [AudioSource(Audio(noise(6 * RATE_HZ, i), RATE_HZ)) for i in range(2)]
    tracks = (Track(file="a"), Track(file="b", crossfade_s=3.0))
    programme = SequenceSource(Release(tracks=tracks), sources)
    (told,) = preview_joins(programme, programme.layout, tmp_path, ["", "B"], seconds=1.0)
    assert told.file == "01-02 Untitled - B.wav"
    assert (told.right_begins_s, told.at_s, told.left_ends_s) == (1.0, 2.5, 4.0)
    assert told.duration_s == 5.0
    heard, _ = soundfile.read(tmp_path / told.file, always_2d=True)
    start = round(told.programme_s * RATE_HZ)
    part = programme.read().samples[:, start : start + len(heard)]
    assert np.abs(heard.T - part).max() < 2.0**-22  # dithered


def test_the_joins_of_an_order(tmp_path: Path) -> None:
    for i in range(2):
        soundfile.write(tmp_path / f"{i}.wav", noise(RATE_HZ, i).T, RATE_HZ, subtype="PCM_24")
    tracks = (Track(file="0.wav", title="One"), Track(file="1.wav"))
    masters = tuple(Master(tmp_path / f"{i}.wav") for i in range(2))
    order = Order(Release(tracks=tracks, gap_s=1.0), masters, -1.0)
    scratch, folder = tmp_path / "scratch", tmp_path / "joins"
    (path,) = join_files(order, folder, scratch, Teller(None))
    assert path == folder / "01-02 One - 1.wav"
    (told,) = json.loads((folder / LIST).read_text("utf-8"))["joins"]
    assert (told["file"], told["join"], told["at_s"]) == (path.name, "gap", 2.0)
    assert join_files(order, folder, scratch, Teller(None)) == (path,)  # made anew
    (folder / LIST).unlink()
    with pytest.raises(OutputError, match="holds other things"):
        join_files(order, folder, scratch, Teller(None))
    assert path.exists()
