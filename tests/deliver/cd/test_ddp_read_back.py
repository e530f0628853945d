"""What the writer wrote, as the reader reads it: they share no code and agree on every disc."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from discs import discs, in_blocks, noise, whole_disc
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from burnish.deliver.cd import Disc, DiscTrack, Texts, write_ddp
from burnish.deliver.cd.cdtext import cd_text
from burnish.deliver.cd.extract_ddp import extract_ddp
from burnish.deliver.cd.latin import latin_1
from burnish.deliver.cd.read_cdtext import read_cd_text
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.cd.verify_ddp import verify_ddp
from burnish.errors import InputError, OutputError, SettingError
from burnish.report.ddp import ddp_to_json


def sound_of(path: Path) -> bytes:
    data = path.read_bytes()
    assert data[:4] == b"RIFF"
    return data[44:]


PROFILES = st.sampled_from(["recommended", "cue2ddp"])


@given(discs(), PROFILES, st.integers(1_999, 300_000), st.booleans())
@settings(max_examples=15, deadline=None)
def test_any_disc_comes_back(disc: Disc, profile: str, length: int, codes: bool) -> None:
    samples = noise(disc)
    with TemporaryDirectory() as name:
        folder = Path(name) / "ddp"
        write_ddp(folder, disc, in_blocks(samples, length), profile=profile, codes_in_cd_text=codes)
        ddp = read_ddp(folder)
        wanted = disc
        if disc.genre_code is None:  # the text goes with the code, or not at all
            wanted = replace(disc, genre="")
        assert ddp.disc == wanted
        assert verify_ddp(ddp) == ()
        made = extract_ddp(ddp, Path(name) / "out")
        sound = b"".join(sound_of(made.folder / one) for one in made.files[:-1])
        image = samples.T.astype("<i2").tobytes()
        first = 0 if made.files[0].startswith("00") else disc.tracks[0].start_cd_frame
        assert sound == image[first * 2352 :]
        whole = extract_ddp(ddp, Path(name) / "whole", one_file=True)
        assert sound_of(whole.folder / whole.files[0]) == image


@given(st.lists(st.builds(Texts, *[st.text(max_size=60)] * 6), min_size=2, max_size=9))
@settings(max_examples=60, deadline=None)
def test_any_text_becomes_latin_and_comes_back(told: list[Texts]) -> None:
    tracks = tuple(DiscTrack(150 + 400 * i, None, texts=one) for i, one in enumerate(told[1:]))
    try:
        made = cd_text(Disc(tracks, 9000, texts=told[0]))
    except SettingError:  # too much of it: every string of 60 letters of three each
        return
    read = read_cd_text(made.packs)
    assert not read.bad_crcs
    assert not read.out_of_sequence
    assert read.counts_agree
    assert read.has_sizes == bool(made.packs)
    for track, texts in enumerate(told):
        for kind in ("title", "performer", "songwriter", "composer", "arranger", "message"):
            given_text = getattr(texts, kind)
            assert read.text(kind, track) == latin_1(given_text)
            changed = latin_1(given_text) != given_text
            said = f" {kind} “{given_text}” is written “"
            warned = [one for one in made.findings if said in one.detail]
            assert len(warned) == changed  # once, however often the text is there
            assert not changed or track in places(warned[0].detail)


def places(detail: str) -> set[int]:
    """The tracks that a finding names, 0 for the disc."""
    told = {0} if detail.startswith("disc") else set()
    for first, last in re.findall(r"tracks? (\d+)(?: (?:to|and) (\d+))?", detail.split(" “")[0]):
        told |= set(range(int(first), int(last or first) + 1))
    return told


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("Grüße, Ñandú", "Grüße, Ñandú"),
        ("Cafe\u0301", "Café"),
        ("Łódź – “Żółw”…", 'Lódz - "Zólw"...'),
        ("Œuvre", "OEuvre"),
        ("ﬁne №1", "fine No1"),
        ("a\tb\nc", "a b c"),
        ("音楽", "??"),
        ("Привет, Щёлково", "Privet, Shchelkovo"),
        ("Νύχτα Ωρών", "Nychta Oron"),
        ("Don’t", "Don't"),
    ],
)
def test_nearest_letters(given_text: str, written: str) -> None:
    assert latin_1(given_text) == written


def test_text_outside_the_letters_is_told() -> None:
    (one,) = cd_text(Disc((DiscTrack(150, 0, texts=Texts("音")),), 900)).findings
    assert one.detail == "track 1 title “音” is written “?”"
    assert one.severity == "warn"


def test_a_text_that_many_tracks_share_is_told_once() -> None:
    names = ("音", "音", "音", "Band", "音", "音", "", "音")
    tracks = [DiscTrack(150 + 300 * i, texts=Texts("", name)) for i, name in enumerate(names)]
    (one,) = cd_text(Disc(tuple(tracks), 2700, texts=Texts("", "音"))).findings
    who = "disc, tracks 1 to 3, tracks 5 and 6, track 8"
    assert one.detail == f"{who} performer “音” is written “?”"


def test_the_other_forms_of_cd_text() -> None:
    packs = cd_text(whole_disc()).packs
    plain = read_cd_text(packs)
    assert plain.text("title", 1) == "Grüße"
    assert read_cd_text(packs + b"\0") == plain
    assert read_cd_text((len(packs) + 2).to_bytes(2, "big") + b"\0\0" + packs) == plain
    assert read_cd_text(b"").n_packs == 0
    damaged = bytearray(packs)
    damaged[40] ^= 1
    assert read_cd_text(bytes(damaged)).bad_crcs == (2,)
    assert read_cd_text(packs[18:]).out_of_sequence
    assert read_cd_text(packs[:-5]).n_bytes_over == 13
    assert not read_cd_text(packs[:-18]).has_sizes


def test_a_lone_tab_repeats_the_text_before() -> None:
    disc = whole_disc()
    tracks = (*disc.tracks[:2], replace(disc.tracks[2], texts=Texts("T", "X")))
    packs = cd_text(replace(disc, tracks=tracks)).packs
    assert b"X\0" in packs
    assert read_cd_text(packs.replace(b"X\0", b"\t\0")).text("performer", 3) == "Ünï"


def test_the_last_cd_frame_is_filled_up(tmp_path: Path) -> None:
    disc = Disc((DiscTrack(150, 0),), 500)
    samples = noise(disc)[:, :-587]
    write_ddp(tmp_path / "ddp", disc, [samples])
    image = (tmp_path / "ddp" / "IMAGE.DAT").read_bytes()
    assert len(image) == 500 * 2352
    assert image[-587 * 4 :] == bytes(587 * 4)
    with pytest.raises(ValueError, match="the disc has"):
        write_ddp(tmp_path / "less", disc, [samples[:, :-1]])
    with pytest.raises(ValueError, match="the disc has"):
        write_ddp(tmp_path / "more", disc, [noise(disc), np.zeros((2, 1), np.int16)])
    assert [one.name for one in tmp_path.iterdir()] == ["ddp"]


def other_writer(folder: Path) -> Path:
    """A DDP as another program might leave it: small names, zeros and blanks mixed, one lead-out,
    ISRC on index 01 only, a UPC of 12 digits, the image in two pieces and without its first two
    seconds, an MD5 file with CR LF, and no CD-Text.
    """  # fmt: skip
    folder.mkdir()

    def stream(kind: str, length: str, file: str, subcode: str = "", mode: str = "") -> bytes:
        text = (
            f"VVVM{kind}{'':8}{length:8}{'':8}{subcode:8}{mode:2}0{'':30}{len(file):03d}{file:17}"
        )
        return f"{text:128}".encode()

    def mark(track: str, index: str, time: str, isrc: str = "") -> bytes:
        return f"{f'VVVS{track}{index}00{time}01  {isrc:12}':64}".encode()

    parts = (
        stream("S0", "00000256", "pq.dat", "PQ DESCR"),
        stream("D0", "     300", "SIDE_A.RAW", mode="DA"),
        stream("D0", "00000400", "side_b.raw", mode="DA"),
    )
    (folder / "ddpms").write_bytes(b"".join(parts))
    (folder / "DDPID").write_bytes(f"{'DDP 1.01036000291452 ':86} CD".ljust(128).encode())
    marks = (
        mark("01", "00", "000000"),
        mark("01", "01", "000200", "USABC2600001"),
        mark("02", "01", "000700"),
        mark("AA", "01", "001125"),
    )
    (folder / "PQ.DAT").write_bytes(b"".join(marks))
    sound = noise(Disc((DiscTrack(1),), 700), seed=3).T.tobytes()
    (folder / "SIDE_A.RAW").write_bytes(sound[: 300 * 2352])
    (folder / "SIDE_B.RAW").write_bytes(sound[300 * 2352 :])
    return folder


def test_a_ddp_of_another_writer(tmp_path: Path) -> None:
    folder = other_writer(tmp_path / "ddp")
    ddp = read_ddp(folder)
    assert ddp.level == "DDP 1.01"
    assert ddp.disc.ean == "0036000291452"
    assert [track.start_cd_frame for track in ddp.disc.tracks] == [150, 525]
    assert ddp.disc.tracks[0].isrc == "USABC2600001"
    assert ddp.image_starts_cd_frame == 150
    assert [one.code for one in verify_ddp(ddp)] == ["ddp-no-checksum"]
    made = extract_ddp(ddp, tmp_path / "out")
    sound = b"".join(sound_of(made.folder / one) for one in made.files[:-1])
    assert sound == noise(Disc((DiscTrack(1),), 700), seed=3).T.tobytes()
    assert made.files == ("01.wav", "02.wav", "disc.cue")


def test_an_interrupted_ddp_leaves_nothing(tmp_path: Path) -> None:
    disc = whole_disc()

    def stopped() -> Iterator[NDArray[np.int16]]:
        yield from in_blocks(noise(disc)[:, :400_000])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_ddp(tmp_path / "ddp", disc, stopped())
    assert list(tmp_path.iterdir()) == []


def test_overwrite_leaves_other_sound_alone(tmp_path: Path) -> None:
    folder = other_writer(tmp_path / "ddp")
    ddp = read_ddp(folder)
    extract_ddp(ddp, tmp_path / "out")
    extract_ddp(ddp, tmp_path / "out", one_file=True, overwrite=True)
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["disc.cue", "image.wav"]
    (tmp_path / "out" / "my song.wav").write_bytes(b"mine")
    with pytest.raises(OutputError, match="holds other things"):
        extract_ddp(ddp, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out" / "my song.wav").read_bytes() == b"mine"


@given(
    st.sampled_from(["DDPMS", "DDPID", "PQDESCR", "CDTEXT.BIN", "CHECKSUM.MD5"]),
    st.lists(st.tuples(st.integers(0, 700), st.binary(min_size=1, max_size=9)), min_size=1),
    st.integers(1, 700),
)
@settings(max_examples=150, deadline=None)
def test_nothing_but_a_sentence_comes_of_rubbish(
    small_ddp: Path, name: str, changes: list[tuple[int, bytes]], length: int
) -> None:
    """Any bytes in any of its files: it is read, or an ``InputError`` tells why not."""
    whole = (small_ddp / name).read_bytes()
    data = bytearray(whole)
    for at, part in changes:
        data[at % len(data) : at % len(data) + len(part)] = part
    try:
        (small_ddp / name).write_bytes(data[:length] if length % 3 == 0 else data)
        try:
            ddp = read_ddp(small_ddp)
        except InputError as error:
            said = error.sentence
        else:
            said = "".join(one.detail for one in verify_ddp(ddp))
            json.dumps(ddp_to_json(ddp), allow_nan=False)
        assert "Traceback" not in said
    finally:
        (small_ddp / name).write_bytes(whole)


@pytest.fixture(scope="module")
def small_ddp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    disc = whole_disc()
    made = write_ddp(tmp_path_factory.mktemp("small") / "ddp", disc, [noise(disc)])
    (made.folder / "IMAGE.DAT").unlink()  # what is not looked at here need not be summed
    return made.folder


def test_overwrite_replaces_a_ddp_and_nothing_else(tmp_path: Path) -> None:
    disc = whole_disc()
    blocks = [noise(disc)]
    write_ddp(tmp_path / "ddp", disc, blocks)
    with pytest.raises(OutputError, match="exists already"):
        write_ddp(tmp_path / "ddp", disc, blocks)
    shorter = replace(disc, lead_out_cd_frame=1300)
    write_ddp(tmp_path / "ddp", shorter, [noise(shorter)], overwrite=True)
    assert read_ddp(tmp_path / "ddp").disc.lead_out_cd_frame == 1300
    (tmp_path / "ddp" / "letter.txt").write_text("dear")
    with pytest.raises(OutputError, match="holds other things"):
        write_ddp(tmp_path / "ddp", disc, blocks, overwrite=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(OutputError, match="holds other things"):
        write_ddp(tmp_path / "mine", disc, blocks, overwrite=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ddp", "mine"]
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
