"""A WAV's header read without mercy: what it says, and where that is not so.

Written apart from the writer (``audio/headers.py``) and from the patient reader
(``audio/wav_header.py``), from the same public descriptions: RIFF/WAVE, EBU Tech 3306.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from burnish.audio.files import opened

PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_MOST_CHUNKS = 10_000


@dataclass(frozen=True)
class WavLook:
    """What stands in a WAV's header. ``faults`` are sentences, each a place where it lies.

    ``chunks`` are name and size in the order of the file; ``behind`` those after the samples.
    """

    tag: int
    channels: int
    rate_hz: int
    bits: int
    data_at: int
    n_data: int
    chunks: tuple[tuple[str, int], ...]
    behind: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def n_samples(self) -> int:
        """Samples of each channel."""
        group = self.channels * ((self.bits + 7) // 8)
        return self.n_data // group if group else 0


def look_at(path: Path) -> WavLook | None:
    """Walk the chunks of a WAV; None: it is none."""
    file, n_bytes = opened(path)
    with file:
        start = file.read(12)
        if len(start) < 12 or start[:4] not in (b"RIFF", b"RF64", b"BW64") or start[8:] != b"WAVE":
            return None
        faults: list[str] = []
        chunks: list[tuple[str, int]] = []
        behind: list[str] = []
        form = b""
        data_at = n_data = -1
        long_riff = long_data = 0
        at = 12
        while at + 8 <= n_bytes and len(chunks) < _MOST_CHUNKS:
            file.seek(at)
            raw, size = struct.unpack("<4sI", file.read(8))
            name = raw.decode("latin-1")
            if raw == b"ds64":
                long_riff, long_data = struct.unpack("<QQ", file.read(16).ljust(16, b"\0"))
            elif raw == b"fmt ":
                form = file.read(min(size, 64))
            elif raw == b"data":
                if data_at >= 0:
                    faults.append("there are two data chunks")
                size = long_data if size == 0xFFFFFFFF and start[:4] != b"RIFF" else size
                data_at, n_data = at + 8, size
            if data_at >= 0 and raw != b"data":
                behind.append(name)
            chunks.append((name, size))
            end = at + 8 + size
            if end > n_bytes:
                faults.append(
                    f"{name.strip()}: promises {size} bytes, {n_bytes - at - 8} are there"
                )
                break
            if size % 2:
                file.seek(end)
                pad = file.read(1)
                if not pad:
                    faults.append(f"{name.strip()}: has an odd size and no pad byte behind it")
                elif pad != b"\0":
                    faults.append(f"{name.strip()}: the pad byte behind it is {pad[0]}, not 0")
            at = end + size % 2
        if at < n_bytes and n_bytes - at < 8:
            faults.append(f"{n_bytes - at} bytes at the end belong to no chunk")
    told = struct.unpack("<I", start[4:8])[0]
    told = long_riff if told == 0xFFFFFFFF and long_riff else told
    if told != n_bytes - 8:
        faults.append(f"its RIFF size is {told}, the file has {n_bytes - 8} bytes behind it")
    return _looked(form, data_at, n_data, chunks, behind, faults)


def _looked(
    form: bytes,
    data_at: int,
    n_data: int,
    chunks: list[tuple[str, int]],
    behind: list[str],
    faults: list[str],
) -> WavLook:
    tag = channels = rate_hz = bits = 0
    if len(form) < 16:
        faults.append("fmt: is missing or too short")
    else:
        tag, channels, rate_hz, per_s, group, bits = struct.unpack("<HHIIHH", form[:16])
        whole = channels * ((bits + 7) // 8)
        if group != whole:
            faults.append(f"fmt: its block size is {group}, must be {whole}")
        if per_s != rate_hz * whole:
            faults.append(f"fmt: its byte rate is {per_s}, must be {rate_hz * whole}")
        if whole and n_data > 0 and n_data % whole:
            faults.append(f"data: {n_data} bytes are no whole number of samples")
    if data_at < 0:
        faults.append("data: is missing")
    order = [name for name, _ in chunks]
    if "fmt " in order and "data" in order and order.index("fmt ") > order.index("data"):
        faults.append("fmt: stands behind data")
    return WavLook(
        tag=tag,
        channels=channels,
        rate_hz=rate_hz,
        bits=bits,
        data_at=max(0, data_at),
        n_data=max(0, n_data),
        chunks=tuple(chunks),
        behind=tuple(behind),
        faults=tuple(faults),
    )
