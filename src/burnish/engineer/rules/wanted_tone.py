"""The tone that was asked for: low, mid and high, as on any desk."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.equalizer import Band, Equalizer
from burnish.targets import Target

LOW_HZ, MID_HZ, HIGH_HZ = 200.0, 900.0, 4000.0
MID_Q = 0.4  # 200 Hz to 4 kHz is 4.3 octaves


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Shelves and a broad bell with the gains that were asked for."""
    asked = (
        Band(kind="low_shelf", frequency_hz=LOW_HZ, gain_db=wishes.low_db, q=0.6),
        Band(kind="bell", frequency_hz=MID_HZ, gain_db=wishes.mid_db, q=MID_Q),
        Band(kind="high_shelf", frequency_hz=HIGH_HZ, gain_db=wishes.high_db, q=0.6),
    )
    bands = tuple(band for band in asked if not band.is_neutral)
    if not bands:
        return Advice()
    return Advice(
        (
            Step(
                processor="equalizer",
                settings=Equalizer(bands=bands),
                reason="Asked for.",
                evidence={
                    "low_db": wishes.low_db,
                    "mid_db": wishes.mid_db,
                    "high_db": wishes.high_db,
                },
            ),
        )
    )
