"""Listening: half a minute of mix and master, equally loud, small enough to stand in a page.

The ear takes the louder of two for the better, so both play at the loudness of the softer one;
where a peak would clip even then, both are lowered further. They are packed by Opus: enough to hear
tone, space and dynamics, not to judge the last of either.
"""

import io
import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from burnish.audio import Block, Source
from burnish.measure import Measurement, Timeline
from burnish.measure.loudness import (
    MOMENTARY_SEGMENTS,
    gated_power,
    lufs,
    sliding_sum,
)
from burnish.measure.segments import SEGMENTS_PER_S
from burnish.units import db_from_gain, gain_from_db

LENGTH_S = 30
KBIT_S = 48
"""For each of the two: with base64 it is 240 kB of the page for each."""

MIME = "audio/ogg"
_RATE_HZ = 48_000  # Opus knows no other that keeps all that is heard
_EFFORT = "0"
# Of libopus, 0 to 10. At 48 kbit/s the effort goes into what speech needs; 10 takes twice as long.
_HIGHEST_DBTP = -1.0  # before packing, which moves peaks
_FADE_IN_S, _FADE_OUT_S = 0.02, 0.3
_SERIAL = 1651863150


@dataclass(frozen=True)
class Listening:
    """A pair to be heard against each other: Ogg Opus, from the same place, equally loud."""

    start_s: float
    duration_s: float
    loudness_lufs: float
    """Of both, as they play."""
    mix_gain_db: float
    master_gain_db: float
    mix: bytes
    master: bytes

    def to_json(self) -> dict[str, Any]:
        """What is known of it, without the sound."""
        return {
            "start_s": round(self.start_s, 3),
            "duration_s": round(self.duration_s, 3),
            "loudness_lufs": round(self.loudness_lufs, 2),
            "mix_gain_db": round(self.mix_gain_db, 2),
            "master_gain_db": round(self.master_gain_db, 2),
            "codec": f"opus-{KBIT_S}",
            "bytes": [len(self.mix), len(self.master)],
        }


def listening_pair(
    mix: Source, before: Measurement, master: Source, after: Measurement
) -> Listening | None:
    """The loudest half minute of the mix, and the same of its master; None where it is silent.

    ``before`` and ``after`` are what they measure. What is shorter is heard as a whole; what is too
    short to have a loudness, not at all. None also where there is no libopus.
    """
    first, last = loudest(before.timeline, LENGTH_S)
    parts = [_heard(one.timeline, first, last) for one in (before, after)]
    loudness = [lufs_ for lufs_, _ in parts]
    if not all(map(math.isfinite, loudness)):
        return None
    common = min(loudness)
    over = max(common - lufs_ + peak_dbtp for lufs_, peak_dbtp in parts) - _HIGHEST_DBTP
    common -= max(0.0, over)
    start_s, end_s = first / SEGMENTS_PER_S, last / SEGMENTS_PER_S
    with ThreadPoolExecutor(2) as pool:
        packed = list(
            pool.map(
                lambda source, own: _packed(source, start_s, end_s, gain_from_db(common - own)),
                (mix, master),
                loudness,
            )
        )
    if not all(packed):
        return None
    return Listening(
        start_s=start_s,
        duration_s=end_s - start_s,
        loudness_lufs=common,
        mix_gain_db=common - loudness[0],
        master_gain_db=common - loudness[1],
        mix=packed[0],
        master=packed[1],
    )


def loudest(timeline: Timeline, length_s: int) -> tuple[int, int]:
    """The first and the last segment (100 ms, half-open) of the part with most energy."""
    n = len(timeline.segment_power)
    length = min(n, length_s * SEGMENTS_PER_S)
    total = np.concatenate(((0.0,), np.cumsum(timeline.segment_power)))
    first = int(np.argmax(total[length:] - total[: n - length + 1])) if n else 0
    return first, first + length


def _heard(timeline: Timeline, first: int, last: int) -> tuple[float, float]:
    """Integrated loudness and true peak of a part."""
    blocks = sliding_sum(timeline.segment_power[first:last], MOMENTARY_SEGMENTS)
    peak = float(timeline.segment_true_peak[first:last].max(initial=0.0))
    return lufs(gated_power(blocks / MOMENTARY_SEGMENTS)), db_from_gain(peak)


def _packed(source: Source, start_s: float, end_s: float, gain: float) -> bytes:
    """A part of a source as Ogg Opus; empty where there is no libopus."""
    import av

    info = source.info
    blocks = source.blocks(start=round(start_s * info.rate_hz), stop=round(end_s * info.rate_hz))
    try:
        file = io.BytesIO()
        # The same sound gives the same bytes: no clock and no chance in the file.
        options = {"fflags": "+bitexact", "serial_offset": str(_SERIAL)}
        with av.open(file, "w", format="opus", options=options) as box:
            stream: Any = box.add_stream("libopus", rate=_RATE_HZ)
            stream.layout = "mono" if info.channels == 1 else "stereo"
            stream.format = "flt"
            stream.bit_rate = 1000 * KBIT_S * (info.channels + 1) // 3
            stream.options = {"compression_level": _EFFORT}
            stream.time_base = Fraction(1, _RATE_HZ)
            place = 0
            n_samples = round((end_s - start_s) * _RATE_HZ)
            for block in _at_48k(blocks, info.rate_hz, info.channels):
                _fade(block, place, n_samples, gain)
                rows = np.ascontiguousarray(block.T, dtype=np.float32).reshape(1, -1)
                piece = av.AudioFrame.from_ndarray(rows, format="flt", layout=stream.layout.name)
                piece.sample_rate, piece.time_base = _RATE_HZ, stream.time_base
                piece.pts = place
                place += block.shape[1]
                box.mux(stream.encode(piece))
            box.mux(stream.encode(None))
    except av.codec.codec.UnknownCodecError:
        return b""
    return file.getvalue()


def _at_48k(blocks: Iterable[Block], rate_hz: int, channels: int) -> Iterator[Any]:
    """32 bits and soxr's high quality, 120 dB down: far below what the codec adds, at a third."""
    import soxr  # loaded only where it is needed

    stream = soxr.ResampleStream(rate_hz, _RATE_HZ, channels, dtype="float32", quality="HQ")
    for block in blocks:
        out = stream.resample_chunk(np.ascontiguousarray(block.T, dtype=np.float32))
        if len(out):
            yield out.reshape(-1, channels).T
    out = stream.resample_chunk(np.zeros((0, channels), dtype=np.float32), last=True)
    if len(out):
        yield out.reshape(-1, channels).T


def _fade(block: Any, place: int, n_samples: int, gain: float) -> None:
    """Turn a block down, in place, and to silence at both ends of the part."""
    block *= gain
    here = np.arange(place, place + block.shape[1])
    if place < _FADE_IN_S * _RATE_HZ:
        block *= np.clip(here / (_FADE_IN_S * _RATE_HZ), 0.0, 1.0)
    if place + block.shape[1] > n_samples - _FADE_OUT_S * _RATE_HZ:
        block *= np.clip((n_samples - here) / (_FADE_OUT_S * _RATE_HZ), 0.0, 1.0)
