"""Faults of what is played: low end, voice, sibilants and resonances, planted where they can be."""

from functools import cache, partial

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt, sosfiltfilt

from bench.faults import Fault, Planted
from bench.limiters import CORPUS
from bench.planted.tone import bell, for_a_while, held
from burnish.measure.music import MusicDetector

VOCAL = ("tracks/02", "tracks/09", "tracks/10", "tracks/14", "tracks/15", "stems/")
"""Where nobody sings."""

NO_STEMS = ("tracks/",)
STEMS_START_S = 15.0  # that of the example song's excerpt


@cache
def stem(name, n, start_s=STEMS_START_S):
    """A stem of the example song, where its excerpt lies."""
    path = CORPUS / "stems" / "song1" / f"{name}.flac"
    rate_hz = soundfile.info(path).samplerate
    first = round(start_s * rate_hz)
    return soundfile.read(path, start=first, stop=first + n, always_2d=True)[0].T


def as_in(samples, name):
    """A stem as loud as it is in the excerpt, which was turned up or down as a whole."""
    n = samples.shape[1]
    whole = sum(stem(one, n) for one in ("drums", "bass", "guitars", "keys", "lead"))
    return stem(name, n) * ((samples * whole).sum() / (whole * whole).sum())


def late_bass(samples, rate_hz, strength):
    """The bass of the example song so many milliseconds behind its drums."""
    bass = as_in(samples, "bass")
    return Planted(samples - bass + np.roll(bass, rate_hz * (40, 60, 80)[strength] // 1000, axis=1))


def masked_kick(samples, rate_hz, strength):
    """The bass of the example song too loud by so much, its kick as it was."""
    gain = 10 ** ((8, 12, 16)[strength] / 20)
    return Planted(held(samples + (gain - 1) * as_in(samples, "bass")))


def below(samples, rate_hz, corner_hz):
    """What lies below, in phase with the rest."""
    return sosfiltfilt(butter(2, corner_hz, fs=rate_hz, output="sos"), samples)


def uneven_bass(samples, rate_hz, strength):
    """A new gain below 200 Hz every 0.4 s, drawn from so many decibels up and down."""
    rng = np.random.default_rng(7)
    n = samples.shape[1]
    step = round(0.4 * rate_hz)
    gains_db = rng.uniform(-1.0, 1.0, n // step + 2) * (12.0, 18.0, 24.0)[strength]
    gains_db = np.repeat(gains_db, step)[:n]
    smooth = np.hanning(round(0.03 * rate_hz))
    gains_db = np.convolve(gains_db, smooth / smooth.sum(), mode="same")
    low = below(samples, rate_hz, 200.0)
    return Planted(held(samples + (10 ** (gains_db / 20) - 1) * low), (), 75.0)


def wandering_bass(samples, rate_hz, strength):
    """What lies below 180 Hz, as mono, goes from side to side once in 11 s."""
    low = below(samples, rate_hz, 180.0)
    mono = low.mean(axis=0)
    t = np.arange(samples.shape[1]) / rate_hz
    pan = (0.15, 0.25, 0.4)[strength] * np.sin(2 * np.pi * t / 11.0)
    return Planted(held(samples - low + np.stack((mono * (1 - pan), mono * (1 + pan)))), (), 75.0)


def sharp_sibilants(samples, rate_hz, strength):
    """6 to 9 kHz louder where they already outweigh 1 to 4 kHz most: the consonants."""
    high = sosfilt(butter(2, (6000.0, 9000.0), "bandpass", fs=rate_hz, output="sos"), samples)
    middle = sosfilt(butter(2, (1000.0, 4000.0), "bandpass", fs=rate_hz, output="sos"), samples)
    smooth = np.hanning(round(0.03 * rate_hz))
    smooth /= smooth.sum()
    ratio, power = (
        np.convolve((part.mean(axis=0)) ** 2, smooth, mode="same") for part in (high, middle)
    )
    ratio = ratio / (power + 1e-3 * power.max())
    gate = np.convolve((ratio > np.percentile(ratio, 90.0)).astype(float), smooth, mode="same")
    gain = 10 ** ((5.0, 8.0, 12.0)[strength] / 20)
    return Planted(held(samples + (gain - 1) * gate * high), (), 6700.0)


def one_note(samples, rate_hz, strength):
    """The bass note that is heard most, as a room that rings there has it."""
    detector = MusicDetector(rate_hz, len(samples))
    for start in range(0, samples.shape[1], rate_hz):
        detector.feed(samples[:, start : start + rate_hz])
    hz = detector.finish(None).low_end.one_note.frequency_hz
    changed = sosfilt(bell(rate_hz, hz, 9.0, (9.0, 12.0, 16.0)[strength]), samples)
    return Planted(held(changed), (), hz)


@cache
def speech(rate_hz, n):
    """Read speech at this rate, over and over, in the middle."""
    import soxr

    voice, voice_hz = soundfile.read(CORPUS / "tracks" / "51_librivox_speech.ogg")
    voice = soxr.resample(voice, voice_hz, rate_hz)
    return np.tile(voice, n // len(voice) + 1)[:n]


def spoken(samples, rate_hz, strength, over_db):
    """A voice over music, so much louder or softer than it."""
    voice = speech(rate_hz, samples.shape[1])
    level = np.sqrt(np.mean(samples**2) / np.mean(voice**2))
    return Planted(held(samples + 10 ** (over_db[strength] / 20) * level * voice))


def ringing(samples, rate_hz, strength, frequency_hz, q, gains_db, times_s=()):
    """A narrow bell, throughout or for a while: a cymbal that rings, a filter left on."""
    changed = sosfilt(bell(rate_hz, frequency_hz, q, gains_db[strength]), samples)
    if times_s:
        changed = for_a_while(samples, changed, rate_hz, *times_s)
    return Planted(held(changed), (times_s,) if times_s else (), frequency_hz)


GLIDES = ("tracks/01", "tracks/02", "tracks/08", "tracks/09", "tracks/10", "stems/")
"""Where somebody sings already, or so much glides that nobody hears a voice that far down."""

FAINT_NOTE = ("tracks/14",)
"""Where the note that is heard most is 11 dB softer than the loudest: no room makes it boom."""

DARK = ("tracks/09", "tracks/14", "tracks/02")
"""Where so little lies up there that a bell does not make it heard."""

FAULTS = (
    Fault("kick-bass-timing", late_bass, skip=NO_STEMS),
    Fault("kick-masked", masked_kick, skip=NO_STEMS),
    Fault("one-note-bass", one_note, or_=("boom",), skip=FAINT_NOTE),
    Fault("uneven-bass", uneven_bass),
    Fault("wandering-bass", wandering_bass),
    Fault("sibilance", sharp_sibilants, skip=VOCAL),
    Fault(
        "vocal-loud",
        partial(spoken, over_db=(8.0, 12.0, 16.0)),
        skip=("tracks/01", "tracks/08"),
    ),
    Fault(
        "vocal-low",
        partial(spoken, over_db=(-10.0, -12.0, -14.0)),
        skip=GLIDES,
    ),
    Fault(
        "resonance",
        partial(ringing, frequency_hz=7500.0, q=3.0, gains_db=(8, 11, 15), times_s=(8.0, 18.0)),
        "10 s",
        skip=DARK,
    ),
    Fault(
        "resonance",
        partial(ringing, frequency_hz=6000.0, q=4.0, gains_db=(8, 11, 15)),
        "throughout",
        skip=DARK,
    ),
)
