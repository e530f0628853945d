"""Small orders: masters of a second or two, as the album's flow would hand them on."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish.audio import OutputFormat, Writer
from burnish.chain import Teller
from burnish.deliver.order import Delivered, Master, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.products import maker_of
from burnish.deliver.wishes import DeliveryWishes
from burnish.release import Release, Track
from burnish.targets import delivery

Floats = NDArray[np.float64]
TITLES = ("夜の光", "AC/DC?", "Łódź – “Żółw”")


def song(rate_hz: int, n_samples: int, channels: int = 2, gain: float = 0.25) -> Floats:
    """A chord and a little hiss."""
    t = np.arange(n_samples) / rate_hz
    chord = sum(np.sin(2 * np.pi * f * t) for f in (110.0, 440.0, 1760.0)) / 3
    hiss = np.random.default_rng(5).standard_normal((channels, n_samples))
    return np.asarray(gain * (chord + 0.05 * hiss))


def order_of(
    folder: Path,
    sounds: list[Floats],
    rates_hz: list[int],
    *,
    bits: str = "32f",
    artwork: Path | None = None,
    gap_s: float = 0.0,
    hidden: bool = False,
    **wishes: object,
) -> Order:
    """An order of these masters; those that are not floats are tracks kept as they are."""
    folder.mkdir(exist_ok=True)
    masters = []
    for i, (sound, rate_hz) in enumerate(zip(sounds, rates_hz, strict=True)):
        path = folder / f"master-{i}.wav"
        form = OutputFormat(bits=bits, dither="none")
        with Writer(path, form, rate_hz, len(sound), sound.shape[1]) as writer:
            writer.write(sound)
        recall = None
        if bits == "32f":
            recall = folder / f"master-{i}.recall.yaml"
            recall.write_text(f"recall: {i}\n")
        masters.append(Master(path, recall))
    tracks = [
        Track(file=f"{i}.wav", title=TITLES[i % 3], isrc=f"DEAB1260000{i}")
        for i in range(len(sounds))
    ]
    release = Release(
        title="Blue: Hour", artist="Ünï", upc="036000291452", gap_s=gap_s, tracks=tracks
    )
    return Order(
        release,
        tuple(masters),
        ceiling_dbtp=-1.0,
        hidden=masters[0] if hidden else None,
        artwork=artwork,
        wishes=DeliveryWishes(**wishes),
        made="2026-11-21T18:30:00Z",
    )


def made(
    order: Order, target: str, folder: Path, pieces: Pieces | None = None, **changed: object
) -> Delivered:
    """What the maker of the target writes into ``folder``."""
    place = delivery(target)
    if changed:
        place = place.with_(**changed)
    pieces = pieces or Pieces(order, folder.parent / "scratch", Teller(None))
    folder.mkdir()
    return maker_of(place)(order, place, folder, pieces, Teller(None))


def chunks_of(path: Path) -> list[tuple[str, int]]:
    """Name and size of every chunk, and nothing may stand behind the last."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, place = [], 12
    while place < len(data):
        name, size = struct.unpack("<4sI", data[place : place + 8])
        found.append((name.decode(), size))
        place += 8 + size + size % 2
    assert place == len(data)
    return found
