"""What is heard: sounds as they lie, through a device or a codec, and previews of a plan."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy.orm import Session

from burnish.apps.jobs import JobRecord
from burnish.apps.studio.asked import through as place_of
from burnish.apps.studio.kinds import HEARD, REMOVED
from burnish.apps.studio.preview import Overtaken, Preview, Region
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.sounds import Sound, samples
from burnish.apps.studio.store import Upload, Version
from burnish.apps.studio.told import Row
from burnish.chain import Step
from burnish.errors import BurnishError

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

_RENDERERS = 2
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
        folder = self._house.sound_folder(sha256)
        if Sound.load(folder) is None:
            raise Refused(409, "sound-not-ready", f"sound {sound}: is not read yet, or cannot be")
        if place is not None:
            return self._through(sound, folder, sha256, place, removed)
        found = Sound.load(folder)
        if found is None:
            raise not_there("sound", sound)
        known = replace(found, loudness_lufs=loudness_lufs, true_peak_dbtp=true_peak_dbtp)
        return Heard(sound, folder, known, sha256[:32])

    def send_through(self, project: str, sound: str, place: str) -> Row:
        """A job that has it played there; None where that is done already."""
        name = place_of(place)
        house = self._house
        with house.store.reading() as session:
            sha256, *_ = self._known(session, project, sound)
        house.refuse_unread(sha256)
        if (house.sound_folder(sha256) / name / _NOTE).is_file():
            return {"job": None}
        path = house.store.shelf.path(sha256)
        told = {"place": name, "sha256": sha256, "of": sound}
        return {"job": house.submit(project, "through", [path], told, priority=8).id}

    def complete(self, record: JobRecord) -> Callable[[Session], None]:
        """Put what a place made of a sound beside the sound."""
        told, house = record.job.settings, self._house
        folder = house.sound_folder(str(told["sha256"]))
        made, place = house.store.work_folder(record.id), folder / str(told["place"])
        result = None if record.outcome is None else record.outcome.result
        if folder.is_dir() and isinstance(result, dict) and not (place / _NOTE).is_file():
            (made / _NOTE).write_text(json.dumps(result), encoding="utf-8")
            made.rename(place)
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

    def previewed(
        self,
        renderer: Preview,
        steps: Sequence[Step],
        region: Region,
        place: int,
        delta: int | None,
    ) -> Iterator[bytes]:
        """The region from ``place`` on, as bytes; then the rest of it is made behind."""
        try:
            for block in renderer.play(steps, region, place, delta):
                yield np.ascontiguousarray(block.T, dtype="<f4").tobytes()
        except Overtaken:
            return
        if delta is None:
            self._behind.submit(renderer.ahead, list(steps), region)

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
