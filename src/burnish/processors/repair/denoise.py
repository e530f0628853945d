"""Denoise: lowers hiss, the steady noise under the music, where the music does not cover it."""

from typing import ClassVar

from burnish.processors.base import Processor
from burnish.settings import setting


class Denoise(Processor):
    """Lower steady noise by at most ``reduction_db``; at 0, or without a profile, nothing is done.

    ``noise_dbfs`` is the noise in the 30 third octaves from 25 Hz to 20 kHz, as the mean square of
    (L + R) / 2 in dBFS; ``side_noise_dbfs`` that of (L - R) / 2, empty for as much as in the
    middle. What stands far above the noise keeps its bits, attacks are let through.

    For ``auto``: both profiles from ``measure``'s Hiss record, and 8 to 10 dB; 12 dB and more is
    heard.
    """

    name: ClassVar[str] = "denoise"

    reduction_db: float = setting(
        0.0, low=0, high=20, unit="dB", help="Most that the noise goes down; 0 does nothing."
    )
    noise_dbfs: tuple[float, ...] = setting(
        (),
        unit="dBFS",
        scale="text",
        help="Noise of the middle in 30 third octaves, 25 Hz to 20 kHz; empty does nothing.",
    )
    side_noise_dbfs: tuple[float, ...] = setting(
        (), unit="dBFS", scale="text", help="Noise of the side likewise; empty: as the middle."
    )

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is lowered."""
        return self.reduction_db == 0.0 or not self.noise_dbfs
