"""The survey of an album: who leads, how loud each stands, what meets the loudness asked."""

import json
import math
from dataclasses import replace

import pytest
from albums import album, gained, heard, mastered_to, surveyed
from mixes import middle_of, with_figures

from burnish.engineer import Wishes
from burnish.engineer.album import (
    AlbumWishes,
    album_lufs,
    body_for,
    corrected,
    loud_lufs,
    signature_of,
    stopped_notes,
    survey,
    wishes_for,
)
from burnish.engineer.album.plan import APART_LU, GIVE_WAY_LU, LOUDEST_LU, SOFTEST_LU
from burnish.engineer.album.standing import standing
from burnish.engineer.portrait import portrait
from burnish.errors import SettingError
from burnish.measure import Measurement
from burnish.release import Track


def masters_of(plan, tracks) -> list[Measurement]:
    """Every track at the loudness that it is planned to have, by gain alone."""
    lead = plan.anchor
    own = [one.taken.measured for one in tracks]
    anchor = own[lead] if plan.fixed else mastered_to(own[lead], plan.aim_lufs(lead))
    signature = signature_of(anchor, plan)
    made = []
    for k, measured in enumerate(own):
        if plan.tracks[k].kept:
            made.append(measured)
            continue
        body = body_for(plan, k, None if k == lead else signature)
        made.append(mastered_to(measured, body.loudness_lufs))
    return made


@pytest.mark.parametrize("asked", [-9.0, -14.0, -23.0])
def test_the_album_as_one_meets_what_was_asked_and_relations_are_kept(asked: float) -> None:
    tracks = album(loudness_lufs=asked)
    plan = survey(tracks, Wishes(loudness_lufs=asked))
    masters = masters_of(plan, tracks)
    assert album_lufs(masters) == pytest.approx(asked, abs=1e-6)
    assert plan.album_lufs == pytest.approx(asked, abs=1e-6)
    lead = loud_lufs(masters[plan.anchor])
    for one, master in zip(plan.tracks, masters, strict=True):
        assert loud_lufs(master) - lead == pytest.approx(one.relative_lu, abs=1e-6)
    assert corrected(plan, masters) is None
    assert stopped_notes(plan, masters) == ()


def test_the_loudest_meets_what_was_asked() -> None:
    tracks = album(loudness_lufs=-12.0)
    plan = survey(tracks, Wishes(loudness_lufs=-12.0), AlbumWishes(loudness_mode="loudest"))
    masters = masters_of(plan, tracks)
    assert max(one.loudness.integrated_lufs for one in masters) == pytest.approx(-12.0, abs=1e-6)
    lead = loud_lufs(masters[plan.anchor])
    for one, master in zip(plan.tracks, masters, strict=True):
        assert loud_lufs(master) - lead == pytest.approx(one.relative_lu, abs=1e-6)


def test_each_track_meets_what_was_asked() -> None:
    tracks = album(loudness_lufs=-12.0)
    plan = survey(tracks, Wishes(loudness_lufs=-12.0), AlbumWishes(loudness_mode="track"))
    assert [one.loudness.integrated_lufs for one in masters_of(plan, tracks)] == [-12.0] * 3


def test_where_only_a_style_says_it_the_anchor_is_as_loud_as_its_style() -> None:
    tracks = album(style="pop")
    plan = survey(tracks, Wishes(style="pop"))
    assert plan.aim_lufs(plan.anchor) == plan.asked_lufs
    masters = masters_of(plan, tracks)
    lead = loud_lufs(masters[plan.anchor])
    for one, master in zip(plan.tracks, masters, strict=True):
        assert loud_lufs(master) - lead == pytest.approx(one.relative_lu, abs=1e-6)


def test_a_ballad_stands_under_a_banger() -> None:
    """Kinds of music by loudness of their records: each asks for less than the one before."""
    lus = [
        standing(middle_of(name), portrait(heard()), Wishes()).lu
        for name in ("metal", "folk", "jazz", "classical")
    ]
    assert lus == sorted(lus, reverse=True)
    assert lus[0] - lus[-1] > 1.5


def test_a_fuller_song_stands_higher_and_so_does_one_with_smaller_peaks() -> None:
    mix = portrait(heard())
    cut = {name: (None,) * 12 + getattr(mix.loud, name)[12:] for name in ("mid_db", "side_db")}
    lu = standing(heard(), mix, Wishes()).lu
    thin = standing(heard(), mix.with_(loud=mix.loud.with_(**cut)), Wishes())
    assert thin.full_bands <= 18
    assert lu - 2.0 <= thin.lu <= lu - 0.5
    peaky = mix.with_(plr_db=mix.plr_db + 30.0)
    assert lu - 1.6 < standing(heard(), peaky, Wishes()).lu < lu - 0.4


def test_a_kept_masters_peaks_say_nothing_of_the_music() -> None:
    peaky = portrait(heard()).with_(plr_db=30.0)
    assert standing(heard(), peaky, Wishes(), kept=True).plr_db is None


