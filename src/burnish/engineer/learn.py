"""Learn: from any number of records to a profile of what they have in common."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from burnish.audio import check_output, file_sha256, open_source, same_file, write_whole
from burnish.audio.dates import tagged_date
from burnish.audio.tags import SOUNDS
from burnish.engineer.portrait import portrait
from burnish.errors import BurnishError, InputError, OutputError, SettingError
from burnish.measure import Measurement, measure
from burnish.targets.portrait import Section
from burnish.targets.profile import FIGURES, N_THIRDS, Profile, Track
from burnish.targets.profile_file import load_profile, rounded, summaries_json, text_of

LEAST_S = 3.0
"""A shorter sound has no loudness range and no short-term loudness: nothing to learn from."""

_TOGETHER = 2
_LEAST_SIDE_DB = -120.0  # what mono counts as among widths

Told = Callable[[str, int, int, float], None]


@dataclass(frozen=True)
class Skipped:
    """A file that was not learned from, and why."""

    file: str
    code: str
    sentence: str


@dataclass(frozen=True)
class Learned:
    """A profile, and how it came: what was new, what was known already, what was skipped."""

    profile: Profile
    learned: int
    duplicates: int
    skipped: tuple[Skipped, ...]
    path: Path | None = None

    @property
    def dates(self) -> dict[str, int]:
        """How many tracks have their date from their tags, from their file, or have none."""
        count = {"tag": 0, "file": 0, "none": 0}
        for track in self.profile.tracks:
            count[track.date_from or "none"] += 1
        return count

    def to_json(self) -> dict[str, Any]:
        """What was learned, of plain numbers, strings, lists and None."""
        return {
            "profile": None if self.path is None else str(self.path),
            "name": self.profile.name,
            "n": len(self.profile.tracks),
            "learned": self.learned,
            "duplicates": self.duplicates,
            "half_life_days": self.profile.half_life_days,
            "effective_n": round(self.profile.effective, 2),
            "dates": self.dates,
            "skipped": [vars(one) for one in self.skipped],
            "outliers": [vars(one) for one in self.profile.outliers],
            "figures": summaries_json(self.profile),
        }


def learn(
    sounds: str | Path | Iterable[str | Path],
    output: str | Path | None = None,
    *,
    half_life_days: float | None = None,
    update: str | Path | None = None,
    overwrite: bool = False,
    progress: Told | None = None,
) -> Learned:
    """Learn a profile from files and folders, and write it to ``output`` where one is given.

    Folders are gone through to their ends. With ``update`` the tracks of an older profile are in it
    too: the result is the same as if all had been learned at once. ``half_life_days`` makes a track
    that is so much older than the newest count half, by the date in its tags, or else its file's;
    left out, it is that of ``update``. Files that cannot be used are told and skipped; where none
    can be, that is an ``InputError``. ``progress`` is called with a name, how many files are done,
    how many there are, and the seconds of sound so far.
    """
    if half_life_days is not None and not (math.isfinite(half_life_days) and half_life_days > 0):
        raise SettingError("setting-range", f"half_life_days={half_life_days}: must be over 0 days")
    path = None if output is None else Path(output)
    if path is not None and path.suffix.lower() not in (".yaml", ".yml"):
        raise SettingError("output-format", f"output={path}: must end in .yaml")
    old = None if update is None else load_profile(update)
    if path is not None:
        replaces = update is not None and same_file(update, path)
        overwrite = overwrite or replaces
        check_output(path, overwrite)
    half_life_days = half_life_days or (None if old is None else old.half_life_days)
    known = () if old is None else old.tracks
    files = list(_files([sounds] if isinstance(sounds, str | Path) else list(sounds)))
    if path is not None and any(same_file(file, path) for file in files):
        raise OutputError("output-exists", f"{path}: is one of the files to learn from")
    tracks, skipped = _tracks(files, {t.sha256: t for t in known}, half_life_days, progress)
    if not tracks:
        why = f": {skipped[0].sentence}" if skipped else ""
        raise InputError("input-nothing", f"there is nothing to learn from{why}")
    _refuse_undated((*known, *tracks), half_life_days)
    name = path.stem if path is not None else old.name if old is not None else "profile"
    profile = Profile.of(name, (*known, *tracks), half_life_days)
    learned = len(profile.tracks) - len(known)
    if path is not None:
        write_whole(text_of(profile).encode(), path, overwrite)
    return Learned(profile, learned, len(tracks) - learned, tuple(skipped), path)


def track_of(measured: Measurement, name: str, sha256: str) -> Track:
    """What a profile keeps of one measured sound. Silence is a ``ValueError``."""
    drawn = portrait(measured, name)
    loud, quiet = drawn.loud, drawn.quiet
    width = measured.stereo.side_to_mid_db
    own = {
        "side_to_mid_db": (max(_LEAST_SIDE_DB, width) if width is not None else _LEAST_SIDE_DB,),
        "bands_db": measured.spectrum.bands_db,
        **_section("loud", loud),
        **_section("quiet", quiet),
    }
    values: list[float | None] = []
    for figure, count in FIGURES.items():
        given = own[figure] if figure in own else getattr(drawn, figure)
        row = given if isinstance(given, tuple) else (given,)
        if len(row) != count:  # momentary and short-term percentiles of a sound that is too short
            row = (None,) * count
        values += [rounded(value) for value in row]
    return Track(name, sha256, tuple(values))


def _section(name: str, part: Section | None) -> dict[str, tuple[float | None, ...]]:
    nothing: tuple[float | None, ...] = (None,) * N_THIRDS
    return {
        f"{name}_share": (None if part is None else part.share,),
        f"{name}_over_db": (None if part is None else part.loudness_db,),
        f"{name}_mid_db": nothing if part is None else part.mid_db,
        f"{name}_side_db": nothing if part is None else part.side_db,
    }


def _files(named: Sequence[str | Path]) -> Iterator[Path]:
    """Every file that is meant, folders gone through; what is not there is an ``InputError``."""
    for one in map(Path, named):
        if not one.is_dir():
            if not one.exists():
                raise InputError("input-missing", f"{one}: there is no such file or folder")
            yield one
            continue
        for path in sorted(one.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(one).parts)
            if not hidden and path.suffix.lower().lstrip(".") in SOUNDS and path.is_file():
                yield path


def _tracks(
    files: Sequence[Path], known: dict[str, Track], half_life: float | None, told: Told | None
) -> tuple[list[Track], list[Skipped]]:
    """All of them measured, two at a time; those that are known already are not measured again."""
    tracks: list[Track] = []
    skipped: list[Skipped] = []
    audio_s = 0.0
    pool = ThreadPoolExecutor(_TOGETHER)
    try:
        work = pool.map(lambda path: _learned(path, known, half_life is not None), files)
        for done, (path, one) in enumerate(zip(files, work, strict=True), 1):
            if isinstance(one, Track):
                tracks.append(one)
                audio_s += one.one("duration_s") or 0.0
            else:
                skipped.append(one)
            if told is not None:
                told(path.name, done, len(files), audio_s)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return tracks, skipped


def _learned(path: Path, known: dict[str, Track], dated: bool) -> Track | Skipped:
    try:
        sha256 = file_sha256(path)
        if sha256 in known:
            values = known[sha256].values
        else:
            with open_source(path) as source:
                if source.info.duration_s < LEAST_S:
                    raise InputError(
                        "input-too-short",
                        f"{path}: lasts {source.info.duration_s:.1f} s; must be {LEAST_S:g} s or "
                        "more to be learned from",
                    )
                measured = measure(source)
            if measured.loudness.integrated_lufs in (None, -math.inf):
                raise InputError("input-silent", f"{path}: is silent (nothing above -70 LUFS)")
            values = track_of(measured, path.name, sha256).values
    except BurnishError as error:
        return Skipped(str(path), error.code, error.sentence)
    day, date_from = _date(path, dated)
    return Track(path.name, sha256, values, day, date_from)


def _date(path: Path, or_file: bool) -> tuple[str | None, str | None]:
    """The day in the tags; else, where dates are asked for, the day the file was last changed."""
    if (day := tagged_date(path)) is not None:
        return day.isoformat(), "tag"
    if not or_file:
        return None, None
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat(), "file"


def _refuse_undated(tracks: Sequence[Track], half_life_days: float | None) -> None:
    dates = {track.sha256: False for track in tracks}
    for track in tracks:
        dates[track.sha256] = dates[track.sha256] or track.date is not None
    if half_life_days is not None and (n := list(dates.values()).count(False)):
        raise SettingError(
            "profile-undated",
            f"half_life_days={half_life_days:g}: {n} tracks of the profile to update have no date; "
            "learn them again with it",
        )
