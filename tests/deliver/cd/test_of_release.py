"""A release as a disc: gaps, a crossfade, a gapless join, something hidden; all in its place."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.chain.sequence import SequenceSource
from burnish.deliver.cd import Texts, write_ddp
from burnish.deliver.cd.extract_ddp import extract_ddp
from burnish.deliver.cd.of_release import NO_OFFSETS, Offsets, disc_of, framed
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.cd.red_book import limits_passed
from burnish.deliver.cd.verify_ddp import verify_ddp
from burnish.dsp.dither import Quantiser
from burnish.release import Release, Track


def song(n_samples: int, seed: int, channels: int = 2) -> AudioSource:
    random = np.random.default_rng(seed)
    whole = random.integers(-20_000, 20_000, (channels, n_samples))
    return AudioSource(Audio(whole / 32768.0, 44_100))


def rounded(sequence: SequenceSource) -> Iterator[NDArray[np.int32]]:
    quantiser = Quantiser(16, "none", 1, sequence.info.channels, sequence.info.rate_hz)
    for block in sequence.blocks():
        yield quantiser.process(block)
    yield quantiser.finish()


def album() -> Release:
    return Release(
        title="Album",
        artist="Band",
        composer="Somebody",
        upc="036000291452",
        catalogue_number="CAT 1",
        tracks=(
            Track(title="One", file="1", isrc="DE-AB1-26-00001", gap_s=1.0, hidden_file="h"),
            Track(title="Two", file="2", isrc="DE-AB1-26-00002", gap_s=0.0, index_s=(2.0,)),
            Track(title="Three", version="Live", file="3", artist="Guest", gap_s=1.5),
            Track(title="Four", file="4", crossfade_s=0.5, digital_copy="once"),
        ),
    )


LENGTHS = (5 * 44_100, 5 * 44_100 + 100, 6 * 44_100 + 7, 5 * 44_100)


def sequence(channels: int = 2) -> SequenceSource:
    songs = [song(n, i, channels) for i, n in enumerate(LENGTHS)]
    return SequenceSource(album(), songs, song(3 * 44_100 + 50, 9, channels), cd_frames=True)


@pytest.mark.parametrize("channels", [1, 2])
def test_tracks_of_the_disc_are_the_tracks_of_the_sequence(channels: int, tmp_path: Path) -> None:
    """Without offsets, bit for bit; and what is hidden comes behind two silent seconds."""
    source = sequence(channels)
    disc = disc_of(album(), source.layout, NO_OFFSETS)
    image = framed(rounded(source), source.layout, NO_OFFSETS)
    made = write_ddp(tmp_path / "ddp", disc, image)
    assert made.findings == ()
    ddp = read_ddp(tmp_path / "ddp")
    assert verify_ddp(ddp) == ()
    assert ddp.disc == disc
    files = extract_ddp(ddp, tmp_path / "out").files
    assert files == ("00 hidden.wav", "01 One.wav", "02 Two.wav", "03 Three (Live).wav",
                     "04 Four.wav", "disc.cue")  # fmt: skip
    hidden = source.hidden()
    assert hidden is not None
    for name, part in zip(files[:-1], (hidden, *source.tracks()), strict=True):
        whole = np.rint(part.read().samples * 32768.0).astype(np.int16)
        wanted = np.broadcast_to(whole, (2, whole.shape[1])).T.tobytes()
        if part is hidden:
            wanted = bytes(150 * 2352) + wanted
        elif name == files[-2]:  # the last cd_frame is filled up
            wanted = wanted.ljust(-(-len(wanted) // 2352) * 2352, b"\0")
        assert (tmp_path / "out" / name).read_bytes()[44:] == wanted


def test_marks_and_words() -> None:
    layout = sequence().layout
    disc = disc_of(album(), layout)
    one, two, three, four = disc.tracks
    assert (disc.ean, disc.master_id) == ("0036000291452", "CAT 1")
    assert disc.texts == Texts("Album", "Band", composer="Somebody")
    assert three.texts == Texts("Three (Live)", "Guest", composer="Somebody")
    assert (one.isrc, four.digital_copy) == ("DEAB12600001", "once")
    lead, first = 150, layout.tracks[0].start // 588
    assert one.pregap_cd_frame == 0
    assert one.start_cd_frame == lead + first - 15
    joint = lead + layout.tracks[1].start // 588
    assert (two.pregap_cd_frame, two.start_cd_frame) == (None, joint)
    assert two.index_cd_frames == (lead + layout.tracks[1].marks[0] // 588,)
    assert three.start_cd_frame == lead + layout.tracks[2].start // 588 - 10
    silent = lead - (-layout.tracks[1].finish // 588)
    assert three.pregap_cd_frame == silent + 10
    assert four.pregap_cd_frame is None
    assert disc.lead_out_cd_frame == lead + layout.n_samples // 588 + 75


def test_the_first_track_without_anything_hidden() -> None:
    told = Release(tracks=(Track(file="1"),))
    layout = SequenceSource(told, [song(5 * 44_100, 1)], cd_frames=True).layout
    disc = disc_of(told, layout)
    assert disc.tracks[0].start_cd_frame == 150
    assert disc.lead_out_cd_frame == 150 + 15 + 375 + 75
    assert disc_of(told, layout, NO_OFFSETS).lead_out_cd_frame == 150 + 375


CD_FRAMES = st.integers(0, 80)
OFFSETS = st.builds(Offsets, *[st.integers(0, 40)] * 4)


@given(st.lists(CD_FRAMES, min_size=1, max_size=4), OFFSETS)
@settings(max_examples=40, deadline=None)
def test_any_gaps_and_offsets_keep_the_order(gaps: list[int], offsets: Offsets) -> None:
    """A mark never passes the sound of the track before, nor another mark."""
    tracks = (Track(file="0"), *(Track(file=f"{i}", gap_s=g / 75) for i, g in enumerate(gaps, 1)))
    told = Release(tracks=tracks)
    songs = [song(4 * 44_100 + 137 * i, i) for i in range(len(tracks))]
    layout = SequenceSource(told, songs, cd_frames=True).layout
    disc = disc_of(told, layout, offsets)
    kinds = {one.code for one in limits_passed(disc)}
    assert kinds <= {"cd-short-track"}  # a gapless join may leave a track a cd_frame under 4 s
    image = framed(rounded(SequenceSource(told, songs, cd_frames=True)), layout, offsets)
    assert sum(block.shape[1] for block in image) == disc.n_samples
    lead = disc.lead_out_cd_frame - offsets.end_cd_frames - layout.n_samples // 588
    for before, track in zip(layout.tracks, disc.tracks[1:], strict=False):
        assert track.first_cd_frame * 588 >= lead * 588 + before.finish - 587
