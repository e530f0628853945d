"""Density: detail comes up, or swing comes back, as asked; and swing where a mix was pressed."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.expander import Expander
from burnish.processors.upward_compressor import UpwardCompressor
from burnish.targets import Target

MOST_DB = 5.0  # asked for in full: a parallel compressor's return lifts by 3 dB or a little more
ABOVE_MEAN_DB = 3.0  # the threshold over the RMS of the whole: only strokes stand above it
NOISE_DB = 8.0  # what is lifted stands this far above the noise
FLOOR_DB = (-60.0, -30.0)  # the least and the most of the floor, under the RMS of the whole

PRESSED_PLR_DB = 7.5  # under 8 a mix counts as limited already, under 6 as badly so
PRESSED_SHARPNESS_DB = 2.0  # punch: the median of pop is 2.6
ROOM_DB = 1.0  # and the target must have room for what is given back
MOST_BACK_DB = 3.0


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Upward compression above 0, an expander below; by itself only for a mix that was pressed."""
    if wishes.density > 0:
        return _lift(measured, wishes.density)
    if wishes.density < 0:
        range_db = -MOST_DB * wishes.density
        return _swing(measured, range_db, "More swing: asked for.", {"density": wishes.density})
    return _pressed(measured, target, wishes)


def _lift(measured: Measurement, density: float) -> Advice:
    rms_db, noise_db = measured.dynamics.rms_dbfs, measured.noise.noise_floor_dbfs
    floor_db = min(max(noise_db + NOISE_DB, rms_db + FLOOR_DB[0]), rms_db + FLOOR_DB[1])
    return Advice(
        (
            Step(
                processor="upward_compressor",
                settings=UpwardCompressor(
                    threshold_db=_within(rms_db + ABOVE_MEAN_DB, -60.0, 0.0),
                    ratio=round(1.0 + 1.5 * density, 2),
                    range_db=round(MOST_DB * density, 2),
                    floor_db=_within(floor_db, -100.0, -20.0),
                ),
                reason="Denser: asked for. What is quiet comes up, what is loud stays.",
                evidence={
                    "density": density,
                    "rms_dbfs": round(rms_db, 1),
                    "noise_floor_dbfs": round(noise_db, 1),
                },
            ),
        )
    )


def _pressed(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """Swing for a mix whose peaks and punch are gone, as far as the target has room for it."""
    plr_db, sharpness_db = measured.dynamics.plr_db, measured.dynamics.sharpness_db
    if wishes.intensity == 0 or plr_db is None or sharpness_db is None:
        return Advice()
    room_db = min(target.ceiling_dbtp - target.loudness_lufs, target.dynamics.plr_low_db) - plr_db
    pressed = plr_db < PRESSED_PLR_DB and sharpness_db < PRESSED_SHARPNESS_DB
    if not pressed or room_db < ROOM_DB:
        return Advice()
    range_db = min(MOST_BACK_DB, room_db) * min(1.0, 2.0 * wishes.intensity)
    reason = "The mix was pressed: its beats hardly stand out. A little of that is given back."
    evidence = {
        "plr_db": round(plr_db, 1),
        "plr_of_one_in_four_db": target.dynamics.plr_low_db,
        "sharpness_db": round(sharpness_db, 2),
    }
    return _swing(measured, range_db, reason, evidence)


def _swing(
    measured: Measurement, range_db: float, reason: str, evidence: dict[str, float]
) -> Advice:
    rms_db = measured.dynamics.rms_dbfs
    return Advice(
        (
            Step(
                processor="expander",
                settings=Expander(
                    ratio=1.5,
                    range_db=round(range_db, 2),
                    floor_db=_within(rms_db + FLOOR_DB[1], -100.0, -10.0),
                ),
                reason=reason,
                evidence={**evidence},
            ),
        )
    )


def _within(value: float, low: float, high: float) -> float:
    return round(max(low, min(high, value)), 1)
