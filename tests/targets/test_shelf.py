"""Styles and deliveries: what is on the shelf, and that every figure says where it is from."""

import importlib.util
import math
import tomllib
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from burnish.errors import SettingError
from burnish.targets import (
    BAND_EDGES_HZ,
    N_BANDS,
    Tone,
    deliveries,
    delivery,
    style,
    styles,
)

STYLES = [
    "ambient",
    "classical",
    "electronic",
    "folk",
    "hip-hop",
    "jazz",
    "metal",
    "pop",
    "r&b",
    "rock",
    "speech",
]
DELIVERIES = [
    "amazon",
    "apple-music",
    "audiobook",
    "bandcamp",
    "broadcast-r128",
    "cd",
    "deezer",
    "podcast",
    "soundcloud",
    "spotify",
    "tidal",
    "youtube",
]


def test_the_shelf_holds_what_was_promised() -> None:
    assert set(STYLES) <= set(styles())
    assert set(DELIVERIES) <= set(deliveries())
    assert list(styles()) == sorted(styles())


@pytest.mark.parametrize("name", styles())
def test_style_is_in_order(name: str) -> None:
    one = style(name)
    assert one.name == name
    assert one.loudness.low_lufs < one.loudness.aim_lufs < one.loudness.high_lufs
    d = one.dynamics
    assert d.range_low_lu < d.range_median_lu < d.range_high_lu
    assert d.plr_low_db < d.plr_median_db < d.plr_high_db
    s = one.stereo
    assert s.q10_db < s.q25_db < s.median_db < s.q75_db < s.q90_db
    for bands in (s.band_q25_db, s.band_median_db, s.band_q75_db):
        assert len(bands) in (0, N_BANDS)
    f = one.floors
    assert f.loud_plr_db <= f.plr_db
    assert f.loud_psr_db <= f.psr_db
    # Bands 4 and 5 are the yardstick: their mean is zero, give or take the rounding.
    assert one.tone.median_db[3] + one.tone.median_db[4] == pytest.approx(0, abs=0.11)


@pytest.mark.parametrize("name", styles())
def test_style_can_reach_its_own_aim(name: str) -> None:
    """At a ceiling of -1 dBTP no style aims at more than its own floor lets through."""
    one = style(name)
    assert -1.0 - one.loudness.aim_lufs >= one.floors.plr_db - 1e-9


@pytest.mark.parametrize(("name", "figures"), [("pop", 8.0), ("jazz", 12.0), ("metal", 7.0)])
def test_stop_rules_are_those_of_the_notes(name: str, figures: float) -> None:
    assert style(name).floors.plr_db == figures


def test_every_table_of_every_file_names_its_source() -> None:
    folder = Path(str(resources.files("burnish.targets")))
    files = sorted(folder.glob("style/*.toml")) + sorted(folder.glob("delivery/*.toml"))
    assert len(files) == len(styles()) + len(deliveries())
    for file in files:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
        tables = [v for v in values.values() if isinstance(v, dict)] or [values]
        for table in tables:
            assert table["source"].strip(), file.name
            assert table["confidence"] in ("high", "medium", "low"), file.name


@pytest.mark.parametrize("name", deliveries())
def test_delivery_says_when_and_what_kind(name: str) -> None:
    one = delivery(name)
    year, month = one.date.split("-")
    assert int(year) >= 2026
    assert 1 <= int(month) <= 12
    assert (one.loudness_lufs is None) == (one.loudness_is == "none")
    assert (one.tolerance_lu is not None) == (one.loudness_is == "demand")
    assert one.formats


def test_a_service_plays_and_a_broadcaster_demands() -> None:
    assert delivery("spotify").loudness_is == "playback"
    assert delivery("spotify").loudness_lufs == -14.0
    assert delivery("spotify").ceiling_loud_dbtp == -2.0
    assert delivery("broadcast-r128").loudness_is == "demand"
    assert delivery("broadcast-r128").loudness_lufs == -23.0
    assert (delivery("cd").bits, delivery("cd").rate_hz) == (16, 44100)


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(SettingError, match=r"^style=polka: must be one of ambient, .*speech$") as e:
        style("polka")
    assert e.value.code == "style-unknown"
    with pytest.raises(SettingError, match=r"^delivery=napster: must be one of amazon, "):
        delivery("napster")


def test_a_tone_has_nine_bands_that_rise() -> None:
    flat = (0.0,) * N_BANDS
    Tone(median_db=flat, q25_db=flat, q75_db=flat, source="x", confidence="low")
    with pytest.raises(SettingError, match="median_db: must have 9 values, has 8"):
        Tone(median_db=flat[1:], q25_db=flat, q75_db=flat, source="x", confidence="low")
    with pytest.raises(SettingError, match="must rise"):
        Tone(median_db=flat, q25_db=(1.0,) * 9, q75_db=flat, source="x", confidence="low")
    assert all(low < high for low, high in pairwise(BAND_EDGES_HZ))


def test_offsets_are_gathered_by_energy() -> None:
    """The generator of the opinion styles: no offset moves nothing; a whole band moves whole."""
    tool = Path(__file__).resolve().parents[2] / "tools" / "style_tone.py"
    spec = importlib.util.spec_from_file_location("style_tone", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pop = style("pop").tone
    assert max(abs(module.shifted(pop, [(0.0, 35.0, 20000.0)]))) == 0.0
    move = module.shifted(pop, [(3.0, 35.0, 148.0)])
    assert move[0] == pytest.approx(3.0, abs=0.02)
    assert max(abs(move[1:])) < 0.05
    # Half of a flat band by 3.01 dB: 10 log10(1.5) = 1.76 dB.
    half = module.shifted(pop, [(10 * math.log10(2.0), 35.0, math.sqrt(35.0 * 148.0))])
    assert half[0] == pytest.approx(10 * math.log10(1.5), abs=0.3)
    rock = module.shifted(pop, [(-1.0, 35.0, 60.0), (1.0, 1000.0, 4000.0)])
    told = style("rock").tone.median_db
    assert max(abs(rock + pop.median_db - told)) <= 0.051  # the file holds one decimal
