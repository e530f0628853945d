"""EBU Tech 3341 cases 1 to 6 and 9 to 14, Tech 3342 cases 1 to 4, at four sample rates.

Two tolerances each: the standard's, and the exact value as a drift alarm. All tones are 1 kHz, in
phase in both channels, at the given peak level. What the bilinear transform makes of the shelf at
1 kHz differs by 0.03 dB from rate to rate; the alarm takes it from the filter itself.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.dsp.kweighting import k_weighting
from burnish.measure import Meter
from burnish.measure.loudness import FineMaxima, Loudness, lufs_of, sliding_sum, summarise
from burnish.measure.walk import Walk

Parts = list[tuple[float, float]]
Floats = NDArray[np.float64]

RATES_HZ = (44100, 48000, 96000, 192000)
EBU_LU, RANGE_LU, DRIFT_LU = 0.1, 1.0, 0.001
BLACK = -math.inf


def tone(rate_hz: int, parts: Parts) -> Floats:
    """A 1 kHz tone that runs through parts of (seconds, peak dBFS), one channel."""
    one_second = np.sin(2 * np.pi * 1000 * np.arange(rate_hz) / rate_hz)
    samples = []
    start = 0
    for seconds, peak_dbfs in parts:
        n = round(seconds * rate_hz)
        turns = np.resize(np.roll(one_second, -start), n)
        samples.append(turns * 10 ** (peak_dbfs / 20))
        start += n
    return np.concatenate(samples)


def segment_powers(
    channels: Floats, rate_hz: int, weights: tuple[float, ...]
) -> tuple[Floats, FineMaxima]:
    """The road from samples to loudness, open to any number of weighted channels."""
    energy = 0.0
    for wave, weight in zip(channels, weights, strict=True):
        hops = Walk(rate_hz, 1).feed(wave[None])
        energy = energy + weight * hops.weighted[0, : hops.n_whole]
    maxima = FineMaxima(rate_hz)
    maxima.feed(energy)
    segments = energy[: len(energy) // 20 * 20].reshape(-1, 20).sum(axis=1)
    return segments * 10 / rate_hz, maxima


def loudness(rate_hz: int, parts: Parts) -> Loudness:
    power, maxima = segment_powers(tone(rate_hz, parts)[None], rate_hz, (2.0,))  # both channels
    return summarise(power, *maxima.powers())


def at_1_khz_db(rate_hz: int) -> float:
    """What a stereo tone of 0 dBFS reads: the gain of the filters at 1 kHz, and the offset."""
    z = np.exp(-2j * math.pi * 1000 / rate_hz)
    gain = 1.0
    for b0, b1, b2, a1, a2 in k_weighting(rate_hz):
        gain *= abs((b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z))
    return 20 * math.log10(gain) - 0.691


INTEGRATED = [
    (1, [(20, -23)], -23, 0.0),
    (2, [(20, -33)], -33, 0.0),
    (3, [(10, -36), (60, -23), (10, -36)], -23, -0.0206),
    (4, [(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23, -0.0206),
    (5, [(20, -26), (20.1, -20), (20, -26)], -23, 0.0146),
]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(("case", "parts", "expected", "away"), INTEGRATED)
def test_3341_integrated(
    case: int, parts: Parts, expected: float, away: float, rate_hz: int
) -> None:
    found = loudness(rate_hz, parts)
    assert found.integrated_lufs == pytest.approx(expected, abs=EBU_LU)
    assert found.integrated_lufs == pytest.approx(
        expected + at_1_khz_db(rate_hz) + away, abs=DRIFT_LU
    )
    if case <= 2:
        assert found.max_momentary_lufs == pytest.approx(expected, abs=EBU_LU)
        assert found.max_short_term_lufs == pytest.approx(expected, abs=EBU_LU)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("lfe_dbfs", [BLACK, -10.0])
def test_3341_case_6_weighs_the_surround_channels(rate_hz: int, lfe_dbfs: float) -> None:
    """5.0: L, R -28, C -24, Ls, Rs -30 dBFS; the surrounds weigh 1.41, the LFE nothing."""
    levels = (-28, -28, -24, lfe_dbfs, -30, -30)
    channels = np.stack([tone(rate_hz, [(20, level)]) for level in levels])
    power, maxima = segment_powers(channels, rate_hz, (1, 1, 1, 0, 1.41, 1.41))
    found = summarise(power, *maxima.powers()).integrated_lufs
    assert found == pytest.approx(-23, abs=EBU_LU)
    assert found == pytest.approx(-23.0230 + at_1_khz_db(rate_hz), abs=DRIFT_LU)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_3341_case_9_short_term_stands_still(rate_hz: int) -> None:
    power, _ = segment_powers(tone(rate_hz, [(1.34, -20), (1.66, -30)] * 5)[None], rate_hz, (2.0,))
    constant = lufs_of(sliding_sum(power, 30) / 30)
    assert len(constant) == 121
    assert np.abs(constant + 23).max() < EBU_LU
    # 10 log10((1.34 * 0.01 + 1.66 * 0.001) / 3); where the level changes, the filter rings on.
    assert np.abs(constant + 22.993 - at_1_khz_db(rate_hz)).max() < 0.01


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_3341_case_12_momentary_stands_still(rate_hz: int) -> None:
    """0.18 s and 0.22 s: whole hops of 5 ms, so the 400 ms window is looked at from every hop."""
    hops = Walk(rate_hz, 1).feed(tone(rate_hz, [(0.18, -20), (0.22, -30)] * 25)[None])
    constant = lufs_of(2 * sliding_sum(hops.weighted[0, : hops.n_whole], 80) / (0.4 * rate_hz))[
        120:
    ]
    assert np.abs(constant + 23).max() < EBU_LU
    assert np.abs(constant + 22.967 - at_1_khz_db(rate_hz)).max() < 0.015


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("case", "attribute", "parts"),
    [
        (10, "max_short_term_lufs", lambda i: [(0.15 * i, BLACK), (3, -23), (1, BLACK)]),
        (
            11,
            "max_short_term_lufs",
            lambda i: [(0.15 * i, BLACK), (3, i - 38), (3 - 0.15 * i, BLACK)],
        ),
        (13, "max_momentary_lufs", lambda i: [(0.02 * i, BLACK), (0.4, -23), (1, BLACK)]),
        (
            14,
            "max_momentary_lufs",
            lambda i: [(0.02 * i, BLACK), (0.4, i - 38), (0.4 - 0.02 * i, BLACK)],
        ),
    ],
)
def test_3341_maxima_find_a_tone_wherever_it_begins(
    case: int, attribute: str, parts: Callable[[int], Parts], rate_hz: int
) -> None:
    for i in range(20):
        expected = -23 if case in (10, 13) else i - 38
        found = getattr(loudness(rate_hz, parts(i)), attribute)
        assert found == pytest.approx(expected, abs=EBU_LU)
        assert found == pytest.approx(expected + at_1_khz_db(rate_hz), abs=DRIFT_LU)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(20, -20), (20, -30)], 10),
        ([(20, -20), (20, -15)], 5),
        ([(20, -40), (20, -20)], 20),
        ([(20, -50), (20, -35), (20, -20), (20, -35), (20, -50)], 15),
    ],
)
def test_3342_range(parts: Parts, expected: float, rate_hz: int) -> None:
    found = loudness(rate_hz, parts).range_lu
    assert found == pytest.approx(expected, abs=RANGE_LU)
    assert found == pytest.approx(expected, abs=DRIFT_LU)


@pytest.mark.parametrize("case", [3, 5])
def test_the_meter_takes_the_same_road(case: int) -> None:
    parts = next(parts for number, parts, _, _ in INTEGRATED if number == case)
    wave = tone(48000, parts)
    meter = Meter(48000, 2)
    meter.feed(np.stack((wave, wave)))
    found = meter.finish()
    expected = loudness(48000, parts)
    for name in ("integrated_lufs", "max_momentary_lufs", "max_short_term_lufs", "range_lu"):
        assert getattr(found.loudness, name) == pytest.approx(getattr(expected, name), abs=1e-9)
