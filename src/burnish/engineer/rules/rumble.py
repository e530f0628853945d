"""DC and rumble: what no loudspeaker plays only takes room from what it does."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.equalizer import Band, Equalizer
from burnish.targets import Target

DC_DB = -60.0  # under the largest sample: noted from here by every list of checks; -40 is a fault
RUMBLE_DB = -10.0  # energy below 30 Hz against 40 to 120 Hz: more than any deep bass line has


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A high-pass below the lowest note where there is DC or rumble, else nothing."""
    dc_dbfs, rumble_db = measured.noise.dc_dbfs, measured.noise.rumble_db
    if rumble_db is not None and rumble_db > RUMBLE_DB:
        return Advice(
            (
                Step(
                    processor="equalizer",
                    settings=Equalizer(
                        bands=(Band(kind="high_pass", frequency_hz=20.0, slope_db_per_octave=24),)
                    ),
                    reason="Rumble below the lowest note takes headroom and is not heard.",
                    evidence={"rumble_db": round(rumble_db, 1), "limit_db": RUMBLE_DB},
                ),
            )
        )
    # Against the peak, which comes to the ceiling, and the DC with it: the mix may have any gain.
    dc_db = dc_dbfs - measured.peaks.sample_peak_dbfs
    if dc_db > DC_DB:
        return Advice(
            (
                Step(
                    processor="equalizer",
                    settings=Equalizer(
                        bands=(Band(kind="high_pass", frequency_hz=10.0, slope_db_per_octave=12),)
                    ),
                    reason="A constant offset takes headroom from one half of every wave.",
                    evidence={"dc_to_peak_db": round(dc_db, 1), "limit_db": DC_DB},
                ),
            )
        )
    return Advice(notes=("No DC and no rumble to take out.",))
