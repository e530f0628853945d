"""The survey: all tracks of an album taken in, and what is decided before any is mastered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.engineer.aim import aim, ceiling_for
from burnish.engineer.album.anchor import Candidate, choose
from burnish.engineer.album.loud import blocks_of, loud_lufs
from burnish.engineer.album.plan import (
    APART_LU,
    CLOSE_LU,
    GIVE_WAY_LU,
    LOUDEST_LU,
    SOFTEST_LU,
    AlbumPlan,
    Member,
    base_for,
)
from burnish.engineer.album.signature import Signature
from burnish.engineer.album.standing import Standing, standing
from burnish.engineer.album.wishes import AlbumWishes
from burnish.engineer.match import wanted
from burnish.engineer.match.references import asked as reference_asked
from burnish.engineer.portrait import portrait
from burnish.engineer.stop import PLR, floor_of
from burnish.engineer.wishes import Wishes
from burnish.errors import SettingError
from burnish.measure import Measurement
from burnish.release import Track
from burnish.targets import Portrait, Target, delivery

if TYPE_CHECKING:
    from burnish.engineer.intake import Taken


@dataclass(frozen=True)
class Surveyed:
    """One track as it was taken in. ``number`` is its own, from 1; 0 is a hidden one."""

    number: int
    name: str
    taken: "Taken"
    kept: bool
    wishes: Wishes
    """The album's, with the track's own style and references over them."""


def wishes_for(track: Track, wishes: Wishes, folder: str | Path = "") -> Wishes:
    """The wishes of one track: its own style and references win over those of the album.

    ``folder`` is where its references are named from.
    """
    own: dict[str, object] = {}
    if track.style:
        own["style"] = track.style
    if track.references:
        own["reference"] = tuple(_near(words, Path(folder)) for words in track.references)
        own["profile"] = ""
    return wishes.with_(**own) if own else wishes


def _near(words: str, folder: Path) -> str:
    """A reference as it is named from the folder; its weight stays behind it."""
    beside = folder / words
    path, _ = reference_asked(words)
    if beside.exists() or path == Path(words):
        return str(beside)
    return str(folder / path) + words[words.rindex(":") :]


@dataclass(frozen=True)
class _Heard:
    """A track with all that is derived of it."""

    track: Surveyed
    portrait: Portrait
    target: Target
    standing: Standing
    loud_lufs: float

    @property
    def own_lufs(self) -> float:
        return self.portrait.loudness_lufs

    @property
    def over_lu(self) -> float:
        return self.loud_lufs - self.own_lufs


def survey(
    tracks: Sequence[Surveyed],
    wishes: Wishes,
    album: AlbumWishes | None = None,
    signature: Signature | None = None,
) -> AlbumPlan:
    """Decide who leads, and how loud each track stands; nothing is mastered yet.

    With a ``signature`` it leads, and no track does. A named anchor that is not there is a
    ``SettingError``.
    """
    if not tracks:
        raise SettingError("tracks-missing", "tracks: must be one or more")
    album = AlbumWishes() if album is None else album
    heard = [_heard(one) for one in tracks]
    anchor, reason = _anchor(heard, album, signature)
    leads = None if anchor is None else heard[anchor]
    if leads is not None:
        lead_lu = leads.standing.lu
    else:
        lead_lu = 0.0 if signature is None else signature.standing_lu
    members = [_member(one, lead_lu, one is leads) for one in heard]
    asked_lufs, asked_from, is_asked = _asked(heard, leads, signature, wishes)
    plan = AlbumPlan(
        mode=album.loudness_mode,
        anchor=anchor,
        reason=reason,
        tracks=tuple(members),
        asked_lufs=asked_lufs,
        asked_from=asked_from,
        is_asked=is_asked,
        fixed=leads is None or leads.track.kept,
        base_lufs=None,
        ceiling_dbtp=0.0,
        ceiling_from="",
        share=album.coherence,
    )
    plan = _gentle(_based(plan, leads, signature), leads)
    plan = _under_one_ceiling(plan, heard, signature)
    return replace(plan, notes=(*plan.notes, *_floor_notes(plan)))


def _heard(track: Surveyed) -> _Heard:
    measured = track.taken.measured
    mix = portrait(measured, track.name)
    target = aim(measured, track.wishes, wanted(track.taken.references, track.wishes))
    return _Heard(
        track, mix, target, standing(measured, mix, track.wishes, track.kept), loud_lufs(measured)
    )


def _anchor(
    heard: Sequence[_Heard], album: AlbumWishes, signature: Signature | None
) -> tuple[int | None, str]:
    if signature is not None:
        if album.anchor is not None:
            raise SettingError(
                "anchor", f"anchor={album.anchor}: must be left out where a signature leads"
            )
        of = f" of {signature.name}" if signature.name else ""
        return None, f"The signature{of} leads, taken from {signature.anchor or 'its anchor'}."
    numbers = [one.track.number for one in heard]
    if album.anchor is not None:
        if album.anchor not in numbers:
            known = ", ".join(str(n) for n in numbers if n > 0)
            raise SettingError(
                "anchor", f"anchor={album.anchor}: must be a track; there are {known}"
            )
        return numbers.index(album.anchor), f"Track {album.anchor} is the anchor, as was asked."
    return choose(
        [
            Candidate(
                number=one.track.number,
                name=one.track.name,
                portrait=one.portrait,
                width_db=_width(one.track.taken.measured),
                standing_lu=one.standing.lu,
                kept=one.track.kept,
            )
            for one in heard
        ]
    )


def _width(measured: Measurement) -> float | None:
    width_db, near_mono = measured.stereo.side_to_mid_db, measured.stereo.near_mono
    return None if near_mono or width_db is None or not math.isfinite(width_db) else width_db


def _member(one: _Heard, lead_lu: float, leads: bool) -> Member:
    track, target, stands = one.track, one.target, one.standing
    apart_lu = round(stands.lu - lead_lu, 2)
    relative_lu = 0.0 if leads else min(LOUDEST_LU, max(SOFTEST_LU, apart_lu))
    floor_lufs = math.inf
    if track.wishes.stop:
        floor_lufs = target.ceiling_dbtp - floor_of(target, PLR, track.wishes.intensity)
    return Member(
        number=track.number,
        name=track.name,
        kept=track.kept,
        style=target.style,
        style_confidence=target.style_confidence,
        standing_lu=stands.lu,
        relative_lu=relative_lu,
        over_lu=one.over_lu,
        own_lufs=one.own_lufs,
        blocks=blocks_of(track.taken.measured),
        floor_lufs=floor_lufs,
        why=_why(stands, relative_lu, apart_lu, leads),
    )


def _why(stands: Standing, relative_lu: float, apart_lu: float, leads: bool) -> str:
    peaks = "" if stands.plr_db is None else f", peaks {stands.plr_db:.0f} dB over its loudness"
    what = (
        f"its kind of music is at {stands.style_lufs:.1f} LUFS, its loud part fills "
        f"{stands.full_bands} of 30 bands{peaks}"
    )
    if leads:
        return f"It leads: {what}."
    held = f", held from {apart_lu:+.1f}" if relative_lu != apart_lu else ""
    return f"{relative_lu:+.1f} LU against the anchor{held}: {what}."


def is_asked(wishes: Wishes) -> bool:
    """Whether a loudness was asked for, by a number or by a place that has one."""
    if wishes.loudness_lufs is not None:
        return wishes.loudness_lufs != "max"
    return any(delivery(name).loudness_lufs is not None for name in wishes.for_)


def _asked(
    heard: Sequence[_Heard], leads: _Heard | None, signature: Signature | None, wishes: Wishes
) -> tuple[float | None, str, bool]:
    """What loudness is asked of the album, why, and whether it is more than a style's.

    Of a loudness that nobody asked for, a master that leads already has its own.
    """
    if is_asked(wishes):
        one = heard[0] if leads is None else leads
        target = aim(one.track.taken.measured, wishes)
        return target.loudness_lufs, target.sources["loudness"], True
    if leads is None and signature is not None:
        return signature.loudness_lufs, "as the album of the signature", False
    if leads is None or leads.track.kept:
        own = None if leads is None else leads.own_lufs
        return own, "as the master that is kept", False
    if wishes.loudness_lufs == "max":
        return None, "as loud as costs little", True
    return leads.target.loudness_lufs, leads.target.sources["loudness"], False


def _based(plan: AlbumPlan, leads: _Heard | None, signature: Signature | None) -> AlbumPlan:
    """The plan with the place of the anchor's loud sections."""
    if plan.asked_lufs is None:
        return plan
    asked = base_for(plan.tracks, plan.mode, plan.asked_lufs)
    if not plan.fixed and (plan.is_asked or plan.mode == "loudest" or leads is None):
        return replace(plan, base_lufs=asked)
    stands = signature.loud_lufs if leads is None and signature is not None else math.nan
    if leads is not None:
        # What only a style says is said of the anchor; the album is as loud as follows from it.
        stands = leads.loud_lufs if plan.fixed else plan.asked_lufs + leads.over_lu
    if not plan.is_asked:
        return replace(plan, base_lufs=stands)
    held = min(stands + APART_LU, max(stands - APART_LU, asked))
    if held == asked:
        return replace(plan, base_lufs=asked)
    note = (
        f"Album: {plan.asked_lufs:.1f} LUFS ({plan.asked_from}) would tear the others from the "
        f"master that leads; they stand {abs(held - stands):.0f} LU from it at most."
    )
    return replace(plan, base_lufs=held, notes=(*plan.notes, note))


