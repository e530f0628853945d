"""Which style a mix is nearest to, by measurement, and how sure that is."""

import math
from collections.abc import Container
from dataclasses import dataclass

from burnish.measure import Measurement
from burnish.targets import Style, style, styles

_EVIDENCE = 3.0
# Nine bands of a spectrum, width and range are not eleven independent witnesses: neighbouring bands
# move together (r = 0.5 to 0.7 within pop). Their mean says as much as about three that are.

MIDDLE = "pop"
_MIDDLE_PRIOR = 3.0
# Before anything is measured, pop is three times as likely as any other: most styles are told as
# pop with small offsets, so a mix between them is better served by their middle (opinion).

_VOICE = "speech"
_VOICE_PRIOR = 0.2
# What is given to be mastered is much likelier music; speech must be asked for, or be clear.

_LEAST_SPREAD_DB = 2.0  # mixes scatter more than the finished records that the corridors describe


@dataclass(frozen=True)
class Recognised:
    """The nearest style, how sure that is (0 to 1), and what comes next."""

    style: Style
    confidence: float
    runner_up: str


def recognise(measured: Measurement) -> Recognised:
    """The style whose corridors the mix lies nearest to.

    Each corridor is read as a normal distribution (its quartiles are 1.35 standard deviations
    apart), and the styles share a certainty of 1 by their likelihood. Loudness and PLR say nothing
    here: they are what mastering changes.
    """
    known = shares(measured)
    return Recognised(*known[0], known[1][0].name)


def shares(
    measured: Measurement, forgiven: int = 0, without: Container[int] = ()
) -> tuple[tuple[Style, float], ...]:
    """Every style that may be recognised with its share of the certainty, the likeliest first.

    So many of a style's worst fitting figures are ``forgiven``: a fault must not make it another.
    ``without`` are bands of the spectrum that are not asked.
    """
    known = [one for one in map(style, styles()) if one.automatic]
    scored = sorted(
        ((_score(measured, each, forgiven, without), each) for each in known), key=_by_score
    )
    best = scored[-1][0]
    weights = [math.exp(score - best) for score, _ in scored]
    total = sum(weights)
    pairs = zip(scored, weights, strict=True)
    return tuple((each, weight / total) for (_, each), weight in pairs)[::-1]


def _by_score(scored: tuple[float, Style]) -> tuple[float, str]:
    return scored[0], scored[1].name


def _score(
    measured: Measurement, candidate: Style, forgiven: int = 0, without: Container[int] = ()
) -> float:
    prior = {MIDDLE: _MIDDLE_PRIOR, _VOICE: _VOICE_PRIOR}.get(candidate.name, 1.0)
    return math.log(prior) + _likelihood(measured, candidate, forgiven, without)


def _likelihood(
    measured: Measurement, candidate: Style, forgiven: int, without: Container[int]
) -> float:
    """Mean log-likelihood of what could be measured, times the weight of the evidence."""
    tone, stereo, dynamics = candidate.tone, candidate.stereo, candidate.dynamics
    bands = measured.spectrum.bands_db
    rows = zip(bands, tone.q25_db, tone.median_db, tone.q75_db, strict=True)
    features = [row for k, row in enumerate(rows) if k not in without]
    features.append(
        (measured.stereo.side_to_mid_db, stereo.q25_db, stereo.median_db, stereo.q75_db)
    )
    features.append(
        (
            measured.loudness.range_lu,
            dynamics.range_low_lu,
            dynamics.range_median_lu,
            dynamics.range_high_lu,
        )
    )
    found = []
    for value, low, middle, high in features:
        if value is None or not math.isfinite(value):
            continue
        spread = max(_LEAST_SPREAD_DB, (high - low) / 1.349)
        away = min(4.0, abs(value - middle) / spread)  # one odd band must not decide alone
        found.append((away, math.log(spread)))
    found.sort()
    kept = max(1, len(found) - forgiven)
    logs = [(-0.5 * away**2 if k < kept else 0.0) - log for k, (away, log) in enumerate(found)]
    return _EVIDENCE * sum(logs) / len(logs) if logs else 0.0
