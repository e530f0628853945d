"""A WAV again, with other chunks: the samples are copied as they are."""

from pathlib import Path
from typing import BinaryIO

from burnish.audio.headers import Chunks, wav_header
from burnish.audio.raw import WIDTHS
from burnish.audio.staged import Staged, output_errors
from burnish.audio.wav_header import read_wav_header
from burnish.errors import InputError

_PIECE = 1 << 20


def copy_with_chunks(
    source: str | Path, target: str | Path, chunks: Chunks, overwrite: bool = False
) -> None:
    """Write ``target``: the samples of the WAV ``source``, bit for bit, after these chunks.

    No chunk of the source goes along, and nothing comes after the samples. Past 4 GiB it is an
    RF64. The file appears when it is whole; ``OutputError`` as the ``Writer``'s.
    """
    source, target = Path(source), Path(target)
    with source.open("rb") as file:
        found = read_wav_header(file, source.stat().st_size)
        if found is None:
            raise InputError("input-unreadable", f"{source}: is no WAV of plain samples")
        coding = found.region.coding
        width = WIDTHS[coding]
        header = wav_header(
            found.rate_hz, found.channels, width, coding[0] == "f", found.n_samples, chunks
        )
        n_data = found.n_samples * found.channels * width
        with output_errors(target, len(header) + n_data):
            staged = Staged(target, overwrite)
            try:
                staged.file.write(header)
                file.seek(found.region.start)
                _copy(file, staged.file, n_data)
                staged.file.write(bytes(n_data % 2))
                staged.commit()
            finally:
                staged.discard()


def _copy(source: BinaryIO, target: BinaryIO, n_bytes: int) -> None:
    while n_bytes > 0:
        piece = source.read(min(n_bytes, _PIECE))
        if not piece:
            raise ValueError("the source became shorter while it was copied")
        target.write(piece)
        n_bytes -= len(piece)
