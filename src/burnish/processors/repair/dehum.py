"""Dehum: takes the mains out of a recording, line by line, and leaves the music between them."""

from typing import ClassVar

from burnish.processors.base import Processor
from burnish.settings import setting


class Dehum(Processor):
    """Subtract the hum of the mains and its harmonics; at ``mains_hz`` 0 the sound is untouched.

    Each harmonic is a sine that is measured where the music leaves it bare, followed slowly, and
    subtracted: nothing is filtered. The frequency may drift by half a hertz and more. A line that
    does not stand still, or is not there, is left alone. ``strengths_dbfs`` is the RMS that each
    harmonic was found to have: no more than 6 dB above it is taken, so a note that sits on a line
    for long stays.

    For ``auto``: ``mains_hz``, ``harmonics`` (the last line's number) and ``strengths_dbfs`` from
    ``measure``'s Hum record; the rest as it stands.
    """

    name: ClassVar[str] = "dehum"

    mains_hz: float = setting(
        0.0, low=0, high=120, unit="Hz", help="Frequency of the mains, to 0.5 Hz; 0 does nothing."
    )
    harmonics: int = setting(
        20, low=1, high=40, help="How many multiples of it are looked for, itself included."
    )
    strengths_dbfs: tuple[float, ...] = setting(
        (),
        unit="dBFS",
        scale="text",
        help="RMS of each harmonic, the first first; none taken beyond the last. Empty: unknown.",
    )
    depth_db: float = setting(
        60.0, low=0, high=60, unit="dB", help="How far the lines go down; 60 is all of them."
    )
    follow_s: float = setting(
        2.5, low=0.5, high=10, unit="s", scale="log", help="Time to follow a change of the hum."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is subtracted."""
        return self.mains_hz == 0.0 or self.depth_db == 0.0
