"""Apple Lossless, MP3, AAC and Opus, by FFmpeg as PyAV brings it: with LAME and libopus in it.

All play gapless: the file tells how many samples the encoder put before and behind the sound. An
MP3 in LAME's header, an M4A in its edit list, Opus in its pre-skip and in its last page.
"""

from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from burnish.audio import Block
from burnish.audio.writer import Guard
from burnish.deliver.encode.by_lame import LAME_QUALITY
from burnish.deliver.encode.kinds import Kind
from burnish.deliver.encode.ogg import SERIAL
from burnish.errors import SettingError
from burnish.playback.codec import AAC_OPTIONS

if TYPE_CHECKING:
    from io import BufferedRandom

    from burnish.deliver.encode.encode import Encoded

_LAME = "LAME3.100"  # the release of 2017, the last; players look for this name in the header
_FORMS = {"alac-24": "s32p", "alac-16": "s16p", "mp3": "fltp", "aac": "fltp", "opus": "flt"}
_ENCODERS = {"alac": "alac", "mp3": "libmp3lame", "aac": "aac", "opus": "libopus"}
_CONTAINERS = {"alac": "ipod", "mp3": "mp3", "aac": "ipod", "opus": "opus"}

AAC_PLAIN = {"aac_tns": "0"}
"""FFmpeg's TNS (noise shaped in time) spoils single frames: of four minutes of loud masters at
256 kbit/s three frames came back up to 1.2 dB over full scale with it, and none without; the error
is the same to 0.01 dB, mean and median."""


class FFmpegCoder:
    """An encoder of FFmpeg, and the container around it."""

    def __init__(self, file: "BufferedRandom", encoded: "Encoded") -> None:
        import av

        kind = encoded.kind
        self._guard = Guard(file)
        self._form = _FORMS.get(kind.name) or _FORMS[kind.family]
        self._layout = "mono" if encoded.channels == 1 else "stereo"
        self._rate_hz = encoded.rate_hz
        self._place = 0
        self._closed = False
        self._box: Any = av.open(
            self._guard,
            "w",
            format=_CONTAINERS[kind.family],
            options={"fflags": "+bitexact", **_box_options(kind, encoded.rate_hz)},
        )
        try:
            stream: Any = self._box.add_stream(_ENCODERS[kind.family], rate=encoded.rate_hz)
        except (ValueError, av.codec.codec.UnknownCodecError):
            self.abandon()
            raise SettingError(
                "codec-missing",
                f"kind={kind.name}: PyAV was built without {_ENCODERS[kind.family]} here",
            ) from None
        stream.layout, stream.format = self._layout, self._form
        stream.time_base = Fraction(1, encoded.rate_hz)
        stream.options = _options(kind, encoded.plain)
        if kind.amount and not kind.variable:
            stream.bit_rate = 1000 * kind.amount
        if kind.family == "mp3":
            stream.metadata["encoder"] = _LAME
        self._stream = stream

    def write(self, block: Block) -> None:
        """Encode what fills whole frames; PyAV keeps the rest."""
        with self._guard:
            self._put(self._as_av(block))

    def finish(self) -> None:
        """The last frame, and the container's end."""
        with self._guard:
            self._put(None)
            self._closed = True
            self._box.close()

    def abandon(self) -> None:
        """Close the container; whatever it still writes is thrown away with its file."""
        if not self._closed:
            self._closed = True
            with suppress(Exception):  # it is only to be freed
                self._box.close()

    def _put(self, packed: Any) -> None:
        for packet in self._stream.encode(packed):
            self._box.mux(packet)

    def _as_av(self, block: Block) -> Any:
        import av

        if self._form == "s32p":  # 24 bits, at the upper end of 32
            rows: Any = np.rint(block * 2.0**31).astype(np.int32)
        elif self._form == "s16p":
            rows = np.rint(block * 2.0**15).astype(np.int16)
        else:
            rows = block.astype(np.float32)
        if self._form == "flt":
            rows = rows.T.reshape(1, -1)
        packed = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(rows), format=self._form, layout=self._layout
        )
        packed.sample_rate = self._rate_hz
        packed.time_base = Fraction(1, self._rate_hz)
        packed.pts = self._place
        self._place += block.shape[1]
        return packed


def _box_options(kind: Kind, rate_hz: int) -> dict[str, str]:
    if kind.suffix == ".m4a":
        # The edit list is told in movie time: at the sound's own rate it is exact.
        return {"movie_timescale": str(rate_hz)}
    if kind.family == "opus":
        return {"serial_offset": str(SERIAL)}
    return {"id3v2_version": "0"}  # tags come later, from one hand


def _options(kind: Kind, plain: bool) -> dict[str, str]:
    if kind.family == "mp3":
        quality = {"compression_level": str(LAME_QUALITY)}
        if kind.variable:
            return quality | {"flags": "+qscale", "global_quality": str(118 * kind.amount)}
        return quality
    if kind.family == "aac":
        return AAC_OPTIONS | (AAC_PLAIN if plain else {})
    return {}
