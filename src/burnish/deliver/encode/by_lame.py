"""MP3 by the LAME of the system, where it is there: the one in PyAV's wheel is three times as slow.

It is the same LAME 3.100, compiled there without optimisation (PyAV 18.1; libsndfile's is no
faster). Where the system has none, or another version, PyAV's is taken: the same quality.
"""

import ctypes
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from burnish.audio import Block

if TYPE_CHECKING:
    from io import BufferedRandom

    from burnish.deliver.encode.encode import Encoded

LAME_QUALITY = 5
"""Of a loud master at 320 kbit/s the mean noise lies 0.35 dB higher against what masks it than at
3, which takes a fifth longer; at 7, which takes a quarter less, the worst hundredth lies 2 dB
higher; at V0, 5 is the same as 2, and 7 is 3.5 dB worse."""

VERSION = b"3.100"  # of 2017, the last

_NAMES = ("libmp3lame.so.0", "libmp3lame.0.dylib", "libmp3lame.dll")
_JOINT_STEREO, _MONO = 1, 3  # MPEG_mode
_VBR_OFF, _VBR = 0, 4  # vbr_mode; 4 is the newer of the two (mtrh)
_TAG_BYTES = 8192  # no frame is longer


@cache
def system_lame() -> Any:
    """The library, or None."""
    for name in _NAMES:
        with suppress(OSError, AttributeError):
            lame = ctypes.CDLL(name)
            lame.get_lame_short_version.restype = ctypes.c_char_p
            lame.lame_init.restype = ctypes.c_void_p
            lame.lame_get_lametag_frame.restype = ctypes.c_size_t
            if lame.get_lame_short_version() == VERSION:
                return lame
    return None


class LameCoder:
    """LAME, with its own header: delay, padding and length for players that play gapless."""

    def __init__(self, file: "BufferedRandom", encoded: "Encoded") -> None:
        self._file = file
        self._lame = lame = system_lame()
        self._handle: Any = ctypes.c_void_p(lame.lame_init())
        if not self._handle:
            raise MemoryError("LAME has no room")
        kind = encoded.kind
        for name, value in (
            ("in_samplerate", encoded.rate_hz),
            ("out_samplerate", encoded.rate_hz),
            ("num_channels", encoded.channels),
            ("mode", _MONO if encoded.channels == 1 else _JOINT_STEREO),
            ("quality", LAME_QUALITY),
            ("VBR", _VBR if kind.variable else _VBR_OFF),
            ("write_id3tag_automatic", 0),  # tags come later, from one hand
            ("bWriteVbrTag", 1),
        ):
            getattr(lame, f"lame_set_{name}")(self._handle, ctypes.c_int(value))
        if kind.variable:
            lame.lame_set_VBR_quality(self._handle, ctypes.c_float(kind.amount))
        else:
            lame.lame_set_brate(self._handle, ctypes.c_int(kind.amount))
        if lame.lame_init_params(self._handle) < 0:
            self.abandon()
            raise ValueError(f"LAME does not take {kind.name} at {encoded.rate_hz} Hz")

    def write(self, block: Block) -> None:
        """Encode ``(channels, n)`` samples."""
        rows = np.ascontiguousarray(block, dtype=np.float32)
        n = rows.shape[1]
        packed = ctypes.create_string_buffer(n + n // 4 + 7200)  # LAME's own upper bound
        size = self._lame.lame_encode_buffer_ieee_float(
            self._handle,
            ctypes.c_void_p(rows[0].ctypes.data),
            ctypes.c_void_p(rows[-1].ctypes.data),
            ctypes.c_int(n),
            packed,
            ctypes.c_int(len(packed)),
        )
        self._put(packed, size)

    def finish(self) -> None:
        """The last frames; then the header, which LAME left room for."""
        packed = ctypes.create_string_buffer(_TAG_BYTES)
        size = self._lame.lame_encode_flush(self._handle, packed, ctypes.c_int(len(packed)))
        self._put(packed, size)
        size = self._lame.lame_get_lametag_frame(self._handle, packed, ctypes.c_size_t(len(packed)))
        if not 0 < size <= len(packed):
            raise ValueError("LAME gives no header")
        self._file.seek(0)
        self._file.write(packed.raw[:size])
        self.abandon()

    def abandon(self) -> None:
        """Give LAME's memory back."""
        if self._handle is not None:
            self._lame.lame_close(self._handle)
            self._handle = None

    def _put(self, packed: "ctypes.Array[ctypes.c_char]", size: int) -> None:
        if size < 0:
            raise ValueError(f"LAME fails with {size}")
        self._file.write(packed.raw[:size])
