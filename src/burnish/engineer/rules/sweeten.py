"""Sweeten: the broad lift of both ends that a passive equalizer is patched in for."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors import processor_type
from burnish.targets import Target

LOW_BOOST_DB, LOW_CUT_DB, AIR_DB = 4.0, 3.0, 4.5
# Dialled at 1. Heard then: 2.3 dB up at 50 Hz, 0.8 dB down at 500 Hz, 2.6 dB up at 12 kHz. Opinion.


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Lift and cut at 30 Hz together, and a broad bell at 12 kHz, as much as was asked for."""
    if wishes.sweeten == 0:
        return Advice()
    return Advice(
        (
            Step(
                processor="passive_equalizer",
                settings=processor_type("passive_equalizer").model_validate(
                    {
                        "low_hz": "30",
                        "low_boost_db": round(LOW_BOOST_DB * wishes.sweeten, 2),
                        "low_cut_db": round(LOW_CUT_DB * wishes.sweeten, 2),
                        "high_boost_hz": "12000",
                        "high_boost_db": round(AIR_DB * wishes.sweeten, 2),
                        "bandwidth": 1.0,
                    }
                ),
                reason="Asked for: fuller bass without mud, and air.",
                evidence={"sweeten": wishes.sweeten},
            ),
        )
    )
