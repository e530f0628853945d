"""Sketches: what wishes would change of a version, decided at once, to be heard as a preview."""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from burnish.apps.studio.asked import master_settings, several
from burnish.apps.studio.kinds import EXAMINED
from burnish.apps.studio.problems import Refused
from burnish.apps.studio.records import loaded
from burnish.apps.studio.sounds import Sound, samples
from burnish.apps.studio.store.models import Upload
from burnish.apps.studio.told import Row
from burnish.audio import Source, SourceInfo
from burnish.audio.source import Block
from burnish.chain.recall import loads
from burnish.engineer.intake import Taken
from burnish.engineer.match import Reference
from burnish.engineer.match.references import asked as weight_of
from burnish.engineer.portrait import portrait
from burnish.engineer.sketch import Sketcher
from burnish.errors import BurnishError
from burnish.master import split
from burnish.measure.examine import Examination

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from burnish.apps.studio.house import House

_SKETCHERS = 3  # of some 30 MB each


class SoundSource(Source):
    """The samples of a sound as a source: they are floats, and are not decoded here."""

    def __init__(self, folder: Path, sound: Sound) -> None:
        self.info = SourceInfo(
            path=None,
            format=sound.format,
            codec="float",
            bits=sound.bits,
            is_float=True,
            rate_hz=sound.rate_hz,
            channels=sound.channels,
            n_samples=sound.n_samples,
            called="the mix",
        )
        self._samples = samples(folder, sound)

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        for first in range(start, stop, block_samples):
            block = self._samples[first : min(first + block_samples, stop)]
            yield np.ascontiguousarray(block.T, dtype=np.float64)


@dataclass(frozen=True)
class _Standing:
    """The version that stands, and the mix that it was made of."""

    version: str
    upload: str
    sha256: str
    recall: str
    loudness_lufs: float
    intensity: float


@dataclass
class _Warm:
    """A sketcher that is ready, what is known of its mix, and whose turn it is."""

    sketcher: Sketcher
    taken: Taken
    turn: threading.Lock = field(default_factory=threading.Lock)


class Sketches:
    """What is asked of them."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._warm: OrderedDict[str, _Warm] = OrderedDict()
        self._lock = threading.Lock()

    def sketch(self, project: str, version: str, settings: Mapping[str, Any]) -> Row:
        """The plan that these wishes come to, without the trials that find its loudness."""
        house = self._house
        with house.store.reading() as session:
            one = house.renders.of(session, project, version)
            mix = None if one.upload_id is None else session.get(Upload, one.upload_id)
            if mix is None:
                raise Refused(409, "upload-gone", f"version {version}: its mix is not there")
            upload, sha256, recall = mix.id, mix.holding.sha256, one.recall
            loudness = (one.measured.get("sound") or {}).get("loudness_lufs")
            intensity = (one.settings.get("asked") or {}).get("intensity", 0.5)

            def found(number: str) -> Path:
                return house.store.shelf.path(house.listening.sha256_of(session, project, number))

            asked = master_settings(settings, found)
            references = self._references(session, project, settings)
        if loudness is None:
            raise Refused(409, "version-silent", f"version {version}: has no loudness")
        wishes, form = split(asked)
        was = _Standing(version, upload, sha256, recall, float(loudness), float(intensity))
        warm = self._of(project, was)
        taken = Taken(warm.taken.measured, warm.taken.note, references, warm.taken.examined)
        with warm.turn:
            made = warm.sketcher.sketch(taken, wishes)
        plan = made.plan.with_(output=form)
        return {
            "plan": plan.model_dump(mode="json"),
            "loudness_lufs": round(made.loudness_lufs, 2),
            "held_by": made.held_by or None,
            "path_kept": made.kept,
        }

    def warm(self, project: str, version: str) -> None:
        """Be ready for wishes of this version, where its mix is analysed by now."""
        house = self._house
        with suppress(BurnishError, Refused):
            with house.store.reading() as session:
                one = house.renders.of(session, project, version)
                mix = None if one.upload_id is None else session.get(Upload, one.upload_id)
                sha256 = "" if mix is None else mix.holding.sha256
            if sha256 and (house.decoded.of(sha256) / EXAMINED).is_file():
                self.sketch(project, version, {})

    def _of(self, project: str, was: _Standing) -> _Warm:
        with self._lock:
            known = self._warm.get(was.version)
            if known is not None:
                self._warm.move_to_end(was.version)
                return known
        examined = self._examined(project, was.upload, was.sha256)
        one = self._house.listening.heard(project, was.upload, None, False)
        plan = loads(was.recall)
        sketcher = Sketcher(
            SoundSource(one.folder, one.sound),
            examined.measured,
            plan,
            was.loudness_lufs,
            was.intensity,
        )
        made = _Warm(sketcher, Taken(examined.measured, plan.input, (), examined))
        with self._lock:
            self._warm[was.version] = made
            while len(self._warm) > _SKETCHERS:
                self._warm.popitem(last=False)
        return made

    def _references(
        self, session: "Session", project: str, settings: Mapping[str, Any]
    ) -> tuple[Reference, ...]:
        """What the references are like, from their analyses."""
        given = settings.get("reference")
        if not given:
            return ()
        found = []
        for words in several("reference", given):
            number, _, weight = words.partition(":")
            sha256 = self._house.listening.sha256_of(session, project, number)
            examined = self._examined(project, number, sha256)
            path = self._house.store.shelf.path(sha256)
            drawn = portrait(examined.measured, path.name)
            _, known = weight_of(f"{path}:{weight}" if weight else str(path))
            found.append(Reference(str(path), sha256, known, drawn))
        return tuple(found)

    def _examined(self, project: str, upload: str, sha256: str) -> Examination:
        """What is known of a mix; where it is not, it is being found out."""
        path = self._house.decoded.of(sha256) / EXAMINED
        try:
            return _read(path, os.stat(path).st_mtime_ns)
        except (OSError, ValueError):
            with self._house.store.reading() as session:
                is_upload = session.get(Upload, upload) is not None
            if is_upload:
                self._house.mixes.analyse_again(project, upload)
            raise Refused(
                409, "not-analysed", "the mix is still being analysed; ask again in some seconds"
            ) from None


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int) -> Examination:
    """From the disk, once for each time it was written."""
    return loaded(Examination, path.read_bytes())
