"""Bass harmonics: which are added, how loud, and what must not come with them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.measure import measure
from burnish.processors.bass_harmonics import BassHarmonics
from burnish.processors.show import piece, play

Floats = NDArray[np.float64]

RATE_HZ = 48_000


def tone(frequency_hz: float, rate_hz: int = RATE_HZ, peak: float = 0.25) -> Floats:
    t = np.arange(6 * rate_hz) / rate_hz
    return np.asarray(peak * np.sin(2 * np.pi * frequency_hz * t)[None])


def added(samples: Floats, rate_hz: int = RATE_HZ, **settings: object) -> Floats:
    """What is added to each channel."""
    processor = BassHarmonics(**{"amount": 1.0, **settings})
    return play(processor, samples, rate_hz) - samples


def peaks(change: Floats, rate_hz: int = RATE_HZ) -> Floats:
    """Peak of the tone at each quarter of a hertz, of the middle four seconds."""
    middle = change[0, rate_hz : 5 * rate_hz]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return np.asarray(spectrum / (len(middle) / 4))


def band_db(spectrum: Floats, low_hz: float, high_hz: float) -> float:
    """Power between two frequencies, re that of a tone of the peak 0.25."""
    power = np.sum(spectrum[round(4 * low_hz) : round(4 * high_hz)] ** 2) / 1.5
    return float(10 * np.log10(power / 0.25**2 + 1e-30))


@pytest.mark.parametrize("rate_hz", [8_000, 48_000])
@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_a_tone_gets_its_harmonics(amount: float, rate_hz: int) -> None:
    """-12 dB at 200 Hz, 6 dB an octave, less what three Linkwitz-Riley filters take."""
    spectrum = peaks(added(tone(50, rate_hz), rate_hz, amount=amount), rate_hz)
    bass = 1 / (1 + (30 / 50) ** 4) / (1 + (50 / 120) ** 8)
    for k in range(2, 7):
        hz = 50.0 * k
        band = 1 / (1 + (75 / hz) ** 4) / (1 + (hz / 420) ** 8)
        told = amount * 10 ** (-12 / 20) * bass * band * hz / 200
        assert 20 * np.log10(spectrum[round(4 * hz)] / 0.25) == pytest.approx(
            20 * np.log10(told), abs=0.05
        )


def test_the_figures_of_the_manual() -> None:
    """Of a 66.7 Hz note at half the amount: its third harmonic about 18 dB under it."""
    spectrum = peaks(added(tone(66.75), amount=0.5))
    assert 20 * np.log10(spectrum[4 * 200 + 1] / 0.25) == pytest.approx(-18.5, abs=0.3)


@pytest.mark.parametrize("rate_hz", [8_000, 48_000])
@pytest.mark.parametrize("frequency_hz", [41, 50, 82, 110])
def test_nothing_else_is_added(frequency_hz: int, rate_hz: int) -> None:
    """No direct current, nothing at the note itself, no alias: all 110 dB down."""
    spectrum = peaks(added(tone(frequency_hz, rate_hz), rate_hz), rate_hz)
    assert 20 * np.log10(spectrum[4 * frequency_hz] / 0.25 + 1e-30) < -110
    assert 20 * np.log10(spectrum[0] / 0.25 + 1e-30) < -150
    for k in range(1, 9):
        spectrum[4 * k * frequency_hz - 3 : 4 * k * frequency_hz + 4] = 0.0
    assert 20 * np.log10(spectrum.max() / 0.25) < -110


def test_little_is_added_above_400_hz() -> None:
    """What is added to the fullest bass, tones a fifth apart: above 500 Hz 40 dB less of it."""
    both = tone(41) + tone(61.5)
    spectrum = peaks(added(both))
    all_db = band_db(spectrum, 75, 420)
    assert -12 < all_db < 0
    assert band_db(spectrum, 500, 1000) < all_db - 40
    assert band_db(spectrum, 1000, 24_000) < all_db - 90
    assert band_db(spectrum, 0, 75) < all_db - 50  # differences: they would be bass again


def test_quiet_notes_get_theirs_too() -> None:
    """Over 40 dB the harmonics follow the note, within a thousandth of a dB."""
    loud = added(tone(50, peak=0.5))
    for down_db in (10, 20, 40):
        gain = 10 ** (-down_db / 20)
        np.testing.assert_allclose(added(gain * tone(50, peak=0.5)), gain * loud, atol=1e-4 * gain)


def test_harmonics_follow_a_note_that_dies_away() -> None:
    """30 dB in a second and a half: the ratio of harmonics to note stays within 0.3 dB."""
    fall = 10 ** (-np.arange(6 * RATE_HZ) / RATE_HZ)
    change, note = added(fall * tone(50))[0], (fall * tone(50))[0]
    ratios = [
        np.sqrt(np.mean(change[i : i + 4800] ** 2) / np.mean(note[i : i + 4800] ** 2))
        for i in (RATE_HZ, round(1.7 * RATE_HZ), round(2.5 * RATE_HZ))
    ]
    assert np.ptp(20 * np.log10(ratios)) < 0.3


def test_character_tells_which_harmonics() -> None:
    for character, kept in (("even", (2, 4, 6)), ("odd", (3, 5)), ("both", (2, 3, 4, 5, 6))):
        spectrum = peaks(added(tone(50), character=character))
        heard = [k for k in range(1, 9) if spectrum[4 * 50 * k] > 1e-3]
        assert tuple(heard) == kept


def test_cutoff_tells_what_the_bass_is() -> None:
    """A note an octave above the cutoff gets 30 dB less than one below it."""
    amount = [band_db(peaks(added(tone(f), cutoff_hz=80.0)), 75, 420) for f in (50.0, 160.0)]
    assert amount[1] < amount[0] - 30


def test_only_the_middle_is_touched() -> None:
    """Both channels get the same; a bass that is only in the side gets nothing."""
    note, other = tone(50)[0], tone(70)[0]
    change = added(np.stack((note, 0.3 * other)))
    np.testing.assert_allclose(change[0], change[1], atol=1e-12)
    np.testing.assert_allclose(change[:1], added(0.5 * (note + 0.3 * other)[None]), atol=1e-12)
    assert np.abs(added(np.stack((note, -note)))).max() < 1e-12


def test_hardly_anything_is_heard_before_a_note() -> None:
    """Linear phase looks ahead: 5 ms before a note and earlier, 24 dB under what follows."""
    n = 2 * RATE_HZ
    for frequency_hz in (41.2, 55.0, 82.4):
        samples = np.zeros((1, 2 * n))
        samples[:, n:] = tone(frequency_hz)[:, :n]
        change = added(samples)[0]
        after = np.sqrt(np.mean(change[n + n // 4 : n + n // 2] ** 2))
        for early_ms, least_db in ((5, -23), (20, -45), (60, -75)):
            stop = n - round(early_ms * 1e-3 * RATE_HZ)
            before = np.sqrt(np.mean(change[stop - 240 : stop] ** 2))
            assert 20 * np.log10(before / after) < least_db


def test_loudness_is_kept_close() -> None:
    """Half of it makes a song with much bass louder by less than 0.3 LU."""
    before = piece(RATE_HZ, 8.0)
    after = play(BassHarmonics(amount=0.5), before, RATE_HZ)
    heard = [measure(Audio(x, RATE_HZ)).loudness.integrated_lufs for x in (before, after)]
    assert heard[0] is not None
    assert heard[1] is not None
    assert 0.0 < heard[1] - heard[0] < 0.3
