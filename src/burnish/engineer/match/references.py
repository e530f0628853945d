"""References: opened, measured and drawn while the mix is measured; together one portrait."""

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from burnish.audio import file_sha256, open_source
from burnish.engineer.match.aspects import Aspects, aspects
from burnish.engineer.portrait import portrait
from burnish.engineer.wishes import Wishes
from burnish.errors import InputError, SettingError
from burnish.measure import Measurement, measure
from burnish.targets import Portrait, merged
from burnish.targets.profile_file import load_profile
from burnish.targets.profile_use import nearest


@dataclass(frozen=True)
class Reference:
    """One recording to be like: where it is, how much it speaks, what it is like."""

    file: str
    sha256: str
    weight: float
    portrait: Portrait
    profile: str = ""
    """The name of the profile that it is; empty: one recording."""

    def note(self) -> dict[str, str | float]:
        """What a recall sheet keeps of it."""
        return {"file": self.file, "sha256": self.sha256, "weight": self.weight}


@dataclass(frozen=True)
class Wanted:
    """What the master shall be like: a portrait, how much of it is asked for, where it is from."""

    portrait: Portrait
    aspects: Aspects
    references: tuple[Reference, ...] = ()

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        if len(self.references) > 1:
            return "the references"
        profile = self.references[0].profile if self.references else ""
        return f"the profile {profile}" if profile else "the reference"


def wanted(references: Sequence[Reference], wishes: Wishes) -> Wanted | None:
    """What the references ask for together; None where there are none."""
    if not references:
        return None
    together = merged([one.portrait for one in references], [one.weight for one in references])
    return Wanted(together, aspects(wishes.match, wishes.intensity), tuple(references))


def asked(words: str) -> tuple[Path, float]:
    """File and weight of "FILE" or "FILE:WEIGHT". A file that is there under all of it wins."""
    head, colon, tail = words.rpartition(":")
    if not colon or not head or Path(words).exists():
        return Path(words), 1.0
    try:
        weight = float(tail)
    except ValueError:
        return Path(words), 1.0
    if not 0.0 < weight <= 1000.0:
        raise SettingError("setting-range", f"reference={words}: weight must be over 0, up to 1000")
    return Path(head), weight


class References:
    """Measures references in a thread of its own, from the start; ``result`` waits for them.

    A reference that cannot be read, is silent or too short is an ``InputError`` that names it.
    """

    def __init__(self, wishes: Wishes) -> None:
        aspects(wishes.match, wishes.intensity)  # its faults are told before any work
        self._profile = Path(wishes.profile) if wishes.profile else None
        self._learned = None if self._profile is None else load_profile(self._profile)
        pairs = [asked(words) for words in wishes.reference]
        self._pool = ThreadPoolExecutor(1)
        self._drawn: list[Future[Reference]] = [self._pool.submit(_draw, *pair) for pair in pairs]

    def result(self, mix: Measurement) -> tuple[Reference, ...]:
        """The references, in the order they were given, and the profile as it would have this mix.

        A profile says nothing of a mix that has no loudness.
        """
        drawn = tuple(one.result() for one in self._drawn)
        path, learned = self._profile, self._learned
        if path is None or learned is None or mix.loudness.integrated_lufs in (None, -math.inf):
            return drawn
        near = nearest(learned, portrait(mix))
        return (*drawn, Reference(str(path), file_sha256(path), 1.0, near, learned.name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _draw(path: Path, weight: float) -> Reference:
    with open_source(path) as source:
        measured = measure(source)
        info = source.info
    loudness_lufs = measured.loudness.integrated_lufs
    if loudness_lufs is None:
        raise InputError(
            "reference-too-short",
            f"reference {info.name}: lasts {info.duration_s:.3f} s; must be 0.4 s or more",
        )
    if loudness_lufs == float("-inf"):
        raise InputError(
            "reference-silent", f"reference {info.name}: is silent (nothing above -70 LUFS)"
        )
    return Reference(str(path), file_sha256(path), weight, portrait(measured, info.name))
