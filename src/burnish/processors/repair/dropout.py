"""Dropout: fills short gaps of a recording from the music before and after them."""

from typing import ClassVar

from burnish.processors.base import Processor
from burnish.settings import setting


class Dropout(Processor):
    """Fill gaps where the samples are lost: zeros, or one value held, in the middle of sound.

    A gap is mended from both sides, as the music around it goes on. One longer than ``longest_ms``
    stays, and so does all other sound, bit for bit; 0 fills none. Up to 5 ms the join is hard to
    hear, beyond 20 ms it is a guess that hides the hole. ``auto`` uses 20.
    """

    name: ClassVar[str] = "dropout"

    longest_ms: float = setting(
        0.0, low=0, high=40, unit="ms", help="Longest gap that is filled; 0 is off."
    )
