"""What follows once the anchor is mastered: its signature, each other track's body, and the check.

Where the masters as one miss what was asked, the plan is aimed again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from burnish.engineer.album.body import Body
from burnish.engineer.album.loud import album_lufs, blocks_of, together_lufs
from burnish.engineer.album.plan import CLOSE_LU, AlbumPlan, album_at, counting
from burnish.engineer.album.signature import Signature, drawn
from burnish.engineer.album.survey import Surveyed, is_asked, survey
from burnish.engineer.album.wishes import AlbumWishes
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement

if TYPE_CHECKING:
    from burnish.engineer.intake import Taken


def signature_of(measured: Measurement, plan: AlbumPlan, name: str = "") -> Signature:
    """The signature that the others follow: of the anchor's master, as its file was read back.

    ``name`` is the album's. A plan that a signature leads has no anchor: a ``ValueError``.
    """
    if plan.anchor is None:
        raise ValueError("plan: has no anchor; its signature is the one that was given")
    one = plan.tracks[plan.anchor]
    return drawn(
        measured,
        name=name,
        anchor=one.name or one.called,
        style=one.style,
        coherence=plan.share,
        ceiling_dbtp=plan.ceiling_dbtp,
        standing_lu=one.standing_lu,
    )


def body_for(plan: AlbumPlan, index: int, signature: Signature | None = None) -> Body:
    """What a track has from the album. The anchor needs no signature yet; all others do.

    Where a rule stopped the anchor short of its aim, all others come down with it.
    """
    track = plan.tracks[index]
    aim_lufs = plan.aim_lufs(index)
    if index == plan.anchor:
        return plan.anchor_body
    if signature is None:
        raise ValueError(f"{track.called}: must have the anchor's signature")
    short_lu = 0.0
    if plan.mode == "track":
        aim_lufs = signature.loudness_lufs if aim_lufs is None else aim_lufs
    elif aim_lufs is None:
        aim_lufs = track.aim_lufs(signature.loud_lufs)
    elif plan.anchor is not None and not plan.fixed:
        lead_lufs = plan.aim_lufs(plan.anchor)
        short_lu = 0.0 if lead_lufs is None else signature.loudness_lufs - lead_lufs
        short_lu = short_lu if short_lu < -CLOSE_LU else 0.0
        aim_lufs += short_lu
    return Body(
        aim_lufs,
        plan.loudness_words(index, short_lu),
        plan.ceiling_dbtp,
        plan.ceiling_from,
        signature=signature,
        share=plan.share,
    )


def bonus(taken: "Taken", wishes: Wishes, signature: Signature) -> Body:
    """What a single track has from an album that is out already.

    A loudness that is asked for is its own; else it stands to the anchor as the music asks.
    """
    mode = "track" if is_asked(wishes) else "album"
    album = AlbumWishes(loudness_mode=mode, coherence=signature.coherence)
    plan = survey([Surveyed(1, "", taken, False, wishes)], wishes, album, signature)
    return body_for(plan, 0, signature)


def corrected(plan: AlbumPlan, masters: Sequence[Measurement]) -> AlbumPlan | None:
    """The plan with other aims, where the masters as one miss what was asked; None where they hold.

    A track that a rule stopped is counted as if it had met its aim: others do not shout for it.
    Only ``album`` can miss by more than a single master does.
    """
    if plan.mode != "album" or not plan.is_asked or plan.base_lufs is None:
        return None
    if all(one.kept for one in plan.tracks):
        return None
    aims = aims_after(plan, masters)
    expected = album_at(plan.tracks, aims)
    short_lu = [
        max(0.0, aim - (master.loudness.integrated_lufs or 0.0))
        for aim, master in zip(aims, masters, strict=True)
    ]
    gains = [short if short > CLOSE_LU else 0.0 for short in short_lu]
    counted = counting(plan.tracks)
    heard = together_lufs([blocks_of(masters[k]) for k in counted], [gains[k] for k in counted])
    if abs(heard - expected) <= CLOSE_LU:
        return None
    return replace(plan, base_lufs=plan.base_lufs + expected - heard)


def stopped_notes(plan: AlbumPlan, masters: Sequence[Measurement]) -> tuple[str, ...]:
    """What the masters say of the plan: who was stopped short of its place, and the album's sum."""
    notes = []
    for k, (aim_lufs, master) in enumerate(zip(aims_after(plan, masters), masters, strict=True)):
        got_lufs, one = master.loudness.integrated_lufs, plan.tracks[k]
        planned_lufs = plan.aim_lufs(k) if k == plan.anchor else aim_lufs
        short_lu = 0.0
        if planned_lufs is not None and got_lufs is not None and not one.kept:
            short_lu = planned_lufs - got_lufs
        if short_lu > CLOSE_LU:
            leads = k == plan.anchor and plan.mode != "track" and len(masters) > 1
            with_it = ", and the others come down with it" if leads else ""
            notes.append(
                f"Album: {one.called} was stopped {short_lu:.1f} LU short of its place{with_it}."
            )
    if plan.mode == "album" and plan.is_asked and plan.asked_lufs is not None:
        heard = album_lufs([masters[k] for k in counting(plan.tracks)])
        if abs(heard - plan.asked_lufs) > CLOSE_LU:
            notes.append(
                f"Album: it is {heard:.1f} LUFS as a whole, not {plan.asked_lufs:.1f} "
                f"({plan.asked_from})."
            )
    return tuple(notes)


def aims_after(plan: AlbumPlan, masters: Sequence[Measurement]) -> tuple[float, ...]:
    """The loudness of each track as it was drafted, once the anchor's master was known."""
    if plan.anchor is None or plan.fixed:
        aims = [plan.aim_lufs(k) for k in range(len(plan.tracks))]
    else:
        signature = signature_of(masters[plan.anchor], plan)
        aims = [body_for(plan, k, signature).loudness_lufs for k in range(len(plan.tracks))]
        aims[plan.anchor] = signature.loudness_lufs
    own = [one.loudness.integrated_lufs for one in masters]
    pairs = zip(plan.tracks, aims, own, strict=True)
    return tuple((got or 0.0) if one.kept or aim is None else aim for one, aim, got in pairs)
