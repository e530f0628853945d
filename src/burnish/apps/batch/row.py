"""A row as its worker has it, and how all that it reads comes to this machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from burnish.apps.batch.album_files import files_of_album
from burnish.apps.batch.albums import sheet_text
from burnish.apps.batch.key import Taken, parted
from burnish.apps.batch.places import Place
from burnish.apps.batch.staging import LIMIT_MIB, Scratch
from burnish.apps.jobs import Job
from burnish.apps.jobs.kinds import Told
from burnish.errors import SettingError

_FILES = ("reference", "profile", "signature", "chain", "style", "noise_profile", "sheet")
WRITES = ("master", "restore", "recall")
_MIB = 1 << 20
_SPARE = 64 * _MIB
_GROWS = {"wav": 2, "aif": 2, "aiff": 2, "w64": 2, "flac": 4}
"""How much larger than the input all is that a song leaves in scratch, by its ending; opinion."""
_GROWS_ELSE = 24  # 128 kbit/s, decoded and written with 24 bits
_UNKNOWN = 1024 * _MIB


@dataclass(frozen=True)
class Far:
    """How far a row is; what ``Told`` takes."""

    stage: str
    done: float
    audio_s: float = 0.0


@dataclass
class Row:
    """A row, with all that its job says of it."""

    do: str
    inputs: tuple[str, ...]
    output: str
    settings: dict[str, Any]
    marks: str
    storage: Mapping[str, Mapping[str, Any]]
    scratch: Scratch
    overwrite: bool
    told: Told
    again: dict[str, str] = field(default_factory=dict)
    """Paths in scratch, and the URLs of what stands there."""

    @classmethod
    def of(cls, job: Job, told: Told) -> "Row":
        """Read a job of kind "row"; what is missing is a ``SettingError``."""
        given: dict[str, Any] = dict(job.settings)
        do, settings = given.pop("do", None), given.pop("settings", {})
        if not isinstance(do, str) or not isinstance(settings, dict) or not job.inputs:
            raise SettingError("job-unreadable", "row: must have do, settings and inputs")
        scratch = Scratch(given.pop("scratch", ""), int(given.pop("scratch_mib", LIMIT_MIB)))
        storage, marks = given.pop("storage", {}), given.pop("marks", "")
        if given:
            raise SettingError("job-unreadable", f"{', '.join(given)}: a row has no such field")
        return cls(do, job.inputs, job.output, settings, marks, storage, scratch, job.overwrite,
                   told)  # fmt: skip

    def at(self, url: str) -> Place:
        """The place of a URL, with the options of its protocol."""
        return Place.of(url, self.storage)

    def said(self, text: str) -> str:
        """A text with the URLs of what it names by its path in scratch."""
        for path, url in self.again.items():
            text = text.replace(path, url)
        return text


@dataclass
class Staged:
    """Inputs and settings as the command gets them, with the files it may read all here."""

    inputs: tuple[str, ...]
    settings: dict[str, Any]
    taken: list[Taken]
    output: Path | None
    room: Path | None


def staged_for(asked: Row, held: ExitStack) -> Staged:
    """Bring all that is elsewhere here, and know the content of all that is read."""
    inputs = [asked.at(url) for url in asked.inputs]
    out = asked.at(asked.output) if asked.output else None
    if asked.do in WRITES and out is None and any(one.path is None for one in inputs):
        raise SettingError("output-missing", f"{asked.inputs[0]}: its output must be given")
    release = asked.settings.get("release") if asked.do == "album" else None
    album = files_of_album(inputs[0]) if asked.do == "album" and release is None else {}
    named = dict(_named_files(asked))
    away = [one for one in (*inputs, *album.values(), *named.values()) if one.path is None]
    room = None
    if away or (out is not None and out.path is None) or release is not None:
        needed = _needed(away, [*inputs, *album.values()], out)
        waits = Far("wait", 0.0)
        room = held.enter_context(
            asked.scratch.room(needed, asked.inputs[0], lambda: asked.told(waits))
        )
        # What the two commands read or write must not be told by its path here.
        for folder in ("in", "out"):
            (room / folder).mkdir()
    taken: list[Taken] = []
    here: dict[str, str] = {}

    def bring(role: str, place: Place, name: str) -> str:
        if place.url not in here:
            here[place.url] = _brought(asked, place, room, name, role, taken)
        return here[place.url]

    names = [place.name for place in inputs]
    if release is not None:  # songs of one name from two folders
        names = [f"{number:03d}/{name}" for number, name in enumerate(names, 1)]
    heads = tuple(bring("input", *one) for one in zip(inputs, names, strict=True))
    for name, place in album.items():
        bring("input", place, name)
    settings = _with_files(
        asked, lambda role, place: bring(role, place, f"{len(here)}/{place.name}")
    )
    if release is not None and room is not None:
        del settings["release"]
        sheet = room / "in" / "album.yaml"
        sheet.write_text(sheet_text(release, heads), encoding="utf-8")
        heads = (str(sheet),)
    output = None
    if out is not None:
        output = out.path if out.path is not None or room is None else room / "out" / out.name
        if out.path is None and room is not None:
            asked.again[str(room / "out")] = out.url[: -len(out.name)].rstrip("/")
    return Staged(heads, settings, taken, output, room)


def _brought(
    asked: Row, place: Place, room: Path | None, name: str, role: str, taken: list[Taken]
) -> str:
    """A file as a path on this machine, its content known."""
    asked.told(Far("fetch", 0.0))
    stamp = place.stamp()
    if place.path is not None or room is None:
        sha256, n_bytes = _known(str(place.path), stamp) if role != "input" else _read(place)
        taken.append(Taken(role, place.url, stamp, sha256, n_bytes))
        return str(place.path)
    to = room / "in" / name
    to.parent.mkdir(parents=True, exist_ok=True)
    fetched = place.fetch(to, place.size() or _unknown(asked))
    taken.append(Taken(role, place.url, stamp, fetched.sha256, fetched.n_bytes))
    asked.again[str(to)] = place.url
    return str(to)


def _read(place: Place) -> tuple[str, int]:
    read = place.digest()
    return read.sha256, read.n_bytes


@lru_cache(256)
def _known(path: str, stamp: str | None) -> tuple[str, int]:
    """The content of a file that many rows name, as a reference; read once while it is the same."""
    return _read(Place.of(path))


def _needed(away: list[Place], inputs: list[Place], out: Place | None) -> int:
    """The bytes that a row may leave in scratch, judged from its files' sizes and endings."""
    needed = _SPARE + sum(one.size() or _UNKNOWN for one in away)
    if out is not None and out.path is None:
        for one in inputs:
            ending = one.name.rsplit(".", 1)[-1].lower()
            needed += (one.size() or _UNKNOWN) * _GROWS.get(ending, _GROWS_ELSE)
    return needed


