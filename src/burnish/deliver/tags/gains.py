"""ReplayGain 2 and R128 gains: how much a player turns a file up or down. The sound stays."""

import math
from dataclasses import dataclass
from typing import TypeGuard

from burnish.units import gain_from_db

REPLAY_GAIN_LUFS = -18.0
"""Where ReplayGain 2.0 plays everything."""
R128_LUFS = -23.0
"""Where Opus players do, by RFC 7845, 5.2.1."""


@dataclass(frozen=True)
class ReplayGains:
    """Loudness and true peak of a track, and of its whole album as one body.

    None: not measured, or no album. What is silent or too short to have a loudness gets no gain.
    """

    track_lufs: float | None
    track_true_peak_dbtp: float | None = None
    album_lufs: float | None = None
    album_true_peak_dbtp: float | None = None

    def replay_gain(self) -> dict[str, str]:
        """ReplayGain 2: "-6.52 dB" to -18 LUFS, and peaks as a share of full scale.

        >>> ReplayGains(-14.0, -1.0).replay_gain()["REPLAYGAIN_TRACK_GAIN"]
        '-4.00 dB'
        """
        told = {}
        for of, lufs, peak_dbtp in self._both():
            if _known(lufs):
                told[f"REPLAYGAIN_{of}_GAIN"] = f"{REPLAY_GAIN_LUFS - lufs:.2f} dB"
            if peak_dbtp is not None and not math.isnan(peak_dbtp):
                told[f"REPLAYGAIN_{of}_PEAK"] = f"{gain_from_db(peak_dbtp):.6f}"
        if any(name.endswith("_GAIN") for name in told):
            told["REPLAYGAIN_REFERENCE_LOUDNESS"] = f"{REPLAY_GAIN_LUFS:.2f} LUFS"
        return told

    def r128(self) -> dict[str, str]:
        """Opus: whole numbers of 1/256 dB to -23 LUFS, on top of the header's gain of 0.

        >>> ReplayGains(-14.0).r128()
        {'R128_TRACK_GAIN': '-2304'}
        """
        return {
            f"R128_{of}_GAIN": str(max(-32768, min(32767, round(256 * (R128_LUFS - lufs)))))
            for of, lufs, _ in self._both()
            if _known(lufs)
        }

    def behind(self, gain_db: float) -> "ReplayGains":
        """The same of a file that was turned by ``gain_db``."""
        return ReplayGains(
            *(
                None if value is None else value + gain_db
                for value in (
                    self.track_lufs,
                    self.track_true_peak_dbtp,
                    self.album_lufs,
                    self.album_true_peak_dbtp,
                )
            )
        )

    def _both(self) -> tuple[tuple[str, float | None, float | None], ...]:
        return (
            ("TRACK", self.track_lufs, self.track_true_peak_dbtp),
            ("ALBUM", self.album_lufs, self.album_true_peak_dbtp),
        )


def _known(lufs: float | None) -> TypeGuard[float]:
    return lufs is not None and math.isfinite(lufs)
