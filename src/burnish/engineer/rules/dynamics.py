"""Dynamics: a little glue where the mix moves more than the style, and never to be loud."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors.compressor import Compressor
from burnish.targets import Target

PLR_OVER_DB = 2.0  # over the style's upper quartile, and over what the limiter can take gently:
LIMITER_DB = 3.0  # its peaks' few decibels between the mix's PLR and that of the target
MOST_RATIO = 2.0
BELOW_LOUD_DB = 4.0
# The threshold under the loudest 3 s. At 2:1 a mix with 12 dB of crest is then held back by 1 dB in
# the mean of its loud parts and 2.5 dB at most: what a glue compressor on a master does.


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """A slow bus compressor where PLR or range lie above the style's upper quartile.

    Where the user named a compressor, ``glue`` speaks instead.
    """
    if wishes.glue != "none":
        return Advice()
    plr_db, range_lu = measured.dynamics.plr_db, measured.loudness.range_lu
    loud_lufs = measured.loudness.max_short_term_lufs
    if plr_db is None or range_lu is None or loud_lufs is None or wishes.intensity == 0:
        return Advice()
    target_plr_db = target.ceiling_dbtp - target.loudness_lufs
    over_plr = plr_db - max(target.dynamics.plr_high_db + PLR_OVER_DB, target_plr_db + LIMITER_DB)
    over_range = range_lu - target.dynamics.range_high_lu
    if over_plr <= 0 and over_range <= 0:
        at = "" if wishes.loudness_lufs == "max" else f" at {target.loudness_lufs:.1f} LUFS"
        return Advice(
            notes=(
                f"Dynamics: range {range_lu:.1f} LU and PLR {plr_db:.1f} dB need no compression "
                f"to be {target.style}{at}.",
            )
        )
    over = max(over_plr / 4.0, over_range / 6.0, 0.0)
    ratio = 1.0 + min(1.0, 0.3 + over) * (MOST_RATIO - 1.0) * min(1.0, 2 * wishes.intensity)
    return Advice(
        (
            Step(
                processor="compressor",
                settings=Compressor(
                    threshold_db=round(max(-60.0, min(0.0, loud_lufs - BELOW_LOUD_DB)), 1),
                    ratio=round(ratio, 2),
                    knee_db=8.0,
                    attack_ms=30.0,
                    release_ms=150.0,
                    auto_release=0.7,
                    detector_high_pass_hz=90.0,
                ),
                reason=f"The mix moves more than {target.style} records; this holds it together.",
                evidence={
                    "plr_db": round(plr_db, 1),
                    "plr_of_three_in_four_db": target.dynamics.plr_high_db,
                    "plr_at_the_target_db": round(target_plr_db, 1),
                    "range_lu": round(range_lu, 1),
                    "range_of_three_in_four_lu": target.dynamics.range_high_lu,
                    "source": target.dynamics.source,
                },
            ),
        )
    )
