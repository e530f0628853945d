"""The score: what is lost costs points, what is not does not, and silence is no loss."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.finding import Finding
from burnish.measure import measure
from burnish.playback.devices import Device, device
from burnish.playback.hearing import Heard, Hearing, hits
from burnish.playback.play import playback
from burnish.playback.result import OnDevice
from burnish.playback.said import ranges
from burnish.playback.small_speaker import (
    SmallSpeaker,
    on_small_speaker,
    small_speaker_findings,
)
from burnish.processors.bass_harmonics import BassHarmonics
from burnish.processors.show import play

Floats = NDArray[np.float64]
RATE = 44_100
SECONDS = 12


def _time() -> Floats:
    return np.arange(SECONDS * RATE) / RATE


def bass_line(saturated: bool) -> Floats:
    """Notes of half a second at 49 to 65 Hz, as pure tones or with harmonics, equally loud."""
    t = _time()
    notes = np.array((49.0, 55.0, 65.4, 58.3))[(t / 0.5).astype(int) % 4]
    tone = np.sin(2 * np.pi * np.cumsum(notes) / RATE)
    if saturated:
        tone = np.tanh(8.0 * tone + 1.0)
        tone -= tone.mean()
    tone *= np.minimum(1.0, 20.0 * ((t % 0.5) * (1.0 - t % 0.5)))
    return np.asarray(0.25 * tone / np.sqrt((tone**2).mean()))


def pad() -> Floats:
    """A chord in the middle, wide."""
    t = _time()
    parts = [np.sin(2 * np.pi * f * t + k) for k, f in enumerate((523.0, 659.0, 784.0, 1319.0))]
    left = sum(parts) / 4
    right = sum(part * (-1) ** k for k, part in enumerate(parts)) / 4
    return 0.1 * np.stack((left + 0.5 * right, right + 0.5 * left))


def kicks(click: bool) -> Floats:
    """Two hits a second: a low thump, with a click on it or without."""
    t = _time() % 0.5
    thump = np.sin(2 * np.pi * 55.0 * t) * np.exp(-t / 0.08) * np.minimum(1.0, t / 0.004)
    tick = np.sin(2 * np.pi * 3200.0 * t) * np.exp(-t / 0.006) if click else 0.0
    return np.asarray(0.6 * thump + 0.25 * tick)


def on(samples: Floats, *names: str) -> tuple[OnDevice, ...]:
    return playback(Audio(np.atleast_2d(samples), RATE), names).devices


def found(samples: Floats, *names: str) -> dict[str, Finding]:
    result = playback(Audio(np.atleast_2d(samples), RATE), names)
    return {one.code: one for one in result.findings}


def value(one: OnDevice, part: str) -> float:
    number = one.translation.part(part).value
    assert number is not None
    return number


def test_a_pure_bass_line_is_lost_on_a_phone_and_a_saturated_one_is_not() -> None:
    pure, rich = bass_line(saturated=False), bass_line(saturated=True)
    lost, kept = (on(pad() + line, "phone", "in-ears") for line in (pure, rich))
    assert value(lost[0], "bass") < -30.0
    assert value(kept[0], "bass") > -18.0
    assert lost[0].translation.part("bass").points == pytest.approx(20.0)
    assert kept[0].translation.part("bass").points < 5.0
    assert kept[0].translation.score > lost[0].translation.score + 15.0
    # In sealed phones both are there.
    assert lost[1].translation.part("bass").points == 0.0
    assert lost[0].sentence.startswith("the bass line vanishes on a phone: its harmonics are ")
    findings = found(pad() + pure, "phone")
    told = findings["phone-bass-lost"]
    assert told.severity == "warn"
    assert told.frequency_hz == pytest.approx(55.0, abs=5.0)
    assert told.advice.startswith("Master with --bass-harmonics 0.5 (")
    assert "saturate the bass itself, in the mix, for harmonics at 11" in told.advice
    assert "phone-bass-lost" not in found(pad() + rich, "phone")


def test_what_a_mix_never_had_cannot_be_lost() -> None:
    one = on(pad(), "phone")[0]
    assert one.translation.part("bass").value is None
    assert one.translation.part("bass").points == 0.0
    assert one.translation.part("kick").value is None


def test_a_kick_with_a_click_survives_a_phone() -> None:
    with_click, without = (on(0.3 * pad() + kicks(click), "phone")[0] for click in (True, False))
    assert value(without, "kick") < 25.0
    assert value(with_click, "kick") > 50.0
    assert "phone-kick-lost" in found(0.3 * pad() + kicks(False), "phone")


def test_hits_are_found_where_they_are() -> None:
    hearing = Hearing(RATE, 1)
    hearing.feed(kicks(True)[None])
    at = hits(hearing.finish()) * 0.005
    assert len(at) == pytest.approx(2 * SECONDS, abs=1)
    assert np.abs((at + 0.25) % 0.5 - 0.25).max() < 0.02


def test_what_is_out_of_phase_is_lost_in_mono() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, SECONDS * RATE))
    one = on(noise, "mono")[0]
    assert value(one, "mono") == pytest.approx(
        -3.01, abs=0.1
    )  # two that know nothing of each other
    assert value(one, "width") == 0.0
    turned = np.stack((noise[0], -0.8 * noise[0]))
    told = found(turned, "mono")["mono-mono-lost"]
    assert told.severity == "warn"
    same = np.stack((noise[0], noise[0]))
    assert on(same, "mono")[0].translation.score == pytest.approx(100.0)


def test_the_sum_is_told_once() -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal((2, SECONDS * RATE))
    codes = list(found(noise, "phone", "mono", "bluetooth-speaker"))
    assert [code for code in codes if code.endswith("mono-lost")] == ["phone-mono-lost"]


def test_a_wire_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "wire.toml"
    path.write_text('title = "A wire"\nsource = "copper"\nconfidence = "high"\n')
    result = playback(Audio(pad() + bass_line(False) + kicks(True), RATE), (str(path),))
    t = result.devices[0].translation
    assert t.score == 100.0
    assert max(abs(value) for value in t.change_db if value is not None) < 1e-9
    assert not result.findings
    assert t.lost_bands_hz == ()


def test_louder_is_not_better() -> None:
    music = pad() + bass_line(True) + kicks(True)
    scores = [on(gain * music, "car")[0].translation.score for gain in (1.0, 0.1)]
    assert scores[0] == pytest.approx(scores[1], abs=0.05)


def test_lost_bands_are_where_the_filters_are() -> None:
    noise = 0.1 * np.random.default_rng(3).standard_normal((1, SECONDS * RATE))
    t = on(noise, "kitchen-radio")[0].translation
    # 18 dB an octave from 150 Hz is 6 dB down near 120 Hz; 12 dB an octave from 7 kHz near 9 kHz.
    assert t.lost_bands_hz[0][1] in (100.0, 125.0)
    assert 8_000.0 <= t.lost_bands_hz[-1][0] <= 12_500.0
    assert ranges(t.lost_bands_hz).startswith("80 to 100 Hz and all above ")


def test_noise_covers_what_is_quiet() -> None:
    """The bass of a quiet car drowns when the noise is as loud as the music."""
    loud = device("car").noise
    assert loud is not None
    noisy = device("car").with_(name="noisy", noise=loud.with_(below_music_db=0.0))
    quiet = device("car")
    source = AudioSource(Audio(pad() + 0.1 * bass_line(True), RATE))
    masked = [_judged(source, one).translation.part("noise").value or 0.0 for one in (quiet, noisy)]
    assert masked[1] > masked[0] + 5.0


def _judged(source: AudioSource, one: Device) -> OnDevice:
    from burnish.playback.play import on_device

    measured = measure(source)
    return on_device(source, one, _heard(source), measured.loudness.integrated_lufs or 0.0)


def _heard(source: AudioSource) -> Heard:
    hearing = Hearing(source.info.rate_hz, source.info.channels)
    for block in source.blocks():
        hearing.feed(block)
    return hearing.finish()


def test_any_blocks_are_heard_alike() -> None:
    music = (pad() + kicks(True))[:, : 3 * RATE]
    whole = Hearing(RATE, 2)
    whole.feed(music)
    first = whole.finish()
    for cut in (17, 4096):
        parts = Hearing(RATE, 2)
        for i in range(0, music.shape[1], cut):
            parts.feed(music[:, i : i + cut])
        second = parts.finish()
        for name in ("mid", "side", "bass_hz", "harmonics", "voice", "rest", "spectrum"):
            np.testing.assert_array_equal(getattr(second, name), getattr(first, name))
        np.testing.assert_allclose(second.hits, first.hits, rtol=1e-9)


@pytest.mark.parametrize("n", [1, 700, 20_000])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
def test_short_sounds_are_heard(n: int, rate_hz: int) -> None:
    hearing = Hearing(rate_hz, 2)
    hearing.feed(np.full((2, n), 0.1))
    heard = hearing.finish()
    assert len(heard.mid) >= 1
    assert np.isfinite(heard.mid).all()


def test_windows_hold_the_power_of_the_sound() -> None:
    """A tone of -6 dBFS has a mean square of -9 dB, wherever it is in the bands."""
    tone = 0.5 * np.sin(2 * np.pi * 1000.0 * _time())
    hearing = Hearing(RATE, 1)
    hearing.feed(tone[None])
    heard = hearing.finish()
    assert 10 * np.log10(heard.spectrum.sum()) == pytest.approx(-9.03, abs=0.05)
    assert 10 * np.log10(heard.mid[5].sum()) == pytest.approx(-9.03 + 0.69, abs=0.1)  # K-weighted


def test_a_quick_look_agrees_with_the_long_one() -> None:
    for saturated in (False, True):
        music = Audio(pad() + bass_line(saturated), RATE)
        source = AudioSource(music)
        quick = on_small_speaker(source, measure(music).timeline.segment_power)
        assert quick is not None
        assert quick.is_lost != saturated
        assert [one.code for one in small_speaker_findings(quick)] == (
            [] if saturated else ["phone-bass-lost"]
        )
        long = value(on(music.samples, "phone")[0], "bass")
        assert max(quick.bass_db, -40.0) == pytest.approx(max(long, -40.0), abs=3.0)


def test_bass_harmonics_bring_a_pure_bass_line_back() -> None:
    """Half of them are enough for one that was far gone; all are 6 dB more."""
    found_db: list[float] = []
    for amount in (0.0, 0.5, 1.0):
        samples = play(BassHarmonics(amount=amount), pad() + bass_line(False), RATE)
        music = Audio(samples, RATE)
        quick = on_small_speaker(AudioSource(music), measure(music).timeline.segment_power)
        assert quick is not None
        assert quick.is_lost == (amount == 0.0)
        found_db.append(quick.bass_db)
    assert found_db[1] > found_db[0] + 6.0
    assert found_db[2] == pytest.approx(found_db[1] + 6.0, abs=0.5)


@pytest.mark.parametrize(
    ("given", "start"),
    [
        (0.0, "Master with --bass-harmonics 0.5 ("),
        (0.5, "Master with --bass-harmonics 1 ("),
        (1.0, "Saturate the bass itself, in the mix, for"),
    ],
)
def test_more_is_advised_where_more_can_be_given(given: float, start: str) -> None:
    heard = SmallSpeaker("phone", "on a phone", -30.0, 0.0, 55.0)
    (told,) = small_speaker_findings(heard, given)
    assert told.advice.startswith(start)


def test_a_quick_look_at_nothing_finds_nothing() -> None:
    for samples in (np.zeros((2, 5 * RATE)), np.zeros((1, 100)), pad()):
        audio = Audio(samples, RATE)
        power = measure(audio).timeline.segment_power
        assert small_speaker_findings(on_small_speaker(AudioSource(audio), power)) == ()
