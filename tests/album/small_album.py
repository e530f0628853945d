"""A small album: three short songs, and a bonus, made here."""

from pathlib import Path

import numpy as np
import soundfile

from burnish.processors.show import piece
from pieces import made_once

RATE_HZ = 44_100


@made_once
def song(gain: float, tilt: float, seconds: float = 6.0) -> np.ndarray:
    """A piece of music with another balance of low and high."""
    whole = piece(RATE_HZ, seconds)
    spectrum = np.fft.rfft(whole)
    hz = np.fft.rfftfreq(whole.shape[1], 1 / RATE_HZ)
    shaped = np.fft.irfft(spectrum * (np.maximum(hz, 30.0) / 1000.0) ** tilt, whole.shape[1])
    return gain * shaped / np.abs(shaped).max()


def write(path: Path, samples: np.ndarray, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, samples.T, RATE_HZ, subtype=subtype)
    return path


SHEET = """\
title: Three Songs
artist: The Band
upc: 036000291452
date: 2026-11-21
tracks:
  - {file: a.wav, title: One, isrc: USRC17607839}
  - {file: b.wav, title: Deux, isrc: USRC17607840, gap_s: 0.5}
  - {file: c.wav, title: Три, isrc: USRC17607841, crossfade_s: 1.0}
"""


def small_album(tmp_path: Path) -> Path:
    """An album.yaml with its three mixes."""
    folder = tmp_path / "mixes"
    folder.mkdir()
    write(folder / "a.wav", song(0.5, 0.0))
    write(folder / "b.wav", song(0.25, -0.2))
    write(folder / "c.wav", song(0.7, 0.1))
    path = folder / "album.yaml"
    path.write_text(SHEET, "utf-8")
    return path
