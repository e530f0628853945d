"""Profile: what many records have in common, learned from them. A target, and a style of one's own.

A profile is its tracks: one row of rounded figures for each, by which all else is made. So the
order of learning does not matter, what is learned later joins as if it had been there, percentiles
are exact, and a record that comes twice counts once.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

from burnish.targets.model import N_BANDS
from burnish.targets.portrait import PERCENTILES, THIRDS_HZ

N_THIRDS, N_TIMES = len(THIRDS_HZ), len(PERCENTILES)

FIGURES: dict[str, int] = {
    "loudness_lufs": 1, "loud_lufs": 1, "range_lu": 1, "plr_db": 1, "psr_p5_db": 1,
    "crest_400ms_db": 1, "sharpness_db": 1, "movement_db": 1, "swing_db": 1,
    "side_to_mid_db": 1,
    "rate_hz": 1, "duration_s": 1, "cutoff_hz": 1,
    "momentary_db": N_TIMES, "short_term_db": N_TIMES,
    "bands_db": N_BANDS, "bands_range_lu": N_BANDS, "bands_movement_db": N_BANDS,
    "bands_side_to_mid_db": N_BANDS,
    "loud_share": 1, "loud_over_db": 1, "loud_mid_db": N_THIRDS, "loud_side_db": N_THIRDS,
    "quiet_share": 1, "quiet_over_db": 1, "quiet_mid_db": N_THIRDS, "quiet_side_db": N_THIRDS,
}  # fmt: skip
"""What is kept of each track, in this order: name and count of numbers. All but ``bands_db`` and
``side_to_mid_db``, which are the measurement's, are those of its ``Portrait``."""

N_FIGURES = sum(FIGURES.values())

PLAIN = ("rate_hz", "duration_s", "cutoff_hz")
"""Facts about files, which say nothing about music."""

SHOWN = (10, 25, 50, 75, 90)
"""The percentiles that a profile tells."""

OUTLIER = 3.0
"""Robust distance from which a track is named: nearly every figure three spreads away (opinion)."""

LEAST_TRACKS = 5
"""With fewer tracks nothing is called an outlier: there is no crowd to stand apart from."""

Value = float | None


@dataclass(frozen=True)
class Track:
    """One record, by its figures. ``date`` is an ISO day, from its tag or its file, or unknown."""

    name: str
    sha256: str
    values: tuple[Value, ...]
    date: str | None = None
    date_from: str | None = None

    def get(self, figure: str) -> tuple[Value, ...]:
        """The numbers of one figure; None what could not be measured."""
        first, count = _PLACES[figure]
        return self.values[first : first + count]

    def one(self, figure: str) -> Value:
        """The number of a figure that has one."""
        return self.get(figure)[0]


