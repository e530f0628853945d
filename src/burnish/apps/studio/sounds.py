"""Sounds as the browser hears them: 32-bit floats as they lie, and their peaks at several zooms.

A sound is a folder: ``pcm`` (float32, little-endian, interleaved), ``peaks.256`` and on (int16, for
each bin and channel the lowest and the highest sample) and ``sound.json``. It is made by a worker;
the server only reads bytes of it, and never decodes anything. 24-bit samples stay as they are.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Block
from burnish.errors import InputError

PCM, NOTE = "pcm", "sound.json"
ZOOMS = (256, 1024, 4096, 16_384, 65_536)
"""Samples in a bin of the peaks, one file each."""
_BINS_A_TURN = 256  # bins of the finest zoom that are looked at together
LONGEST_S = 10
"""Of sound in one request."""


@dataclass(frozen=True)
class Sound:
    """What is known of a sound that can be heard."""

    rate_hz: int
    channels: int
    n_samples: int
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None
    format: str = ""
    bits: int | None = None

    def save(self, folder: Path) -> None:
        """Say that the sound in this folder is whole."""
        (folder / NOTE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Sound | None":
        """The sound in this folder; None: there is none, or it is not whole."""
        try:
            return cls(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def bytes_a_sample(self) -> int:
        """Bytes of one sample of all channels."""
        return 4 * self.channels


def keep(
    blocks: Iterable[Block],
    folder: Path,
    rate_hz: int,
    channels: int,
    most_bytes: int,
    told: Callable[[int], None] = lambda n_samples: None,
) -> int:
    """Write a stream as a sound; how many samples there were. The note is left to the caller."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTE).unlink(missing_ok=True)
    peaks = _Peaks(channels)
    done = written = 0
    with (folder / PCM).open("wb") as pcm:
        for block in blocks:
            floats = np.ascontiguousarray(block.T, dtype="<f4")
            written += floats.nbytes
            if written > most_bytes:
                raise InputError(
                    "input-too-long",
                    f"the sound is larger than the {most_bytes >> 20} MiB that it may decode to",
                )
            pcm.write(floats.data)
            peaks.feed(floats)
            done += len(floats)
            told(done)
    peaks.save(folder)
    return done


class _Peaks:
    """Lowest and highest sample of every bin, while the sound goes by."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._turn = _BINS_A_TURN * ZOOMS[0]
        self._rest: NDArray[np.float32] = np.zeros((0, channels), np.float32)
        self._bins: list[NDArray[np.int16]] = []

    def feed(self, floats: NDArray[np.float32]) -> None:
        held = np.concatenate((self._rest, floats))
        whole = len(held) - len(held) % self._turn
        if whole:
            self._bins.append(_bins(held[:whole], ZOOMS[0]))
        self._rest = held[whole:].copy()

    def save(self, folder: Path) -> None:
        if len(self._rest):
            pad = -len(self._rest) % ZOOMS[0]
            held = np.pad(self._rest, ((0, pad), (0, 0)), mode="edge")
            self._bins.append(_bins(held, ZOOMS[0]))
        bins = np.concatenate((*self._bins, np.zeros((0, self._channels, 2), np.int16)))
        for before, zoom in zip((ZOOMS[0], *ZOOMS), ZOOMS, strict=False):
            if zoom != before and len(bins):
                many = zoom // before
                bins = np.pad(bins, ((0, -len(bins) % many), (0, 0), (0, 0)), mode="edge")
                shaped = bins.reshape(-1, many, self._channels, 2)
                low, high = shaped[..., 0].min(axis=1), shaped[..., 1].max(axis=1)
                bins = np.stack((low, high), axis=-1)
            bins.astype("<i2").tofile(folder / f"peaks.{zoom}")


def _bins(floats: NDArray[np.float32], size: int) -> NDArray[np.int16]:
    """(bins, channels, 2): full scale is 32767, rounded outwards, so that no peak is hidden."""
    shaped = floats.reshape(-1, size, floats.shape[1])
    low = np.floor(shaped.min(axis=1) * 32_767.0).clip(-32_768, 32_767)
    high = np.ceil(shaped.max(axis=1) * 32_767.0).clip(-32_768, 32_767)
    return np.stack((low, high), axis=-1).astype(np.int16)


def pcm_at(folder: Path, sound: Sound, start: int, count: int) -> bytes:
    """Samples ``start`` to ``start + count``, cut to the sound's length."""
    return pcm_in(folder / PCM, 0, sound, start, count)


def pcm_in(file: Path, offset: int, sound: Sound, start: int, count: int) -> bytes:
    """The same of any file in which float32 samples begin at the byte ``offset``."""
    stop = min(start + count, sound.n_samples)
    if start >= stop:
        return b""
    with _there(), file.open("rb") as pcm:
        pcm.seek(offset + start * sound.bytes_a_sample)
        return pcm.read((stop - start) * sound.bytes_a_sample)


def samples(folder: Path, sound: Sound) -> NDArray[Any]:
    """All samples, ``(n, channels)`` float32, as they lie on the disk: nothing is loaded."""
    if not sound.n_samples:
        return np.zeros((0, sound.channels), "<f4")
    with _there():
        return np.memmap(folder / PCM, "<f4", "r", shape=(sound.n_samples, sound.channels))


@contextmanager
def _there() -> Iterator[None]:
    """What was swept for want of room is said to be so."""
    try:
        yield
    except FileNotFoundError:
        raise InputError("sound-not-ready", "the sound was swept; it is decoded anew") from None


def peaks_at(folder: Path, per: int) -> bytes:
    """The peaks at the finest zoom that has ``per`` samples or more in a bin."""
    return (folder / f"peaks.{zoom_of(per)}").read_bytes()


def zoom_of(per: int) -> int:
    """The zoom that answers for so many samples in a bin: the next one that is as coarse."""
    return next((zoom for zoom in ZOOMS if zoom >= per), ZOOMS[-1])
