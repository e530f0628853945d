"""Ogg Vorbis, by libsndfile: libvorbis, which FFmpeg's own encoder is not."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from burnish.audio import Block
from burnish.audio.writer import Guard
from burnish.deliver.encode.ogg import number_stream
from burnish.errors import SettingError

if TYPE_CHECKING:
    from io import BufferedRandom

    from burnish.deliver.encode.encode import Encoded

_CHUNK = 4096  # samples given at once: always as many, or the bytes depend on it; few, as
# libsndfile keeps them on the stack


class VorbisCoder:
    """libvorbis at a quality, in Ogg."""

    def __init__(self, file: "BufferedRandom", encoded: "Encoded") -> None:
        import soundfile

        if "VORBIS" not in soundfile.available_subtypes("OGG"):
            raise SettingError(
                "codec-missing",
                f"kind={encoded.kind.name}: libsndfile was built without Vorbis here",
            )
        self._file = file
        self._guard = Guard(file)
        self._held = np.zeros((0, encoded.channels))
        self._sound: Any = soundfile.SoundFile(
            self._guard,
            "w",
            encoded.rate_hz,
            encoded.channels,
            "VORBIS",
            format="OGG",
            compression_level=1.0 - encoded.kind.amount / 10,
        )

    def write(self, block: Block) -> None:
        """Encode what fills whole chunks."""
        held = np.concatenate((self._held, block.T))
        whole = len(held) // _CHUNK * _CHUNK
        with self._guard:
            for start in range(0, whole, _CHUNK):
                self._sound.write(held[start : start + _CHUNK])
        self._held = held[whole:].copy()

    def finish(self) -> None:
        """The rest, and the end of the stream."""
        with self._guard:
            self._sound.write(self._held)
            self._sound.close()
        self._sound = None
        number_stream(self._file)

    def abandon(self) -> None:
        """Close the encoder; what it still writes is thrown away with its file."""
        if self._sound is not None:
            with suppress(Exception):  # it is only to be freed
                self._sound.close()
