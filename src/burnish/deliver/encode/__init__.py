"""Encode: a track as a file of any kind that listeners and shops take, proven by decoding it.

    kinds.py     what kinds there are, by name
    encode.py    a source -> a file; by_ffmpeg.py, by_lame.py, by_vorbis.py
    ogg.py       what is set in an Ogg file afterwards: its number, the gain of an Opus file
    converted.py a track at a codec's rate, without a gap to its neighbours
    proof.py     the file -> every sample as it was, or true peak, loudness and length

Files are the same bytes for the same samples: no clock and no random number goes into them.
"""

from burnish.deliver.encode.converted import ConvertedTrack
from burnish.deliver.encode.encode import Encoded, encode
from burnish.deliver.encode.kinds import Kind, kind
from burnish.deliver.encode.ogg import turn_opus
from burnish.deliver.encode.proof import Decoded, prove_decoded, prove_samples

__all__ = [
    "ConvertedTrack",
    "Decoded",
    "Encoded",
    "Kind",
    "encode",
    "kind",
    "prove_decoded",
    "prove_samples",
    "turn_opus",
]
