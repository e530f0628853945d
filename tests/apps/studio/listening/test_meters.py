"""What the page's meters say against burnish.measure, on the same samples."""

import numpy as np
import pytest

from burnish.audio import Audio
from burnish.dsp.kweighting import k_weighting
from burnish.measure import measure
from burnish.measure.bands import BAND_HZ
from burnish.measure.loudness import lufs

ALIKE = {"loudness_lufs": -20.0, "true_peak_dbtp": -1.0}


def tones(rate_hz: int, seconds: float) -> np.ndarray:
    """A sine in the middle of every third octave, of unlike amplitudes, some partly in the side."""
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    out = np.zeros((2, len(t)))
    for n, nominal in enumerate(BAND_HZ):
        hz = 1000.0 * 10.0 ** ((n - 16) / 10.0)
        if nominal < 0.45 * rate_hz:
            wave = 0.02 * 10.0 ** (-(n % 7) / 10.0) * np.sin(2 * np.pi * hz * t + n)
            out += np.array(((1.0,), (0.5 if n % 3 else 1.0,))) * wave
    return out


def noise(rate_hz: int, seconds: float) -> np.ndarray:
    """Two channels that are partly alike, in swells, with some DC."""
    rng = np.random.default_rng(5)
    n = int(seconds * rate_hz)
    both, own = rng.standard_normal(n), rng.standard_normal((2, n))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * np.arange(n) / rate_hz)
    return 0.08 * swell * (both + 0.8 * own) + 0.01


def k_weighted(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    from scipy.signal import lfilter

    for b0, b1, b2, a1, a2 in k_weighting(rate_hz):
        samples = lfilter((b0, b1, b2), (1.0, a1, a2), samples)
    return samples


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_loudness_and_correlation_agree(sounds, render, rate_hz) -> None:
    one = sounds.put("noise", rate_hz, noise(rate_hz, 5.0), **ALIKE)
    given = render([one], [(0, "player.play()")], 4.5, meter=True)
    heard, weighted = given.samples, k_weighted(given.samples, rate_hz)
    assert len(given.readings) >= 85
    for reading in given.readings[60::5]:
        n = reading["n_samples"]
        for key, seconds in (("momentary_lufs", 0.4), ("short_term_lufs", 3.0)):
            begin = n - int(seconds * rate_hz)
            power = (weighted[:, begin:n] ** 2).mean(axis=1).sum()
            assert reading[key] == pytest.approx(lufs(power), abs=0.01)
        left, right = heard[:, n - int(0.4 * rate_hz) : n]
        assert reading["correlation"] == pytest.approx(np.corrcoef(left, right)[0, 1], abs=0.001)
    found = measure(Audio(heard, rate_hz)).loudness
    for key, whole in (
        ("momentary", found.max_momentary_lufs),
        ("short_term", found.max_short_term_lufs),
    ):
        most = max(
            r[f"{key}_lufs"] for r in given.readings if r[f"{key}_lufs"] not in (None, "-inf")
        )
        assert most == pytest.approx(whole, abs=0.1)


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_true_peak_agrees_at_4x(sounds, render, rate_hz) -> None:
    # A sine at a quarter of the rate, 45 degrees off: its samples are 3 dB below its peaks.
    n = np.arange(2 * rate_hz)
    sine = 0.7 * np.sin(np.pi / 2 * n + np.pi / 4)
    rest = 0.2 * np.random.default_rng(3).standard_normal(len(n))
    samples = np.array((sine, rest))
    samples[:, -1000:] = 0.0
    one = sounds.put("peaks", rate_hz, samples, **ALIKE)
    given = render([one], [(0, "player.play()")], 2.1, meter=True)
    most = max(r["true_peak_dbtp"] for r in given.readings if r["true_peak_dbtp"] != "-inf")
    found = measure(Audio(given.samples, rate_hz)).peaks
    assert most == pytest.approx(found.true_peak_4x_dbtp, abs=0.02)


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_third_octaves_agree(sounds, render, rate_hz) -> None:
    samples = tones(rate_hz, 4.5)
    one = sounds.put("tones", rate_hz, samples, **ALIKE)
    spectrum = render([one], [(0, "player.play()")], 4.5, meter=True).readings[-1]["spectrum"]
    found = measure(Audio(samples, rate_hz)).spectrum
    for key, expected_db in (("mid", found.mid_db), ("side", found.side_db)):
        seen_db = 10.0 * np.log10(spectrum[key])
        known = [k for k, value in enumerate(expected_db) if value is not None and value > -80.0]
        assert len(known) >= 8
        assert seen_db[known] == pytest.approx([expected_db[k] for k in known], abs=0.2)


def test_the_meters_show_what_is_written_not_what_is_turned_down(sounds, render) -> None:
    soft = sounds.put("soft", 44_100, 0.1 * noise(44_100, 4.0))
    loud = sounds.put("loud", 44_100, noise(44_100, 4.0))
    script = [(0, "player.select('loud'); player.play()")]
    given = render([soft, loud], script, 3.5, meter=True)
    found = measure(Audio(given.samples, 44_100)).loudness.integrated_lufs
    assert found == pytest.approx(soft["info"]["loudness_lufs"], abs=0.3)
    shown = given.readings[-1]["short_term_lufs"]
    assert shown == pytest.approx(loud["info"]["loudness_lufs"], abs=0.3)


def test_a_mono_file_reads_as_one_channel(sounds, render) -> None:
    mono = sounds.put("mono", 44_100, noise(44_100, 4.0)[:1])
    shown = render([mono], [(0, "player.play()")], 3.5, meter=True).readings[-1]
    assert shown["short_term_lufs"] == pytest.approx(mono["info"]["loudness_lufs"], abs=0.3)
    assert shown["correlation"] == pytest.approx(1.0)


def test_silence_is_minus_infinity(sounds, render) -> None:
    one = sounds.put(
        "black", 44_100, np.zeros((2, 44_100)), loudness_lufs=None, true_peak_dbtp=None
    )
    shown = render([one], [(0, "player.play()")], 0.75, meter=True).readings[-1]
    assert (shown["momentary_lufs"], shown["true_peak_dbtp"]) == ("-inf", "-inf")
    assert shown["short_term_lufs"] is None
    assert shown["correlation"] is None
