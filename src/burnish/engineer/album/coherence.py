"""Coherence: how alike the tracks of an album are, before and after, and who stands apart.

Each measure is told for every track, and over the album as a spread: the root mean square of the
tracks' deviations from the album's median. Before are the mixes as they were given, at the loudness
that they were given at; after are the masters as their files were read back. A track that is kept
counts in both.

A song that the music asks to be softer stands lower, and under one ceiling its peaks have as much
more room. So loud sections and the peaks over them are judged by their place: less, and plus, the
relation to the anchor that was planned. Both are told as they are too, but nobody aims at bringing
a ballad and a banger together in those.
"""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from burnish.engineer.album.dynamics import TOLERANCE_LU
from burnish.engineer.album.loud import loud_lufs
from burnish.engineer.album.plan import AlbumPlan
from burnish.engineer.album.tone import TOLERANCE_DB, WIDTH_TOLERANCE_DB
from burnish.measure import Measurement
from burnish.targets import BAND_EDGES_HZ, N_BANDS

Value = float | None

SOFTEST_BAND_DB = -45.0
"""A band that lies further under the middle is not heard: it counts as if it were here."""
NARROWEST_DB = -25.0
"""A side that is softer beside the middle is not heard as width: it counts as if it were here."""


@dataclass(frozen=True)
class _Measure:
    """One figure of a track. Spreads up to ``near`` are together; from ``apart`` on, an outlier."""

    name: str
    title: str
    unit: str
    near: float
    apart: float
    aimed: bool
    of: Callable[[Measurement, float], Value]


def _loud(measured: Measurement, relative_lu: float) -> Value:
    value = loud_lufs(measured)
    return value if math.isfinite(value) else None


def _placed(measured: Measurement, relative_lu: float) -> Value:
    value = _loud(measured, relative_lu)
    return None if value is None else value - relative_lu


def _peaks(measured: Measurement, relative_lu: float) -> Value:
    value = _placed(measured, relative_lu)
    peak_dbtp = measured.peaks.true_peak_dbtp
    return None if value is None or not math.isfinite(peak_dbtp) else peak_dbtp - value


def _width(measured: Measurement, relative_lu: float) -> Value:
    """Side over middle, each octave alike; not of the bass, which is in the middle anyway."""
    if measured.stereo.near_mono:
        return None
    mid = side = 0.0
    bands = zip(measured.spectrum.bands_db, measured.stereo.bands_side_to_mid_db, strict=True)
    for level_db, ratio_db in list(bands)[1:]:
        if level_db is not None and ratio_db is not None:
            part = 10.0 ** (min(ratio_db, 100.0) / 10.0)
            power = 10.0 ** (level_db / 10.0)
            mid += power / (1.0 + part)
            side += power * part / (1.0 + part)
    if mid <= 0.0 or side <= 0.0:
        return None
    return max(NARROWEST_DB, 10.0 * math.log10(side / mid))


_ONES = (
    _Measure("width_db", "width", "dB", WIDTH_TOLERANCE_DB, 5.0, True, _width),
    _Measure("placed_p95_lufs", "loud sections, by their place", "LU", 0.5, 1.5, True, _placed),
    _Measure("placed_peaks_db", "peaks over them, by their place", "dB", 1.0, 3.0, True, _peaks),
    _Measure(
        "range_lu",
        "loudness range",
        "LU",
        TOLERANCE_LU,
        6.0,
        True,
        lambda m, _: m.loudness.range_lu,
    ),
    _Measure(
        "short_term_p95_lufs", "loud sections, as they are", "LU", 0.5, math.inf, False, _loud
    ),
    _Measure("plr_db", "PLR, as it is", "dB", 1.0, math.inf, False, lambda m, _: m.dynamics.plr_db),
)
"""What is together is so by the moves' own tolerances. The bounds of outliers are opinion."""

TONE, BAND_WIDTH = "tone_db", "band_width_db"
_TONE_APART_DB = 3.0


@dataclass(frozen=True)
class Spread:
    """How far the tracks lie apart in one measure, before and after."""

    name: str
    title: str
    unit: str
    before: float
    after: float
    near: float
    """Up to here tracks are together, and nothing is moved."""
    aimed: bool = True
    """Whether tracks are to come nearer in it; else it is told, and follows from the music."""

    @property
    def improved(self) -> bool:
        """Whether they came nearer, or were together before and after."""
        return self.after < self.before or max(self.after, self.before) <= self.near


