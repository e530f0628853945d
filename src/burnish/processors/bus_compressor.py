"""Bus compressor: the stepped ratios and times of the classic VCA bus compressor."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from burnish.dsp.envelope import Smoother
from burnish.processors.glue import Glue
from burnish.settings import as_choice, setting

_STEP = BeforeValidator(as_choice)

_KNEE_DB = {"1": 0.0, "2": 8.0, "4": 5.0, "10": 2.0}  # softer at the low ratios: opinion

_AUTO_FAST_MS = 100.0  # the shortest step
_AUTO_SLOW_MS = 5000.0
# Two networks in a row, as in the classic: the second has hardly charged after a short peak.


class BusCompressor(Glue):
    """Compress a whole mix a little, set in the steps of a classic VCA bus compressor.

    Ratio 2 with the slow attacks glues, 10 with the fast ones holds peaks. Times are to 63 %, as
    heard. With release ``auto`` the gain is back within a tenth of a second after a short peak, and
    takes seconds after a long loud part. Glue on a master: ratio 2, attack 10 or 30, release 0.3 or
    auto, 1 to 2 dB of reduction. Feed-forward (``glue``). No latency.
    """

    name: ClassVar[str] = "bus_compressor"

    ratio: Annotated[Literal["1", "2", "4", "10"], _STEP] = setting(
        "1", help="Input dB for each output dB above the threshold; 1 is out."
    )
    attack_ms: Annotated[Literal["0.1", "0.3", "1", "3", "10", "30"], _STEP] = setting(
        "30", unit="ms", help="Time to take hold."
    )
    release_s: Annotated[Literal["0.1", "0.3", "0.6", "1.2", "auto"], _STEP] = setting(
        "auto", unit="s", help="Time to let go; auto: short after peaks, long after loud parts."
    )

    def curve(self) -> tuple[float, float]:
        """The ratio, and a knee that gets harder with it."""
        return float(self.ratio), _KNEE_DB[self.ratio]

    def smoother(self, rate_hz: int, rows: int) -> Smoother:
        """One release, or on auto two in a row."""
        attack_ms = float(self.attack_ms)
        if self.release_s == "auto":
            return Smoother(attack_ms, _AUTO_FAST_MS, 1.0, rate_hz, rows, _AUTO_SLOW_MS)
        return Smoother(attack_ms, 1000.0 * float(self.release_s), 0.0, rate_hz, rows)


EXAMPLE = BusCompressor(threshold_db=-20, ratio="4", attack_ms="10", makeup_db=2)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "4:1, a slow attack, and a release that finds its own time")
