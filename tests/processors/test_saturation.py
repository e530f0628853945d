"""Harmonics, aliases, loudness and direct current, measured on tones, in dB."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.processors.saturation import Saturation, design
from burnish.processors.show import play

Floats = NDArray[np.float64]

RATE_HZ = 44_100
CHARACTERS = ("soft", "tape", "tube")


def tone(frequency_hz: float, level_dbfs: float) -> Floats:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)[None]


def spectrum_db(saturation: Saturation, samples: Floats) -> Floats:
    """One bin per Hz, 0 dB for a tone of full scale, from the settled second."""
    out = play(saturation, samples, RATE_HZ)[0, RATE_HZ // 2 : RATE_HZ // 2 + RATE_HZ]
    window = np.blackman(RATE_HZ)
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(out * window)) * 2 / window.sum() + 1e-15))


def harmonics_db(character: str, drive_db: float, level_dbfs: float = -18.0) -> Floats:
    """H2 to H6 relative to H1 of a 1 kHz tone."""
    saturation = Saturation(character=character, drive_db=drive_db, amount=1)
    level_db = spectrum_db(saturation, tone(1000, level_dbfs))
    return np.array([level_db[1000 * k] - level_db[1000] for k in range(2, 7)])


@pytest.mark.parametrize("character", ["soft", "tape"])
def test_soft_and_tape_are_odd(character: str) -> None:
    """H3 near 0.1 % at 0 dB of drive and 2 dB more a dB; even harmonics 200 dB down."""
    h2, h3, h4, h5, h6 = harmonics_db(character, 0.0)
    assert h3 == pytest.approx(-60.0, abs=1.5)
    assert h5 < h3 - 40
    assert max(h2, h4, h6) < -200
    assert harmonics_db(character, 3.0)[1] - h3 == pytest.approx(6.0, abs=0.1)


def test_tube_is_even() -> None:
    """H2 at 0.2 % and 1 dB more a dB, H3 40 dB below it; also when driven hard."""
    h2, h3, h4, h5, _ = harmonics_db("tube", 0.0)
    assert h2 == pytest.approx(-54.0, abs=0.1)
    assert h3 < h2 - 40
    assert h4 < h3
    assert h5 < h4
    assert harmonics_db("tube", 6.0)[0] - h2 == pytest.approx(6.0, abs=0.1)
    driven = harmonics_db("tube", 12.0, level_dbfs=-12.0)
    assert driven[0] > driven[1] + 20


@pytest.mark.parametrize("character", CHARACTERS)
def test_distortion_at_mastering_drives(character: str) -> None:
    """0.05 to 0.3 % for a nominal tone, from 0 to 2 dB of drive and from 0.6 to the full amount."""
    for drive_db in (0.0, 2.0):
        for amount in (0.6, 1.0):
            saturation = Saturation(character=character, drive_db=drive_db, amount=amount)
            level_db = spectrum_db(saturation, tone(1000, -18))
            power = sum(10 ** (level_db[1000 * k] / 10) for k in range(2, 20))
            percent = 100 * np.sqrt(power / 10 ** (level_db[1000] / 10))
            assert 0.05 < percent < 0.3


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("drive_db", [0.0, 6.0, 12.0])
def test_aliases_of_a_5_khz_tone(character: str, drive_db: float) -> None:
    """The promise is -80 dB at a mastering drive; it is -110 dB at -6 dBFS up to 12 dB of drive."""
    saturation = Saturation(character=character, drive_db=drive_db, amount=1)
    level_db = spectrum_db(saturation, tone(5000, -6))
    for k in range(5):
        level_db[max(0, 5000 * k - 4) : 5000 * k + 5] = -300.0
    assert level_db.max() - (-6) < -110


@pytest.mark.parametrize("character", ["soft", "tape"])
@pytest.mark.parametrize(
    ("frequency_hz", "level_dbfs"), [(7000, -6), (9000, -6), (15_000, -12), (19_000, -18)]
)
def test_aliases_of_high_tones(character: str, frequency_hz: int, level_dbfs: float) -> None:
    """Louder than treble ever is in music."""
    saturation = Saturation(character=character, drive_db=3, amount=1)
    level_db = spectrum_db(saturation, tone(frequency_hz, level_dbfs))
    for k in range(4):
        level_db[max(0, frequency_hz * k - 4) : frequency_hz * k + 5] = -300.0
    assert level_db.max() - level_dbfs < -80


def noise(level_dbfs: float) -> Floats:
    """Normal noise that falls like music: flat to 100 Hz, then 4.6 dB an octave."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(4 * RATE_HZ))
    f = np.fft.rfftfreq(4 * RATE_HZ, 1 / RATE_HZ)
    spectrum *= np.maximum(f, 100.0) ** -0.765 * ((f > 30) & (f < 20_000))
    samples = np.fft.irfft(spectrum)
    return np.asarray(samples * 10 ** (level_dbfs / 20) / samples.std())[None]


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("drive_db", [-12.0, 0.0, 6.0, 12.0])
@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_loudness_is_held(character: str, drive_db: float, amount: float) -> None:
    """Before and after can be compared: within 0.05 dB RMS for music-like noise at -18 dBFS."""
    samples = noise(-18)
    saturation = Saturation(character=character, drive_db=drive_db, amount=amount)
    change_db = 20 * np.log10(play(saturation, samples, RATE_HZ).std() / samples.std())
    assert change_db == pytest.approx(0.0, abs=0.05)


def test_tape_softens_loud_treble() -> None:
    """At 10 kHz and -6 dBFS more than 1 dB more than at 1 kHz; quiet treble is not touched."""

    def change_db(frequency_hz: int, level_dbfs: float) -> float:
        saturation = Saturation(character="tape", amount=1)
        level_db = spectrum_db(saturation, tone(frequency_hz, level_dbfs))
        return float(level_db[frequency_hz]) - level_dbfs

    assert change_db(10_000, -6) < change_db(1000, -6) - 1.0
    assert change_db(10_000, -50) == pytest.approx(change_db(1000, -50), abs=0.001)


def test_tube_leaves_no_direct_current() -> None:
    samples = tone(1000, -6)
    out = play(Saturation(character="tube", drive_db=12, amount=1), samples, RATE_HZ)
    assert 20 * np.log10(abs(out[0, RATE_HZ:].mean()) + 1e-20) < -120


@pytest.mark.parametrize("character", CHARACTERS)
def test_amount_scales_what_is_added(character: str) -> None:
    full = harmonics_db(character, 0.0)
    saturation = Saturation(character=character, amount=0.25)
    level_db = spectrum_db(saturation, tone(1000, -18))
    k = 2 if character == "tube" else 3
    assert level_db[1000 * k] - level_db[1000] == pytest.approx(full[k - 2] - 12.04, abs=0.05)


def test_curve_is_the_identity_at_small_levels() -> None:
    """Slope 1 through 0, so that quiet sound is only held, not changed."""
    x = np.array([[-1e-6, 0.0, 1e-6]])
    for character in CHARACTERS:
        assert np.abs(design(character, 0.0).added(x)).max() < 1e-12


def test_treble_above_the_filters_stays() -> None:
    """Only what is added goes through the resampling: 21.5 kHz comes out as it went in."""
    level_db = spectrum_db(Saturation(amount=1), tone(21_500, -40))
    assert level_db[21_500] == pytest.approx(-40 + 0.1, abs=0.1)


@pytest.mark.parametrize(("rate_hz", "latency"), [(44_100, 72), (48_000, 72), (96_000, 64)])
def test_latency(rate_hz: int, latency: int) -> None:
    assert Saturation(amount=1).start(rate_hz, 2).latency == latency
