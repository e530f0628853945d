"""Short, silent, odd and broken input; and the JSON that comes out of it."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.errors import InputError
from burnish.measure import Measurement, Meter, measure

Floats = NDArray[np.float64]


def run(x: Floats, rate_hz: int = 44100) -> Measurement:
    meter = Meter(rate_hz, len(x))
    meter.feed(x)
    return meter.finish()


def every_number(document: Any) -> list[float]:
    if isinstance(document, dict):
        return [n for value in document.values() for n in every_number(value)]
    if isinstance(document, list | tuple):
        return [n for value in document for n in every_number(value)]
    return [document] if isinstance(document, float) else []


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 441, 2205, 17639, 17640, 17641, 132299, 132300])
def test_any_length_can_be_measured(n: int, channels: int) -> None:
    """Integrated from 0.4 s on, short-term from 3 s on; below that None."""
    rng = np.random.default_rng(n)
    found = run(0.1 * rng.standard_normal((channels, n)))
    assert (found.loudness.integrated_lufs is None) == (n < 17640)
    assert (found.loudness.max_momentary_lufs is None) == (n < 17640)
    assert (found.loudness.max_short_term_lufs is None) == (n < 132300)
    assert (found.loudness.range_lu is None) == (n < 132300)
    assert (found.dynamics.psr_min_db is None) == (n < 132300)
    assert (found.peaks.true_peak_dbtp == -math.inf) == (n == 0)
    assert (found.stereo.correlation is None) == (n == 0 or n == 1)
    assert found.source.n_samples == n
    assert not any(math.isnan(x) for x in every_number(found.to_json(timeline=True)))
    json.dumps(found.to_json(timeline=True), allow_nan=False)


def test_50_ms_have_a_spectrum() -> None:
    wave = np.sin(2 * np.pi * 1000 * np.arange(2205) / 44100)
    found = run(np.stack((wave, wave)))
    assert found.spectrum.mid_db[16] == pytest.approx(-3.01, abs=0.2)
    assert found.dynamics.crest_db == pytest.approx(3.01, abs=0.01)


def test_silence_is_minus_infinity() -> None:
    found = run(np.zeros((2, 44100 * 4)))
    assert found.loudness.integrated_lufs == -math.inf
    assert found.loudness.max_momentary_lufs == -math.inf
    assert found.loudness.max_short_term_lufs == -math.inf
    assert found.loudness.range_lu is None
    assert found.peaks.true_peak_dbtp == -math.inf
    assert found.peaks.true_peak_4x_dbtp == -math.inf
    assert found.peaks.sample_peak_dbfs == -math.inf
    assert found.dynamics.plr_db is None
    assert found.dynamics.dr_db is None
    assert found.spectrum.mid_db == (-math.inf,) * 30
    assert found.spectrum.bands_db == (None,) * 9
    assert found.stereo.correlation is None
    assert found.stereo.mono_loss_lu is None
    assert found.noise.noise_floor_dbfs == -math.inf
    assert found.noise.rumble_db is None
    assert found.defects.head_silence_s == found.defects.tail_silence_s == 4.0
    assert found.defects.silent_channels == (0, 1)


def test_black_after_music_is_black_again() -> None:
    """The filters' tails must not leave a loudness, nor run on in numbers too small to be fast."""
    rng = np.random.default_rng(0)
    loud = rng.standard_normal((1, 44100))
    found = run(np.concatenate((loud, np.zeros((1, 44100 * 20))), axis=1))
    assert found.timeline.segment_power[-50:].max() == 0.0
    assert found.timeline.momentary_lufs[-1] == -math.inf


def test_json_has_the_keys_of_the_contract() -> None:
    rng = np.random.default_rng(0)
    document = run(0.1 * rng.standard_normal((2, 44100 * 4))).to_json()
    contract = {
        "source": ("format", "bits", "rate_hz", "channels", "n_samples", "duration_s"),
        "loudness": (
            "integrated_lufs",
            "max_momentary_lufs",
            "max_short_term_lufs",
            "range_lu",
        ),
        "peaks": ("true_peak_dbtp", "sample_peak_dbfs"),
        "dynamics": ("plr_db", "psr_p5_db", "crest_db"),
        "spectrum": ("band_hz", "mid_db", "side_db"),
        "stereo": ("correlation", "side_to_mid_db", "balance_db", "mono_loss_lu"),
        "noise": (),
        "defects": (),
    }
    assert list(document)[:2] == ["burnish", "file"]
    assert set(document) == {"burnish", "file", *contract}
    for record, keys in contract.items():
        assert set(keys) <= set(document[record])
    assert len(document["spectrum"]["mid_db"]) == len(document["spectrum"]["band_hz"]) == 30


def test_json_of_silence_says_so() -> None:
    document = run(np.zeros((2, 44100))).to_json()
    assert document["loudness"]["integrated_lufs"] is None
    assert document["loudness"]["integrated_lufs_is_silence"] is True
    assert "max_short_term_lufs_is_silence" not in document["loudness"]  # too short to say
    assert document["peaks"]["true_peak_dbtp_is_silence"] is True
    assert set(document["spectrum"]["mid_db"]) == {None}


