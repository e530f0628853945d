"""What is heard of the music, on sounds whose tempo, key, offsets and levels are known."""

from itertools import pairwise

import numpy as np
import pytest

from burnish.audio import Audio
from burnish.measure.examine import examine
from burnish.measure.music import MusicDetector
from burnish.measure.spectrogram import SlowCopy, Spectrogram

RATE = 44100


def heard(samples, rate_hz=RATE):
    """What the detector says of samples, fed in whole seconds."""
    samples = np.atleast_2d(samples)
    detector = MusicDetector(rate_hz, len(samples))
    for start in range(0, samples.shape[1], rate_hz):
        detector.feed(samples[:, start : start + rate_hz])
    return detector.finish(None)


def seconds(duration_s):
    return np.arange(round(duration_s * RATE)) / RATE


def placed(events, duration_s):
    """Sounds at their times in seconds, added up."""
    out = np.zeros(round(duration_s * RATE))
    for at_s, sound in events:
        start = round(at_s * RATE)
        piece = sound[: max(0, len(out) - start)]
        out[start : start + len(piece)] += piece
    return out


def click():
    t = seconds(0.05)
    return np.random.default_rng(3).standard_normal(len(t)) * np.exp(-t / 0.01)


def kick():
    """A sweep down to 50 Hz with a beater of noise."""
    t = seconds(0.3)
    phase = 2 * np.pi * (50 * t + 40 * 0.02 * (1 - np.exp(-t / 0.02)))
    beater = np.random.default_rng(5).standard_normal(len(t)) * np.exp(-t / 0.004)
    return 0.6 * np.sin(phase) * np.exp(-t / 0.04) + 0.15 * beater


def note(hz, duration_s, partials=6, attack_s=0.004):
    """A note as a plucked string has it."""
    t = seconds(duration_s)
    end = np.clip((duration_s - t) / 0.02, 0.0, 1.0)
    tone = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, partials + 1))
    return tone * np.clip(t / attack_s, 0.0, 1.0) * np.exp(-t / 0.8) * end


def midi_hz(number, a4_hz=440.0):
    return a4_hz * 2.0 ** ((number - 69) / 12)


# ------------------------------------------------------------------ windows


def test_a_sine_of_both_channels_shows_as_its_amplitude_in_mid():
    rate_hz, k = RATE, 100
    spectrogram = Spectrogram(rate_hz, 2)
    hz = k * spectrogram.grid.bin_hz
    sine = 0.3 * np.sin(2 * np.pi * hz * seconds(1.0))
    windows = spectrogram.feed(np.stack((sine, sine)))
    assert np.sqrt(windows.mid_power[10, k]) == pytest.approx(0.3, rel=1e-6)
    assert windows.side_power.max() < 1e-30


def test_the_slow_copy_is_the_stream_in_its_band():
    spectrogram = Spectrogram(RATE, 1)
    copy = SlowCopy(spectrogram.grid, 30.0, 300.0)
    t = seconds(3.0)
    samples = 0.5 * np.sin(2 * np.pi * 110.0 * t) + 0.5 * np.sin(2 * np.pi * 2000.0 * t)
    parts = [
        copy.feed(spectrogram.feed(samples[None, a:b]).mid)
        for a, b in pairwise(range(0, len(t) + 1, RATE))
    ]
    slow = np.concatenate(parts)
    at = np.arange(len(slow)) / copy.rate_hz
    inner = (at > 0.5) & (at < 2.4)
    error = slow[inner] - 0.5 * np.sin(2 * np.pi * 110.0 * at[inner])
    assert 20 * np.log10(np.std(error) / 0.354) < -45.0


def test_any_rate_and_length_mono_and_stereo_silence_and_noise_end_well():
    rng = np.random.default_rng(1)
    for rate_hz in (8000, 16000, 48000, 192000):
        for channels in (1, 2):
            for n in (0, 1, 17, rate_hz, 3 * rate_hz + 7):
                for samples in (np.zeros((channels, n)), rng.standard_normal((channels, n))):
                    music = heard(samples, rate_hz)
                    assert music.tempo is None
                    assert music.voice is None
                    assert music.low_end.kick_bass is None


def test_a_gain_changes_nothing_that_is_told():
    rng = np.random.default_rng(2)
    events = [(k * 0.5, click() * rng.uniform(0.5, 1.0)) for k in range(40)]
    samples = placed(events, 20.0) + 0.1 * placed([(0.0, note(110.0, 20.0))], 20.0)
    loud, quiet = heard(samples), heard(samples * 2.0**-7)
    assert loud.tempo == quiet.tempo
    assert loud.key == quiet.key