@dataclass(frozen=True)
class Summary:
    """How one number lies over all tracks: how many have it, mean, spread, percentiles."""

    n: int
    mean: float
    sd: float
    percentiles: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the tracks have less."""
        return self.percentiles[SHOWN.index(50)]

    def at(self, percentile: int) -> float:
        """One of the percentiles of ``SHOWN``."""
        return self.percentiles[SHOWN.index(percentile)]

    @property
    def spread(self) -> float:
        """The standard deviation that its quartiles would have: outliers do not move it."""
        return (self.at(75) - self.at(25)) / 1.349


@dataclass(frozen=True)
class Outlier:
    """A track that stands apart: how far in spreads, and which figure most."""

    name: str
    distance: float
    figure: str


@dataclass(frozen=True)
class Profile:
    """Many records as one. Make it with ``of``, which brings the tracks into their order.

    With ``half_life_days`` a track that is so much older than the newest one counts half as much.
    """

    name: str
    tracks: tuple[Track, ...]
    half_life_days: float | None = None

    @classmethod
    def of(
        cls, name: str, tracks: Iterable[Track], half_life_days: float | None = None
    ) -> "Profile":
        """A profile of these tracks, in any order; the same sound counts once.

        Twice the same file, or two files with the same figures (a FLAC and the WAV it was made
        from), are one: the one with a tagged date, then the older, then the first by name.
        """
        by_file: dict[str, Track] = {}
        by_sound: dict[tuple[Value, ...], Track] = {}
        ordered = sorted(tracks, key=_preferred)
        for track in ordered:
            if track.sha256 not in by_file and track.values not in by_sound:
                by_sound[track.values] = track
            by_file.setdefault(track.sha256, track)
        kept = tuple(sorted(by_sound.values(), key=lambda track: track.sha256))
        return cls(name, kept, half_life_days)

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """How much each track counts; the newest 1. Undated ones count as the oldest that is dated.

        Half as much for each half-life: ``0.5 ** (days / half_life_days)``.
        """
        days = [date.fromisoformat(t.date).toordinal() if t.date else None for t in self.tracks]
        known = [day for day in days if day is not None]
        if self.half_life_days is None or not known:
            return (1.0,) * len(self.tracks)
        newest, oldest = max(known), min(known)
        return tuple(
            0.5 ** ((newest - (oldest if day is None else day)) / self.half_life_days)
            for day in days
        )

    @property
    def effective(self) -> float:
        """How many equal tracks would be as sure: less than there are where weights differ."""
        total = math.fsum(self.weights)
        return total * total / math.fsum(w * w for w in self.weights)

    @cached_property
    def figures(self) -> Mapping[str, tuple[Summary | None, ...]]:
        """Every figure over all tracks, number by number; None where no track has it."""
        return {name: self._summaries(name) for name in FIGURES}

    def one(self, figure: str) -> Summary | None:
        """The summary of a figure that has one number."""
        return self.figures[figure][0]

    def known_share(self, figure: str, k: int = 0) -> float:
        """How much of the weight has this number."""
        weights = zip(self.tracks, self.weights, strict=True)
        return math.fsum(w for t, w in weights if t.get(figure)[k] is not None) / math.fsum(
            self.weights
        )

    @cached_property
    def outliers(self) -> tuple[Outlier, ...]:
        """Tracks that stand apart from the others, the farthest first."""
        if len(self.tracks) < LEAST_TRACKS:
            return ()
        found = (self._distance(track) for track in self.tracks)
        apart = [one for one in found if one.distance >= OUTLIER]
        return tuple(sorted(apart, key=lambda one: (-one.distance, one.name)))

    def _summaries(self, figure: str) -> tuple[Summary | None, ...]:
        columns = zip(*(track.get(figure) for track in self.tracks), strict=True)
        return tuple(summary(column, self.weights) for column in columns)

    def _distance(self, track: Track) -> Outlier:
        """Root mean square over the groups of figures, each in robust spreads from the median."""
        parts: dict[str, float] = {}
        for figure, summaries in self.figures.items():
            if figure in PLAIN:
                continue
            sizes = [
                ((value - s.median) / max(s.spread, _LEAST_SPREAD)) ** 2
                for value, s in zip(track.get(figure), summaries, strict=True)
                if value is not None and s is not None
            ]
            if sizes:
                parts[figure] = math.fsum(sizes) / len(sizes)
        if not parts:
            return Outlier(track.name, 0.0, "")
        distance = math.sqrt(math.fsum(min(p, _MOST_APART**2) for p in parts.values()) / len(parts))
        return Outlier(track.name, round(distance, 2), max(sorted(parts), key=lambda k: parts[k]))


_LEAST_SPREAD = 1.0  # dB, LU: records that are all alike do not make the next one a stranger
_MOST_APART = 12.0  # one odd figure does not make an outlier alone


def summary(values: Sequence[Value], weights: Sequence[float]) -> Summary | None:
    """Weighted mean, standard deviation and percentiles of what is known; None of nothing.

    Percentiles are interpolated between the values, as the usual ones (Hyndman and Fan's type 7)
    where the weights are equal: value k of them all lies at (S_k - w_k / 2 - w_1 / 2) of the whole
    S_n - w_n / 2 - w_1 / 2.
    """
    known = sorted((v, w) for v, w in zip(values, weights, strict=True) if v is not None)
    if not known:
        return None
    total = math.fsum(w for _, w in known)
    mean = math.fsum(v * w for v, w in known) / total
    variance = math.fsum(w * (v - mean) ** 2 for v, w in known) / total
    return Summary(
        n=len(known),
        mean=mean,
        sd=math.sqrt(variance),
        percentiles=tuple(_percentile(known, p / 100.0) for p in SHOWN),
    )


def _percentile(known: Sequence[tuple[float, float]], part: float) -> float:
    whole = math.fsum(w for _, w in known) - 0.5 * (known[0][1] + known[-1][1])
    wanted, at = part * whole, 0.0
    for (low, w_low), (high, w_high) in pairwise(known):
        step = 0.5 * (w_low + w_high)
        if at + step >= wanted:
            return low + (high - low) * (wanted - at) / step if step > 0.0 else low
        at += step
    return known[-1][0]


def _preferred(track: Track) -> tuple[bool, str, str, str]:
    return track.date_from != "tag", track.date or "9999", track.name, track.sha256


def _places() -> dict[str, tuple[int, int]]:
    places, first = {}, 0
    for name, count in FIGURES.items():
        places[name] = (first, count)
        first += count
    return places


_PLACES = _places()
