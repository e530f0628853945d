"""What is heard: sounds as they lie, through a device or a codec, and previews of a plan."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from burnish.apps.jobs import JobRecord
from burnish.apps.studio.asked import through as place_of
from burnish.apps.studio.kinds import HEARD, REMOVED
from burnish.apps.studio.likeness import louder_lu
from burnish.apps.studio.placed import placed
from burnish.apps.studio.preview import Overtaken, Preview, Region, Through
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.sounds import Sound, samples
from burnish.apps.studio.store import Upload, Version
from burnish.apps.studio.told import Row
from burnish.chain import Step
from burnish.errors import BurnishError
from burnish.processors import Block

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

Floats = NDArray[np.float64]

_RENDERERS = 2
_HEARD_S = 1.5  # of a preview before its loudness is told for the first time
_PATIENT_S = 20.0
_NOTE = "through.json"


@dataclass(frozen=True)
class Heard:
    """A sound that can be heard, and where it lies."""

    name: str
    folder: Path
    sound: Sound
    etag: str
    gain_db: float = 0.0
    lowered_db: float = 0.0


class Asked(Protocol):
    """Where a preview is heard, and beside what."""

    sound: str
    version: str | None
    through: str | None
    removed: bool


@dataclass(frozen=True)
class Beside:
    """What a preview is compared with, and what it goes through."""

    heard: Heard
    through: Through | None = None
    removed: bool = False

    def tells(self, delta: int | None) -> bool:
        """Whether it is to be as loud: what is taken away stays as soft as it is."""
        return delta is None and not self.removed and self.heard.sound.loudness_lufs is not None

    def loudness(self, made: Floats, first: int) -> float | None:
        """The loudness of a whole song that is heard like this from sample ``first`` on."""
        sound = self.heard.sound
        was = samples(self.heard.folder, sound)[first : first + made.shape[1]]
        lu = louder_lu(made, np.ascontiguousarray(was.T, dtype=np.float64), sound.rate_hz)
        known = sound.loudness_lufs
        return None if lu is None or known is None else round(known + lu, 3)


@dataclass(frozen=True)
class Previewed:
    """A preview as it comes, and the loudness that a song like it would have."""

    blocks: Iterator[bytes]
    loudness_lufs: float | None


class Ear:
    """Hears the first of a preview, from its lead on."""

    def __init__(self, region: Region, place: int) -> None:
        self._first = region.lead(place)
        self._enough = int(_HEARD_S * region.rate_hz)
        self._blocks: list[Block] = []
        self._n = 0
        self._open = True

    @property
    def has_enough(self) -> bool:
        """Whether it can be told how loud it is."""
        return self._n >= self._enough

    def hear(self, block: Block) -> None:
        """Take the next."""
        if self._open:
            self._blocks.append(block)
            self._n += block.shape[1]

    def end(self, beside: Beside) -> float | None:
        """How loud it is; nothing is heard any more."""
        self._open = False
        blocks, self._blocks = self._blocks, []
        return beside.loudness(np.concatenate(blocks, axis=1), self._first) if blocks else None


class Listening:
    """What is asked of sounds."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._lock = threading.Lock()
        self._renderers: OrderedDict[str, Preview] = OrderedDict()
        self._behind = ThreadPoolExecutor(1, "burnish-ahead")

    def close(self) -> None:
        """Make nothing ahead any more."""
        with self._lock:
            for one in self._renderers.values():
                one.stop()
        self._behind.shutdown(wait=True, cancel_futures=True)

    def heard(self, project: str, sound: str, place: str | None, removed: bool) -> Heard:
        """A sound of a project, through a place where one is named."""
        if removed and place is None:
            raise Refused(422, "setting-missing", "through: must be given, to hear what it removes")
        with self._house.store.reading() as session:
            sha256, loudness_lufs, true_peak_dbtp = self._known(session, project, sound)
        decoded = self._house.decoded
        folder, found = decoded.of(sha256), decoded.heard(sha256)
        if found is None:
            self._house.mixes.read_again(project, sound, sha256)
            raise Refused(409, "sound-not-ready", f"sound {sound}: is not read yet, or cannot be")
        if place is not None:
            return self._through(sound, folder, sha256, place, removed)
        known = replace(found, loudness_lufs=loudness_lufs, true_peak_dbtp=true_peak_dbtp)
        return Heard(sound, folder, known, sha256[:32])

    def send_through(self, project: str, sound: str, place: str) -> Row:
        """A job that has it played there; None where that is done already."""
        name = place_of(place)
        house = self._house
        with house.store.reading() as session:
            sha256, *_ = self._known(session, project, sound)
        house.refuse_unread(sha256)
        if (house.decoded.of(sha256) / name / _NOTE).is_file():
            return {"job": None}
        path = house.store.shelf.path(sha256)
        told = {"place": name, "sha256": sha256, "of": sound}
        return {"job": house.submit(project, "through", [path], told, priority=8).id}

    def complete(self, record: JobRecord) -> Callable[[Session], None]:
        """Put what a place made of a sound beside the sound."""
        told, house = record.job.settings, self._house
        folder = house.decoded.of(str(told["sha256"]))
        made, place = house.store.work_folder(record.id), folder / str(told["place"])
        result = None if record.outcome is None else record.outcome.result
        if folder.is_dir() and isinstance(result, dict) and not (place / _NOTE).is_file():
            (made / _NOTE).write_text(json.dumps(result), encoding="utf-8")
            made.rename(place)
            house.make_room()
        return lambda session: None

    def preview(self, project: str, sound: str) -> tuple[Preview, Sound]:
        """The warm renderer of a mix."""
        one = self.heard(project, sound, None, False)
        with self._lock:
            if one.etag not in self._renderers:
                made = Preview(samples(one.folder, one.sound), one.sound.rate_hz)
                self._renderers[one.etag] = made
                while len(self._renderers) > _RENDERERS:
                    self._renderers.popitem(last=False)[1].stop()
            self._renderers.move_to_end(one.etag)
            return self._renderers[one.etag], one.sound

    def warm(self, project: str, mix: str, steps: Sequence[Step]) -> None:
        """Load what these steps need, so that the first slider is as quick as the others."""

        def play() -> None:
            with suppress(BurnishError):
                one = self.heard(project, mix, None, False)
                renderer = Preview(samples(one.folder, one.sound), one.sound.rate_hz)
                region = renderer.region(0, one.sound.rate_hz // 4)
                for _ in renderer.play(steps, region, 0):
                    pass

        self._behind.submit(play)

    def beside(self, project: str, asked: "Asked") -> Beside | None:
        """What a preview is as loud as: its version, or else its mix, and where it is heard.

        None where that is not measured yet. A place that the version was not sent through yet is
        refused.
        """
        place = asked.through
        if asked.version is None:
            if place is not None:
                raise Refused(422, "setting-missing", "version: must be given with through")
            one = self.heard(project, asked.sound, None, False)
            return None if one.sound.loudness_lufs is None else Beside(one)
        plain = self.heard(project, asked.version, None, False)
        if plain.sound.rate_hz != self.heard(project, asked.sound, None, False).sound.rate_hz:
            return None
        if place is None:
            return Beside(plain)
        sent = self.heard(project, asked.version, place, False)
        way = placed(
            place,
            asked.removed,
            plain.sound.rate_hz,
            plain.sound.channels,
            plain.sound.loudness_lufs,
            sent.gain_db,
            sent.lowered_db,
        )
        return Beside(plain if asked.removed else sent, way, asked.removed)

    def behind(self, do: Callable[..., None], *given: str) -> None:
        """Do something beside what is asked for, when all before it is done."""
        self._behind.submit(do, *given)

    def previewed(
        self,
        renderer: Preview,
        steps: Sequence[Step],
        region: Region,
        place: int,
        delta: int | None,
        beside: Beside | None,
    ) -> Previewed:
        """The region from ``place`` on, as bytes; then the rest of it is made behind.

        Its loudness is told from the lead and the first of it, which are made before it is heard.
        """
        ear = None if beside is None or not beside.tells(delta) else Ear(region, place)
        through = None if beside is None else beside.through
        blocks = renderer.play(steps, region, place, delta, through, ear.hear if ear else None)
        first: list[Block] = []
        is_overtaken = False
        try:
            while not first or (ear is not None and not ear.has_enough):
                first.append(next(blocks))
        except StopIteration:
            pass
        except Overtaken:
            is_overtaken = True
        loudness = None if ear is None or beside is None else ear.end(beside)

        def played() -> Iterator[bytes]:
            try:
                for block in chain(first, blocks):
                    yield np.ascontiguousarray(block.T, dtype="<f4").tobytes()
            except Overtaken:
                return
            if delta is None and not is_overtaken:
                self._behind.submit(renderer.ahead, list(steps), region)

        return Previewed(played(), loudness)

    def loudness(
        self, renderer: Preview, steps: Sequence[Step], region: Region, beside: Beside
    ) -> float | None:
        """The loudness of a preview, told from all of its region; None where another was asked."""

        def heard() -> float | None:
            if not renderer.ahead(steps, region):
                return None
            made = renderer.kept(steps, region)
            if made is None or not made.shape[1]:
                return None
            if beside.through is not None:
                made = np.concatenate(list(beside.through(iter([made]))), axis=1)
            return beside.loudness(made, region.begin)

        try:
            return self._behind.submit(heard).result(_PATIENT_S)
        except TimeoutError:
            return None

    def sha256_of(self, session: Session, project: str, sound: str) -> str:
        """The file of a sound."""
        return self._known(session, project, sound)[0]

    def _known(
        self, session: Session, project: str, sound: str
    ) -> tuple[str, float | None, float | None]:
        upload, version = session.get(Upload, sound), session.get(Version, sound)
        found: Upload | Version | None = upload or version
        if found is None or found.project_id != project:
            raise not_there("sound", sound)
        told: Any = found.measured or {}
        told = told if upload is not None else told.get("sound") or {}
        return found.holding.sha256, told.get("loudness_lufs"), told.get("true_peak_dbtp")

    def _through(self, sound: str, folder: Path, sha256: str, place: str, removed: bool) -> Heard:
        there = folder / place
        made = there / (REMOVED if removed else HEARD)
        found = Sound.load(made)
        if found is None:
            raise Refused(
                409, "sound-not-ready", f"through={place}: is not made yet; POST .../through first"
            )
        told = json.loads((there / _NOTE).read_text(encoding="utf-8"))
        lowered_db = float(told.get("lowered_db") or 0.0)
        loudness = told["original"]["integrated_lufs"]
        if not removed and loudness is not None:
            found = replace(found, loudness_lufs=loudness - lowered_db)
        one: Row = next(iter((*told["devices"], *told["codecs"])), {})
        return Heard(
            sound,
            made,
            found,
            f"{sha256[:32]}-{place}-{made.name}",
            float(one.get("gain_db") or 0.0),
            lowered_db,
        )
