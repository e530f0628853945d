"""Albums: a release whose tracks are mixes and versions of a project, and its delivery.

A release names its files by the numbers of uploads and versions. When it is delivered, they are
laid under plain names into a folder of the job's own, and its album.yaml names those.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from burnish.apps.jobs import JobRecord, new_id
from burnish.apps.studio.asked import master_settings, names_of, one_of
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.sounds import Sound
from burnish.apps.studio.store import Album
from burnish.apps.studio.store.plain import plain_line
from burnish.apps.studio.told import Row, album_told
from burnish.chain.album_sheet import dump
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer.album import AlbumWishes
from burnish.errors import SettingError
from burnish.release import Release, Track
from burnish.targets import deliveries, styles

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

SHEET, DELIVERED, MASTERS = "album.yaml", "delivered", "masters"
_PIECE = 1 << 20
_ENDINGS = {b"\xff\xd8": ".jpg", b"\x89P": ".png"}
_IMAGES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
Lay = Callable[[str, str], str]


@dataclass(frozen=True)
class Master:
    """A master of a delivered album: a file of 32-bit floats, and where in it they begin."""

    file: Path
    offset: int
    sound: Sound
    etag: str


class Albums:
    """What is asked of albums."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def albums(self, project: str) -> list[Row]:
        """All of a project."""
        with self._house.store.reading() as session:
            return [self._told(one) for one in self._house.project(session, project).albums]

    def create(self, project: str, release: Mapping[str, Any]) -> Row:
        """A new one."""
        with self._house.store.writing() as session:
            self._house.project(session, project)
            made = self._checked(session, project, release)
            album = Album(
                project_id=project,
                title=plain_line(made.title),
                sheet=dump(made),
                settings={"release": made.model_dump(mode="json")},
            )
            session.add(album)
            session.flush()
            return self._told(album)

    def shown(self, project: str, album: str) -> Row:
        """One, with the jobs that delivered it."""
        with self._house.store.reading() as session:
            told = self._told(self.of(session, project, album))
        done = [one for one in self._house.jobs_told(project) if one["of"] == album]
        return {**told, "deliveries": done}

    def change(self, project: str, album: str, release: Mapping[str, Any], revision: int) -> Row:
        """Another release in its place: order, gaps, titles; of the revision that was shown."""
        with self._house.store.writing() as session:
            found = self.of(session, project, album)
            if found.revision != revision:
                raise Refused(
                    409, "album-changed", f"revision={revision}: it is at {found.revision} by now"
                )
            made = self._checked(session, project, release)
            found.title, found.sheet = plain_line(made.title), dump(made)
            found.settings = {"release": made.model_dump(mode="json")}
            session.flush()
            session.refresh(found)
            return self._told(found)

    def delete(self, project: str, album: str) -> None:
        """Away with it."""
        with self._house.store.writing() as session:
            session.delete(self.of(session, project, album))
        self._house.tidy()

    def sheet(self, project: str, album: str) -> str:
        """Its album.yaml."""
        with self._house.store.reading() as session:
            return self.of(session, project, album).sheet

    def deliver(
        self, project: str, album: str, to: Sequence[str], settings: Mapping[str, Any]
    ) -> Row:
        """A job that masters it as one body, and writes what each target asks for."""
        house = self._house
        names_of("to", list(to), deliveries())
        with house.store.reading() as session:
            found = self.of(session, project, album)
            release = self._release(found)

            def path(sound: str) -> Path:
                return house.store.shelf.path(house.listening.sha256_of(session, project, sound))

            asked = _settings(settings, path)
            self._checked(session, project, release.model_dump(mode="json"))
            number = new_id()
            folder = house.store.work_folder(number)
            laid = self._laid(session, project, release, folder)
        sounds = [track.file for track in release.tracks]
        (folder / SHEET).write_text(dump(laid), encoding="utf-8")
        told = {"of": album, "asked": {**asked, "to": list(to)}, "sounds": sounds}
        return {"job": house.submit(project, "album", [folder / SHEET], told, number=number).id}

    def delivered(self, project: str, album: str, job: str) -> tuple[str, Iterator[bytes]]:
        """Its title, and all that was delivered as a zip, as it is made."""
        with self._house.store.reading() as session:
            title = self.of(session, project, album).title
        return title, zipped(self._delivery(project, album, job)[1])

    def masters(self, project: str, album: str, job: str) -> list[Row]:
        """The masters of a delivery: which sounds of the project they were made from."""
        record, _ = self._delivery(project, album, job)
        sounds: Any = record.job.settings.get("sounds") or []
        return [
            {"number": one["number"], "sound": sounds[one["number"] - 1]}
            for one in _masters(record)
            if one["number"] <= len(sounds)
        ]

    def master(self, project: str, album: str, job: str, number: int) -> Master:
        """One of them, to be heard: before trims, fades and gaps, as joins are made from it."""
        record, folder = self._delivery(project, album, job)
        for one in _masters(record):
            file = folder / MASTERS / str(one["file"])
            if one["number"] == number and file.parent == folder / MASTERS and file.is_file():
                return Master(file, int(one["offset"]), Sound(**one["sound"]), f"{job}-{number}")
        raise not_there("master", str(number))

    def artwork(self, project: str, upload: str) -> tuple[Path, str]:
        """An image of a project and its media type; anything that is none is refused."""
        with self._house.store.reading() as session:
            found = self._house.mixes.of(session, project, upload)
            kind, sha256 = found.kind, found.holding.sha256
        with self._house.store.shelf.open(sha256) as file:
            media_type = _IMAGES.get(file.read(8))
            if media_type is None:
                file.seek(0)
                media_type = _IMAGES.get(file.read(3))
        if kind != "artwork" or media_type is None:
            raise not_there("artwork", upload)
        return self._house.store.shelf.path(sha256), media_type

    def _delivery(self, project: str, album: str, job: str) -> tuple[JobRecord, Path]:
        record = self._house.job_of(project, job)
        folder = self._house.deliveries / record.id
        if record.job.settings.get("of") != album or not folder.is_dir():
            raise not_there("delivery", job)
        return record, folder

    def complete(self, record: JobRecord) -> Callable[[Session], None]:
        """Keep what was delivered."""
        made = self._house.store.work_folder(record.id) / DELIVERED
        self._house.keep_delivered(record.id, made)
        return lambda session: None

    def of(self, session: Session, project: str, album: str) -> Album:
        """The album, where it is that project's."""
        found = session.get(Album, album)
        if found is None or found.project_id != project:
            raise not_there("album", album)
        return found

    def _told(self, album: Album) -> Row:
        return album_told(album, self._release(album).model_dump(mode="json"))

    def _release(self, album: Album) -> Release:
        return Release(**album.settings["release"])

    def _checked(self, session: Session, project: str, given: Mapping[str, Any]) -> Release:
        """A release from outside: what it names are sounds of the project, and nothing else."""
        release = Release(**given)
        self._renamed(
            release, lambda sound, _: self._house.listening.sha256_of(session, project, sound)
        )
        return release

    def _laid(self, session: Session, project: str, release: Release, folder: Path) -> Release:
        """The files of a release, laid into a folder; the release that names them there."""

        def lay(sound: str, name: str) -> str:
            shelf = self._house.store.shelf
            sha256 = self._house.listening.sha256_of(session, project, sound)
            if name == "cover":
                with shelf.open(sha256) as file:
                    name += _ENDINGS.get(file.read(2), ".jpg")
            else:
                self._house.refuse_unread(sha256)
            shelf.link(sha256, folder / name)
            return name

        return self._renamed(release, lay)

    def _renamed(self, release: Release, name: Lay) -> Release:
        """The release with every file under another name."""
        tracks = tuple(_track(track, k + 1, name) for k, track in enumerate(release.tracks))
        cover = name(release.artwork, "cover") if release.artwork else ""
        return release.with_(tracks=tracks, artwork=cover)


