"""Normal: what a mix is judged against. A style by name or by likeness, or the references' own."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

from burnish.audio import file_sha256, open_source
from burnish.engineer.intake import refuse_unheard
from burnish.engineer.learn import track_of
from burnish.engineer.match.references import asked
from burnish.engineer.recognise import shares
from burnish.measure import Measurement, measure
from burnish.targets import Style, style
from burnish.targets.profile import Profile, Track
from burnish.targets.profile_use import as_style

SURE, RATHER_SURE = 0.7, 0.4
"""From here a recognised style speaks as its figures do; from there as a middling source does."""


FORGIVEN = 2
"""Figures, of eleven, that a style may miss by far and still be the nearest: faults may do that."""

ASIDE = 2
"""Bands on either side of the judged one that are not asked."""


@dataclass(frozen=True)
class Normal:
    """The style a mix is judged by, how sure that is (None: it was asked for), and what to say."""

    style: Style
    confidence: float | None
    words: str


class Normals:
    """What was asked to be normal, for one mix after another. Use it as a context manager.

    ``name`` is ``auto``, a style, or the path of a learned profile. References win over it; they
    are measured in a thread of their own, once.
    """

    def __init__(self, name: str = "auto", references: Sequence[str] = ()) -> None:
        self.style = name
        self._named = None if name == "auto" else style(name)
        self._pool = ThreadPoolExecutor(1)
        self._tracks: list[Future[Track]] = [
            self._pool.submit(_track, words) for words in references
        ]

    def of(self, measured: Measurement) -> Normal:
        """What is normal for this mix."""
        if self._tracks:
            tracks = [one.result() for one in self._tracks]
            profile = Profile.of(tracks[0].name, tracks)
            one = len(profile.tracks) == 1
            words = "the reference" if one else f"{len(profile.tracks)} references"
            return Normal(as_style(profile), None, words)
        if self._named is not None:
            return Normal(self._named, None, self._named.name)
        return recognised(measured)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def recognised(measured: Measurement) -> Normal:
    """The nearest style; in each band, what is normal among those that the other bands speak for.

    Two octaves around a band are not asked when it is judged, so that a fault there does not make
    the mix another style, in which it would be none. The corridor of a band is that of the mixture
    of styles, each counting by its share of the certainty: what is normal in any of them is no
    fault as long as nobody knows which it is.
    """
    best, confidence = shares(measured)[0]
    known = shares(measured, FORGIVEN)
    sure = best.tone.confidence
    if confidence < SURE and sure == "high":
        sure = "medium"
    if confidence < RATHER_SURE:
        sure = "low"
    bands = []
    for k in range(len(best.tone.median_db)):
        others = shares(measured, FORGIVEN, range(k - ASIDE, k + ASIDE + 1))
        spans = [
            (each.tone.q25_db[k], each.tone.q75_db[k], 0.5 * share)
            for each, share in (*known, *others)
        ]
        bands.append(_mixed(spans, (0.25, 0.5, 0.75)))
    widths = [(each.stereo.q10_db, each.stereo.q90_db, share) for each, share in known]
    narrow, _, wide = _mixed(widths, (0.1, 0.5, 0.9))
    tone = best.tone.with_(
        q25_db=tuple(low for low, _, _ in bands),
        median_db=tuple(middle for _, middle, _ in bands),
        q75_db=tuple(high for _, _, high in bands),
        confidence=sure,
    )
    stereo = best.stereo.with_(
        q10_db=min(narrow, best.stereo.q10_db), q90_db=max(wide, best.stereo.q90_db)
    )
    return Normal(best.with_(tone=tone, stereo=stereo), confidence, best.name)


def _mixed(
    spans: Sequence[tuple[float, float, float]], parts: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Quantiles of a mixture of normal distributions.

    Each is told by its own first and last of these quantiles and its share of the whole.
    """
    one = NormalDist()
    known = [
        (NormalDist((a + b) / 2, max(1e-3, (b - a) / -2 / one.inv_cdf(parts[0]))), share)
        for a, b, share in spans
    ]

    def where(wanted: float) -> float:
        low, high = min(a for a, _, _ in spans), max(b for _, b, _ in spans)
        for _ in range(24):
            middle = 0.5 * (low + high)
            if sum(share * each.cdf(middle) for each, share in known) < wanted:
                low = middle
            else:
                high = middle
        return round(0.5 * (low + high), 2)

    first, second, third = (where(part) for part in parts)
    return first, second, third


def _track(words: str) -> Track:
    path, _ = asked(words)
    with open_source(path) as source:
        measured = measure(source)
        refuse_unheard(measured, source.info, "reference")
        return track_of(measured, path.stem, file_sha256(path))
