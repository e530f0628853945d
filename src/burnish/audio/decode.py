"""Every format that FFmpeg decodes, by PyAV: decoded once into a spool, then read like a raw file.

The spool is a temporary file without a name: nothing is left of it, even when the process is
killed. It holds 32-bit floats, which keep 24-bit samples exactly and a lossy codec's overs; 64-bit
floats where the decoder gives 32-bit whole numbers.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from burnish.audio.one_page import is_on_one_page
from burnish.audio.raw import Coding, RawSource, Region
from burnish.audio.source import SourceInfo, accepted, refuse_more_than_stereo
from burnish.errors import InputError, OutputError

if TYPE_CHECKING:
    from av import AudioFrame

_FORMATS = {"mov": "m4a", "matroska": "mkv", "asf": "wma", "wv": "wavpack"}  # FFmpeg's -> ours
_CODECS = {"mp3float": "mp3", "mp2float": "mp2", "mp1float": "mp1", "libopus": "opus"}
_LOSSLESS = (
    "alac",
    "flac",
    "wavpack",
    "tta",
    "ape",
    "tak",
    "mlp",
    "truehd",
    "shorten",
    "wmalossless",
)
_SCALES = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63, "flt": 1.0, "dbl": 1.0}

# Movie time is often counted in 1/600 s (QuickTime) or 1/1000 s (FFmpeg): an edit list that ends
# within that of the last packet's end only says the same less exactly.
_EDIT_LIST_STEP_S = 1 / 600


@dataclass
class _Spooled:
    """What became known while decoding."""

    file: BufferedRandom
    coding: Coding = "f32"
    sample_format: str = ""
    rate_hz: int = 0
    channels: int = 0
    n_samples: int = 0
    used_bits: int = 0  # all 32-bit samples or-ed: what lies below bit 8 tells 24 from 32 bits
    damaged: int = 0
    end_s: float = field(default=float("inf"))  # of the last packet, on the file's own clock


class Nameless:
    """A file without its name: in names FFmpeg sees protocols ("http:mix.mp3") and picture
    sequences ("%05d.jpg"), and it believes a wrong ending.
    """

    def __init__(self, file: BufferedReader) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def decode(path: Path, file: BufferedReader) -> RawSource:
    """Decode a file as a whole and return a source over the result. ``path`` is for sentences.

    Encoder delay and padding are taken off where the file tells them. Packets that cannot be
    decoded are left out and counted in ``remarks``.
    """
    import av

    if is_on_one_page(file) and (short := _short_vorbis(path, file)) is not None:
        return short
    file.seek(0)
    options = {"protocol_whitelist": "file"}  # no playlist leads into the network
    try:
        with ExitStack() as held:
            spool = _Spooled(held.enter_context(_new_spool()))
            with av.open(Nameless(file), options=options) as container:
                if not container.streams.audio:
                    raise InputError("input-unreadable", f"{path}: has no sound in it")
                stream = container.streams.audio[0]
                if getattr(stream, "codec_context", None) is None:
                    raise unreadable(path)  # of a coding that FFmpeg has no decoder for
                refuse_more_than_stereo(str(path), stream.codec_context.channels)
                _fill(spool, path, container, stream)
                info = accepted(_info(spool, path, container, stream))
            spool.file.flush()
            held.pop_all()  # the source closes the spool
            return RawSource(spool.file, Region(0, spool.coding), info)
    except av.error.FFmpegError:
        raise unreadable(path) from None
    except OSError as error:
        raise OutputError(
            "output-no-room",
            f"{tempfile.gettempdir()}: {path} cannot be decoded into it: {error.strerror}; "
            f"set TMPDIR to a folder with room",
        ) from None


def _short_vorbis(path: Path, file: BufferedReader) -> RawSource | None:
    """Vorbis on one page, by libsndfile; None: it cannot read it either."""
    import soundfile

    file.seek(0)
    try:
        with soundfile.SoundFile(file) as opened:
            rows = opened.read(dtype="float32", always_2d=True)
            rate_hz = opened.samplerate
    except soundfile.LibsndfileError:
        return None
    n_samples, channels = rows.shape
    if not n_samples:
        return None
    refuse_more_than_stereo(str(path), channels)
    info = accepted(SourceInfo(path, "ogg", "vorbis", None, False, rate_hz, channels, n_samples))
    spool = _new_spool()
    spool.write(rows.astype("<f4").tobytes())
    spool.flush()
    return RawSource(spool, Region(0, "f32"), info)


def _new_spool() -> BufferedRandom:
    return cast(BufferedRandom, tempfile.TemporaryFile(buffering=1 << 20))


def unreadable(path: Path) -> InputError:
    """Say that nothing here knows how to read it."""
    return InputError("input-unreadable", f"{path}: is not a sound file that burnish can read")


def _fill(spool: _Spooled, path: Path, container: Any, stream: Any) -> None:
    """Decode all of the stream into the spool."""
    for decoded in _decoded(spool, container, stream):
        n_channels, rate_hz = decoded.layout.nb_channels, decoded.sample_rate
        if not spool.rate_hz:
            refuse_more_than_stereo(str(path), n_channels)
            spool.rate_hz, spool.channels = rate_hz, n_channels
            spool.sample_format = decoded.format.name.removesuffix("p")
            if spool.sample_format not in _SCALES:
                raise unreadable(path)
            spool.coding = "f32" if spool.sample_format in ("u8", "s16", "flt") else "f64"
        elif (rate_hz, n_channels) != (spool.rate_hz, spool.channels):
            raise InputError(
                "input-unreadable",
                f"{path}: changes from {spool.channels} channels at {spool.rate_hz} Hz to "
                f"{n_channels} at {rate_hz} Hz at {spool.n_samples / spool.rate_hz:.3f} s; "
                f"burnish takes one layout a file",
            )
        _append(spool, decoded)


def _decoded(spool: _Spooled, container: Any, stream: Any) -> "Iterator[AudioFrame]":
    """Yield what the decoder gives, past packets that it cannot decode."""
    import av

    rate = stream.time_base
    for packet in container.demux(stream):
        if packet.pts is not None and packet.duration:
            spool.end_s = float((packet.pts + packet.duration) * rate)
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            spool.damaged += 1


def _append(spool: _Spooled, decoded: "AudioFrame") -> None:
    """Add one piece to the spool: interleaved floats."""
    samples = decoded.to_ndarray()
    interleaved = samples.T if decoded.format.is_planar else samples.reshape(-1, spool.channels)
    if spool.sample_format == "s32":
        spool.used_bits |= int(np.bitwise_or.reduce(interleaved, axis=None))
    kind = "<f4" if spool.coding == "f32" else "<f8"
    floats = interleaved.astype(kind)
    if spool.sample_format == "u8":
        floats -= 128
    if (scale := _SCALES[spool.sample_format]) != 1.0:
        floats *= scale  # a power of two: exact
    spool.file.write(floats.tobytes())
    spool.n_samples += floats.shape[0]


def _info(spool: _Spooled, path: Path, container: Any, stream: Any) -> SourceInfo:
    """Put together what is known, and the exact length."""
    if not spool.n_samples:
        if spool.damaged:
            raise unreadable(path)
        raise InputError("input-empty", f"{path}: holds no samples")
    kind = container.format.name.split(",")[0]
    codec = _CODECS.get(stream.codec_context.name, stream.codec_context.name)
    bits: int | None = None
    if codec in _LOSSLESS or codec.startswith("pcm_"):
        bits = {"u8": 8, "s16": 16, "s32": 32 if spool.used_bits & 0xFF else 24, "flt": 32}.get(
            spool.sample_format, 64
        )
    n_samples = spool.n_samples
    if kind == "mov":
        n_samples = min(n_samples, _movie_length(spool, container, stream))
    remarks: tuple[str, ...] = ()
    if spool.damaged:
        remarks = (f"{spool.damaged} damaged packets could not be decoded and were left out",)
    return SourceInfo(
        path=path,
        format=_FORMATS.get(kind, kind),
        codec="pcm" if codec.startswith("pcm_") else codec,
        bits=bits,
        is_float=bits is not None and spool.sample_format in ("flt", "dbl"),
        rate_hz=spool.rate_hz,
        channels=spool.channels,
        n_samples=n_samples,
        remarks=remarks,
    )


def _movie_length(spool: _Spooled, container: Any, stream: Any) -> int:
    """Length of the sound in an MP4 or M4A: FFmpeg takes off the head, but not all of the tail.

    iTunes writes the count of samples in a tag; else the last packet tells where it ends; else
    the edit list does.
    """
    tag = container.metadata.get("iTunSMPB", "").split()
    with suppress(IndexError, ValueError):
        if (count := int(tag[3], 16)) > 0:
            return count
    end_s = spool.end_s - (stream.start_time or 0) * stream.time_base
    if stream.duration:
        edited_s = float(stream.duration * stream.time_base)
        if edited_s < end_s - _EDIT_LIST_STEP_S:
            end_s = edited_s
    return round(end_s * spool.rate_hz) if np.isfinite(end_s) else spool.n_samples
