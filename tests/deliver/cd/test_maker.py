"""The CD as a product: every sample and mark where it belongs, and read back."""

import resource
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from cd_albums import Made, album, image, made, master
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.audio import read
from burnish.chain import Teller
from burnish.deliver.cd.extract_ddp import extract_ddp
from burnish.deliver.cd.maker import make
from burnish.deliver.cd.of_release import framed
from burnish.deliver.cd.proof import Witness
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.cd.refuse import offsets_of
from burnish.deliver.cd.verify_ddp import verify_ddp
from burnish.deliver.order import Order
from burnish.deliver.pieces import Pieces
from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.errors import OutputError, SettingError
from burnish.release import Release, Track
from burnish.targets import delivery

EXACT = {
    "cd_start_offset_frames": 0,
    "cd_first_offset_frames": 0,
    "cd_pause_offset_frames": 0,
    "cd_end_offset_frames": 0,
}
DDP_FILES = ["CDTEXT.BIN", "CHECKSUM.MD5", "CHECKSUM.TXT", "DDPID", "DDPMS", "IMAGE.DAT", "PQDESCR"]


@pytest.fixture(scope="module")
def cd(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("cd")
    return made(album(folder / "masters"), folder / "out", cd_wav=True, codes_in_cd_text=True)


def rendered(order: Order, scratch: Path) -> np.ndarray:
    """The programme as whole numbers, in both channels."""
    with Pieces(order, scratch, Teller(None)).sequence(44_100, cd_frames=True) as programme:
        blocks = list(programme.quantised(16, "tpdf", order.wishes.cd_dither_seed))
    whole = np.concatenate(blocks, axis=1)
    return np.broadcast_to(whole, (2, whole.shape[1]))


def test_the_folder(cd: Made) -> None:
    told = sorted(str(one.path) for one in cd.delivered.files)
    there = sorted(str(one.relative_to(cd.folder)) for one in cd.folder.rglob("*") if one.is_file())
    assert told == there
    assert [name for name in told if "/" not in name] == [
        "Blue- Hour.cue",
        "Blue- Hour.toc",
        "PQ sheet.pdf",
        "PQ sheet.txt",
    ]
    assert [name[4:] for name in told if name.startswith("DDP/")] == DDP_FILES
    tracks = {one.track: one.path.name for one in cd.delivered.files if one.kind == "cd-wav"}
    assert tracks == {0: "00 hidden.wav", 1: "01 Zolw.wav", 2: "02 Two.wav", 3: "03 Privet.wav",
                      4: "04 Four (Live).wav", 5: "05.wav"}  # fmt: skip


def test_the_image_is_the_programme_between_silences(cd: Made, tmp_path: Path) -> None:
    ddp = read_ddp(cd.ddp)
    whole, sound = rendered(cd.order, tmp_path / "s"), image(cd.folder)
    lead = 150 * 588
    assert sound.shape[1] == ddp.disc.lead_out_cd_frame * 588
    assert not sound[:, :lead].any()
    np.testing.assert_array_equal(sound[:, lead : lead + whole.shape[1]], whole)
    assert not sound[:, lead + whole.shape[1] :].any()
    wavs = [cd.folder / one.path for one in cd.delivered.files if one.kind == "cd-wav"]
    parts = [read(path).samples * 32768 for path in wavs]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), sound)