def _unknown(asked: Row) -> int:
    """What a file may have whose server does not tell its size."""
    return min(_UNKNOWN, asked.scratch.limit)


def _named_files(asked: Row) -> Iterator[tuple[str, Place]]:
    """The files that the settings name, each once."""
    for role in _FILES:
        value = asked.settings.get(role)
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, str) and (found := _file_of(asked, role, one)) is not None:
                yield found[0].url, found[0]


def _file_of(asked: Row, role: str, named: str) -> tuple[Place, str] | None:
    """The file that a setting names, and its weight; None: it is no file but a name."""
    if role in ("style", "profile") and not named.lower().endswith((".yaml", ".yml", ".json")):
        return None
    if not named:
        return None
    for file, weight in ((named, ""), parted(named)):
        place = asked.at(file)
        if place.path is None and "://" in file and (weight or parted(file)[1] == ""):
            return place, weight
        if place.path is not None and place.exists():
            return place, weight
    return None


def _with_files(asked: Row, bring: Callable[[str, Place], str]) -> dict[str, Any]:
    """The settings, with the files they name as paths on this machine."""

    def here(role: str, one: Any) -> Any:
        found = _file_of(asked, role, one) if isinstance(one, str) else None
        if found is None:
            return one
        place, weight = found
        path = bring(role, place)
        return f"{path}:{weight}" if weight else path

    settings = dict(asked.settings)
    for role in _FILES:
        value = settings.get(role)
        if isinstance(value, list | tuple):
            settings[role] = [here(role, one) for one in value]
        elif value is not None:
            settings[role] = here(role, value)
    return settings
