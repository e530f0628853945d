"""The passive network: published ends of its ranges, and every gain against the circuit itself."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.processors.passive_equalizer import (
    PassiveEqualizer,
    high_boost_section,
    high_cut_section,
    low_section,
    response_db,
)
from burnish.processors.show import play

Floats = NDArray[np.float64]

FAR_BELOW, FAR_ABOVE = 0.001, 1e9
LOWS = ("20", "30", "60", "100")
TO_18_KHZ = np.geomspace(10, 18_000, 300)


def at(section, *frequencies_hz: float) -> list[float]:  # type: ignore[no-untyped-def]
    return [float(db) for db in section.gain_db(np.array(frequencies_hz))]


def divider_db(frequency_hz: float, boost_ohm: float, cut_ohm: float, boost_farad: float) -> float:
    """The low network by its impedances, against the same with both pots at 0."""
    s = 2j * np.pi * frequency_hz
    j = boost_ohm / (1 + s * boost_ohm * boost_farad)
    k = cut_ohm / (1 + s * cut_ohm * boost_farad / 22)

    def tapped(j: complex, k: complex) -> complex:
        arm = 11_000 + k
        beside = 1000 * arm / (1000 + arm)
        return (beside * 10_000 / arm + j) / (12_000 + beside + j)

    return float(20 * np.log10(abs(tapped(j, k) / tapped(0, 0))))


@pytest.mark.parametrize("low_hz", LOWS)
def test_low_ends_as_published(low_hz: str) -> None:
    """13.5 dB of boost, 17.5 dB of cut, 0 dB far above; each alone."""
    assert at(low_section(low_hz, 13.5, 0), FAR_BELOW, FAR_ABOVE) == pytest.approx(
        [13.5, 0], abs=1e-6
    )
    assert at(low_section(low_hz, 0, 17.5), FAR_BELOW, FAR_ABOVE) == pytest.approx(
        [-17.5, 0], abs=1e-6
    )
    assert at(low_section(low_hz, 4, 0), FAR_BELOW) == pytest.approx([4])


@pytest.mark.parametrize(
    ("low_hz", "farad"), [("20", 2.2e-6), ("30", 1.1e-6), ("60", 560e-9), ("100", 330e-9)]
)
@pytest.mark.parametrize(("boost_db", "cut_db"), [(13.5, 17.5), (6, 6), (0, 8), (3, 0)])
def test_low_section_is_the_divider(
    low_hz: str, farad: float, boost_db: float, cut_db: float
) -> None:
    """The pots are found from the gains at DC by bisection here, and the rest by impedances."""

    def pot(goal_db: float, most: float, dc_db) -> float:  # type: ignore[no-untyped-def]
        low, high = 0.0, most
        for _ in range(80):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if abs(dc_db(middle)) < abs(goal_db) else (low, middle)
        return low

    boost_ohm = pot(boost_db, 1e5, lambda r: divider_db(1e-9, r, 0, farad))
    cut_ohm = pot(cut_db, 1e6, lambda r: divider_db(1e-9, 0, r, farad))
    section = low_section(low_hz, boost_db, cut_db)
    for frequency_hz in (5, 20, 60, 150, 400, 2000):
        expected_db = divider_db(frequency_hz, boost_ohm, cut_ohm, farad)
        assert at(section, frequency_hz) == pytest.approx([expected_db], abs=1e-6)


def test_boost_and_cut_together_do_not_cancel() -> None:
    """At 30 Hz, both full: up at 80 Hz, a dip between 200 and 300 Hz, nothing from 3 kHz on.

    Published: "a boost at 80 Hz with a dip at around 200 Hz".
    """
    f = np.geomspace(20, 5000, 2000)
    gain_db = low_section("30", 13.5, 17.5).gain_db(f)
    lowest = int(gain_db.argmin())
    assert np.interp(80, f, gain_db) == pytest.approx(5.1, abs=0.1)
    assert 200 < f[lowest] < 300
    assert gain_db[lowest] == pytest.approx(-4.2, abs=0.1)
    assert abs(np.interp(3000, f, gain_db)) < 0.2


def test_together_is_not_the_sum_of_both_alone() -> None:
    """One divider: the boost eats the cut. At DC 13.5 dB and -17.5 dB make +12 dB, not -4 dB."""
    assert at(low_section("60", 13.5, 17.5), FAR_BELOW)[0] == pytest.approx(12.1, abs=0.1)


@pytest.mark.parametrize("bandwidth", [0.0, 0.5, 1.0])
def test_high_boost_is_lower_where_broader(bandwidth: float) -> None:
    """18 dB where sharp, about 10 dB where broad, and wider below."""
    peak_db = at(high_boost_section(8000, 18, bandwidth), 8000)[0]
    assert peak_db == pytest.approx({0.0: 18.0, 0.5: 12.7, 1.0: 10.0}[bandwidth], abs=0.1)
    half_db = at(high_boost_section(8000, 18, bandwidth), 4000)[0] / peak_db
    assert half_db == pytest.approx({0.0: 0.45, 0.5: 0.62, 1.0: 0.74}[bandwidth], abs=0.02)


@pytest.mark.parametrize("boost_db", [1.0, 6.0, 18.0])
def test_high_boost_is_the_dialled_height_where_sharp(boost_db: float) -> None:
    section = high_boost_section(5000, boost_db, 0.0)
    assert at(section, 5000, 1, 1e8) == pytest.approx([boost_db, 0, 0], abs=1e-3)


@pytest.mark.parametrize("high_hz", ["5000", "10000", "20000"])
def test_high_cut_is_a_first_order_shelf(high_hz: str) -> None:
    """16 dB at most, well on its way at its number, and never steeper than 6 dB an octave."""
    section = high_cut_section(high_hz, 16)
    assert at(section, FAR_BELOW, FAR_ABOVE) == pytest.approx([0, -16], abs=1e-6)
    assert at(section, float(high_hz))[0] == pytest.approx(-14.2, abs=0.1)
    octaves = section.gain_db(2.0 ** np.arange(5, 18))
    assert np.abs(np.diff(octaves)).max() < 6.03
    assert at(high_cut_section(high_hz, 3), FAR_ABOVE) == pytest.approx([-3])


def all_settings() -> list[PassiveEqualizer]:
    lows = [
        PassiveEqualizer(low_hz=low, low_boost_db=boost, low_cut_db=cut)  # type: ignore[arg-type]
        for low, boost, cut in product(LOWS, (0, 4, 13.5), (0, 6, 17.5))
        if boost or cut
    ]
    bells = [
        PassiveEqualizer(high_boost_hz=hz, high_boost_db=db, bandwidth=width)  # type: ignore[arg-type]
        for hz, db, width in product(("3000", "8000", "12000", "16000"), (2, 8, 18), (0, 0.5, 1))
    ]
    cuts = [
        PassiveEqualizer(high_cut_hz=hz, high_cut_db=db)  # type: ignore[arg-type]
        for hz, db in product(("5000", "10000", "20000"), (2, 8, 16))
    ]
    return lows + bells + cuts


@pytest.mark.parametrize(("rate_hz", "most_db"), [(44_100, 0.2), (96_000, 0.1)])
def test_digital_follows_analogue(rate_hz: int, most_db: float) -> None:
    """0.16 dB at worst, the sharp 18 dB bell at 16 kHz; the lows and the cut within 0.01 dB."""
    for equalizer in all_settings():
        wanted = np.sum([a.gain_db(TO_18_KHZ) for a in equalizer.analogue()], axis=0)
        made = response_db(equalizer, TO_18_KHZ, rate_hz)
        limit_db = most_db if equalizer.high_boost_db else 0.01
        assert np.abs(made - wanted).max() < limit_db, equalizer


def test_a_tone_gets_the_gain() -> None:
    t = np.arange(2 * 48_000) / 48_000
    samples = 0.1 * np.sin(2 * np.pi * 80 * t)[None]
    equalizer = PassiveEqualizer(low_hz="30", low_boost_db=13.5, low_cut_db=17.5)
    out = play(equalizer, samples, 48_000)
    change_db = 20 * np.log10(out[0, 48_000:].std() / samples[0, 48_000:].std())
    expected_db = response_db(equalizer, np.array([80.0]), 48_000)[0]
    assert change_db == pytest.approx(expected_db, abs=0.001)


def test_steps_may_be_numbers() -> None:
    assert PassiveEqualizer.model_validate({"low_hz": 30}).low_hz == "30"
    with pytest.raises(SettingError, match="low_hz=40: must be one of 20, 30, 60, 100"):
        PassiveEqualizer(low_hz="40")  # type: ignore[arg-type]
