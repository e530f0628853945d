"""Chunks of WAV files that no library writes as we need them, by hand; and their reader, apart."""

from burnish.audio.chunks.broadcast import BextLoudness, bext, history_line
from burnish.audio.chunks.copy import copy_with_chunks
from burnish.audio.chunks.read import Bext, ChunkPlace, list_chunks, read_bext, read_chunk
from burnish.audio.chunks.riff_info import info
from burnish.audio.chunks.xml import axml_isrc, ixml

__all__ = [
    "Bext",
    "BextLoudness",
    "ChunkPlace",
    "axml_isrc",
    "bext",
    "copy_with_chunks",
    "history_line",
    "info",
    "ixml",
    "list_chunks",
    "read_bext",
    "read_chunk",
]
