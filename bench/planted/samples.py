"""Faults of the samples: clicks, clipping, dropouts, repeats, ends, and what a file was before."""

import numpy as np
import soxr

from bench.faults import Fault, Planted
from burnish.playback.codec import round_trip

DITHER = 2.0**-15


def _random():
    return np.random.default_rng(5)


def _places(samples, rate_hz, n):
    """Places in the louder parts, apart from each other: nobody hears a hole in a rest."""
    step = samples.shape[1] // n
    hop = rate_hz // 100
    places = []
    for begin in range(0, n * step, step):
        part = samples[:, begin + rate_hz // 4 : begin + step - rate_hz // 4]
        power = np.abs(part[:, : part.shape[1] // hop * hop]).min(axis=0).reshape(-1, hop).mean(1)
        places.append(begin + rate_hz // 4 + int(np.argmax(power)) * hop)
    return places


def _times(places, rate_hz, length=1):
    return tuple((p / rate_hz, (p + length) / rate_hz) for p in places)


def _clicks(width):
    def plant(samples, rate_hz, strength):
        n, height = ((6, 0.15), (12, 0.25), (30, 0.4))[strength]
        places = _places(samples, rate_hz, n)
        wave = np.hanning(width + 2)[1:-1] * np.cos(1.5 * np.arange(width))
        for k, place in enumerate(places):
            samples[:, place : place + width] += (1 - 2 * (k % 2)) * height * wave
        return Planted(samples, _times(places, rate_hz))

    return plant


def _cut(samples, over_db, low=-0.5):
    """The samples, cut at 0.5 up and ``low`` down after they were raised; and where."""
    raised = samples * 10 ** (over_db / 20)
    cut = np.clip(raised, low, 0.5)
    return cut, np.flatnonzero((cut != raised).any(axis=0))


def _spans(places, rate_hz):
    """The seconds in which something was cut."""
    seconds = np.unique(places // rate_hz)
    return tuple((float(s), float(s + 1)) for s in seconds)


OVER_DB = (1.5, 3.0, 6.0)


def clipped(samples, rate_hz, strength):
    """Driven over full scale."""
    cut, places = _cut(samples, OVER_DB[strength])
    return Planted(2.0 * cut, _spans(places, rate_hz))


def clipped_earlier(samples, rate_hz, strength):
    """Clipped, turned down and dithered to 16 bits."""
    cut, places = _cut(samples, OVER_DB[strength])
    random = _random()
    noise = (random.random(cut.shape) - random.random(cut.shape)) * DITHER
    return Planted(0.61 * cut + noise, _spans(places, rate_hz), subtype="PCM_16")


def clipped_upwards(samples, rate_hz, strength):
    """Clipped on one side of zero only, then turned down."""
    cut, places = _cut(samples, OVER_DB[strength], low=-2.0)
    return Planted(0.45 * cut, _spans(places, rate_hz))


def clipped_encoded(samples, rate_hz, strength):
    """Clipped hard, then through MP3: no plateau is left as it was."""
    cut, _ = _cut(samples, (6.0, 9.0, 12.0)[strength])
    return Planted(_through(0.8 * cut, rate_hz, "mp3-320"))


def between_samples(samples, rate_hz, strength):
    """A tone at a quarter of the rate whose samples all miss its tops."""
    peak_db = (0.4, 1.2, 2.5)[strength]
    first, n = 10 * rate_hz, rate_hz // 4
    wave = np.sin(0.5 * np.pi * np.arange(n) + 0.25 * np.pi) * np.hanning(n) ** 0.2
    samples[:, first : first + n] = 10 ** (peak_db / 20) * wave
    return Planted(samples)


def offset(samples, rate_hz, strength):
    """Beside zero, in one channel."""
    samples[0] += 10 ** ((-54.0, -46.0, -38.0)[strength] / 20)
    return Planted(samples)


def _gaps(length_s, held=False):
    def plant(samples, rate_hz, strength):
        length = max(1, round(length_s * rate_hz))
        places = _places(samples, rate_hz, (1, 3, 10)[strength])
        for place in places:
            samples[:, place : place + length] = samples[:, place - 1 : place] if held else 0.0
        return Planted(samples, _times(places, rate_hz, length))

    return plant


def _repeated(length):
    def plant(samples, rate_hz, strength):
        places = _places(samples, rate_hz, (1, 3, 10)[strength])
        for place in places:
            samples[:, place : place + length] = samples[:, place - length : place].copy()
        return Planted(samples, _times(places, rate_hz, length))

    return plant


def silent_head(samples, rate_hz, strength):
    """Nothing before the music."""
    n = round((1.0, 2.0, 5.0)[strength] * rate_hz)
    return Planted(np.pad(samples, ((0, 0), (n, 0))), ((0.0, n / rate_hz),))


def silent_tail(samples, rate_hz, strength):
    """Nothing after it."""
    n = round((4.0, 8.0, 16.0)[strength] * rate_hz)
    end = samples.shape[1]
    return Planted(np.pad(samples, ((0, 0), (0, n))), ((end / rate_hz, (end + n) / rate_hz),))


def padded(samples, rate_hz, strength):
    """Rounded to fewer bits, stored in 24."""
    steps = 2.0 ** (19, 15, 11)[strength]
    return Planted(np.round(samples * steps) / steps)


def scaled(samples, rate_hz, strength):
    """16 bits (and fewer), turned down afterwards, stored in 24."""
    steps = 2.0 ** (15, 14, 11)[strength]
    return Planted(0.7 * np.round(samples * steps) / steps)


def upsampled(samples, rate_hz, strength):
    """Brought to a higher rate."""
    new_hz = (88_200, 96_000, 192_000)[strength]
    return Planted(soxr.resample(samples.T, rate_hz, new_hz).T, rate_hz=new_hz)


def _through(samples, rate_hz, codec):
    """What comes back from a codec."""
    return np.concatenate(list(round_trip([samples], rate_hz, len(samples), codec)), axis=1)


def encoded(samples, rate_hz, strength):
    """An MP3 that calls itself a WAV."""
    return Planted(_through(samples, rate_hz, ("mp3-192", "mp3-160", "mp3-128")[strength]))


FAULTS = (
    Fault("clicks", _clicks(1), "1 sample"),
    Fault("clicks", _clicks(8), "8 samples"),
    Fault("clipped", clipped),
    Fault("clipped-earlier", clipped_earlier),
    Fault("clipped-earlier", clipped_upwards, "on one side"),
    Fault("clipped-earlier", clipped_encoded, "then encoded"),
    Fault("inter-sample-peaks", between_samples),
    Fault("dc", offset),
    Fault("dropouts", _gaps(0.0), "1 sample", or_=("clicks",)),
    Fault("dropouts", _gaps(0.001), "1 ms"),
    Fault("dropouts", _gaps(0.1), "100 ms"),
    Fault("dropouts", _gaps(0.01, held=True), "held for 10 ms"),
    Fault("repeated-blocks", _repeated(64), "64 samples"),
    Fault("repeated-blocks", _repeated(4096), "4096 samples"),
    Fault("silence-head", silent_head),
    Fault("silence-tail", silent_tail),
    Fault("padded-bits", padded),
    Fault("padded-bits", scaled, "turned down"),
    Fault("upsampled", upsampled),
    # These two are lossy already, and cut off lower than the MP3 would.
    Fault("lossy-source", encoded, skip=("08_", "10_")),
)
