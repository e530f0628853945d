"""Damage with known answers: clean music, and the same with something done to it.

Every case is made from the corpus by a seed, so it is the same every time. Music stands at a peak
of -3 dBFS before it is damaged. Files of the corpus that have a clean twin are cases too.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from scipy import signal

from bench.limiters import CORPUS, read

SECONDS = 15
HUM_SECONDS = 20  # burnish wants 16 s to tell hum from the notes of a bar
PEAK = 10 ** (-3 / 20)
LEAD_S = 1.5  # of hiss alone before the music, as tape has it; what a noise profile is taken from

MUSIC = {
    "01 folk pop": ("tracks/01_karissa_lets_go_fishin.ogg", 50),
    "03 strings": ("tracks/03_usarmystrings_hungarian5.ogg", 10),
    "04 piano": ("tracks/04_helland_leaving_millie.mp3", 60),
    "06 light orchestral": ("tracks/06_helland_surreptitious.mp3", 30),
    "09 industrial": ("tracks/09_crystan_battlescape01.ogg", 60),
    "10 orchestral": ("tracks/10_vanethian_theme.ogg", 100),
    "14 electronic": ("tracks/14_lmms_saber_final_step.flac", 20),
    "song1 pop/rock": ("stems/song1/mix_unmastered.flac", 25),
}
CLICK_MS = (0.0, 0.3, 1.0, 4.0)  # 0 is one sample
DRIVES_DB = (1.0, 3.0, 6.0, 10.0)
MAINS_HZ = (49.8, 50.0, 59.9, 60.1)
HISS_DBFS = (-60.0, -50.0, -40.0)
VINYL_SNR_DB = (22.0, 30.0)


@dataclass(frozen=True)
class Sounds:
    """The two twins. ``hint`` is what a user would know: the mains, the level of the hiss.

    The first ``lead`` samples are noise without music; they are not judged.
    """

    clean: np.ndarray
    damaged: np.ndarray
    rate_hz: int
    hint: float = 0.0
    lead: int = 0

    @property
    def noise(self):
        """The noise alone."""
        return self.damaged[:, : self.lead]

    @property
    def sdr_db(self):
        """How near the damaged one is."""
        return sdr_db(self.clean, self.damaged, self.lead)

    def gain_db(self, mended):
        """How much nearer to the clean twin it is than the damaged one was, in dB of SDR."""
        return sdr_db(self.clean, mended, self.lead) - self.sdr_db


@dataclass(frozen=True)
class Case:
    """One kind of damage to one piece of music; made when it is needed."""

    group: str
    name: str
    make: Callable[[], Sounds]


def sdr_db(clean, other, start=0):
    """Power of the clean sound over that of the difference, both channels together."""
    difference = np.square(clean[:, start:] - other[:, start:]).sum()
    return 10 * math.log10(np.square(clean[:, start:]).sum() / max(difference, 1e-30))


@lru_cache(len(MUSIC))
def music(name, seconds=SECONDS):
    """An excerpt at its peak, and its rate."""
    where, start_s = MUSIC[name]
    x, rate_hz = read(CORPUS / where, start_s, seconds)
    return x * (PEAK / np.abs(x).max()), rate_hz


# ---- what is done to it ------------------------------------------------------------------------


def clicked(x, rate_hz, length_ms, rng):
    """Three clicks a second and channel, 6 to 20 dB over the RMS, dying away within the length."""
    y = x.copy()
    n = max(1, round(length_ms * rate_hz / 1000))
    decay = 10 ** (-np.arange(n) / n)
    rms = math.sqrt(np.square(x).mean())
    for channel in y:
        for at in rng.integers(2 * n, x.shape[1] - 2 * n, round(3 * x.shape[1] / rate_hz)):
            shape = decay * rng.standard_normal(n) if n > 1 else np.ones(1)
            size = rng.choice((-1, 1)) * rms * 10 ** (rng.uniform(6, 20) / 20)
            channel[at : at + n] += size * shape / np.abs(shape).max()
    return y


def clipped(x, drive_db):
    """Its tops cut so far under the highest."""
    threshold = np.abs(x).max() * 10 ** (-drive_db / 20)
    return np.clip(x, -threshold, threshold)


def humming(x, rate_hz, mains_hz, rng, hum_dbfs=-35.0):
    """Hum of 15 harmonics that fall by 4 dB each, the odd ones stronger; it drifts by 0.02 Hz."""
    t = np.arange(x.shape[1]) / rate_hz
    phase = 2 * np.pi * mains_hz * t + 0.02 * 7 * np.sin(2 * np.pi * t / 7 + rng.uniform(0, 6))
    hum = np.zeros_like(x)
    for k in range(1, 16):
        size = 10 ** ((-4 * k - (6 if k % 2 == 0 else 0) + rng.uniform(-4, 4)) / 20)
        hum += size * np.sin(k * phase + rng.uniform(0, 2 * np.pi, (len(x), 1)))
    return x + hum * (10 ** (hum_dbfs / 20) / math.sqrt(np.square(hum).mean()))


def hissing(x, rate_hz, hiss_dbfs, rng):
    """White noise, each channel its own; it begins before the music."""
    lead = round(LEAD_S * rate_hz)
    clean = np.pad(x, ((0, 0), (lead, 0)))
    up = np.sin(np.linspace(0, np.pi / 2, round(0.05 * rate_hz))) ** 2
    clean[:, lead : lead + up.size] *= up
    return clean, clean + 10 ** (hiss_dbfs / 20) * rng.standard_normal(clean.shape), lead


@lru_cache(4)
def recorded(name, rate_hz, n):
    """Noise of the corpus as long as needed, its ends joined by a crossfade."""
    x, own_hz = read(CORPUS / "tracks" / name)
    if own_hz != rate_hz:
        divisor = math.gcd(own_hz, rate_hz)
        x = signal.resample_poly(x, rate_hz // divisor, own_hz // divisor, axis=1)
    fade = round(0.5 * rate_hz)
    up = np.sin(np.linspace(0, np.pi / 2, fade))
    while x.shape[1] < n:
        both = x[:, -fade:] * up[::-1] + x[:, :fade] * up
        x = np.concatenate((x[:, :-fade], both, x[:, fade:]), axis=1)
    return x[:, :n]


def with_noise(x, rate_hz, name, snr_db):
    """The music with recorded noise so far under its RMS."""
    noise = recorded(name, rate_hz, x.shape[1])
    size = math.sqrt(np.square(x).mean() / np.square(noise).mean()) * 10 ** (-snr_db / 20)
    return x + size * noise


# ---- all of it ---------------------------------------------------------------------------------


def _seeded(*what):
    return np.random.default_rng([ord(c) for c in "".join(map(str, what))])


def _some(n):
    """Every other excerpt or so: n of them, spread."""
    names = list(MUSIC)
    return [names[round(i * (len(names) - 1) / (n - 1))] for i in range(n)]


def _twins(name, hint=0.0):
    damaged, rate_hz = read(CORPUS / "damaged" / f"{name}.flac", 5, SECONDS)
    clean, _ = read(CORPUS / "damaged" / f"{name}_clean.flac", 5, SECONDS)
    return Sounds(clean, damaged, rate_hz, hint)


def _by_recipe(name):
    """The hard clip that the corpus gives as a recipe: gain, clip, turned down."""
    recipes = json.loads((CORPUS / "damaged" / "recipe.json").read_text())
    recipe = next(one for one in recipes if one["file"] == name)
    x, rate_hz = read(CORPUS / recipe["clean"], recipe["ss"], SECONDS)
    x = x * (10 ** (recipe["gain_db"] / 20) * recipe["post"])
    end = recipe["clip"] * recipe["post"]
    return Sounds(x, np.clip(x, -end, end), rate_hz)


def _clicks(name, length_ms):
    x, rate_hz = music(name)
    return Sounds(x, clicked(x, rate_hz, length_ms, _seeded(name, length_ms)), rate_hz)


def _vinyl(name, snr_db):
    x, rate_hz = music(name)
    return Sounds(x, with_noise(x, rate_hz, "52_noise_vinyl_crackle.wav", snr_db), rate_hz)


def _clipping(name, drive_db):
    x, rate_hz = music(name)
    return Sounds(x, clipped(x, drive_db), rate_hz)


def _hum(name, mains_hz):
    x, rate_hz = music(name, HUM_SECONDS)
    y = humming(x, rate_hz, mains_hz, _seeded(name, mains_hz))
    return Sounds(x, y, rate_hz, round(mains_hz, -1))


def _recorded_hum(name):
    x, rate_hz = music(name)
    return Sounds(x, with_noise(x, rate_hz, "53_noise_electrical_hum.wav", 28.0), rate_hz, 60.0)


def _hiss(name, hiss_dbfs):
    x, rate_hz = music(name)
    x, y, lead = hissing(x, rate_hz, hiss_dbfs, _seeded(name, hiss_dbfs))
    return Sounds(x, y, rate_hz, hiss_dbfs, lead)


def cases():
    """Every case."""
    lengths = [(f"{ms:g} ms" if ms else "1 sample", ms) for ms in CLICK_MS]
    return [
        *(
            Case("clicks", f"{w}, {m}", partial(_clicks, m, ms))
            for w, ms in lengths
            for m in _some(4)
        ),
        *(
            Case("vinyl", f"{d:g} dB, {m}", partial(_vinyl, m, d))
            for d in VINYL_SNR_DB
            for m in _some(4)
        ),
        Case("vinyl", "d1_strings_vinyl", partial(_twins, "d1_strings_vinyl")),
        *(
            Case("clipping", f"{d:g} dB, {m}", partial(_clipping, m, d))
            for d in DRIVES_DB
            for m in MUSIC
        ),
        Case("clipping", "d5_song1_hardclip", partial(_by_recipe, "d5_song1_hardclip")),
        *(
            Case("hum", f"{hz:g} Hz, {m}", partial(_hum, m, hz))
            for hz in MAINS_HZ
            for m in _some(3)
        ),
        *(Case("hum", f"recorded, {m}", partial(_recorded_hum, m)) for m in _some(3)),
        Case("hum", "d2_folk_hum", partial(_twins, "d2_folk_hum", 60.0)),
        *(
            Case("hiss", f"{d:g} dBFS, {m}", partial(_hiss, m, d))
            for d in HISS_DBFS
            for m in _some(5)
        ),
    ]
