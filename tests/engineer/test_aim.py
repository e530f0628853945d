"""Aim: what was asked wins over a demand, that over playback, that over the style."""

import pytest
from mixes import base, middle_of, with_figures

from burnish.engineer import Wishes, aim
from burnish.engineer.aim import CEILING_DBTP, LOUDEST_LUFS, _floors
from burnish.errors import SettingError
from burnish.targets import deliveries, delivery, style, styles

ASKED = {"style": "pop"}


LIVELY = {"plr_db": 30.0, "psr_p5_db": 30.0}  # more peaks than any style asks for


def aimed(loudness_lufs: float = -20.0, **wishes: object):  # type: ignore[no-untyped-def]
    mix = with_figures(base(), loudness={"integrated_lufs": loudness_lufs})
    return aim(mix, Wishes(**{**ASKED, **wishes}))


def test_what_was_asked_wins_over_a_demand() -> None:
    target = aimed(loudness_lufs=-20.0)
    assert target.loudness_lufs == style("pop").loudness.aim_lufs
    mix = with_figures(base(), loudness={"integrated_lufs": -20.0})
    everything = ("broadcast-r128", "spotify")
    asked = aim(mix, Wishes(style="pop", for_=everything, loudness_lufs=-12, ceiling_dbtp=-0.5))
    assert (asked.loudness_lufs, asked.ceiling_dbtp) == (-12.0, -0.5)
    assert asked.sources == {"loudness": "asked for", "ceiling": "asked for"}
    assert asked.deliveries == everything


def test_a_demand_wins_over_playback() -> None:
    target = aimed(for_=("spotify", "broadcast-r128"))
    assert target.loudness_lufs == -23.0
    assert "demands" in target.sources["loudness"]


def test_of_demands_the_quieter_wins() -> None:
    assert aimed(for_=("podcast", "broadcast-r128")).loudness_lufs == -23.0
    assert aimed(for_=("broadcast-r128", "podcast")).loudness_lufs == -23.0


def test_playback_wins_over_the_style_and_of_playbacks_the_louder() -> None:
    spotify, apple = delivery("spotify"), delivery("apple-music")
    assert aimed(for_=("spotify",)).loudness_lufs == spotify.loudness_lufs == -14.0
    both = aimed(for_=("apple-music", "spotify"))
    assert apple.loudness_lufs is not None
    assert both.loudness_lufs == max(-14.0, apple.loudness_lufs)


def test_a_place_without_loudness_leaves_it_to_the_style() -> None:
    assert delivery("cd").loudness_lufs is None
    target = aimed(for_=("cd",))
    assert target.loudness_lufs == style("pop").loudness.aim_lufs
    assert target.ceiling_dbtp == delivery("cd").ceiling_dbtp


@pytest.mark.parametrize("name", styles())
def test_the_styles_own_loudness(name: str) -> None:
    """Quieter goes to the aim; what is louder within the style stays; beyond, to its loud edge."""
    loudness = style(name).loudness
    low, middle, high = loudness.low_lufs, loudness.aim_lufs, loudness.high_lufs
    for own, wanted in (
        (middle - 20.0, middle),
        (low, middle),
        (middle, middle),
        (middle + 0.1, middle + 0.1),
        (high, high),
        (high + 0.1, high),
        (0.0, high),
    ):
        assert aimed(own, style=name).loudness_lufs == pytest.approx(wanted), own


