"""The listening pair: the same place, equally loud, small, and the same bytes every time."""

import io

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.measure import Measurement, measure
from burnish.playback.listening import LENGTH_S, Listening, listening_pair
from burnish.processors.show import piece

RATE = 44_100
Floats = NDArray[np.float64]


def pair(mix: Floats, master: Floats, rate_hz: int = RATE, out_hz: int = RATE) -> Listening | None:
    sounds = (Audio(mix, rate_hz), Audio(master, out_hz))
    first, second = (AudioSource(one) for one in sounds)
    return listening_pair(first, measure(sounds[0]), second, measure(sounds[1]))


def decoded(packed: bytes) -> tuple[Floats, Measurement]:
    samples, rate_hz = soundfile.read(io.BytesIO(packed), always_2d=True)
    assert rate_hz == 48_000
    return samples.T, measure(Audio(np.ascontiguousarray(samples.T), rate_hz))


@pytest.fixture(scope="module")
def song() -> Floats:
    """40 s, of which the middle is loud."""
    music = np.tile(piece(RATE, 8.0), (1, 5))
    music *= 0.5 / np.abs(music).max()
    music[:, : 4 * RATE] *= 0.1
    music[:, 35 * RATE :] *= 0.1
    return music


def test_both_are_equally_loud_and_in_their_place(song: Floats) -> None:
    """A master that is 9 dB louder and squashed plays as loud as its mix."""
    one = pair(song, np.tanh(4.0 * song))
    assert one is not None
    assert one.duration_s == LENGTH_S
    assert 3.5 <= one.start_s <= 5.5
    assert one.mix_gain_db == pytest.approx(0.0, abs=1e-9)
    assert one.master_gain_db < -6.0
    (mix, heard), (master, also) = decoded(one.mix), decoded(one.master)
    assert mix.shape == master.shape == (2, LENGTH_S * 48_000)
    assert heard.loudness.integrated_lufs == pytest.approx(one.loudness_lufs, abs=0.2)
    assert heard.loudness.integrated_lufs == pytest.approx(also.loudness.integrated_lufs, abs=0.2)
    for packed in (one.mix, one.master):
        assert 100_000 < len(packed) < 230_000
    start = round(one.start_s * RATE)
    there = np.abs(song[0, start : start + LENGTH_S * RATE])
    steps = np.maximum.reduceat(there, np.arange(0, len(there), RATE))
    came = np.maximum.reduceat(np.abs(mix[0]), np.arange(0, mix.shape[1], 48_000))
    assert np.corrcoef(steps[1:-1], came[1:-1])[0, 1] > 0.9


def test_a_mix_that_is_louder_is_turned_down_and_nothing_clips(song: Floats) -> None:
    full = song / np.abs(song).max()
    one = pair(full, full)
    assert one is not None
    assert one.mix_gain_db == one.master_gain_db < -0.5
    softer = pair(full, 0.1 * full)
    assert softer is not None
    assert softer.mix_gain_db == pytest.approx(-20.0, abs=0.1)


def test_mono_other_rates_and_short_sounds(song: Floats) -> None:
    one = pair(song[:1, : 3 * RATE], song[:1, : 3 * RATE])
    assert one is not None
    assert one.duration_s == pytest.approx(3.0, abs=0.11)
    assert decoded(one.mix)[0].shape[0] == 1
    other = pair(song[:, : 48_000 * 2], song[:, : 32_000 * 2], 48_000, 32_000)
    assert other is not None
    assert decoded(other.mix)[0].shape == decoded(other.master)[0].shape


def test_silence_has_no_pair(song: Floats) -> None:
    assert pair(np.zeros((2, RATE)), np.zeros((2, RATE))) is None
    assert pair(song[:, :1000], song[:, :1000]) is None


def test_the_same_sound_gives_the_same_bytes(song: Floats) -> None:
    assert pair(song[:, : 3 * RATE], song[:, : 3 * RATE]) == pair(
        song[:, : 3 * RATE], song[:, : 3 * RATE]
    )