def test_relations_are_bounded() -> None:
    far = with_figures(middle_of("classical"), dynamics={"plr_db": 30.0})
    tracks = [surveyed(1, middle_of("metal"), style="metal"), surveyed(2, far, style="classical")]
    for anchor in (1, 2):
        plan = survey(tracks, Wishes(), AlbumWishes(anchor=anchor))
        for one in plan.tracks:
            assert SOFTEST_LU <= one.relative_lu <= LOUDEST_LU
    assert survey(tracks, Wishes(), AlbumWishes(anchor=2)).tracks[0].relative_lu == LOUDEST_LU


def test_an_anchor_may_be_named() -> None:
    for number in (1, 2, 3):
        plan = survey(album(), Wishes(), AlbumWishes(anchor=number))
        assert plan.anchor == number - 1
        assert plan.reason == f"Track {number} is the anchor, as was asked."
        assert plan.tracks[plan.anchor].relative_lu == 0.0


def test_an_anchor_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingError) as caught:
        survey(album(), Wishes(), AlbumWishes(anchor=9))
    assert caught.value.sentence == "anchor=9: must be a track; there are 1, 2, 3"


def test_a_kept_master_leads_and_stays() -> None:
    tracks = album()
    tracks[2] = surveyed(3, gained(heard("jazz", 5), 4.0), kept=True)
    plan = survey(tracks, Wishes())
    assert plan.anchor == 2
    assert "kept as it is" in plan.reason
    assert plan.fixed
    assert plan.base_lufs == pytest.approx(loud_lufs(tracks[2].taken.measured))
    masters = masters_of(plan, tracks)
    assert masters[2] is tracks[2].taken.measured
    for one, master in zip(plan.tracks[:2], masters[:2], strict=True):
        apart = loud_lufs(master) - loud_lufs(masters[2])
        assert apart == pytest.approx(one.relative_lu, abs=1e-6)
    assert plan.aim_lufs(2) == masters[2].loudness.integrated_lufs


def test_others_are_not_torn_from_a_kept_master_by_a_loudness_that_was_asked() -> None:
    tracks = album(loudness_lufs=-6.0)
    kept = heard("jazz", 5)
    tracks[2] = surveyed(3, kept, kept=True, loudness_lufs=-6.0)
    plan = survey(tracks, Wishes(loudness_lufs=-6.0))
    assert plan.base_lufs == pytest.approx(loud_lufs(kept) + APART_LU)
    assert any("would tear the others" in note for note in plan.notes)


def test_a_kept_track_counts_for_the_album() -> None:
    """Not the anchor, and louder than all: the others give way, within what they may."""
    asked = -20.0
    tracks = album(loudness_lufs=asked)
    tracks[1] = surveyed(2, mastered_to(heard("pop", 4, 9.0), -21.0), True, loudness_lufs=asked)
    plan = survey(tracks, Wishes(loudness_lufs=asked), AlbumWishes(anchor=1))
    masters = masters_of(plan, tracks)
    assert masters[1] is tracks[1].taken.measured
    assert album_lufs(masters) == pytest.approx(asked, abs=1e-6)


def test_what_is_hidden_neither_leads_nor_counts() -> None:
    tracks = album(loudness_lufs=-14.0)
    hidden = surveyed(0, gained(heard("pop", 6), 10.0), kept=True, loudness_lufs=-14.0)
    plan = survey([*tracks, hidden], Wishes(loudness_lufs=-14.0))
    assert plan.anchor != 3
    masters = masters_of(plan, [*tracks, hidden])
    assert album_lufs(masters[:3]) == pytest.approx(-14.0, abs=1e-6)
    assert corrected(plan, masters) is None


def test_one_ceiling_for_all_the_lowest() -> None:
    tracks = album()
    tracks[1] = surveyed(2, tracks[1].taken.measured, ceiling_dbtp=-2.5)
    plan = survey(tracks, Wishes())
    assert plan.ceiling_dbtp == -2.5
    assert plan.ceiling_from == "asked for"
    assert plan.anchor_body.ceiling_dbtp == -2.5


def test_where_the_anchor_is_stopped_the_others_come_down_with_it() -> None:
    tracks = album(loudness_lufs=-9.0)
    plan = survey(tracks, Wishes(loudness_lufs=-9.0))
    lead, other = plan.anchor, (plan.anchor + 1) % 3
    own = tracks[lead].taken.measured
    full = body_for(plan, other, signature_of(mastered_to(own, plan.aim_lufs(lead)), plan))
    short = mastered_to(own, plan.aim_lufs(lead) - 1.3)
    less = body_for(plan, other, signature_of(short, plan))
    assert less.loudness_lufs == pytest.approx(full.loudness_lufs - 1.3, abs=0.002)
    assert "stopped 1.3 LU short" in less.loudness_from
    masters = [mastered_to(t.taken.measured, plan.aim_lufs(k) - 1.3) for k, t in enumerate(tracks)]
    assert corrected(plan, masters) is None
    notes = stopped_notes(plan, masters)
    assert len(notes) == 2
    assert notes[0].endswith("1.3 LU short of its place, and the others come down with it.")
    assert "not -9.0 (asked for)" in notes[1]