# ------------------------------------------------------------------ tempo and key


@pytest.mark.parametrize("bpm", [72.0, 97.0, 128.0, 174.0])
def test_the_tempo_of_a_beat_of_clicks(bpm):
    """A bar's first click is louder and off-beats are soft, as drums play."""
    beat_s = 60.0 / bpm
    events = []
    for k in range(int(40.0 / beat_s)):
        events.append((k * beat_s, click() * (1.0 if k % 4 else 1.6)))
        events.append(((k + 0.5) * beat_s, click() * 0.25))
    found = heard(placed(events, 40.0)).tempo
    # A beat of 72 or 174 is as well tapped at twice or half of it.
    assert min(abs(found.bpm / bpm - k) * bpm for k in (0.5, 1.0, 2.0)) < 0.2
    assert found.bpm == pytest.approx(bpm, abs=0.2) or not 80.0 < bpm < 160.0
    assert found.confidence > 0.5


def test_noise_has_no_tempo_worth_telling():
    found = heard(np.random.default_rng(4).standard_normal((1, 30 * RATE))).tempo
    assert found is None or found.confidence < 0.2


@pytest.mark.parametrize("a4_hz", [432.0, 440.0, 446.0])
@pytest.mark.parametrize(
    ("name", "chords"),
    [
        ("C major", [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)]),
        ("F# minor", [(66, 69, 73), (59, 62, 66), (61, 65, 68), (66, 69, 73)]),
        ("Eb major", [(63, 67, 70), (60, 63, 67), (68, 72, 75), (70, 74, 77)]),
    ],
)
def test_the_key_of_a_progression_at_several_tunings(name, chords, a4_hz):
    events = [
        (1.5 * k, note(midi_hz(number, a4_hz), 1.5))
        for k in range(12)
        for number in (chords[k % 4][0] - 24, *chords[k % 4])
    ]
    found = heard(placed(events, 18.0) * 0.1).key
    assert found.name == name
    assert found.tuning_hz == pytest.approx(a4_hz, abs=1.5)


# ------------------------------------------------------------------ low end


def kick_and_bass(offset_s, bass_gain=0.25, duration_s=40.0):
    rng = np.random.default_rng(8)
    beat_s = 60.0 / 97.0
    roots = [33, 40, 36, 38, 31, 41]
    kicks, notes = [], []
    for k in range(1, int(duration_s / beat_s) - 1):
        kicks.append((k * beat_s, kick()))
        kicks.append(((k + 0.5) * beat_s, 0.1 * click()))
        number = roots[rng.integers(len(roots))]
        notes.append((k * beat_s + offset_s, note(midi_hz(number), 0.8 * beat_s)))
    return placed(kicks, duration_s) + bass_gain * placed(notes, duration_s)


@pytest.mark.parametrize("offset_ms", [0.0, 40.0, 60.0])
def test_a_late_bass_is_timed_against_the_kick(offset_ms):
    found = heard(kick_and_bass(offset_ms / 1000)).low_end.kick_bass
    assert found.offset_ms == pytest.approx(offset_ms, abs=12.0)
    assert found.agreeing > 0.45


def test_a_louder_bass_hides_the_kick():
    out = [heard(kick_and_bass(0.0, gain)).low_end.kick_bass for gain in (0.05, 0.2, 0.8)]
    prominence_db = [one.prominence_db for one in out]
    assert prominence_db[0] > prominence_db[1] + 2.0 > prominence_db[2] + 4.0


def test_one_loud_note_is_named_with_its_frequency():
    rng = np.random.default_rng(9)
    numbers = [33, 35, 38, 40, 43, 45]  # 55 to 110 Hz
    events = []
    for k in range(70):
        number = 40 if k % 2 else numbers[rng.integers(len(numbers))]
        gain = 2.0 if number == 40 else 0.7  # 9 dB
        events.append((k * 1.2, gain * note(midi_hz(number), 1.2, 1)))
    found = heard(placed(events, 84.0) * 0.2).low_end.one_note
    assert found.frequency_hz == pytest.approx(midi_hz(40), rel=0.03)
    assert found.share > 0.3
    assert found.over_db == pytest.approx(9.1, abs=2.0)


