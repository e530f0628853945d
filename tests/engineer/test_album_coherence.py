"""Coherence: how far the tracks of an album lie apart, before and after, and who stands apart."""

import json
import math

import pytest
from albums import album, gained, heard, mastered_to, surveyed
from mixes import with_figures

from burnish.engineer import Wishes
from burnish.engineer.album import AlbumWishes, coherence, survey


def spread(told, name: str) -> tuple[float, float]:
    (one,) = [one for one in told.spreads if one.name == name]
    return one.before, one.after


def test_tracks_that_are_alike_lie_at_no_distance() -> None:
    tracks = [surveyed(k, heard()) for k in (1, 2, 3)]
    told = coherence([heard()] * 3, [heard()] * 3, survey(tracks, Wishes()))
    assert all(one.before == one.after == 0.0 for one in (*told.spreads, *told.bands))
    assert told.improved
    assert told.outliers == ()


def test_gain_moves_loud_sections_and_nothing_else() -> None:
    tracks = album()
    plan = survey(tracks, Wishes(), AlbumWishes(loudness_mode="track"))
    before = [one.taken.measured for one in tracks]
    after = [gained(one, lu) for one, lu in zip(before, (0.0, 3.0, -6.0), strict=True)]
    told = coherence(before, after, plan)
    for name in ("tone_db", "band_width_db", "width_db", "range_lu", "plr_db", "placed_peaks_db"):
        assert spread(told, name)[0] == pytest.approx(spread(told, name)[1], abs=1e-9)
    one, other = spread(told, "short_term_p95_lufs")
    assert one != other


def test_the_spread_is_the_rms_deviation_from_the_median() -> None:
    tracks = [surveyed(k, heard()) for k in (1, 2, 3)]
    plan = survey(tracks, Wishes(), AlbumWishes(loudness_mode="track"))
    after = [gained(heard(), lu) for lu in (0.0, 2.0, -5.0)]
    told = coherence([heard()] * 3, after, plan)
    assert spread(told, "short_term_p95_lufs")[1] == pytest.approx(math.sqrt((4 + 25) / 3))
    assert not told.improved


def test_a_song_at_the_place_that_the_music_asks_is_no_deviation() -> None:
    tracks = album(loudness_lufs=-12.0)
    plan = survey(tracks, Wishes(loudness_lufs=-12.0))
    before = [one.taken.measured for one in tracks]
    after = [mastered_to(one, plan.aim_lufs(k)) for k, one in enumerate(before)]
    told = coherence(before, after, plan)
    assert spread(told, "placed_p95_lufs")[1] == pytest.approx(0.0, abs=1e-6)
    places = [one.relative_lu for one in plan.tracks]
    assert len(set(places)) > 1
    assert spread(told, "short_term_p95_lufs")[1] > 0.0


def test_outliers_are_named_with_what_and_by_how_much() -> None:
    tracks = [surveyed(k, heard()) for k in (1, 2, 3, 4)]
    plan = survey(tracks, Wishes())
    bands = list(heard().spectrum.bands_db)
    bands[0] += 12.0
    odd = with_figures(
        gained(heard(), 4.0),
        spectrum={"bands_db": tuple(bands)},
        loudness={"range_lu": heard().loudness.range_lu + 9.0},
    )
    told = coherence([heard()] * 4, [heard(), odd, heard(), heard()], plan)
    assert {one.measure for one in told.outliers} == {"tone_db", "placed_p95_lufs", "range_lu"}
    assert {one.number for one in told.outliers} == {2}
    said = "\n".join(told.sentences())
    assert "Track 2, Song 2: its tone lies 4.0 dB from the album's, most at 35 to 148 Hz" in said
    assert "lie 4.0 LU over the album's median" in said
    assert "its loudness range lies 9.0 LU over" in said


def test_mono_has_no_width_and_does_not_widen_the_album() -> None:
    mono = with_figures(
        heard(),
        stereo={
            "side_to_mid_db": -math.inf,
            "near_mono": True,
            "bands_side_to_mid_db": (-math.inf,) * 9,
        },
    )
    tracks = [surveyed(1, heard()), surveyed(2, mono)]
    told = coherence([heard(), mono], [heard(), mono], survey(tracks, Wishes()))
    assert spread(told, "width_db") == spread(told, "band_width_db") == (0.0, 0.0)
    assert told.tracks[1].after["width_db"] is None


def test_it_is_told_in_plain_json_and_in_rows() -> None:
    tracks = album()
    before = [one.taken.measured for one in tracks]
    told = coherence(before, before, survey(tracks, Wishes()))
    document = told.to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert len(told.rows()) == len(told.spreads)
    assert all(len(row) == 4 for row in told.rows())
    assert [one["number"] for one in document["tracks"]] == [1, 2, 3]


def test_bass_that_goes_to_the_middle_is_not_heard_as_less_width() -> None:
    wide = heard()
    bands = wide.stereo.bands_side_to_mid_db
    mono_bass = with_figures(wide, stereo={"bands_side_to_mid_db": (-40.0, *bands[1:])})
    plan = survey([surveyed(k, wide) for k in (1, 2)], Wishes())
    told = coherence([wide, wide], [wide, mono_bass], plan)
    assert spread(told, "width_db") == (0.0, 0.0)
    assert spread(told, "band_width_db")[1] > 1.0


def test_what_is_hidden_before_the_first_track_does_not_count() -> None:
    tracks = [surveyed(k, heard()) for k in (1, 2, 0)]
    plan = survey(tracks, Wishes(), AlbumWishes(loudness_mode="track"))
    after = [heard(), heard(), gained(heard(), -20.0)]
    told = coherence([heard()] * 3, after, plan)
    assert spread(told, "short_term_p95_lufs") == (0.0, 0.0)
    assert [row.number for row in told.tracks] == [1, 2]