def test_an_album_that_nobody_asked_to_be_loud_gives_way_to_a_track_with_a_floor() -> None:
    """Rock may go to a PLR of 8.5 dB, so to -9.5 LUFS; metal goes to -8."""
    lead, other = surveyed(1, heard("metal", 7), style="metal"), heard("rock", 8)
    plan = survey([lead, surveyed(2, other, style="rock")], Wishes(), AlbumWishes(anchor=1))
    assert plan.aim_lufs(1) == pytest.approx(plan.tracks[1].floor_lufs)
    given = -8.0 - plan.aim_lufs(0)
    assert 0.1 < given <= GIVE_WAY_LU
    assert f"{given:.1f} LU less so that track 2 keeps its place" in plan.anchor_body.loudness_from
    asked = Wishes(loudness_lufs=-8.0)
    loud = survey([lead, surveyed(2, other, style="rock")], asked, AlbumWishes(anchor=1))
    assert loud.aim_lufs(1) > plan.aim_lufs(1)


def test_each_track_for_itself_does_not_come_down_with_the_anchor() -> None:
    tracks = album(loudness_lufs=-9.0)
    plan = survey(tracks, Wishes(loudness_lufs=-9.0), AlbumWishes(loudness_mode="track"))
    short = mastered_to(tracks[plan.anchor].taken.measured, -11.0)
    body = body_for(plan, (plan.anchor + 1) % 3, signature_of(short, plan))
    assert body.loudness_lufs == -9.0


def test_others_do_not_shout_for_a_track_that_was_stopped() -> None:
    tracks = album(loudness_lufs=-9.0)
    plan = survey(tracks, Wishes(loudness_lufs=-9.0))
    masters = masters_of(plan, tracks)
    other = (plan.anchor + 1) % 3
    masters[other] = gained(masters[other], -2.0)
    assert corrected(plan, masters) is None
    assert any(f"track {other + 1} was stopped 2.0 LU" in n for n in stopped_notes(plan, masters))


def test_what_misses_as_a_whole_is_aimed_again() -> None:
    tracks = album(loudness_lufs=-9.0)
    plan = survey(tracks, Wishes(loudness_lufs=-9.0))
    masters = masters_of(plan, tracks)
    loud = [masters[0], *(gained(one, 0.5) for one in masters[1:])]
    if plan.anchor != 0:
        loud = [gained(one, 0.5) if k != plan.anchor else one for k, one in enumerate(masters)]
    missed = album_lufs(loud) - album_lufs(masters)
    assert missed > 0.1
    better = corrected(plan, loud)
    assert better is not None
    assert better.base_lufs == pytest.approx(plan.base_lufs - missed, abs=0.01)


def test_as_loud_as_costs_little_is_asked_of_the_anchor_alone() -> None:
    tracks = album(loudness_lufs="max")
    plan = survey(tracks, Wishes(loudness_lufs="max"))
    assert plan.aim_lufs(plan.anchor) is None
    assert plan.anchor_body.loudness_lufs is None
    anchor = mastered_to(tracks[plan.anchor].taken.measured, -8.0)
    other = (plan.anchor + 1) % 3
    body = body_for(plan, other, signature_of(anchor, plan))
    stands = body.loudness_lufs + plan.tracks[other].over_lu
    expected = loud_lufs(anchor) + plan.tracks[other].relative_lu
    assert stands == pytest.approx(expected, abs=0.002)
    assert body.wishes(Wishes(loudness_lufs="max")).loudness_lufs is None


def test_an_anchor_must_be_long_and_loud_enough_and_typical() -> None:
    short = replace(heard(), source=replace(heard().source, duration_s=7.0))
    long = [replace(one, source=replace(one.source, duration_s=180.0)) for one in (heard(),) * 3]
    odd = with_figures(long[0], loudness={"range_lu": 25.0})
    tracks = [surveyed(k + 1, one) for k, one in enumerate((short, odd, long[1], long[2]))]
    assert survey(tracks, Wishes()).anchor == 2


def test_own_style_and_references_of_a_track_win(tmp_path) -> None:
    (tmp_path / "a.wav").touch()
    wishes = Wishes(style="pop", reference=("x.wav",), profile="", intensity=0.3)
    track = Track(file="1.wav", style="jazz", references=("a.wav", "b.wav:2"))
    own = wishes_for(track, wishes, tmp_path)
    assert own.style == "jazz"
    assert own.reference == (str(tmp_path / "a.wav"), f"{tmp_path / 'b.wav'}:2")
    assert own.intensity == 0.3
    assert wishes_for(Track(file="1.wav"), wishes, tmp_path) is wishes


def test_a_plan_is_told_in_plain_json() -> None:
    for wishes in (Wishes(), Wishes(loudness_lufs="max")):
        tracks = [surveyed(k + 1, one.taken.measured) for k, one in enumerate(album())]
        told = survey(tracks, wishes).to_json()
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        assert len(told["tracks"]) == 3
        assert not math.isnan(told["ceiling_dbtp"])
