"""The plan of an album: who leads, how loud each track stands, and what meets the loudness asked.

Data, and the sums that follow from it; ``survey.py`` makes it.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from burnish.engineer.album.body import Body
from burnish.engineer.album.loud import Floats, together_lufs
from burnish.engineer.album.wishes import Mode
from burnish.measure.loudness import gated_power, lufs
from burnish.settings import finite_or_none

SOFTEST_LU, LOUDEST_LU = -6.0, 1.0
"""How far the loud sections of a track may stand from the anchor's: opinion."""

APART_LU = 3.0
"""How far all others may stand from a finished master that leads, for a loudness that was asked."""

GIVE_WAY_LU = 1.5
"""How much less loud than its style an album is, so that no track is stopped under its place:
opinion."""

AIM_RANGE_LUFS = (-60.0, -4.0)

CLOSE_LU = 0.1
"""How near the album comes to the loudness asked, without rendering again."""


@dataclass(frozen=True, eq=False)
class Member:
    """One track in the plan. Loudness in LUFS, relations in LU."""

    number: int
    name: str
    kept: bool
    style: str
    style_confidence: float | None
    standing_lu: float
    """How loud its loud sections ask to be, beside those of full pop."""
    relative_lu: float
    """How loud they shall stand against the anchor's."""
    over_lu: float
    """How far they stand over its integrated loudness."""
    own_lufs: float
    """Integrated, as it was given."""
    blocks: Floats
    """The powers of its gating blocks, as it was given."""
    floor_lufs: float
    """The loudest that its style's floor of PLR leaves under the ceiling."""
    why: str
    """Where the relation comes from, in a sentence."""

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return f"track {self.number}" if self.number else "the hidden track"

    def aim_lufs(self, base_lufs: float) -> float:
        """Its integrated loudness, where the anchor's loud sections stand at ``base_lufs``."""
        if self.kept:
            return self.own_lufs
        low, high = AIM_RANGE_LUFS
        return min(high, max(low, base_lufs + self.relative_lu - self.over_lu))


@dataclass(frozen=True, eq=False)
class AlbumPlan:
    """What is decided of an album before any track is mastered."""

    mode: Mode
    anchor: int | None
    """Its place among the tracks, from 0; None: a signature leads, whose track is on another."""
    reason: str
    """Why it is the anchor."""
    tracks: tuple[Member, ...]
    asked_lufs: float | None
    """What the album, each track or the loudest shall meet; None: the anchor, as it stands."""
    asked_from: str
    is_asked: bool
    """Whether a person or a delivery asked for it, or else the anchor's style."""
    fixed: bool
    """Whether the anchor stands already: a kept master, or a signature."""
    base_lufs: float | None
    """Where the anchor's loud sections stand; None: known once it is mastered."""
    ceiling_dbtp: float
    ceiling_from: str
    share: float
    notes: tuple[str, ...] = ()

    def aim_lufs(self, index: int) -> float | None:
        """Integrated loudness that a track is mastered to; None: known once the anchor is."""
        track = self.tracks[index]
        if track.kept:
            return track.own_lufs
        if self.mode == "track":
            return self.asked_lufs
        says = self._alone or (index == self.anchor and not self.is_asked and self.mode == "album")
        if says and not self.fixed and self.asked_lufs is not None:
            return self.asked_lufs  # to the last digit: an album of one is the track
        return None if self.base_lufs is None else track.aim_lufs(self.base_lufs)

    @property
    def album_lufs(self) -> float | None:
        """Integrated loudness of the album, if every track meets its aim."""
        aims = [self.aim_lufs(k) for k in range(len(self.tracks))]
        known = [aim for aim in aims if aim is not None]
        return album_at(self.tracks, known) if len(known) == len(aims) else None

    @property
    def anchor_body(self) -> Body:
        """What the anchor has from the album: loudness and ceiling. It moves toward nothing."""
        if self.anchor is None:
            raise ValueError("plan: has no anchor; a signature leads")
        words = self.loudness_words(self.anchor)
        return Body(self.aim_lufs(self.anchor), words, self.ceiling_dbtp, self.ceiling_from)

    def loudness_words(self, index: int, short_lu: float = 0.0) -> str:
        """Why a track is as loud as it is, for its plan; ``short_lu`` of an anchor that stopped."""
        track = self.tracks[index]
        if self.mode == "track" or (index == self.anchor and self.asked_lufs is None):
            return self.asked_from
        if index == self.anchor and self.asked_lufs is not None:
            if self.mode == "album" and not self.is_asked:
                return self.asked_from
            whole = {"album": "the album", "loudest": "the loudest track"}[self.mode]
            return f"{whole} at {self.asked_lufs:.1f} LUFS, {self.asked_from}"
        words = f"its loud sections {track.relative_lu:+.1f} LU against the anchor's"
        return f"{words}, which was stopped {-short_lu:.1f} LU short" if short_lu else words

    @property
    def _alone(self) -> bool:
        return len(self.tracks) == 1

    def to_json(self) -> dict[str, Any]:
        """All of it, of plain numbers, strings, lists and None."""
        tracks = []
        for k, one in enumerate(self.tracks):
            values = {
                name: finite_or_none(value) if isinstance(value, float) else value
                for name, value in asdict(replace(one, blocks=one.blocks[:0])).items()
                if name != "blocks"
            }
            tracks.append({**values, "aim_lufs": _rounded(self.aim_lufs(k))})
        return {
            "loudness_mode": self.mode,
            "anchor": None if self.anchor is None else self.tracks[self.anchor].number,
            "reason": self.reason,
            "asked_lufs": _rounded(self.asked_lufs),
            "asked_from": self.asked_from,
            "loud_sections_lufs": _rounded(self.base_lufs),
            "album_lufs": _rounded(self.album_lufs),
            "ceiling_dbtp": self.ceiling_dbtp,
            "ceiling_from": self.ceiling_from,
            "coherence": self.share,
            "tracks": tracks,
            "notes": list(self.notes),
        }


def album_at(tracks: Sequence[Member], aims_lufs: Sequence[float]) -> float:
    """Gated loudness of the album, its tracks at these integrated loudnesses.

    What is hidden before the first is no track, and does not count, unless it is alone.
    A master has its mix's course of loudness, as far as the gates see: what is between loud and
    soft changes little, and the mean over the gate is what is aimed at.
    """
    counted = counting(tracks)
    gains = [aims_lufs[k] - _gated(tracks[k].blocks) for k in counted]
    return together_lufs([tracks[k].blocks for k in counted], gains)


def counting(tracks: Sequence[Member]) -> list[int]:
    """The places of those that count for the album's loudness."""
    counted = [k for k, one in enumerate(tracks) if one.number > 0]
    return counted or list(range(len(tracks)))


def base_for(tracks: Sequence[Member], mode: Mode, asked_lufs: float) -> float:
    """Where the anchor's loud sections must stand, so that the album meets what was asked.

    By halves: both the album's loudness and the loudest track's rise with it. Where kept masters
    alone are louder, or nothing moves, the nearest that there is.
    """

    def met(base_lufs: float) -> float:
        aims = [one.aim_lufs(base_lufs) for one in tracks]
        moving = [aim for one, aim in zip(tracks, aims, strict=True) if not one.kept]
        return album_at(tracks, aims) if mode == "album" or not moving else max(moving)

    low, high = -70.0, 20.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if met(middle) < asked_lufs:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _gated(blocks: Floats) -> float:
    return lufs(gated_power(blocks))


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 2)
