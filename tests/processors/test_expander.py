"""The curve, the times, that it undoes a compressor, and what it leaves alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.compressor import Compressor
from burnish.processors.expander import Expander, lift_db
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 48_000
PLAIN = Expander(ratio=1.5, range_db=6)


def tone(level_dbfs: float, duration_s: float) -> Floats:
    """A sine of this RMS."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return 10 ** (level_dbfs / 20) * 2**0.5 * np.sin(2 * np.pi * 1000 * t)[None]


def beats(quiet_dbfs: float, loud_dbfs: float, count: int = 24) -> Floats:
    """100 ms loud in every 500 ms."""
    bar = np.concatenate((tone(loud_dbfs, 0.1), tone(quiet_dbfs, 0.4)), axis=1)
    return np.tile(bar, count)


def gain_db(processor: Expander, samples: Floats, row: int = 0) -> Floats:
    """Change of RMS in every millisecond."""
    out = play(processor, samples, RATE_HZ)
    wave = RATE_HZ // 1000
    before, after = (
        10 * np.log10(np.mean(x[row].reshape(-1, wave) ** 2, axis=1)) for x in (samples, out)
    )
    return np.asarray(after - before)


@pytest.mark.parametrize(
    ("level_db", "average_db", "expected_db"),
    [(-20, -20, 0), (-30, -20, 0), (-14, -20, 2), (-10, -20, 4), (0, -20, 4.0), (-58, -80, 2)],
)
def test_the_curve(level_db: float, average_db: float, expected_db: float) -> None:
    made = lift_db(
        Expander(ratio=1.5, above_db=2, range_db=4),
        np.array([float(level_db)]),
        np.array([float(average_db)]),
    )
    assert made[0] == pytest.approx(expected_db)


def test_a_steady_tone_is_its_own_average() -> None:
    assert np.abs(gain_db(PLAIN, tone(-20, 4.0))[100:]).max() < 0.05


def test_beats_stand_out_by_the_ratio() -> None:
    """Loud for a fifth of the time: the average is 7 dB down, so 7 dB / 2 is what it gets."""
    made_db = gain_db(PLAIN, beats(-40, -14))[-2500:].reshape(5, 500).mean(axis=0)
    assert made_db[40:85].mean() == pytest.approx(3.5, abs=0.25)
    assert np.abs(made_db[450:480]).max() < 0.25  # let go again
    assert made_db[0] == pytest.approx(3.5, abs=0.5)  # up before the beat: look-ahead
    assert made_db.min() > -0.01


def test_the_range_bounds() -> None:
    assert gain_db(PLAIN.with_(range_db=1.5), beats(-40, -14)).max() < 1.51


def test_release() -> None:
    made_db = gain_db(PLAIN.with_(release_ms=80), beats(-40, -14))[-500:]
    after = made_db[105:]
    start = after[0]
    assert np.argmax(after < start * np.exp(-1)) == pytest.approx(80, rel=0.15)


def test_it_gives_back_what_a_compressor_took() -> None:
    """Swing from beat to rest, as mixed, compressed, and expanded again."""

    def swing_db(samples: Floats) -> float:
        level = 10 * np.log10(np.mean(samples[0].reshape(-1, RATE_HZ // 10) ** 2, axis=1))[-25:]
        return float(level[0::5].mean() - level[4::5].mean())

    samples = beats(-22, -12)
    pressed = play(
        Compressor(threshold_db=-24, ratio=3, attack_ms=5, release_ms=60), samples, RATE_HZ
    )
    restored = play(Expander(ratio=1.8, range_db=6), pressed, RATE_HZ)
    assert swing_db(samples) == pytest.approx(10.0, abs=0.1)
    assert swing_db(pressed) < 7.0
    assert swing_db(pressed) + 1.2 < swing_db(restored) < 10.0


def test_a_pause_does_not_lower_the_average() -> None:
    """After silence the music is not taken for a beat."""
    samples = np.concatenate((tone(-20, 3.0), np.zeros((1, 5 * RATE_HZ)), tone(-20, 1.0)), axis=1)
    out = play(PLAIN, samples, RATE_HZ)
    assert np.abs(out[:, -RATE_HZ // 2 :] - samples[:, -RATE_HZ // 2 :]).max() < 1e-3


def test_both_channels_move_as_one() -> None:
    samples = beats(-40, -14)
    both = np.concatenate((samples, np.tile(tone(-45, 0.5), 24)))
    assert np.allclose(gain_db(PLAIN, both, row=1), gain_db(PLAIN, samples), atol=0.05)
