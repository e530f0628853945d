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


def bomb(path: Path, hours: float = 12.0) -> Path:
    """A sound FLAC of some 150 kB that holds half a day: frames of one value for 32,768 samples."""
    rate_hz, size = 8000, 32768
    n_frames = int(hours * 3600 * rate_hz / size)
    said = (rate_hz << 44) | (15 << 36) | (n_frames * size)
    info = struct.pack(">HH", size, size) + b"\0" * 6 + said.to_bytes(8, "big") + b"\0" * 16
    frames = bytearray(b"fLaC\x80" + len(info).to_bytes(3, "big") + info)
    for number in range(n_frames):
        head = b"\xff\xf8\x74\x08" + _as_utf8(number) + struct.pack(">H", size - 1)
        head += bytes([_crc(head, 8, 0x07)])
        frame = head + b"\x00" + struct.pack(">h", 9000 if number % 2 else -9000)
        frames += frame + _crc(frame, 16, 0x8005).to_bytes(2, "big")
    path.write_bytes(frames)
    return path


def _as_utf8(number: int) -> bytes:
    return chr(number).encode() if number < 0xD800 else b"\xee\x80\x80"


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    top, mask, value = 1 << (bits - 1), (1 << bits) - 1, 0
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & top else value << 1) & mask
    return value
