"""Proof: a file decoded once as it lies there, and held against what went in.

Decoding is FFmpeg's, but for Vorbis: for FLAC, AIFF and WAV another hand than the one that wrote.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Block, Source
from burnish.deliver.encode.encode import Encoded
from burnish.dsp.truepeak import TruePeak
from burnish.errors import OutputError
from burnish.measure.listen import Listener
from burnish.units import db_from_gain

_BLOCK_SAMPLES = 65_536
_STEP = 4096  # samples in one step of the peak meter
_SCALES = {"s16": 2.0**-15, "s32": 2.0**-31, "flt": 1.0, "dbl": 1.0}


@dataclass(frozen=True)
class Decoded:
    """What comes back from a lossy file. -inf is silence."""

    n_samples: int
    true_peak_dbtp: float
    """Read at 16x, at the file's own rate, with nothing clipped."""
    integrated_lufs: float


def prove_samples(
    encoded: Encoded, source: Source, told: Callable[[float], None] = lambda done: None
) -> None:
    """Decode a lossless file and compare every sample with the source, which it was made from.

    Floats are compared as the 32-bit numbers that are written. A difference is an ``OutputError``:
    then the disk, or an encoder, has failed.
    """
    as_written = "<f4" if encoded.kind.bits == "32f" else "<f8"
    sound = source.blocks(_BLOCK_SAMPLES)
    done = 0
    for block in _readable(encoded):
        was = next(sound, None)
        if was is None or not np.array_equal(block, was.astype(as_written)):
            raise _unproven(encoded, f"differs from its piece within 1.5 s after sample {done}")
        done += block.shape[1]
        told(done / encoded.n_samples)
    if done != encoded.n_samples:
        raise _unproven(encoded, f"holds {done} samples instead of {encoded.n_samples}")


def prove_decoded(encoded: Encoded, told: Callable[[float], None] = lambda done: None) -> Decoded:
    """Decode a lossy file: exactly as many samples as went in, and their peak and loudness.

    Another number is an ``OutputError``: it would not play gapless.
    """
    listener = Listener(encoded.rate_hz, encoded.channels)
    meter = TruePeak(encoded.channels, step=_STEP)
    done = 0
    for block in _readable(encoded):
        listener.feed(block)
        meter.floor = max(meter.floor, float(meter.feed(block).max(initial=0.0)))
        done += block.shape[1]
        told(done / encoded.n_samples)
    listener.finish()
    top = max(meter.floor, float(meter.finish().max(initial=0.0)))
    if done != encoded.n_samples:
        raise _unproven(encoded, f"plays {done} samples instead of {encoded.n_samples}")
    return Decoded(done, db_from_gain(top), listener.integrated_lufs)


def _readable(encoded: Encoded) -> Iterator[Block]:
    """What comes back; what nobody can decode is not proven."""
    import av
    import soundfile

    try:
        yield from decoded_blocks(encoded.path, encoded.kind.family)
    except (av.error.FFmpegError, soundfile.LibsndfileError):
        raise _unproven(encoded, "cannot be decoded") from None


def decoded_blocks(path: Path, family: str) -> Iterator[Block]:
    """What comes back from a file: float64 blocks ``(channels, n)``, all but the last as long."""
    block: Block | None = None
    filled = 0
    for samples, scale in _by_libsndfile(path) if family == "vorbis" else _by_ffmpeg(path):
        taken = 0
        while taken < samples.shape[1]:
            if block is None:
                block, filled = np.empty((len(samples), _BLOCK_SAMPLES)), 0
            n = min(samples.shape[1] - taken, _BLOCK_SAMPLES - filled)
            some = samples[:, taken : taken + n]
            np.multiply(some, scale, out=block[:, filled : filled + n], dtype=np.float64)
            filled, taken = filled + n, taken + n
            if filled == _BLOCK_SAMPLES:
                yield block
                block = None
    if block is not None and filled:
        yield np.ascontiguousarray(block[:, :filled])


def _by_ffmpeg(path: Path) -> Iterator[tuple[NDArray[Any], float]]:
    """What FFmpeg decodes, as long as the file tells.

    Of an M4A it cuts what the encoder put before the sound, but leaves what pads the end.
    """
    import av

    with path.open("rb") as file, av.open(file, "r") as box:
        stream = box.streams.audio[0]
        most = _told_length(stream)
        given = 0
        for one in box.decode(stream):
            samples, scale = _samples(one)
            if most is not None:
                samples = samples[:, : most - given]
            given += samples.shape[1]
            yield samples, scale


def _by_libsndfile(path: Path) -> Iterator[tuple[NDArray[Any], float]]:
    """Vorbis: of a short file, one Ogg page, FFmpeg takes the first block away from its end."""
    import soundfile

    with soundfile.SoundFile(path) as file:
        while len(rows := file.read(_BLOCK_SAMPLES, dtype="float64", always_2d=True)):
            yield rows.T, 1.0


def _told_length(stream: Any) -> int | None:
    """The length that an M4A's edit list tells, in samples."""
    if stream.codec_context.name != "aac" or not stream.duration:
        return None
    duration_s = float(stream.duration * stream.time_base)
    return round(duration_s * float(stream.codec_context.sample_rate))


def _samples(decoded: Any) -> tuple[NDArray[Any], float]:
    """The samples of a frame ``(channels, n)`` as they are, and what they are to be scaled by."""
    samples = decoded.to_ndarray()
    if not decoded.format.is_planar:
        samples = samples.reshape(-1, decoded.layout.nb_channels).T
    return samples, _SCALES[decoded.format.name.removesuffix("p")]


def _unproven(encoded: Encoded, what: str) -> OutputError:
    return OutputError("output-unproven", f"{encoded.path}: {what}; try again, on another disk")
