"""Harm: what loudness costs, as one figure. The search for a path makes it small.

It is the crest lost, in dB, and everything else by what weighs as much as 1 dB of crest. Each part
is told at equal loudness, from the beginning of the path to its end. The weights are opinion, set
on ten mixes of the corpus so that no part is bought with all of another.
"""

from dataclasses import dataclass

from burnish.engineer.trial import Trial

SPECTRAL_DB, SPECTRAL_LIMIT_DB = 8.0, 3.6
"""A change of tone from moment to moment: bass given away, a band that swings, distortion. A little
of it weighs little, an eighth of a dB of crest for each dB; a lot is another mix: over the limit it
grows with the fourth power. 1 dB makes 0.13, 2 dB 0.35, 4 dB 2.0."""

PUMPING_DB = 30.0
"""The swing of the peaks' gain at 2 to 8 Hz. It is small: most of it is the peaks themselves coming
down, which crest tells already; a rule stops what is heard as pumping."""

PUNCH_PERCENT = 500.0
"""Loss of the fast level's spread. It goes with crest, and is here to tell equals apart."""

RESIDUAL_LU = 10.0
"""What is added or taken beyond a smooth gain: at 10 LU under the master it weighs a tenth."""

RESIDUAL_WEIGHT = 0.1

MILD = 0.2
"""Below this there is nothing to share: the limiter alone does little harm."""


@dataclass(frozen=True)
class Part:
    """One part of a harm: its name, and how much it weighs."""

    name: str
    weight: float


def parts(trial: Trial) -> tuple[Part, ...]:
    """What the harm of a trial is made of; their sum is ``harm``."""
    return (
        Part("crest", crest_part(trial.crest_loss_db)),
        Part("spectrum", spectral_part(trial.spectral_change_db)),
        Part("pumping", trial.pumping_db / PUMPING_DB),
        Part("punch", max(0.0, trial.sharpness_loss_percent) / PUNCH_PERCENT),
        Part("residual", RESIDUAL_WEIGHT * 10.0 ** ((trial.residual_lu + RESIDUAL_LU) / 20.0)),
    )


def harm(trial: Trial) -> float:
    """What this trial costs. 0 is untouched; about 0.3 a good master, 1 and more a crushed one."""
    return sum(part.weight for part in parts(trial))


def crest_part(crest_loss_db: float) -> float:
    """Gained crest is no merit: it comes of bass that is gone."""
    return max(0.0, crest_loss_db)


def spectral_part(change_db: float) -> float:
    """What a change of the spectrum weighs."""
    return change_db / SPECTRAL_DB + (change_db / SPECTRAL_LIMIT_DB) ** 4