@dataclass(frozen=True)
class Outlier:
    """A master that stands apart from the album: in what, and by how much."""

    number: int
    name: str
    measure: str
    apart: float
    unit: str
    sentence: str


@dataclass(frozen=True)
class TrackRow:
    """One track: its figures before and after. ``tone_db`` is its distance from the median."""

    number: int
    name: str
    kept: bool
    relative_lu: float
    before: dict[str, Value]
    after: dict[str, Value]


@dataclass(frozen=True)
class Coherence:
    """The table: spreads over the album, by band too, every track, and who stands apart."""

    spreads: tuple[Spread, ...]
    bands: tuple[Spread, ...]
    """Tone, in the nine wide bands."""
    tracks: tuple[TrackRow, ...]
    outliers: tuple[Outlier, ...]

    @property
    def improved(self) -> bool:
        """Whether the tracks came nearer in every measure that is aimed at."""
        return all(one.improved for one in self.spreads if one.aimed)

    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """For a table: the measure, its spread before and after, and the unit."""
        return tuple(
            (one.title, f"{one.before:.1f}", f"{one.after:.1f}", one.unit) for one in self.spreads
        )

    def sentences(self) -> tuple[str, ...]:
        """Who stands apart, in what, and by how much."""
        return tuple(one.sentence for one in self.outliers)

    def to_json(self) -> dict[str, Any]:
        """All of it, of plain numbers, strings, lists and None."""

        def plain(one: Spread) -> dict[str, Any]:
            told: dict[str, Any] = {"name": one.name, "title": one.title, "unit": one.unit}
            told |= {"near": one.near, "aimed": one.aimed}
            return {**told, "before": _rounded(one.before), "after": _rounded(one.after)}

        return {
            "improved": self.improved,
            "spreads": [plain(one) for one in self.spreads],
            "bands": [plain(one) for one in self.bands],
            "tracks": [
                {
                    **{k: getattr(one, k) for k in ("number", "name", "kept", "relative_lu")},
                    "before": {k: _rounded(v) for k, v in one.before.items()},
                    "after": {k: _rounded(v) for k, v in one.after.items()},
                }
                for one in self.tracks
            ],
            "outliers": [{**vars(one), "apart": _rounded(one.apart)} for one in self.outliers],
        }


def coherence(
    before: Sequence[Measurement], after: Sequence[Measurement], plan: AlbumPlan
) -> Coherence:
    """Compare the mixes as given with the masters as read back, in the plan's order.

    What is hidden before the first track is left out, as long as there is another.
    """
    heard = [k for k, one in enumerate(plan.tracks) if one.number > 0] or [0]
    plan = replace(plan, tracks=tuple(plan.tracks[k] for k in heard))
    before, after = ([sounds[k] for k in heard] for sounds in (before, after))
    places = [0.0 if plan.mode == "track" else one.relative_lu for one in plan.tracks]
    columns = [
        {one.name: [one.of(m, at) for m, at in zip(sounds, places, strict=True)] for one in _ONES}
        for sounds in (before, after)
    ]
    tones = [_tones(sounds) for sounds in (before, after)]
    widths = [_band_widths(sounds) for sounds in (before, after)]
    spreads = [
        _spread(TONE, "tone", "dB", TOLERANCE_DB, *(_all(rows) for rows in tones)),
        _spread(
            BAND_WIDTH, "width by band", "dB", WIDTH_TOLERANCE_DB, *(_all(rows) for rows in widths)
        ),
    ]
    for one in _ONES:
        away = [_away(column[one.name]) for column in columns]
        spread = _spread(one.name, one.title, one.unit, one.near, *away)
        spreads.append(replace(spread, aimed=one.aimed))
    rows = []
    for k, track in enumerate(plan.tracks):
        told = [
            {TONE: _rms(tone[k]), **{one.name: column[one.name][k] for one in _ONES}}
            for tone, column in zip(tones, columns, strict=True)
        ]
        rows.append(TrackRow(track.number, track.name, track.kept, track.relative_lu, *told))
    found = [*_tone_outliers(plan, tones[1]), *_outliers(plan, columns[1])]
    return Coherence(
        spreads=tuple(spreads),
        bands=tuple(_bands(*tones)),
        tracks=tuple(rows),
        outliers=tuple(sorted(found, key=lambda one: (one.number, one.measure))),
    )


