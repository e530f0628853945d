"""A release and its sequence as a disc, and the sequence as that disc's image."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burnish.chain.layout import CD_RATE_HZ, Layout
from burnish.deliver.cd.disc import FIRST_PREGAP_CD_FRAMES, Disc, DiscTrack, Texts
from burnish.deliver.cd.msf import SAMPLES_PER_CD_FRAME
from burnish.release import Release, Track


@dataclass(frozen=True)
class Offsets:
    """By how much marks stand away from the sound, in cd_frames of 1/75 s.

    Old players open late: index 01 stands ``start_cd_frames`` before the sound, the first track's
    ``first_cd_frames``. ``pause_cd_frames``: index 00 stands so far behind the last sound, and
    ``end_cd_frames`` of silence follow the last track. Where tracks are joined without a gap marks
    stand at the join. All 0: every track is cut where its own file is. Source: practice of
    mastering houses; opinion.
    """

    start_cd_frames: int = 10
    first_cd_frames: int = 15
    pause_cd_frames: int = 10
    end_cd_frames: int = 75


NO_OFFSETS = Offsets(0, 0, 0, 0)


def disc_of(release: Release, layout: Layout, offsets: Offsets | None = None) -> Disc:
    """The disc of a release whose sequence lies on cd_frames (``SequenceSource``'s ``cd_frames``).

    What is hidden before the first track lies in its pregap, behind two seconds of silence.
    """
    if layout.rate_hz != CD_RATE_HZ:
        raise ValueError(f"rate_hz={layout.rate_hz}: must be {CD_RATE_HZ}")
    off = offsets or Offsets()
    lead = _lead_cd_frames(layout, off)
    tracks = []
    for place, (track, placed) in enumerate(zip(release.tracks, layout.tracks, strict=True)):
        before = layout.hidden if place == 0 else layout.tracks[place - 1]
        start = lead + _on_grid(placed.start)
        pause: int | None = None
        if place == 0 and before is None:
            start -= off.first_cd_frames
        elif placed.join == "gap" and before is not None:
            silent = lead - (-before.finish // SAMPLES_PER_CD_FRAME)
            early = off.first_cd_frames if place == 0 else off.start_cd_frames
            start = max(silent, start - early)
            pause = min(start, silent + off.pause_cd_frames)
        tracks.append(
            DiscTrack(
                start_cd_frame=start,
                pregap_cd_frame=0 if place == 0 else pause if pause != start else None,
                index_cd_frames=tuple(lead + _on_grid(mark) for mark in placed.marks),
                isrc=track.isrc,
                pre_emphasis=track.pre_emphasis,
                digital_copy=track.digital_copy,
                texts=_texts(release, track),
            )
        )
    return Disc(
        tracks=tuple(tracks),
        lead_out_cd_frame=lead + _on_grid(layout.n_samples) + off.end_cd_frames,
        ean=release.upc,
        master_id=release.catalogue_number or release.title,
        texts=_texts(release, None),
    )


def framed(
    blocks: Iterable[NDArray[np.int32]], layout: Layout, offsets: Offsets | None = None
) -> Iterator[NDArray[np.int16]]:
    """The image of that disc in blocks: silence, the sequence, rounded to 16 bits, silence.

    Mono goes to both channels.
    """
    off = offsets or Offsets()
    yield _silence(_lead_cd_frames(layout, off))
    n_samples = 0
    for block in blocks:
        n_samples += block.shape[1]
        yield _stereo(block)
    yield np.zeros((2, layout.n_samples - n_samples), np.int16)  # up to the last cd_frame's end
    yield _silence(off.end_cd_frames)


def _lead_cd_frames(layout: Layout, off: Offsets) -> int:
    """Silence before the sequence: two seconds, and what the first mark stands before it."""
    return FIRST_PREGAP_CD_FRAMES + (off.first_cd_frames if layout.hidden is None else 0)


def _on_grid(n_samples: int) -> int:
    cd_frames, rest = divmod(n_samples, SAMPLES_PER_CD_FRAME)
    if rest:
        raise ValueError(f"sample {n_samples}: must lie on a cd_frame")
    return cd_frames


def _silence(n_cd_frames: int) -> NDArray[np.int16]:
    return np.zeros((2, n_cd_frames * SAMPLES_PER_CD_FRAME), np.int16)


def _stereo(samples: NDArray[np.int32]) -> NDArray[np.int16]:
    return np.broadcast_to(samples.astype(np.int16), (2, samples.shape[1]))


def _texts(release: Release, track: Track | None) -> Texts:
    if track is None:
        return Texts(
            release.title,
            release.artist,
            release.songwriter or release.lyricist,
            release.composer,
            release.arranger,
            release.message,
        )
    return Texts(
        track.full_title,
        release.told_of(track, "artist"),
        release.told_of(track, "songwriter") or release.told_of(track, "lyricist"),
        release.told_of(track, "composer"),
        release.told_of(track, "arranger"),
        track.message,
    )