def _masters(record: JobRecord) -> list[Row]:
    """What the worker told of the masters; none: an earlier burnish delivered it."""
    told: Any = None if record.outcome is None else record.outcome.result
    return list(told.get("masters") or []) if isinstance(told, dict) else []


def _track(track: Track, number: int, name: Lay) -> Track:
    if track.stems:
        raise SettingError("setting-unknown", f"track {number}: stems: are not taken here")
    if track.style:
        one_of("style", track.style, ("auto", *styles()))
    if not track.file:
        raise SettingError("setting-missing", f"track {number}: file: must be given")
    before = f"{number:02d}"
    references = []
    for k, given in enumerate(track.references):
        sound, _, weight = given.partition(":")
        laid = name(sound, f"{before}-reference-{k}")
        references.append(f"{laid}:{float(weight):g}" if weight else laid)
    return track.with_(
        file=name(track.file, f"{before}.wav"),
        hidden_file=name(track.hidden_file, f"{before}-hidden") if track.hidden_file else "",
        references=tuple(references),
        versions={
            label: name(sound, f"{before}-{label}") for label, sound in track.versions.items()
        },
    )


def _settings(given: Mapping[str, Any], found: Callable[[str], Path]) -> Row:
    """Settings of an album: its own, those of every master, and those of the files."""
    own = {
        name: value
        for name, value in given.items()
        if name in AlbumWishes.model_fields or name in DeliveryWishes.model_fields
    }
    AlbumWishes(**{k: v for k, v in own.items() if k in AlbumWishes.model_fields})
    DeliveryWishes(**{k: v for k, v in own.items() if k in DeliveryWishes.model_fields})
    return {**own, **master_settings({k: v for k, v in given.items() if k not in own}, found)}


def zipped(folder: Path) -> Iterator[bytes]:
    """All files of a folder as a zip, piece by piece, without one on the disk."""
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo.from_file(path, path.relative_to(folder))
            with path.open("rb") as file, archive.open(info, "w", force_zip64=True) as entry:
                while piece := file.read(_PIECE):
                    entry.write(piece)
                    yield out.taken()
            yield out.taken()
    yield out.taken()


class _Pieces(io.RawIOBase):
    """A file that is only written to, and read at once."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._place = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        self._place += len(data)
        return len(data)

    def tell(self) -> int:
        return self._place

    def taken(self) -> bytes:
        """What was written since it was last taken."""
        given = bytes(self._held)
        self._held.clear()
        return given
