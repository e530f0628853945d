"""What a track has from its album: loudness and ceiling, tone, width and range, within bounds."""

import math
from functools import cache

import numpy as np
import pytest
from albums import NOTE, album, heard, song, surveyed, target_of
from mixes import RATE_HZ, middle_of, with_figures

from burnish.audio import Audio, AudioSource, OutputFormat
from burnish.chain import Plan, play
from burnish.engineer import Taken, Wishes, draft
from burnish.engineer.album import (
    AlbumWishes,
    Body,
    Signature,
    dynamics,
    signature_of,
    survey,
    tone,
)
from burnish.engineer.album.dynamics import MOST_RATIO
from burnish.engineer.album.tone import BUDGET_DB, MOST_DB, MOST_NARROWER_DB, MOST_WIDER_DB
from burnish.engineer.portrait import portrait
from burnish.engineer.rules.tone import UNSURE_DB
from burnish.measure import measure
from burnish.processors.compressor import Compressor
from burnish.processors.match_eq import MatchEq


@cache
def signature(kind: str = "pop", seed: int = 11, side_db: float = -9.0) -> Signature:
    """The signature of a song of that kind, as if it had been mastered."""
    measured = heard(kind, seed, 0.0, side_db)
    return signature_of(measured, survey([surveyed(1, measured)], Wishes()))


def drafted(body: Body | None, **wishes: object) -> Plan:
    source = AudioSource(song("rock", 8))
    taken = Taken(heard("rock", 8), NOTE)
    return draft(source, taken, Wishes(**wishes), OutputFormat(), body=body).plan


@pytest.mark.parametrize(
    "wishes", [{}, {"loudness_lufs": -14.0}, {"loudness_lufs": "max"}, {"for_": ("spotify",)}]
)
def test_an_album_of_one_is_the_track(wishes: dict[str, object]) -> None:
    """Bit for bit the same plan, in every loudness mode."""
    alone = drafted(None, **wishes)
    for mode in ("album", "track", "loudest"):
        plan = survey(
            [surveyed(1, heard("rock", 8), **wishes)],
            Wishes(**wishes),
            AlbumWishes(loudness_mode=mode),
        )
        assert drafted(plan.anchor_body, **wishes) == alone


def test_a_follower_has_the_albums_loudness_and_ceiling_in_its_plan() -> None:
    body = Body(-13.0, "as the music asks", -2.0, "the lowest of all", signature(), 0.5)
    plan = drafted(body)
    assert plan.target["loudness_lufs"] == -13.0
    assert plan.target["ceiling_dbtp"] == -2.0
    assert plan.target["sources"]["loudness"] == "as the music asks"
    assert plan.target["sources"]["ceiling"] == "the lowest of all"
    assert plan.steps[-1].settings.ceiling_dbtp == -2.0


def test_where_they_agree_the_target_is_the_same_object() -> None:
    target = target_of(heard())
    assert Body().bent(target) is target
    same = Body(target.loudness_lufs, "x", target.ceiling_dbtp, "y")
    assert same.bent(target) is target
    assert Body(ceiling_dbtp=-0.1).bent(target) is target


def test_the_albums_moves_follow_the_styles() -> None:
    body = Body(-13.0, "", -1.0, "", signature("jazz"), 1.0)
    names = [step.processor for step in drafted(body).steps]
    alone = [step.processor for step in drafted(None, loudness_lufs=-13.0).steps]
    assert "match_eq" in names
    assert "match_eq" not in alone
    step = drafted(body).steps[names.index("match_eq")]
    assert step.reason.startswith("Toward the album's sound, 100 % of what lies over 1 dB apart")
    assert step.evidence["share"] == 1.0


def test_what_a_reference_decides_no_album_does() -> None:
    from burnish.engineer.match import Reference

    reference = Reference("ref.wav", "00", 1.0, portrait(heard("metal", 9)))
    taken = Taken(heard("rock", 8), NOTE, (reference,))
    source = AudioSource(song("rock", 8))
    plans = [
        draft(
            source,
            taken,
            Wishes(),
            OutputFormat(),
            body=Body(-13.0, "", -1.0, "", signature("jazz"), share),
        ).plan
        for share in (0.0, 1.0)
    ]
    assert plans[0].steps == plans[1].steps
    assert plans[0].target["loudness_lufs"] == -13.0


@pytest.mark.parametrize("kind", ["metal", "jazz", "speech", "hip-hop", "ambient"])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_tone_is_moved_within_its_bounds(kind: str, share: float) -> None:
    measured = heard("rock", 8)
    said = tone.advise(measured, target_of(measured), signature(kind), share)
    for step in said.steps:
        gains = np.array(step.settings.gains_db)
        assert np.abs(gains).max() <= MOST_DB + 0.01
        assert np.sqrt(np.mean(gains**2)) <= BUDGET_DB + 0.01
        wider = np.array(step.settings.side_gains_db or gains) - gains
        assert wider.min() >= -MOST_NARROWER_DB - 0.02
        assert wider.max() <= MOST_WIDER_DB + 0.02


@pytest.mark.parametrize("kind", ["metal", "jazz", "classical", "hip-hop"])
def test_no_band_leaves_its_own_styles_corridor(kind: str) -> None:
    """Or goes further out of it, where it is outside already. Played and measured again."""
    measured = heard("rock", 8)
    target = target_of(measured, style="rock")
    said = tone.advise(measured, target, signature(kind), 1.0)
    after = played(said.steps, song("rock", 8))
    rows = zip(
        measured.spectrum.bands_db,
        after.spectrum.bands_db,
        target.tone.q25_db,
        target.tone.q75_db,
        strict=True,
    )
    for before, now, low, high in rows:
        assert now > min(before, low - UNSURE_DB) - 0.5
        assert now < max(before, high + UNSURE_DB) + 0.5


