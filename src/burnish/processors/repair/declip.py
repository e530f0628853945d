"""Declip: gives cut tops their shape back, and leaves every other sample as it is, bit for bit."""

from typing import ClassVar, Self

from pydantic import model_validator

from burnish.errors import SettingError
from burnish.processors.base import Identity, Processor, Runner
from burnish.settings import setting

LOWEST_DBFS, HIGHEST_DBFS = -60.0, 24.0


class Declip(Processor):
    """Restore what clipping cut off.

    A sample at or beyond its threshold counts as cut. It comes back at the size it has or beyond,
    by ``most_db`` at most; the sign stays. So the output may pass full scale: make room for it
    later. Without thresholds nothing is touched.
    """

    name: ClassVar[str] = "declip"

    thresholds_dbfs: tuple[float, ...] = setting(
        (),
        unit="dBFS",
        scale="text",
        help="Where tops are cut, -60 to 24: one for all; up, down; or both for left, then right.",
    )
    most_db: float = setting(
        6.0, low=0, high=24, unit="dB", help="Most that a cut top may rise above its threshold."
    )

    @model_validator(mode="after")
    def _thresholds_fit(self) -> Self:
        given = self.thresholds_dbfs
        if len(given) not in (0, 1, 2, 4):
            raise SettingError(
                "setting-range", f"thresholds_dbfs={len(given)} given: must be 0, 1, 2 or 4 numbers"
            )
        for value in given:
            if not LOWEST_DBFS <= value <= HIGHEST_DBFS:
                raise SettingError(
                    "setting-range", f"thresholds_dbfs={value:g}: must be -60 to 24 dBFS"
                )
        return self

    @property
    def is_neutral(self) -> bool:
        """Whether nothing counts as cut, or nothing may rise."""
        return not self.thresholds_dbfs or self.most_db == 0.0

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner of fixed latency."""
        return Identity()


EXAMPLE = Declip(thresholds_dbfs=(-6.0,))
