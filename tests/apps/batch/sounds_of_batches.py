"""Short songs, and the files that are none."""

import struct
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 22050


def song(path: Path, seed: int, seconds: float = 1.5) -> Path:
    """A tone with a beat, and a little noise: different for each seed."""
    chance = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    beat = np.exp(-6 * ((4 * t) % 1)) * chance.standard_normal(t.size)
    x = 0.1 * np.sin(2 * np.pi * (110 + 20 * seed) * t) + 0.05 * beat
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([x, 0.9 * x], 1), RATE_HZ, subtype="PCM_24")
    return path


def bomb(path: Path, hours: float = 24.0) -> Path:
    """A FLAC of a few kilobytes that says it has many hours, and has."""
    n_samples = int(hours * 3600 * 8000)
    block = 32768
    info = struct.pack(">HH", block, block) + b"\0" * 6
    info += ((8000 << 44) | (1 << 41) | (15 << 36) | min(n_samples, (1 << 36) - 1)).to_bytes(
        8, "big"
    )
    info += b"\0" * 16
    path.write_bytes(b"fLaC" + b"\x80" + len(info).to_bytes(3, "big") + info + b"\0" * 64)
    return path