def _gentle(plan: AlbumPlan, leads: _Heard | None) -> AlbumPlan:
    """Where only a style says how loud, the album is less so, so that its tracks keep their places.

    A track that its floor of PLR would stop up to ``GIVE_WAY_LU`` short is given way to; what would
    ask for more stays under its place.
    """
    if plan.fixed or plan.is_asked or plan.mode == "track" or plan.asked_lufs is None:
        return plan
    short = [
        ((plan.aim_lufs(k) or -math.inf) - one.floor_lufs, one)
        for k, one in enumerate(plan.tracks)
        if k != plan.anchor and not one.kept
    ]
    near = [pair for pair in short if CLOSE_LU < pair[0] <= GIVE_WAY_LU]
    if not near:
        return plan
    give_lu, one = max(near, key=lambda pair: pair[0])
    less = replace(
        plan,
        asked_lufs=plan.asked_lufs - give_lu,
        asked_from=f"{plan.asked_from}, {give_lu:.1f} LU less so that {one.called} keeps its place",
    )
    return _based(less, leads, None)


def _under_one_ceiling(
    plan: AlbumPlan, heard: Sequence[_Heard], signature: Signature | None
) -> AlbumPlan:
    """The plan with the lowest of the ceilings that its tracks would have alone."""
    found = []
    for k, one in enumerate(heard):
        aim_lufs = plan.aim_lufs(k)
        loudness_lufs = one.target.loudness_lufs if aim_lufs is None else aim_lufs
        found.append(ceiling_for(loudness_lufs, one.track.wishes))
    if signature is not None:
        found.append((signature.ceiling_dbtp, "the ceiling of the album"))
    ceiling_dbtp, ceiling_from = min(found, key=lambda pair: pair[0])
    loud = [one for one in heard if one.track.kept and _peak(one) > ceiling_dbtp]
    notes = [
        f"Album: track {one.track.number} is kept with peaks of {_peak(one):.1f} dBTP, over the "
        f"ceiling of the others, {ceiling_dbtp:.1f}."
        for one in loud
    ]
    return replace(
        plan,
        ceiling_dbtp=ceiling_dbtp,
        ceiling_from=ceiling_from,
        notes=(*plan.notes, *notes),
    )


def _peak(one: _Heard) -> float:
    return one.track.taken.measured.peaks.true_peak_dbtp


def _floor_notes(plan: AlbumPlan) -> list[str]:
    """Who will likely be stopped before its place."""
    notes = []
    for k, one in enumerate(plan.tracks):
        aim_lufs = plan.aim_lufs(k)
        if not one.kept and aim_lufs is not None and aim_lufs > one.floor_lufs + CLOSE_LU:
            notes.append(
                f"Album: {one.called} can hardly reach its {aim_lufs:.1f} LUFS: the floor of "
                f"{one.style} stops it near {one.floor_lufs:.1f}."
            )
    return notes