def test_what_is_near_stays_as_it_is() -> None:
    measured = heard("pop", 12)
    said = tone.advise(measured, target_of(measured, style="pop"), signature("pop"), 1.0)
    assert said.steps == ()
    assert said.notes == ("Album: its tone is near that of the anchor; left alone.",)


def played(steps, audio: Audio):
    blocks = list(play(steps, iter([audio.samples]), audio.rate_hz, 2))
    return measure(Audio(np.concatenate(blocks, axis=1), audio.rate_hz))


def apart(one, other) -> float:
    """RMS over the bands of the tone between two sounds."""
    pairs = zip(one.spectrum.bands_db, other.spectrum.bands_db, strict=True)
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs) / 9)


def test_a_move_brings_the_tone_nearer() -> None:
    """Rock and pop lie 1 to 3 dB apart, in each other's corridors."""
    lead, own = heard("pop", 11), heard("jazz", 8)
    said = tone.advise(own, target_of(own, style="jazz"), signature("pop"), 1.0)
    before, after = apart(own, lead), apart(played(said.steps, song("jazz", 8)), lead)
    assert after < before - 0.5


def test_twice_the_share_moves_further() -> None:
    own = heard("jazz", 8)
    moved = []
    for share in (0.2, 0.4):
        said = tone.advise(own, target_of(own, style="jazz"), signature("pop"), share)
        moved.append(said.steps[0].evidence["moved_db"])
    assert moved[1] > 1.2 * moved[0]


def test_nothing_moves_without_a_share_or_an_intensity() -> None:
    measured = heard("jazz", 8)
    target = target_of(measured)
    assert tone.advise(measured, target, signature(), 0.0).steps == ()
    body = Body(-12.0, "", -1.0, "", signature(), 0.5)
    assert body.tone(measured, target, Wishes(intensity=0.0), tone.Advice()).steps == ()


@pytest.mark.parametrize(("side_db", "word"), [(-14.0, 1), (-6.5, -1)])
def test_width_goes_toward_the_signature(side_db: float, word: int) -> None:
    own = heard("pop", 12, 0.0, side_db)
    said = tone.advise(own, target_of(own, style="pop"), signature("pop", 11, -9.5), 1.0)
    (step,) = said.steps
    assert isinstance(step.settings, MatchEq)
    wider = np.array(step.settings.side_gains_db) - np.array(step.settings.gains_db)
    assert word * wider.sum() > 0
    after = played(said.steps, song("pop", 12, 0.0, side_db)).stereo.side_to_mid_db
    assert abs(after + 9.5) < abs(own.stereo.side_to_mid_db + 9.5)


def test_mono_keeps_its_width() -> None:
    samples = song("pop", 12).samples
    mono = measure(Audio(np.stack([samples.mean(axis=0)] * 2), RATE_HZ))
    said = tone.advise(mono, target_of(mono), signature("jazz"), 1.0)
    assert "Album: the track is mono or nearly; its width is left alone." in said.notes
    assert all(step.settings.side_gains_db == () for step in said.steps)


def test_a_wide_range_comes_in_within_its_bounds() -> None:
    own = with_figures(heard("jazz", 8), loudness={"range_lu": 20.0})
    lead = signature().with_(portrait=signature().portrait.with_(range_lu=6.0))
    target = target_of(own, style="jazz")
    (step,) = dynamics.advise(own, target, lead, 1.0).steps
    assert isinstance(step.settings, Compressor)
    assert 1.0 < step.settings.ratio <= MOST_RATIO
    assert step.evidence["wanted_range_lu"] == target.dynamics.range_low_lu
    half = dynamics.advise(own, target, lead, 0.2).steps[0]
    assert half.settings.ratio < step.settings.ratio
    assert half.evidence["wanted_range_lu"] == pytest.approx(20.0 - 0.2 * 12.0)


def test_where_the_style_compresses_half_of_it_is_enough() -> None:
    own = with_figures(heard("jazz", 8), loudness={"range_lu": 20.0})
    lead = signature().with_(portrait=signature().portrait.with_(range_lu=6.0))
    target = target_of(own, style="jazz")
    (alone,) = dynamics.advise(own, target, lead, 0.4).steps
    (both,) = dynamics.advise(own, target, lead, 0.4, (alone,)).steps
    assert both.evidence["wanted_range_lu"] == pytest.approx(20.0 - 0.2 * 12.0)


@pytest.mark.parametrize("range_lu", [3.0, 7.9, None])
def test_what_is_dense_or_near_stays(range_lu: float | None) -> None:
    own = with_figures(middle_of("pop"), loudness={"range_lu": range_lu})
    lead = signature().with_(portrait=signature().portrait.with_(range_lu=6.0))
    assert dynamics.advise(own, target_of(own), lead, 1.0).steps == ()


def test_a_body_of_a_track_that_is_not_there_is_a_fault() -> None:
    from burnish.engineer.album import body_for

    plan = survey(album(), Wishes())
    with pytest.raises(ValueError, match="must have the anchor's signature"):
        body_for(plan, (plan.anchor + 1) % 3)
