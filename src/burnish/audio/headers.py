"""The bytes before the samples of a WAV or AIFF file, whole before the first sample is written.

Hand-written, because libsndfile puts a time stamp into float files (PEAK), so the same master
would not give the same bytes, and because broadcast chunks must come before ``data``.

Sources: Microsoft "Multimedia Data Standards Update" rev. 3.0; EBU Tech 3306 (RF64); Apple "Audio
Interchange File Format AIFF-C", draft of 1991-08-26.
"""

import struct
from collections.abc import Mapping

from burnish.errors import SettingError

_MOST = 0xFFFFFFFF  # the largest size that 32 bits hold; in RF64 it means "see ds64"
_AIFC_VERSION = 0xA2805140  # the one version of AIFF-C that there is

Chunks = Mapping[str, bytes]
"""Name of four letters -> content, to be written before the samples, in this order; in WAV ``bext``
is the very first."""


def wav_header(
    rate_hz: int, channels: int, width: int, is_float: bool, n_samples: int, chunks: Chunks
) -> bytes:
    """RIFF, or RF64 past 4 GiB, up to the first sample. PCM has the plain tag 0x0001.

    ``width``: bytes of one sample of one channel. The samples follow, with a zero byte behind them
    where their size is odd.
    """
    group = channels * width
    n_data = n_samples * group
    tag = 3 if is_float else 1
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * group, group, 8 * width)
    first = ("bext",)  # before the format, where readers of EBU Tech 3285 look for it
    parts = [_chunk(name, chunks[name], "<") for name in first if name in chunks]
    parts.append(_chunk("fmt ", form + (b"\0\0" if is_float else b""), "<"))
    if is_float:  # asked for with any format but PCM
        parts.append(_chunk("fact", struct.pack("<I", min(n_samples, _MOST)), "<"))
    parts += [_chunk(name, body, "<") for name, body in chunks.items() if name not in first]
    head = b"".join(parts)
    riff_size = 4 + len(head) + 8 + n_data + n_data % 2
    if riff_size < _MOST:
        start = b"RIFF" + struct.pack("<I", riff_size) + b"WAVE"
        return start + head + b"data" + struct.pack("<I", n_data)
    long_sizes = _chunk("ds64", struct.pack("<QQQI", riff_size + 36, n_data, n_samples, 0), "<")
    start = b"RF64" + struct.pack("<I", _MOST) + b"WAVE" + long_sizes
    return start + head + b"data" + struct.pack("<I", _MOST)


def aiff_header(
    rate_hz: int, channels: int, width: int, is_float: bool, n_samples: int, chunks: Chunks
) -> bytes:
    """AIFF, or AIFF-C for floats, up to the first sample; big-endian. Past 4 GiB: SettingError."""
    n_data = n_samples * channels * width
    exponent = rate_hz.bit_length() - 1
    rate = struct.pack(">HQ", 16383 + exponent, rate_hz << (63 - exponent))  # 80-bit float
    common = struct.pack(">HIH", channels, min(n_samples, _MOST), 8 * width) + rate
    parts = []
    if is_float:
        parts.append(_chunk("FVER", struct.pack(">I", _AIFC_VERSION), ">"))
        common += b"fl32" + b"\x0cFloat 32-bit\0"
    parts.append(_chunk("COMM", common, ">"))
    parts += [_chunk(name, body, ">") for name, body in chunks.items()]
    head = b"".join(parts)
    form_size = 4 + len(head) + 16 + n_data + n_data % 2
    if form_size > _MOST:
        raise SettingError(
            "setting-range",
            f"format=aiff: holds at most 4 GiB, and this needs {form_size} bytes; take wav",
        )
    kind = b"AIFC" if is_float else b"AIFF"
    start = b"FORM" + struct.pack(">I", form_size) + kind
    return start + head + b"SSND" + struct.pack(">III", n_data + 8, 0, 0)


def _chunk(name: str, body: bytes, order: str) -> bytes:
    """One chunk: name, size, content, and a pad byte after an odd size, not counted in it."""
    code = name.encode("ascii")
    if len(code) != 4:
        raise ValueError(f"chunk name {name!r}: must be 4 letters")
    return code + struct.pack(order + "I", len(body)) + body + b"\0" * (len(body) % 2)
