"""Writing a master: quantised once, with dither, and under its name only when it is whole."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from burnish.audio.headers import Chunks, aiff_header, wav_header
from burnish.audio.output_format import OutputFormat
from burnish.audio.raw import packed
from burnish.audio.source import Block
from burnish.audio.staged import Staged, check_output, output_errors
from burnish.errors import SettingError

_FLAC_MOST_HZ = 655_350  # what a FLAC frame can tell of its rate (RFC 9639, 9.1.2)


class Writer:
    """Writes a master in blocks to WAV, FLAC or AIFF. A context manager.

    The file appears under ``path`` when the block ends without an error, never before, and never
    half; the same samples give the same bytes. Exactly ``n_samples`` must be written. ``rate_hz``
    is the rate of the samples, whatever ``output_format.rate_hz`` says: no conversion here.
    ``chunks`` (WAV, AIFF) come before the samples; after them there is nothing. ``finish`` gets
    the file when all samples are in it, before it has its name.

    Raises ``OutputError``: exists (without ``overwrite``), folder missing, no room, no permission;
    ``SettingError``: what the container cannot hold. Silence stays digital black.
    """

    def __init__(
        self,
        path: str | Path,
        output_format: OutputFormat,
        rate_hz: int,
        channels: int,
        n_samples: int,
        overwrite: bool = False,
        chunks: Mapping[str, bytes] | None = None,
        finish: Callable[[BufferedRandom], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.format = output_format
        self.rate_hz = rate_hz
        self.channels = channels
        self.n_samples = n_samples
        self._overwrite = overwrite
        self._finish = finish
        self._written = 0
        self._dithered = not output_format.is_float
        if self._dithered:
            from burnish.dsp.dither import Quantiser

            self._quantiser = Quantiser(
                int(output_format.bits),
                output_format.applied_dither,
                output_format.dither_seed,
                channels,
                rate_hz,
            )
        n_data = n_samples * channels * output_format.bytes_per_sample
        self._coder: _Coder
        if output_format.format == "flac":
            self._coder = _FlacCoder(output_format, rate_hz, channels, chunks or {})
            self.n_bytes_at_most = n_data
            self._needed = 0  # not known: FLAC packs
        else:
            self._coder = _RawCoder(output_format, rate_hz, channels, n_samples, chunks or {})
            self.n_bytes_at_most = self._needed = len(self._coder.header) + n_data + n_data % 2

    def __enter__(self) -> Self:
        check_output(self.path, self._overwrite, self._needed)
        with output_errors(self.path, self.n_bytes_at_most):
            self._staged = Staged(self.path, self._overwrite)
            try:
                self._coder.start(self._staged.file)
            except BaseException:
                self._staged.discard()
                raise
        return self

    def write(self, block: Block) -> None:
        """Write (channels, n) samples, n >= 0. The block is not changed.

        Full scale is +-1; what is beyond it is clamped where it is written as whole numbers.
        """
        if block.ndim != 2 or block.shape[0] != self.channels:
            raise ValueError(f"block.shape={block.shape}: must be ({self.channels}, n)")
        self._written += block.shape[1]
        if self._written > self.n_samples:
            raise ValueError(f"{self._written} samples written of {self.n_samples} announced")
        with np.errstate(all="ignore"):
            if not np.isfinite(block.sum()) and not np.isfinite(block).all():
                raise ValueError("block: must be finite; NaN never leaves a stage")
        self._put(self._quantiser.process(block) if self._dithered else block)

    def _put(self, samples: NDArray[np.int32] | Block) -> None:
        with output_errors(self.path, self.n_bytes_at_most):
            self._coder.write(samples)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is not None:
                return
            if self._written < self.n_samples:
                raise ValueError(f"{self._written} samples written of {self.n_samples} announced")
            if self._dithered:
                self._put(self._quantiser.finish())
            with output_errors(self.path, self.n_bytes_at_most):
                self._coder.finish()
                if self._finish is not None:
                    self._finish(self._staged.file)
                self._staged.commit()
        finally:
            self._coder.abandon()
            self._staged.discard()


class _Coder(Protocol):
    """Turns samples into the bytes of one kind of file."""

    def start(self, file: BufferedRandom) -> None: ...
    def write(self, samples: NDArray[np.int32] | Block) -> None: ...
    def finish(self) -> None: ...
    def abandon(self) -> None: ...


class _RawCoder:
    """WAV and AIFF: a header, the samples as they are, and a zero byte after an odd size."""

    def __init__(
        self, form: OutputFormat, rate_hz: int, channels: int, n_samples: int, chunks: Chunks
    ) -> None:
        self._big_endian = form.format == "aiff"
        self._width = form.bytes_per_sample
        self._odd = n_samples * channels * self._width % 2 == 1
        make = aiff_header if self._big_endian else wav_header
        self.header = make(rate_hz, channels, self._width, form.is_float, n_samples, chunks)

    def start(self, file: BufferedRandom) -> None:
        self._file = file
        file.write(self.header)

    def write(self, samples: NDArray[np.int32] | Block) -> None:
        self._file.write(packed(samples, self._width, self._big_endian))

    def finish(self) -> None:
        if self._odd:
            self._file.write(b"\0")

    def abandon(self) -> None:
        pass


class _FlacCoder:
    """FLAC, by libsndfile."""

    def __init__(self, form: OutputFormat, rate_hz: int, channels: int, chunks: Chunks) -> None:
        if rate_hz > _FLAC_MOST_HZ:
            raise SettingError(
                "setting-range",
                f"rate_hz={rate_hz}: in FLAC must be at most {_FLAC_MOST_HZ} Hz; or take wav",
            )
        if chunks:
            raise ValueError("chunks: FLAC has none")
        self._bits = int(form.bits)
        self._rate_hz = rate_hz
        self._channels = channels
        self._sound: Any = None

    def start(self, file: BufferedRandom) -> None:
        import soundfile

        self._guard = Guard(file)
        self._sound = soundfile.SoundFile(
            self._guard, "w", self._rate_hz, self._channels, f"PCM_{self._bits}", format="FLAC"
        )

    def write(self, samples: NDArray[np.int32] | Block) -> None:
        with self._guard:
            shifted = np.left_shift(samples.T, 32 - self._bits, order="C", dtype=np.int32)
            self._sound.write(shifted)

    def finish(self) -> None:
        with self._guard:
            self._sound.close()

    def abandon(self) -> None:
        if self._sound is not None:
            with suppress(Exception):
                self._sound.close()


class Guard:
    """A file that remembers its first fault: libsndfile forgets them, above all when it closes."""

    def __init__(self, file: BufferedRandom) -> None:
        self._file = file
        self._fault: OSError | None = None

    def write(self, data: Any) -> int:
        """Write as a file does; 0 from the first fault on."""
        if self._fault is None:
            try:
                return self._file.write(data)
            except OSError as fault:
                self._fault = fault
        return 0

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""
        return self._file.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place; 0 where that fails."""
        try:
            return self._file.seek(place, whence)
        except OSError as fault:  # to seek, what is buffered must be written
            self._fault = self._fault or fault
            return 0

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if self._fault is not None:
            raise self._fault
