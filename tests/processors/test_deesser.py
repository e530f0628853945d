"""What is taken for an s, how much it loses and when, and what is left alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.deesser import Deesser, Treble, cut_db
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 48_000
PLAIN = Deesser(ratio=20, threshold_db=7, range_db=4)


def noise(low_hz: float, high_hz: float, level_dbfs: float, duration_s: float) -> Floats:
    """Gaussian noise in a band, of this RMS; always the same."""
    n = round(duration_s * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    wave = np.fft.irfft(spectrum, n)
    return np.asarray(10 ** (level_dbfs / 20) * wave / np.std(wave))[None]


def voice(s_over_db: float, duration_s: float = 12.0) -> tuple[Floats, NDArray[np.bool_]]:
    """A voice, its treble 18 dB below, with an s of 100 ms every 1.5 s; and where these are."""
    body, air = noise(200, 4000, -20, duration_s), noise(7000, 10_000, -38, duration_s)
    t = np.arange(body.shape[1]) / RATE_HZ
    is_s = (t % 1.5 > 1.0) & (t % 1.5 < 1.1)
    return body + np.where(is_s, 10 ** (s_over_db / 20), 1.0) * air, is_s


def treble_change_db(processor: Deesser, samples: Floats, where: NDArray[np.bool_]) -> float:
    """Change of the RMS over 5 kHz, there."""
    out = play(processor, samples, RATE_HZ)
    hz = np.fft.rfftfreq(samples.shape[1], 1 / RATE_HZ)

    def rms_db(x: Floats) -> float:
        spectrum = np.fft.rfft(x[0])
        spectrum[hz < 5500] = 0
        return float(10 * np.log10(np.mean(np.fft.irfft(spectrum, len(x[0]))[where] ** 2)))

    return rms_db(out) - rms_db(samples)


@pytest.mark.parametrize(
    ("over_db", "treble_db", "expected_db"),
    [
        (6, -30, 0),
        (7, -30, 0),
        (9, -30, -1.0),
        (13, -30, -3.0),
        (30, -30, -4),
        (30, -62, 0),
        (30, -59, -1),
    ],
)
def test_the_curve(over_db: float, treble_db: float, expected_db: float) -> None:
    made = cut_db(Deesser(ratio=2), np.array([float(over_db)]), np.array([float(treble_db)]))
    assert made[0] == pytest.approx(expected_db)


def test_an_s_is_lowered_and_the_voice_is_not() -> None:
    samples, is_s = voice(18)
    later = np.arange(len(is_s)) > 3 * RATE_HZ
    # At 7 to 10 kHz a filter of 24 dB/octave at 5 kHz gives 0.8 to 0.94 of its 4 dB.
    assert treble_change_db(PLAIN, samples, is_s & later) == pytest.approx(-3.1, abs=0.3)
    between = np.roll(is_s, -RATE_HZ // 2)  # half a second before each s
    assert treble_change_db(PLAIN, samples, between & later) == pytest.approx(0.0, abs=0.05)


def test_a_small_s_is_left_alone() -> None:
    samples, is_s = voice(2)
    assert treble_change_db(PLAIN, samples, is_s) == pytest.approx(0.0, abs=0.25)


def test_where_there_is_no_s_every_bit_stays() -> None:
    samples = np.tile(noise(200, 4000, -20, 4.0), (2, 1))
    assert np.array_equal(play(PLAIN, samples, RATE_HZ), samples)


def test_steady_treble_is_the_usual() -> None:
    """Bright music is not an s: only the start, before anything is known, may be touched."""
    samples = noise(1000, 4000, -20, 12.0) + noise(5000, 10_000, -15, 12.0)
    settled = np.arange(samples.shape[1]) > 2 * RATE_HZ
    assert treble_change_db(PLAIN, samples, settled) == pytest.approx(0.0, abs=0.05)


def test_below_the_crossover_nothing_changes() -> None:
    samples, _ = voice(18)
    out = play(PLAIN, samples, RATE_HZ)
    hz = np.fft.rfftfreq(samples.shape[1], 1 / RATE_HZ)
    before, after = (np.abs(np.fft.rfft(x[0])) ** 2 for x in (samples, out))
    low = (hz > 200) & (hz < 2000)
    assert 10 * np.log10(after[low].sum() / before[low].sum()) == pytest.approx(0.0, abs=0.02)


def test_the_gain_is_down_before_the_s() -> None:
    """A tone as the s, so that its own wave tells the gain."""
    t = np.arange(6 * RATE_HZ) / RATE_HZ
    starts = 5 * RATE_HZ
    s = np.where(np.arange(len(t)) >= starts, 0.3 * np.sin(2 * np.pi * 7900 * t), 0.0)
    body = noise(1000, 4000, -45, 6.0)[0]
    out = play(PLAIN, (body + s)[None], RATE_HZ)[0] - body
    first = out[starts : starts + RATE_HZ // 500]  # 2 ms
    assert 20 * np.log10(np.abs(first).max() / 0.3) < -3.0
    late = out[starts + RATE_HZ // 20 : starts + RATE_HZ // 10]
    # Above the corner the filter is 24 dB/octave: at 7.9 kHz it lowers by 0.86 of the whole.
    share = 1.58**4 / (1 + 1.58**4)
    expected = 1 + share * (10 ** (-4 / 20) - 1)
    assert np.abs(late).max() / 0.3 == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_the_treble_is_linkwitz_riley_in_linear_phase(rate_hz: int) -> None:
    treble = Treble(5000.0, rate_hz, round(0.0029 * rate_hz))
    hz = np.array([500.0, 2500.0, 5000.0, 10_000.0, 15_000.0])
    n = np.arange(-treble.half, treble.half + 1)
    made = np.array([np.sum(treble.taps * np.cos(2 * np.pi * f * n / rate_hz)) for f in hz])
    assert np.array_equal(treble.taps, treble.taps[::-1])
    assert made == pytest.approx((hz / 5000) ** 4 / (1 + (hz / 5000) ** 4), abs=2e-3)


def test_both_channels_move_as_one() -> None:
    left, is_s = voice(18)
    right = noise(200, 4000, -20, 12.0) + noise(5000, 10_000, -38, 12.0)
    out = play(PLAIN, np.concatenate((left, right)), RATE_HZ)
    moved = np.abs(out[1] - right[0]) > 1e-6
    later = np.arange(len(is_s)) > 3 * RATE_HZ
    assert moved[is_s & later].mean() > 0.9


def test_quiet_treble_is_left_alone() -> None:
    samples, _ = voice(18)
    assert np.array_equal(play(PLAIN.with_(floor_db=0), samples, RATE_HZ), samples)
