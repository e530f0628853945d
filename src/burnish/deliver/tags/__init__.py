"""Tags: what is told of a release, written into every container, and read back on another road."""

from burnish.deliver.tags.fields import Fields, fields_of
from burnish.deliver.tags.gains import ReplayGains
from burnish.deliver.tags.read_back import differences
from burnish.deliver.tags.song import tagging
from burnish.deliver.tags.wav import Broadcast, aiff_chunks, info_chunk, loudness_of, wav_chunks
from burnish.deliver.tags.write import write_tags

__all__ = [
    "Broadcast",
    "Fields",
    "ReplayGains",
    "aiff_chunks",
    "differences",
    "fields_of",
    "info_chunk",
    "loudness_of",
    "tagging",
    "wav_chunks",
    "write_tags",
]
