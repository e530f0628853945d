"""Glue: the compressor that was asked for, in place of the one that dynamics would choose."""

from burnish.chain import Step
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.processors import processor_type
from burnish.targets import Target

GLUE: dict[str, tuple[str, dict[str, float | str], float, str]] = {
    "vca": (
        "bus_compressor",
        {"ratio": "2", "attack_ms": "30", "release_s": "auto"},
        3.0,
        "a VCA bus compressor: 2:1, slow attack, automatic release",
    ),
    "opto": ("opto", {"ratio": 3.0}, 5.0, "an opto compressor: soft, and slow after loud parts"),
    "vari_mu": (
        "vari_mu",
        {"ratio": 4.0, "knee_db": 18.0, "attack_ms": "25", "release_s": "0.6"},
        6.0,
        "a variable-mu compressor: the more, the louder",
    ),
}
"""Processor, settings, threshold over the loudest 3 s in dB, and words. On the corpus the mean
reduction of a song is then 0.4 to 2 dB and its loudest twentieth under 3.5 dB: glue on a master."""


def advise(measured: Measurement, target: Target, wishes: Wishes) -> Advice:
    """The compressor asked for, with its threshold set by the mix's own level."""
    if wishes.glue == "none":
        return Advice()
    loudness = measured.loudness
    short_lufs, moment_lufs = loudness.max_short_term_lufs, loudness.max_momentary_lufs
    loud_lufs = moment_lufs if short_lufs is None else short_lufs
    if loud_lufs is None:
        return Advice(notes=("Glue: too short to be measured; none added.",))
    name, settings, over_db, words = GLUE[wishes.glue]
    found = processor_type(name)
    threshold_db = round(max(-60.0, min(0.0, loud_lufs + over_db)), 1)
    return Advice(
        (
            Step(
                processor=name,
                settings=found.model_validate({**settings, "threshold_db": threshold_db}),
                reason=f"Asked for: {words}.",
                evidence={"glue": wishes.glue, "loudest_3_s_lufs": round(loud_lufs, 1)},
            ),
        )
    )
