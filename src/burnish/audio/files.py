"""Opening files to read: told apart by what is in them, never by their names."""

import errno
import hashlib
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

import numpy as np

from burnish.audio.model import Audio
from burnish.audio.raw import RawSource
from burnish.audio.source import Block, Source, SourceInfo, accepted
from burnish.audio.wav_header import WavHeader, read_wav_header
from burnish.errors import InputError

_FOR_SOUNDFILE = (b"fLaC", b"FORM", b"caff", b"riff", b"RIFX", b".snd")  # riff: Sony Wave64
_BITS = {
    "PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64,
}  # fmt: skip
_NAMES = {"AIFF": "aiff", "CAF": "caf", "FLAC": "flac", "W64": "w64", "AU": "au", "WAV": "wav"}


def open_source(path: str | Path) -> Source:
    """Open a sound file: WAV, FLAC, AIFF, CAF, W64, MP3, M4A, Ogg, Opus and what FFmpeg decodes.

    1 or 2 channels at 8 to 768 kHz. Floats beyond full scale are kept; mono stays mono. WAV and
    the like are read where they lie; what a codec packs is decoded once, here. Raises
    ``InputError``: missing, a folder, no permission, empty, not sound, too many channels.
    """
    path = Path(path)
    file, n_bytes = opened(path)
    with ExitStack() as held:
        held.enter_context(file)
        if header := read_wav_header(file, n_bytes):
            source = RawSource(file, header.region, accepted(_wav_info(path, header)))
            held.pop_all()  # the source closes the file
            return source
        file.seek(0)
        start = file.read(24)
        if start[:4] in _FOR_SOUNDFILE and (info := _soundfile_info(path)):
            remarks = _cut_off(start, n_bytes)
            return SoundfileSource(accepted(replace(info, remarks=remarks)))
        from burnish.audio.decode import decode

        file.seek(0)
        return decode(path, file)


def read(path: str | Path) -> Audio:
    """Read a whole file into memory; errors as those of ``open_source``."""
    with open_source(path) as source:
        return source.read()


def file_sha256(path: str | Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""
    file, _ = opened(Path(path))
    with file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_file(one: str | Path, other: str | Path) -> bool:
    """Whether two paths lead to one file, by whatever links; it need not exist."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


class SoundfileSource(Source):
    """A lossless file that libsndfile reads, opened afresh for every pass."""

    def __init__(self, info: SourceInfo) -> None:
        self.info = info

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        import soundfile

        path = self.info.path
        try:
            with soundfile.SoundFile(path) as file:
                file.seek(start)
                while start < stop:
                    n = min(block_samples, stop - start)
                    block = file.read(n, dtype="float64", always_2d=True)
                    if len(block) < n:
                        raise InputError("input-unreadable", self._broken_off(start + len(block)))
                    yield np.ascontiguousarray(block.T)
                    start += n
        except soundfile.LibsndfileError:
            raise InputError("input-unreadable", self._broken_off(start)) from None

    def _broken_off(self, place: int) -> str:
        rate_hz, n_samples = self.info.rate_hz, self.info.n_samples
        return (
            f"{self.info.name}: is damaged or cut off at {place / rate_hz:.3f} s "
            f"of {n_samples / rate_hz:.3f} s"
        )


def _wav_info(path: Path, header: WavHeader) -> SourceInfo:
    is_float = header.region.coding in ("f32", "f64")
    return SourceInfo(
        path=path,
        format=header.format,
        codec="float" if is_float else "pcm",
        bits=header.bits,
        is_float=is_float,
        rate_hz=header.rate_hz,
        channels=header.channels,
        n_samples=header.n_samples,
        remarks=header.remarks,
    )


def _cut_off(start: bytes, n_bytes: int) -> tuple[str, ...]:
    """The remark that an AIFF or W64 is shorter than its header says; libsndfile does not tell."""
    promised = 0
    if start[:4] == b"FORM":
        promised = struct.unpack(">4xI", start[:8])[0] + 8
    elif start[:4] == b"riff":
        promised = struct.unpack("<16xQ", start)[0]
    if promised <= n_bytes or promised >= 0xFFFFFFFF:  # from a pipe: length not known, all ones
        return ()
    return (f"the header promises {promised} bytes, but the file ends after {n_bytes}",)


def _soundfile_info(path: Path) -> SourceInfo | None:
    """What libsndfile knows of the file; None where another reader should try."""
    import soundfile

    try:
        found = soundfile.info(os.fsencode(path))
    except soundfile.LibsndfileError:
        return None
    # a streamed FLAC does not know its length; then decoding it whole is the only way
    if found.subtype not in _BITS or not 0 < found.frames < 2**62:
        return None
    is_float = found.subtype in ("FLOAT", "DOUBLE")
    packed = "flac" if found.format == "FLAC" else "float" if is_float else "pcm"
    return SourceInfo(
        path=path,
        format=_NAMES.get(found.format, found.format.lower()),
        codec=packed,
        bits=_BITS[found.subtype],
        is_float=is_float,
        rate_hz=found.samplerate,
        channels=found.channels,
        n_samples=found.frames,
    )


def opened(path: Path) -> tuple[BufferedReader, int]:
    """Open a file to read, and tell its size in bytes; every way to fail is an ``InputError``."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError("input-folder", f"{path}: is a folder; name a sound file")
        if not stat.S_ISREG(status.st_mode):
            raise InputError("input-unreadable", f"{path}: is not a file")
        if status.st_size == 0:
            raise InputError("input-empty", f"{path}: is empty, it has 0 bytes")
        return path.open("rb"), status.st_size
    except PermissionError:
        raise InputError("input-permission", f"{path}: may not be read by this user") from None
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("input-missing", f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            sentence = f"{path}: there can be no file of that name"
            raise InputError("input-missing", sentence) from None
        raise InputError("input-unreadable", f"{path}: cannot be read: {error}") from None