def test_uneven_notes_are_told_from_even_ones():
    rng = np.random.default_rng(10)
    gains_db = rng.uniform(-12.0, 12.0, 80)

    def played(scale):
        notes = [
            (k * 0.4, 0.1 * note(55.0, 0.4) * 10 ** (scale * gains_db[k] / 20)) for k in range(80)
        ]
        return heard(placed(notes, 32.0)).low_end.uneven_db

    assert played(0.0) < 3.5
    # Uniform over 24 dB has a standard deviation of 6.9 dB.
    assert 6.0 < played(1.0) < 8.5


def test_the_pan_of_the_bass_and_how_far_it_moves():
    t = seconds(40.0)
    tone = 0.3 * np.sin(2 * np.pi * 80.0 * t)
    still = heard(np.stack((0.5 * tone, tone))).low_end.pan
    # (1 - 1/4) / (1 + 1/4)
    assert still.middle == pytest.approx(0.6, abs=0.01)
    assert still.drift < 0.02
    side = np.where((t // 10) % 2 == 0, 1.0, 0.5)
    moves = heard(np.stack((side * tone, tone))).low_end.pan
    assert moves.drift == pytest.approx(0.6, abs=0.05)
    assert heard(tone).low_end.pan is None


# ------------------------------------------------------------------ voice and treble


def sung(vibrato_semitones, duration_s=20.0):
    """Notes with formants, as a voice sings them; without vibrato they are a keyboard's."""
    t = seconds(duration_s)
    semitones = np.array([0, 2, 4, 5, 7, 5, 4, 2])[(t / 0.8).astype(int) % 8]
    semitones = semitones + vibrato_semitones * np.sin(2 * np.pi * 5.5 * t)
    phase = 2 * np.pi * np.cumsum(220.0 * 2.0 ** (semitones / 12)) / RATE
    return 0.05 * sum(np.sin(k * phase) / (1 + ((220 * k - 800) / 600) ** 2) for k in range(1, 16))


def test_what_glides_is_a_voice_and_what_stands_is_none():
    voice = heard(sung(0.8)).voice
    assert voice is not None
    assert voice.likelihood > 0.5
    assert heard(sung(0.0)).voice is None


def test_sharper_sibilants_are_told_by_as_many_decibels():
    t = seconds(20.0)
    noise = np.diff(np.random.default_rng(11).standard_normal(len(t) + 2), 2)
    hiss = noise * ((t % 0.8) > 0.68)
    voice = sung(0.8) * ((t % 0.8) < 0.68)
    soft, sharp = (heard(voice + gain * hiss).voice for gain in (0.01, 0.03))
    assert sharp.sibilant_db - soft.sibilant_db == pytest.approx(9.5, abs=1.0)
    assert len(sharp.sibilants_s) == pytest.approx(25, abs=3)
    assert all((end - 0.2) % 0.8 > 0.4 for _, end in sharp.sibilants_s)


def test_a_ringing_place_is_found_with_its_times_and_height():
    t = seconds(30.0)
    samples = 0.05 * np.random.default_rng(12).standard_normal(len(t))
    rings = (t >= 10.0) & (t < 18.0)
    # A quarter octave at 7 kHz of white noise has the power 0.05^2 * 1214 / 22050.
    power = 0.05**2 * 7000 * (2**0.125 - 2**-0.125) / (RATE / 2)
    tone = np.sqrt(2 * power * 9.0) * np.sin(2 * np.pi * 7000.0 * t)  # 10 dB over, together
    (found,) = heard(samples + rings * tone).resonances
    assert found.frequency_hz == pytest.approx(7000.0, rel=0.05)
    assert found.over_db == pytest.approx(10.0, abs=1.5)
    ((start, end),) = found.times_s
    assert start == pytest.approx(10.0, abs=1.1)
    assert end == pytest.approx(18.0, abs=1.1)
    assert heard(samples).resonances == ()


@pytest.mark.corpus
def test_the_example_song_is_at_120_bpm_in_c(corpus):
    """Written at 120 BPM in A minor and C major (make_song.py beside its stems)."""
    music = examine(corpus / "stems" / "song1" / "mix_unmastered.flac").music
    assert music.tempo.bpm == pytest.approx(120.0, abs=0.1)
    assert music.tempo.confidence > 0.7
    assert music.key.name in ("C major", "A minor")


def test_it_is_a_part_of_the_examination():
    examined = examine(Audio(np.zeros((2, RATE)), RATE))
    assert examined.music.key is None
