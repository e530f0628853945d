"""Moves on single stems, where a fault belongs to one of them: (stems as heard) -> stems.

Each is bounded to 1.5 dB and carries its reason and its evidence. What two stems share, or what is
taste, is left to the mix; nothing found is nothing done. One file for each part of the music.
"""

from burnish.engineer.stems.advice import StemAdvice, advise_stems
from burnish.engineer.stems.heard import MOST_DB, HeardStem

__all__ = ["MOST_DB", "HeardStem", "StemAdvice", "advise_stems"]