def test_intensity_moves_the_styles_loudness_between_its_edges() -> None:
    loudness = style("rock").loudness
    heard = [
        aimed(-30.0, style="rock", intensity=k).loudness_lufs for k in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert heard[0::2] == [loudness.low_lufs, loudness.aim_lufs, loudness.high_lufs]
    assert heard == sorted(heard)


def test_the_ceiling_of_a_louder_master_is_lower_where_the_place_asks_so() -> None:
    assert aimed(for_=("spotify",)).ceiling_dbtp == -1.0
    assert aimed(for_=("spotify",), loudness_lufs=None).ceiling_dbtp == -1.0
    mix = with_figures(base(), loudness={"integrated_lufs": -20.0})
    for loudness_lufs, ceiling_dbtp in ((-14.0, -1.0), (-13.9, -2.0), (-9.0, -2.0), (-16.0, -1.0)):
        target = aim(mix, Wishes(style="pop", for_=("spotify",), loudness_lufs=loudness_lufs))
        assert target.ceiling_dbtp == ceiling_dbtp


def test_the_lowest_ceiling_of_all_places_holds() -> None:
    lowest = min(delivery(name).ceiling_dbtp for name in deliveries())
    assert aimed(for_=deliveries()).ceiling_dbtp <= lowest
    assert aimed(for_=("cd",)).ceiling_dbtp == -0.3
    assert aimed(for_=("cd", "bandcamp")).ceiling_dbtp == min(
        -0.3, delivery("bandcamp").ceiling_dbtp
    )


def test_without_a_place_the_ceiling_leaves_room_for_a_codec() -> None:
    target = aimed()
    assert target.ceiling_dbtp == CEILING_DBTP == -1.0
    assert target.sources["ceiling"]


def test_the_target_is_the_style() -> None:
    target = aim(with_figures(base(), dynamics=LIVELY), Wishes(style="jazz"))
    jazz = style("jazz")
    assert target.style_confidence is None
    assert (target.tone, target.dynamics, target.stereo, target.floors) == (
        jazz.tone,
        jazz.dynamics,
        jazz.stereo,
        jazz.floors,
    )


def test_auto_tells_how_sure_it_is() -> None:
    target = aim(middle_of("classical"), Wishes())
    assert target.style == "classical"
    assert target.style_confidence is not None
    assert 0.3 < target.style_confidence <= 1.0


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"style": "polka"}, "style=polka: must be one of ambient, .*speech"),
        ({"for_": ("myspace",)}, "delivery=myspace: must be one of amazon, .*youtube"),
    ],
)
def test_unknown_names_list_the_known(wishes: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        aimed(**wishes)


def test_a_mix_that_cannot_be_measured_gets_the_styles_loudness() -> None:
    mix = with_figures(base(), loudness={"integrated_lufs": None})
    assert aim(mix, Wishes(style="pop")).loudness_lufs == style("pop").loudness.aim_lufs


def test_the_floors_of_a_style_that_was_guessed_are_never_higher_than_its_own() -> None:
    """Unsure, they lie between those of pop and its own; sure, or asked for, they are its own."""
    jazz, pop = style("jazz").floors, style("pop").floors
    mix = with_figures(middle_of("jazz"), dynamics=LIVELY)
    assert aim(mix, Wishes(style="jazz")).floors == jazz
    for confidence, wanted in (
        (0.2, pop.plr_db),
        (0.5, (pop.plr_db + jazz.plr_db) / 2),
        (0.8, jazz.plr_db),
    ):
        assert _floors(mix, style("jazz"), confidence).plr_db == pytest.approx(wanted)
    for name in styles():
        own = style(name).floors
        for confidence in (0.1, 0.4, 0.7, 1.0):
            lower = _floors(mix, style(name), confidence)
            assert lower.plr_db <= own.plr_db
            assert lower.loud_psr_db <= own.loud_psr_db
        assert _floors(mix, style(name), None) == own


def test_a_loudness_is_a_number_or_max() -> None:
    assert Wishes(loudness_lufs="max").loudness_lufs == "max"
    assert Wishes(loudness_lufs="-9").loudness_lufs == -9.0  # as the command line gives it
    for wrong in ("loudest", -3.0, -41, float("nan")):
        with pytest.raises(SettingError, match=r"loudness_lufs=.*: must be -40 to -4 LUFS or max"):
            Wishes(loudness_lufs=wrong)
    declared = {one.name: one for one in Wishes.declared()}["loudness_lufs"]
    assert (declared.low, declared.high, declared.choices) == (-40.0, -4.0, ("max",))
    assert aim(base(), Wishes(loudness_lufs="max")).loudness_lufs == LOUDEST_LUFS