def test_marks_codes_flags_and_texts(cd: Made) -> None:
    ddp = read_ddp(cd.ddp)
    assert not [one for one in verify_ddp(ddp) if one.severity == "fail"]
    one, two, three, four, five = ddp.disc.tracks
    assert (ddp.disc.ean, ddp.disc.disc_id, ddp.disc.genre_code) == ("0036000291452", "CAT-001", 23)
    with Pieces(cd.order, cd.folder, Teller(None)).sequence(44_100, cd_frames=True) as programme:
        placed = programme.layout.tracks
    frames = [150 + track.start // 588 for track in placed]
    assert one.start_cd_frame == frames[0] - 15
    assert two.start_cd_frame == frames[1] - 10
    assert (three.pregap_cd_frame, three.start_cd_frame) == (None, frames[2])  # gapless
    assert (four.pregap_cd_frame, four.start_cd_frame) == (None, frames[3])  # a crossfade
    assert five.start_cd_frame == frames[4] - 10
    assert five.pregap_cd_frame is not None
    assert three.index_cd_frames == tuple(150 + mark // 588 for mark in placed[2].marks)
    flags = [(track.digital_copy, track.pre_emphasis) for track in ddp.disc.tracks]
    assert flags == [("prohibited", False), ("permitted", False), ("prohibited", False),
                     ("prohibited", False), ("once", True)]  # fmt: skip
    assert [track.isrc[-1:] for track in ddp.disc.tracks] == ["1", "2", "3", "", "5"]
    assert [track.texts.title for track in ddp.disc.tracks] == [
        "Zólw", "Two", "Privet", "Four (Live)", "??",
    ]  # fmt: skip
    assert four.texts.performer == "Guest"


def test_what_is_said_of_it(cd: Made) -> None:
    details = [one.detail for one in cd.delivered.findings]
    assert details == [
        "track 1 title “Żółw” is written “Zólw”",
        "track 3 title “Привет” is written “Privet”",
        "track 5 title “日本” is written “??”",
        "track 5: players will turn the treble down by 50/15 us",
    ]
    assert cd.delivered.notes == (
        "Track 2 keeps the bits of its 16-bit file; all else is rounded once, with tpdf dither "
        "(seed 1).",
    )
    assert "No ISRC on track 4: ask the label whether that is right." in cd.delivered.checklist


def test_a_kept_track_keeps_its_bits(cd: Made) -> None:
    """Between tracks that are dithered; and what is between tracks is black."""
    kept = np.rint(read(cd.order.masters[1].file).samples * 32768).astype(np.int16)
    ddp, sound = read_ddp(cd.ddp), image(cd.folder)
    start = (ddp.disc.tracks[1].start_cd_frame + 10) * 588
    np.testing.assert_array_equal(sound[:, start : start + kept.shape[1]], kept)
    pause = ddp.disc.tracks[1].pregap_cd_frame
    assert pause is not None
    assert not sound[:, pause * 588 : start].any()


@pytest.mark.parametrize("dither", ["none", "lipshitz-5"])
def test_dither_as_asked(dither: str, tmp_path: Path) -> None:
    release = Release(title="T", tracks=(Track(title="a", file="1"), Track(title="b", file="2")))
    order = Order(
        release,
        (master(tmp_path / "1.wav", 1, 200_000), master(tmp_path / "2.wav", 2, 200_000)),
        -1.0,
    )
    cd = made(order, tmp_path / "out", cd_dither=dither, cd_dither_seed=7)
    sound = image(cd.folder)
    lead = (150 + 15) * 588
    error = sound[:, lead : lead + 200_000] - read(order.masters[0].file).samples * 32768
    if dither == "none":
        assert np.abs(error).max() <= 0.5
        assert cd.delivered.notes == ("Rounded to 16 bits once, without dither, as asked.",)
    else:
        power = np.abs(np.fft.rfft(error[0] * np.hanning(200_000))) ** 2
        low, high = power[13_600:22_700].mean(), power[77_000:86_000].mean()  # 3-5 and 17-19 kHz
        assert 10 * np.log10(high / low) > 30  # where the ear hears less
        assert cd.delivered.notes == ("Rounded to 16 bits once, with lipshitz-5 dither (seed 7).",)
    quiet = sound[:, lead + 200_000 : lead + 200_000 + 44_100]
    assert not quiet.any()  # the shape's tail does not go on over the gap


def test_an_album_of_16_bit_files_is_not_dithered(tmp_path: Path) -> None:
    masters = tuple(master(tmp_path / f"k{i}.wav", i, 180_000, "16") for i in range(2))
    told = Release(title="T", tracks=(Track(file="a"), Track(file="b", gap_s=0.0)))
    cd = made(Order(told, masters, -1.0), tmp_path / "out")
    sound = image(cd.folder)[:, 165 * 588 :]
    wanted = np.concatenate([read(one.file).samples * 32768 for one in masters], axis=1)
    np.testing.assert_array_equal(sound[:, : wanted.shape[1]], wanted)
    assert cd.delivered.notes == ("No dither: all tracks keep the bits of their 16-bit files.",)


def test_the_same_order_gives_the_same_bytes(cd: Made, tmp_path: Path) -> None:
    again = made(replace(cd.order), tmp_path / "again", cd_wav=True, codes_in_cd_text=True)
    for one in cd.delivered.files:
        assert (again.folder / one.path).read_bytes() == (cd.folder / one.path).read_bytes()


def test_the_profile_of_cue2ddp(tmp_path: Path) -> None:
    told = Release(title="T", genre="Rock", catalogue_number="C", tracks=(Track(file="a"),))
    order = Order(told, (master(tmp_path / "a.wav", 1, 180_000),), -1.0)
    cd = made(order, tmp_path / "out", ddp_profile="cue2ddp")
    assert (cd.ddp / "SD").exists()
    disc = read_ddp(cd.ddp).disc
    assert (disc.genre_code, disc.disc_id) == (None, "")  # codes were not asked for


# ---- random albums -------------------------------------------------------------------------------


@st.composite
def small_albums(draw: st.DrawFn) -> tuple[Release, list[tuple[int, str, int]]]:
    """A release of one to three tracks, and (samples, bits, channels) of each."""
    tracks, sounds = [], []
    for i in range(draw(st.integers(1, 3))):
        join = draw(st.sampled_from(["gap", "gapless", "crossfade"])) if i else "first"
        n_samples = draw(st.integers(4 * 44_100 + 26_000, 4 * 44_100 + 40_000))
        tracks.append(
            Track(
                title=draw(st.sampled_from(["", "Song", "Żółw", "日本"])),
                file=str(i),
                gap_s=draw(st.floats(0.01, 0.4)) if join == "gap" else None if not i else 0.0,
                crossfade_s=draw(st.floats(0.01, 0.2)) if join == "crossfade" else 0.0,
                index_s=draw(st.sampled_from([(), (1.0,), (1.5, 2.0)])),
                digital_copy=draw(st.sampled_from(["prohibited", "permitted", "once"])),
            )
        )
        sounds.append((n_samples, draw(st.sampled_from(["16", "32f"])), draw(st.integers(1, 2))))
    return Release(title="T", tracks=tuple(tracks)), sounds


@given(small_albums(), st.booleans())
@settings(max_examples=5, deadline=None)
def test_any_album_comes_back_bit_for_bit(
    drawn: tuple[Release, list[tuple[int, str, int]]], exact: bool
) -> None:
    told, sounds = drawn
    with TemporaryDirectory() as name:
        folder = Path(name)
        masters = tuple(
            master(folder / f"{i}.wav", i, n, bits, channels)
            for i, (n, bits, channels) in enumerate(sounds)
        )
        cd = made(Order(told, masters, -1.0), folder / "out", **(EXACT if exact else {}))
        assert not [one for one in cd.delivered.findings if one.severity == "fail"]
        ddp = read_ddp(cd.ddp)
        extracted = extract_ddp(ddp, folder / "wav")
        whole = rendered(cd.order, folder / "s")
        offsets = offsets_of(cd.order.wishes)
        with Pieces(cd.order, folder, Teller(None)).sequence(44_100, cd_frames=True) as programme:
            layout = programme.layout
        meant = np.concatenate(list(framed(iter([whole]), layout, offsets)), axis=1)
        np.testing.assert_array_equal(image(cd.folder), meant)
        first = ddp.disc.tracks[0].start_cd_frame * 588
        at = 0 if extracted.files[0] == "00 hidden.wav" else first
        for file in extracted.files[:-1]:
            got = read(folder / "wav" / file).samples * 32768
            np.testing.assert_array_equal(got, meant[:, at : at + got.shape[1]])
            at += got.shape[1]
        assert at == meant.shape[1]
        if exact:  # then each track is that of the sequence
            starts = [track.start_cd_frame for track in ddp.disc.tracks]
            assert starts == [150 + one.start // 588 for one in layout.tracks]


# ---- what goes wrong -----------------------------------------------------------------------------


def test_the_proof_sees_one_wrong_sample_and_one_wrong_mark(cd: Made) -> None:
    ddp = read_ddp(cd.ddp)
    witness = Witness(ddp.disc)
    sound = image(cd.folder).copy()
    sound[0, ddp.disc.tracks[2].start_cd_frame * 588 + 5] ^= 1
    for _ in witness.hearing(iter([sound[:, :100_000], sound[:, 100_000:]])):
        pass
    (found,) = witness.findings(ddp)
    assert (found.code, found.severity) == ("cd-samples", "fail")
    assert found.detail.startswith("track 3: its samples in IMAGE.DAT")
    wavs = dict(enumerate(sorted((cd.folder / "WAV").glob("*.wav"))))
    (found,) = witness.of_wavs(wavs)
    assert found.detail.startswith("track 3: its samples in 03 Privet.wav")
    first = replace(ddp.disc.tracks[0], isrc="DEAB12600009")
    witness = Witness(replace(ddp.disc, tracks=(first, *ddp.disc.tracks[1:])))
    for _ in witness.hearing(iter([image(cd.folder)])):
        pass
    (found,) = witness.findings(ddp)
    assert found.detail == "track 1 isrc was written as DEAB12600009, and is read as DEAB12600001"


def test_true_peaks_are_read_as_they_are_written(tmp_path: Path) -> None:
    """Over the ceiling fails; a track that came so is warned of past full scale."""
    names = [tmp_path / f"{i}.wav" for i in range(3)]
    gains = (0.95, 0.95, 0.2)
    first, second, third = (
        master(name, i, 180_000, gain=gain)
        for i, (name, gain) in enumerate(zip(names, gains, strict=True))
    )
    told = Release(title="T", tracks=tuple(Track(file=str(i)) for i in range(3)))
    recalled = (replace(first, recall=tmp_path / "r"), second, replace(third, recall=tmp_path))
    cd = made(Order(told, recalled, -1.0), tmp_path / "out")
    over = [one for one in cd.delivered.findings if one.code == "cd-true-peak"]
    sound = image(cd.folder) / 32768.0
    starts = [track.start_cd_frame * 588 for track in read_ddp(cd.ddp).disc.tracks]
    peaks_db = [
        20 * np.log10(true_peak_steps(np.pad(sound[:, a:b], ((0, 0), (PAD, PAD))), b - a).max())
        for a, b in pairwise([*starts, sound.shape[1]])
    ]
    assert [one.severity for one in over] == ["fail", "warn"]
    for number, one in enumerate(over, 1):
        assert one.detail.startswith(f"track {number}: {peaks_db[number - 1]:.2f} dBTP at ")
    (file,) = (one for one in cd.delivered.files if one.path.name == "IMAGE.DAT")
    assert file.told["true_peak_dbtp"] == pytest.approx(max(peaks_db), abs=1e-9)


class _Stopped(Pieces):
    """Pieces whose programme ends in an error half-way."""

    error: BaseException = KeyboardInterrupt()

    def sequence(self, rate_hz=None, cd_frames=False):  # type: ignore[no-untyped-def]
        from contextlib import contextmanager
        from types import SimpleNamespace

        whole = super().sequence(rate_hz, cd_frames)

        @contextmanager
        def broken():  # type: ignore[no-untyped-def]
            with whole as programme:

                def quantised(bits, dither, seed=1):  # type: ignore[no-untyped-def]
                    yield next(iter(programme.quantised(bits, dither, seed)))
                    raise self.error

                yield SimpleNamespace(
                    source=programme.source,
                    layout=programme.layout,
                    kept=programme.kept,
                    quantised=quantised,
                )

        return broken()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_nothing_half_written_is_left(error: BaseException, tmp_path: Path) -> None:
    order = album(tmp_path / "m")
    pieces = _Stopped(order, tmp_path / "s", Teller(None))
    pieces.error = error
    (tmp_path / "out").mkdir()
    with pytest.raises((KeyboardInterrupt, OutputError)) as caught:
        make(order, delivery("cd"), tmp_path / "out", pieces, Teller(None))
    assert list((tmp_path / "out").iterdir()) == []
    if isinstance(error, OSError):
        assert isinstance(caught.value, OutputError)
        assert "IMAGE.DAT: no room: needs" in str(caught.value)


def test_a_disk_that_is_full_in_the_middle_of_the_image(tmp_path: Path) -> None:
    """The system itself refuses to write more than a megabyte."""
    order = album(tmp_path / "m")
    pieces = Pieces(order, tmp_path / "s", Teller(None))
    (tmp_path / "out").mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(OutputError, match=r"IMAGE.DAT: no room: needs \d+ bytes"):
            make(order, delivery("cd"), tmp_path / "out", pieces, Teller(None))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_track_under_four_seconds_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    masters = (master(tmp_path / "1.wav", 1, 3 * 44_100),)
    order = Order(Release(title="T", tracks=(Track(file="1"),)), masters, -1.0)
    with pytest.raises(SettingError, match=r"track 1 is 3\.\d+ s long: must be 4 s or more"):
        made(order, tmp_path / "out", cd_end_offset_frames=0)
    assert list((tmp_path / "out").iterdir()) == []
