"""Variable-mu: the compression of tubes whose gain falls the more, the louder it gets."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from burnish.dsp.envelope import Smoother
from burnish.processors.glue import Glue
from burnish.settings import as_choice, setting

_STEP = BeforeValidator(as_choice)


class VariMu(Glue):
    """Compress softly: the louder the sound, the nearer the ratio comes to ``ratio``.

    There is no point where it sets in: over the wide knee the local ratio goes from 1:1 through
    1.2:1 (at 2/9 of it, for a ratio of 4) and 1.6:1 (half-way, the threshold) to the full ratio at
    its end. Attack and release go in steps, to 63 %, as heard. Feed-forward (``glue``). It adds no
    harmonics: put ``tube`` behind it. No latency.
    """

    name: ClassVar[str] = "vari_mu"

    ratio: float = setting(
        1.0, low=1, high=8, scale="log", help="Local ratio at the loud end of the knee; 1 is out."
    )
    knee_db: float = setting(
        16.0, low=12, high=20, unit="dB", help="Range over which the ratio rises."
    )
    attack_ms: Annotated[Literal["2", "4", "8", "15", "25"], _STEP] = setting(
        "15", unit="ms", help="Time to take hold."
    )
    release_s: Annotated[Literal["0.3", "0.6", "1.2", "2.5", "5", "8"], _STEP] = setting(
        "0.6", unit="s", help="Time to let go."
    )

    def curve(self) -> tuple[float, float]:
        """The ratio at the end of the wide knee."""
        return self.ratio, self.knee_db

    def smoother(self, rate_hz: int, rows: int) -> Smoother:
        """One attack, one release."""
        return Smoother(float(self.attack_ms), 1000.0 * float(self.release_s), 0.0, rate_hz, rows)


EXAMPLE = VariMu(threshold_db=-20, ratio=4, attack_ms="8", makeup_db=2)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "the more, the louder: a wide knee up to 4:1")
