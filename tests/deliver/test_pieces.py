"""Pieces: every track is cut from one programme, rounded once, and under the ceiling."""

from pathlib import Path

import numpy as np
import pytest

from burnish.audio import Audio, OutputFormat, Writer, open_source, read
from burnish.chain import Teller
from burnish.chain.render import in_place
from burnish.deliver.order import Master, Order
from burnish.deliver.pieces import Pieces
from burnish.measure import measure
from burnish.processors.limiter import Limiter
from burnish.release import Fade, Release, Track


def _wav(path: Path, samples: np.ndarray, bits: str = "32f", rate_hz: int = 44_100) -> Master:
    form = OutputFormat(bits=bits, dither="none")
    with Writer(path, form, rate_hz, samples.shape[0], samples.shape[1]) as writer:
        writer.write(np.ascontiguousarray(samples))
    return Master(path)


def _noise(seed: int, seconds: float = 1.3, gain: float = 0.2, channels: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return gain * random.standard_normal((channels, round(44_100 * seconds)))


def _grid(samples: np.ndarray, bits: int) -> np.ndarray:
    return np.rint(samples * 2 ** (bits - 1)) / 2 ** (bits - 1)


def _order(tmp_path: Path, tracks: list[Track], sounds: list[Master], **more: object) -> Order:
    return Order(Release(title="T", tracks=tuple(tracks)), tuple(sounds), -1.0, **more)


def _whole(pieces: tuple) -> np.ndarray:
    return np.concatenate([read(piece.path).samples for piece in pieces], axis=1)


@pytest.fixture
def mixed(tmp_path: Path) -> Order:
    kept = _grid(_noise(2), 16)
    sounds = [
        _wav(tmp_path / "a.wav", _noise(1)),
        _wav(tmp_path / "b.wav", kept, "16"),
        _wav(tmp_path / "c.wav", _noise(3, channels=1)),
        _wav(tmp_path / "d.wav", _noise(4)),
    ]
    tracks = [
        Track(file="a.wav", fade_in=Fade(length_s=0.2)),
        Track(file="b.wav", gap_s=0.5, keep_as_is=True),
        Track(file="c.wav", gap_s=0.0),
        Track(file="d.wav", crossfade_s=0.4),
    ]
    return _order(tmp_path, tracks, sounds)


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_concatenated_tracks_are_the_programme_bit_for_bit(
    mixed: Order, tmp_path: Path, bits: str
) -> None:
    pieces = Pieces(mixed, tmp_path / "s", Teller(None))
    whole = _whole(pieces.cut(bits))
    with pieces.sequence() as programme:
        if bits == "32f":
            expected = programme.source.read().samples.astype(np.float32).astype(np.float64)
        else:
            blocks = list(programme.quantised(int(bits), "tpdf"))
            expected = np.concatenate(blocks, axis=1) / 2.0 ** (int(bits) - 1)
    np.testing.assert_array_equal(whole, expected)


def test_what_is_kept_keeps_its_bits_between_tracks_that_are_dithered(
    mixed: Order, tmp_path: Path
) -> None:
    pieces = Pieces(mixed, tmp_path / "s", Teller(None))
    kept = read(mixed.masters[1].file).samples
    for bits in ("16", "24"):
        second = read(pieces.cut(bits)[1].path).samples
        np.testing.assert_array_equal(second[:, : kept.shape[1]], kept)
    first = read(pieces.cut("16")[0].path).samples
    original = read(mixed.masters[0].file).samples
    rounded = _grid(original[:, 22_050:40_000], 16)
    assert np.any(first[:, 22_050:40_000] != rounded)  # it is dithered


def test_a_crossfade_of_two_loud_songs_stays_under_the_ceiling(tmp_path: Path) -> None:
    t = np.arange(88_200) / 44_100
    tone = 0.87 * np.sin(2 * np.pi * 220 * t)[None, :].repeat(2, 0)
    sounds = [_wav(tmp_path / f"{i}.wav", tone) for i in range(2)]
    tracks = [
        Track(file="0.wav"),
        Track(file="1.wav", crossfade_s=1.0, crossfade_curve="none"),
    ]
    pieces = Pieces(_order(tmp_path, tracks, sounds), tmp_path / "s", Teller(None))
    with pieces.sequence() as programme:
        assert programme.held
        held = programme.source.read()
        plain = programme.source._whole.read()
    assert measure(plain).peaks.true_peak_dbtp > 4.0
    assert measure(held).peaks.true_peak_dbtp <= -1.0
    # Away from the crossfade nothing is touched.
    np.testing.assert_array_equal(held.samples[:, :30_000], plain.samples[:, :30_000])
    assert max(m.peaks.true_peak_dbtp for m in pieces.measured()) <= -1.0
    assert pieces.album().true_peak_dbtp <= -1.0


def test_masters_are_limited_only_where_they_cross(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A master comes out of its own limiter a hair over what that lets through: let it be."""
    from burnish.deliver import programme as room

    monkeypatch.setattr(room, "_PIECE", 1 << 16)
    monkeypatch.setattr(room, "_EARLY", 1 << 14)
    started: list[int] = []
    start = Limiter.start
    monkeypatch.setattr(Limiter, "start", lambda *a: started.append(1) or start(*a))
    limit = Limiter(input_gain_db=6.0)
    sounds = []
    for i in range(2):
        held = np.concatenate(
            list(in_place(start(limit, 44_100, 2), [_noise(5 + i, 4.0)], 2)), axis=1
        )
        sounds.append(_wav(tmp_path / f"{i}.wav", held))
    top = max(measure(one.file).peaks.true_peak_dbtp for one in sounds)
    assert -1.021 < top < -1.0
    tracks = [Track(file="0.wav"), Track(file="1.wav", crossfade_s=0.2, crossfade_curve="none")]
    with Pieces(_order(tmp_path, tracks, sounds), tmp_path / "s", Teller(None)).sequence() as one:
        held, plain = one.source.read().samples, one.source._whole.read().samples
    assert len(started) == 1  # of six pieces
    np.testing.assert_array_equal(held[:, : 1 << 17], plain[:, : 1 << 17])
    np.testing.assert_array_equal(held[:, 200_000:], plain[:, 200_000:])
    assert np.abs(plain).max() > 1.2
    assert np.abs(held).max() < 0.9


def test_any_part_of_a_held_programme_is_the_same_bits(mixed: Order, tmp_path: Path) -> None:
    with Pieces(mixed, tmp_path / "s", Teller(None)).sequence() as programme:
        whole = programme.source.read().samples
        part = np.concatenate(list(programme.source.blocks(777, 50_001, 60_003)), axis=1)
    np.testing.assert_array_equal(part, whole[:, 50_001:60_003])


def test_the_rate_is_the_lowest_of_the_tracks_and_no_less_than_44100(tmp_path: Path) -> None:
    sounds = [
        _wav(tmp_path / "a.wav", _noise(1), rate_hz=48_000),
        _wav(tmp_path / "b.wav", _noise(2), rate_hz=96_000),
    ]
    tracks = [Track(file="a.wav"), Track(file="b.wav")]
    assert Pieces(_order(tmp_path, tracks, sounds), tmp_path, Teller(None)).rate_hz == 48_000
    low = [_wav(tmp_path / "c.wav", _noise(1), rate_hz=22_050), sounds[1]]
    assert Pieces(_order(tmp_path, tracks, low), tmp_path, Teller(None)).rate_hz == 44_100


def test_the_album_of_one_measures_as_its_track(tmp_path: Path) -> None:
    sound = _noise(5, 8.0)
    order = _order(tmp_path, [Track(file="a.wav")], [_wav(tmp_path / "a.wav", sound)])
    pieces = Pieces(order, tmp_path / "s", Teller(None))
    one = measure(pieces.cut("24")[0].path)
    assert pieces.album().integrated_lufs == one.loudness.integrated_lufs
    assert pieces.album().range_lu == one.loudness.range_lu
    assert (
        abs(pieces.album().integrated_lufs - measure(Audio(sound, 44_100)).loudness.integrated_lufs)
        < 0.01
    )


def test_what_is_hidden_comes_before_the_first_track(tmp_path: Path) -> None:
    sounds = [_wav(tmp_path / "a.wav", _noise(1))]
    hidden = _wav(tmp_path / "h.wav", _noise(2))
    tracks = [Track(file="a.wav", hidden_file="h.wav", gap_s=0.25)]
    order = _order(tmp_path, tracks, sounds, hidden=hidden)
    pieces = Pieces(order, tmp_path / "s", Teller(None))
    assert [piece.number for piece in pieces.cut("24")] == [1]
    both = pieces.cut("24", hidden=True)
    assert [piece.number for piece in both] == [0, 1]
    with open_source(both[0].path) as source:
        assert source.info.n_samples == round(1.3 * 44_100) + round(0.25 * 44_100)
