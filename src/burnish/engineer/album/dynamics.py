"""Dynamics of a track toward the album's signature: a wide loudness range comes in a little.

Only ever smaller: what is denser than the anchor stays as it is. How far peaks stand out follows
from loudness and ceiling, which are the album's.
"""

from collections.abc import Sequence

from burnish.chain import Step
from burnish.engineer.album.signature import Signature
from burnish.engineer.portrait import portrait
from burnish.engineer.rules.advice import Advice
from burnish.measure import Measurement
from burnish.processors.compressor import Compressor
from burnish.targets import PERCENTILES, Target

TOLERANCE_LU = 2.0
MOST_RATIO = 1.5
SMALLEST_LU = 0.5  # less is not worth a compressor
KNEE_DB = 6.0
_LOW = PERCENTILES.index(10)  # the threshold: all of the range lies above it


def advise(
    measured: Measurement,
    target: Target,
    signature: Signature,
    share: float,
    style_steps: Sequence[Step] = (),
) -> Advice:
    """A slow compressor of a low threshold where the range is far over the signature's, or a note.

    Never below the lower quartile of its own style. Where the style's rule compresses already
    (``style_steps``) half of it is enough.
    """
    range_lu, aim_lu = measured.loudness.range_lu, signature.portrait.range_lu
    if share == 0 or range_lu is None or aim_lu is None:
        return Advice()
    if any(isinstance(step.settings, Compressor) and step.acts for step in style_steps):
        share *= 0.5
    wanted_lu = range_lu - share * max(0.0, range_lu - aim_lu - TOLERANCE_LU)
    wanted_lu = max(wanted_lu, min(range_lu, target.dynamics.range_low_lu))
    if range_lu - wanted_lu < SMALLEST_LU:
        return Advice()
    mix = portrait(measured)
    if not mix.momentary_db:
        return Advice()
    ratio = min(MOST_RATIO, range_lu / wanted_lu) if wanted_lu > 0.0 else MOST_RATIO
    low_db = mix.loudness_lufs + mix.momentary_db[_LOW] - KNEE_DB / 2
    return Advice(
        (
            Step(
                processor="compressor",
                settings=Compressor(
                    threshold_db=round(max(-60.0, min(0.0, low_db)), 1),
                    ratio=round(ratio, 3),
                    knee_db=KNEE_DB,
                    attack_ms=80.0,
                    release_ms=500.0,
                    auto_release=0.0,
                ),
                reason=(
                    f"Its loudness range is {range_lu - aim_lu:.1f} LU over the anchor's; soft and "
                    f"loud come nearer, slowly."
                ),
                evidence={
                    "range_lu": round(range_lu, 1),
                    "anchor_range_lu": round(aim_lu, 1),
                    "wanted_range_lu": round(wanted_lu, 1),
                    "style_range_low_lu": target.dynamics.range_low_lu,
                    "share": round(share, 2),
                    "expected_ratio": round(range_lu / wanted_lu, 3) if wanted_lu > 0.0 else None,
                },
            ),
        )
    )