def test_json_of_all_cancelled_says_so() -> None:
    wave = np.random.default_rng(0).standard_normal(44100)
    document = run(np.stack((wave, -wave))).to_json()
    assert document["stereo"]["mono_loss_lu"] is None
    assert document["stereo"]["mono_loss_lu_is_infinite"] is True


def test_timeline_has_an_entry_every_100_ms() -> None:
    wave = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(44100 * 5) / 44100)
    found = run(np.stack((wave, wave)))
    timeline = found.to_json(timeline=True)["timeline"]
    assert timeline["time_s"][:2] == [0.1, 0.2]
    assert {len(series) for series in timeline.values()} == {50}
    assert timeline["momentary_lufs"][0] == pytest.approx(-6.01 - 6.02, abs=0.05)  # a quarter of it
    assert timeline["momentary_lufs"][3] == pytest.approx(-6.01, abs=0.05)
    assert timeline["short_term_lufs"][-1] == pytest.approx(-6.01, abs=0.02)
    assert timeline["true_peak_dbtp"][20] == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 32000, 88200, 176400, 384000, 768000])
def test_every_rate(rate_hz: int) -> None:
    n = int(3.15 * rate_hz)
    wave = 0.25 * np.sin(2 * np.pi * 997 * np.arange(n) / rate_hz)
    wave *= np.minimum(1, np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.05 * rate_hz))
    found = run(np.stack((wave, wave)), rate_hz)
    assert found.loudness.integrated_lufs == pytest.approx(-12.04, abs=0.1)
    assert found.loudness.max_short_term_lufs == pytest.approx(-12.04, abs=0.1)
    assert found.peaks.true_peak_dbtp == pytest.approx(-12.04, abs=0.02)
    assert found.spectrum.mid_db[16] == pytest.approx(-15.05, abs=0.2)


@pytest.mark.parametrize(("rate_hz", "channels"), [(7999, 2), (768001, 2), (48000, 0), (48000, 6)])
def test_what_cannot_be_taken_is_named(rate_hz: int, channels: int) -> None:
    with pytest.raises(InputError, match=f"={rate_hz if channels == 2 else channels}: must be"):
        Meter(rate_hz, channels)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e10, 1e200])
@pytest.mark.parametrize("threads", [False, True])
def test_not_a_number_is_an_input_error(bad: float, threads: bool) -> None:
    x = np.zeros((2, 44100 * 5))
    x[1, 44100 * 3] = bad
    with Meter(44100, 2, threads=threads) as meter:

        def run() -> None:
            meter.feed(x)
            meter.finish()

        with pytest.raises(InputError, match=r"near 3\.0.*not finite"):
            run()


def test_float_far_beyond_full_scale_survives() -> None:
    wave = 10.0 * np.sin(2 * np.pi * 997 * np.arange(44100 * 2) / 44100)
    found = run(np.stack((wave, wave)))
    assert found.loudness.integrated_lufs == pytest.approx(20.0, abs=0.02)
    assert found.peaks.true_peak_dbtp == pytest.approx(20.0, abs=0.01)


def test_measure_takes_a_file_a_source_and_audio(tmp_path: Path) -> None:
    import soundfile

    from burnish.audio import open_source

    wave = 0.25 * np.sin(2 * np.pi * 997 * np.arange(44100) / 44100)
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack((wave, 0.5 * wave), axis=1), 44100, "PCM_24")
    done: list[float] = []
    found = measure(path, done.append)
    assert done[-1] == 1.0
    assert found.file == str(path)
    assert (found.source.format, found.source.bits, found.source.channels) == ("wav", 24, 2)
    assert found.source.duration_s == 1.0
    with open_source(path) as source:
        assert measure(source) == found
        audio = source.read()
    assert measure(str(path)) == found
    in_memory = measure(audio)
    assert in_memory.file is None
    assert in_memory.loudness == found.loudness
    assert in_memory.spectrum == found.spectrum
    assert measure(Audio(np.zeros((2, 0)), 44100)).loudness.integrated_lufs is None


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 3000),
    channels=st.integers(1, 2),
    kind=st.sampled_from(["dc", "square", "impulse", "tiny", "huge", "noise"]),
)
def test_nothing_makes_nan(n: int, channels: int, kind: str) -> None:
    rng = np.random.default_rng(n)
    x = {
        "dc": np.full((channels, n), 0.7),
        "square": np.sign(rng.standard_normal((channels, n))),
        "impulse": np.eye(channels, max(n, 2))[:, :n],
        "tiny": np.full((channels, n), 5e-324),
        "huge": 1e7 * rng.standard_normal((channels, n)),
        "noise": rng.standard_normal((channels, n)),
    }[kind]
    found = run(np.ascontiguousarray(x), 8000)
    assert not any(math.isnan(x) for x in every_number(found.to_json(timeline=True)))
    json.dumps(found.to_json(timeline=True), allow_nan=False)