def _tones(sounds: Sequence[Measurement]) -> list[list[Value]]:
    """How far each track lies from the album's median, band by band."""
    return _apart(
        [
            [None if v is None else max(SOFTEST_BAND_DB, v) for v in one.spectrum.bands_db]
            for one in sounds
        ]
    )


def _band_widths(sounds: Sequence[Measurement]) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for one in sounds:
        mono = one.stereo.near_mono or one.stereo.side_to_mid_db in (None, -math.inf)
        bands = one.stereo.bands_side_to_mid_db
        rows.append([None if mono or v is None else max(NARROWEST_DB, min(v, 40.0)) for v in bands])
    return _apart(rows)


def _apart(rows: Sequence[Sequence[Value]]) -> list[list[Value]]:
    columns = [_away(column) for column in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _away(values: Sequence[Value]) -> list[Value]:
    """Each value less the median of those that are known."""
    known = [v for v in values if v is not None]
    middle = statistics.median(known) if known else 0.0
    return [None if v is None else v - middle for v in values]


def _rms(values: Sequence[Value]) -> Value:
    known = [v * v for v in values if v is not None]
    return math.sqrt(sum(known) / len(known)) if known else None


def _all(rows: Sequence[Sequence[Value]]) -> list[Value]:
    return [v for row in rows for v in row]


def _spread(
    name: str, title: str, unit: str, near: float, before: Sequence[Value], after: Sequence[Value]
) -> Spread:
    return Spread(name, title, unit, _rms(before) or 0.0, _rms(after) or 0.0, near)


def _bands(before: list[list[Value]], after: list[list[Value]]) -> list[Spread]:
    found = []
    for k in range(N_BANDS):
        low, high = BAND_EDGES_HZ[k : k + 2]
        columns = ([row[k] for row in rows] for rows in (before, after))
        name, title = f"tone_{low:.0f}_hz_db", f"tone, {low:,.0f} to {high:,.0f} Hz"
        found.append(_spread(name, title, "dB", TOLERANCE_DB, *columns))
    return found


def _tone_outliers(plan: AlbumPlan, tones: Sequence[Sequence[Value]]) -> list[Outlier]:
    found = []
    for track, row in zip(plan.tracks, tones, strict=True):
        apart = _rms(row)
        if apart is None or apart < _TONE_APART_DB:
            continue
        known = [(abs(v), k, v) for k, v in enumerate(row) if v is not None]
        _, k, most = max(known)
        word = "more" if most > 0 else "less"
        said = (
            f"its tone lies {apart:.1f} dB from the album's, most at {BAND_EDGES_HZ[k]:,.0f} to "
            f"{BAND_EDGES_HZ[k + 1]:,.0f} Hz: {abs(most):.1f} dB {word}"
        )
        found.append(_outlier(track.number, track.name, TONE, apart, "dB", said))
    return found


def _outliers(plan: AlbumPlan, columns: dict[str, list[Value]]) -> list[Outlier]:
    found = []
    for one in _ONES:
        away = _away(columns[one.name])
        for track, value in zip(plan.tracks, away, strict=True):
            if value is None or abs(value) < one.apart:
                continue
            word = "over" if value > 0 else "under"
            said = f"{_SAID[one.name]} {abs(value):.1f} {one.unit} {word} the album's median"
            found.append(_outlier(track.number, track.name, one.name, value, one.unit, said))
    return found


_SAID = {
    "width_db": "its width lies",
    "placed_p95_lufs": "its loud sections, for what the music asks, lie",
    "placed_peaks_db": "the peaks over its loud sections, for what the music asks, lie",
    "range_lu": "its loudness range lies",
}


def _outlier(number: int, name: str, measure: str, apart: float, unit: str, said: str) -> Outlier:
    called = f"Track {number}" + (f", {name}" if name else "")
    return Outlier(number, name, measure, apart, unit, f"{called}: {said}.")


def _rounded(value: Value) -> Value:
    return None if value is None or not math.isfinite(value) else round(value, 2)
