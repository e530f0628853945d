"""Discs to write: random ones for hypothesis, and one that has everything."""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from burnish.deliver.cd import Disc, DiscTrack, Texts

LETTERS = "".join(map(chr, [*range(32, 127), *range(161, 173), *range(174, 256)]))
texts = st.text(LETTERS, max_size=30).map(str.strip)
isrcs = st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", fullmatch=True)


@st.composite
def discs(draw: st.DrawFn) -> Disc:
    """One to four tracks, a few seconds each, with any marks, codes, flags and texts."""
    n_tracks = draw(st.integers(1, 4))
    codes = draw(st.lists(isrcs, min_size=n_tracks, max_size=n_tracks, unique=True))
    tracks = []
    at = 0
    for number in range(n_tracks):
        pause = draw(st.integers(150, 400) if number == 0 else st.integers(0, 200))
        start = at + pause
        length = draw(st.integers(300, 420))
        marks = sorted(draw(st.sets(st.integers(start + 1, start + length - 1), max_size=3)))
        tracks.append(
            DiscTrack(
                start_cd_frame=start,
                pregap_cd_frame=at if pause else None,
                index_cd_frames=tuple(marks),
                isrc=draw(st.sampled_from(["", codes[number]])),
                pre_emphasis=draw(st.booleans()),
                digital_copy=draw(st.sampled_from(["prohibited", "permitted", "once"])),
                four_channel=draw(st.booleans()),
                texts=draw(st.builds(Texts, *[texts] * 6)),
            )
        )
        at = start + length
    # The least a later track can measure is from index 01 to 01, which its pause only lengthens.
    return Disc(
        tuple(tracks),
        at,
        ean=draw(st.sampled_from(["", "4006381333931", "0123456789012"])),
        master_id=draw(st.text(LETTERS[:95], max_size=48).map(str.strip)),
        texts=draw(st.builds(Texts, *[texts] * 6)),
        genre_code=draw(st.none() | st.integers(0, 27)),
        genre=draw(st.sampled_from(["", "Post rock"])),
        disc_id=draw(st.sampled_from(["", "CAT-001"])),
    )


def noise(disc: Disc, seed: int = 1) -> NDArray[np.int16]:
    """Sound for a disc, its first two seconds silent."""
    random = np.random.default_rng(seed)
    samples = random.integers(-32768, 32768, (2, disc.n_samples), dtype=np.int16)
    samples[:, : 150 * 588] = 0
    return samples


def in_blocks(samples: NDArray[np.int16], length: int = 70_001) -> Iterator[NDArray[np.int16]]:
    for start in range(0, samples.shape[1], length):
        yield samples[:, start : start + length]


def whole_disc() -> Disc:
    """Three tracks with a pause, an index mark, every flag, and texts beyond ASCII."""
    return Disc(
        (
            DiscTrack(150, 0, isrc="DEAB12600001", texts=Texts("Grüße", "Ünï", "Ödön")),
            DiscTrack(
                600,
                525,
                (700,),
                isrc="DEAB12600002",
                digital_copy="permitted",
                pre_emphasis=True,
                texts=Texts('The "second"', "Ünï", composer="J. S. Bach"),
            ),
            DiscTrack(1000, isrc="DEAB12600003", texts=Texts("Third", "Ünï", message="Hello")),
        ),
        1400,
        ean="4006381333931",
        master_id="BURNISH-0001",
        texts=Texts("Ångström", "Ünï"),
    )
