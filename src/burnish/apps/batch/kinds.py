"""What a worker does with a row: fetch, work, put, mark. ``KINDS`` is loaded by the workers.

    mark? -> stood.   begun -> inputs here -> the command -> outputs there -> made

Files that are here are read and written where they lie; those of elsewhere stand in the scratch
folder meanwhile. The bits are those of the command line.
"""

import json
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from burnish.apps.batch.key import Mark, Put, asked_of, key_of, mark_name
from burnish.apps.batch.places import LocalPlace, Place
from burnish.apps.batch.row import WRITES, Far, Row, Staged, staged_for
from burnish.apps.jobs import Job, Kind, Made
from burnish.apps.jobs.kinds import Report, Told, kinds_of
from burnish.errors import BurnishError, InputError, OutputError, SettingError

_MODULES = ("burnish.apps.batch.portrait",)
_MOST_NUMBERS = 64


def row(job: Job, told: Told) -> Made:
    """Do a row, unless its mark says that it stands."""
    heard = _Heard(told)
    asked = Row.of(job, heard)
    place = _mark_place(asked)
    wish = asked_of(asked.do, asked.inputs, asked.settings, asked.output)
    mark = None if place is None else Mark.read(place)
    if mark is not None and mark.state == "made" and mark.asked == wish:
        stood = _stood(mark, asked)
        if stood is not None:
            return _left(stood, place, stood != mark)
    ours = asked.overwrite or mark is not None
    if place is not None and mark is None:
        place.write(Mark("begun", wish).to_bytes())
    try:
        made = _done(asked, job, mark, ours, wish, heard)
    except BurnishError as error:
        nothing = isinstance(error, InputError | SettingError) or error.code == "output-exists"
        if place is not None and mark is None and nothing:  # nothing of ours lies there
            with suppress(BurnishError):
                place.remove()
        raise type(error)(error.code, asked.said(error.sentence)) from error
    if mark is not None and made.result is mark.result:
        return _left(made, place, True)
    if place is not None:
        place.write(made.to_bytes())
    return Made(dict(made.result), made.passed)


def _left(stood: Mark, place: Place | None, is_new: bool) -> Made:
    """What is left as it is; its mark is written where it says something new."""
    if place is not None and is_new:
        place.write(stood.to_bytes())
    return Made({**stood.result, "did": "stood", "cpu_s": 0.0}, stood.passed)


def _mark_place(asked: Row) -> Place | None:
    if not asked.marks:
        return None
    name = mark_name(asked.do, asked.inputs, asked.output, asked.settings)
    return asked.at(asked.marks).join(name[:2]).join(name)


def _stood(mark: Mark, asked: Row) -> Mark | None:
    """The mark, where nothing changed since; None: it is to be redone."""
    try:
        return mark.stands(asked.at)
    except InputError as error:
        if error.code == "input-missing":
            return None
        raise


def _done(
    asked: Row, job: Job, before: Mark | None, ours: bool, wish: str, heard: "_Heard"
) -> Mark:
    """Fetch, work and put; the mark that says so.

    The same content under another name, as a URL that is signed anew, is not worked on again.
    """
    began_s = time.process_time()
    _forget_peak()
    with ExitStack() as held:
        staged = staged_for(asked, held)
        key = key_of(asked.do, asked.settings, staged.taken)
        if before is not None and before.key == key and before.is_there(asked.at):
            return replace(before, asked=wish, taken=tuple(staged.taken))
        made = _played(asked, job, staged, ours)
        put = _put(asked, staged, made, ours)
    first = next(one for one in staged.taken if one.role == "input")
    document = _again(_small(made.document), asked)
    result = {
        "key": key,
        "did": "made",
        "outputs": [one.to_json() for one in put],
        "input_sha256": first.sha256,
        "input_bytes": sum(one.n_bytes for one in staged.taken if one.role == "input"),
        "audio_s": _audio_s(made.document) or heard.audio_s,
        "cpu_s": round(time.process_time() - began_s, 4),
        "memory_mib": _peak_mib(),
        "document": document,
    }
    return Mark("made", wish, key, tuple(staged.taken), tuple(put), result, made.passed)


def _played(asked: Row, job: Job, staged: Staged, ours: bool) -> Made:
    """The command itself, by the kind of that name."""
    kinds = _kinds()
    if asked.do not in kinds:
        raise SettingError("job-unknown", f"do={asked.do}: must be one of {', '.join(kinds)}")
    writes = asked.do in (*WRITES, "album")
    if writes and asked.output:
        place = asked.at(asked.output)
        if place.path is not None:
            with place.said("output"):
                place.path.parent.mkdir(parents=True, exist_ok=True)
        elif not ours:
            _refuse_to_harm(place.join("album.json") if asked.do == "album" else place)
    inner = Job(
        what=asked.do,
        inputs=staged.inputs,
        output=str(staged.output) if writes and staged.output is not None else "",
        settings=staged.settings,
        overwrite=ours,
        limits=job.limits,
    )
    return kinds[asked.do](inner, asked.told)


@lru_cache(1)
def _kinds() -> dict[str, Kind]:
    return kinds_of(_MODULES)


def _refuse_to_harm(place: Place) -> None:
    """A file that no run of this batch made is not replaced."""
    if place.exists():
        raise OutputError("output-exists", f"{place}: exists already; overwrite replaces it")


def _put(asked: Row, staged: Staged, made: Made, ours: bool) -> list[Put]:
    """Everything that the row made, where it belongs; the main file comes last."""
    if asked.do not in (*WRITES, "album"):
        return _put_document(asked, made, ours) if asked.output else []
    paths = _made_files(asked, staged, made)
    put = []
    for path in reversed(paths):
        asked.told(Far("put", 0.0))
        local = LocalPlace(path)
        place = _final(asked, staged, path)
        _retell(asked, local)
        if place.path is None:
            place.put(path)
        read = local.digest()
        put.append(Put(place.url, read.n_bytes, read.sha256))
    return list(reversed(put))


def _put_document(asked: Row, made: Made, ours: bool) -> list[Put]:
    """The document of a command that writes no files, as one."""
    place = asked.at(asked.output)
    if not ours:
        _refuse_to_harm(place)
    text = json.dumps(_again(made.document, asked), indent=2, allow_nan=False, ensure_ascii=False)
    data = (text + "\n").encode()
    place.write(data)
    return [Put(place.url, len(data), sha256(data).hexdigest())]


def _made_files(asked: Row, staged: Staged, made: Made) -> list[Path]:
    """The files that a command made, the main one first."""
    if asked.do == "album":
        folder = staged.output
        if folder is None:
            raise SettingError("output-missing", f"{asked.inputs[0]}: its output must be given")
        found = sorted(one for one in folder.rglob("*") if one.is_file())
        shown = [one for one in found if not any(p.startswith(".") for p in _below(one, folder))]
        return sorted(shown, key=lambda one: one.name != "album.json")
    document = made.document if isinstance(made.document, dict) else {}
    names = (document.get(one) for one in ("output", "recall", "report", "removed"))
    return [Path(one) for one in names if isinstance(one, str)]


def _below(path: Path, folder: Path) -> tuple[str, ...]:
    return path.relative_to(folder).parts


def _final(asked: Row, staged: Staged, path: Path) -> Place:
    """Where a file that was made belongs."""
    out = asked.at(asked.output) if asked.output else None
    if out is None or out.path is not None or staged.output is None:
        return Place.of(path)
    if asked.do == "album":
        return out.join("/".join(_below(path, staged.output)))
    if path.parent == staged.output.parent:
        return out.beside(path.name)
    return Place.of(path)


def _retell(asked: Row, file: LocalPlace) -> None:
    """Sheets and pages name what they were made of by its URL, not by its path in scratch."""
    if asked.again and file.path.suffix in (".yaml", ".html", ".json", ".txt", ".csv"):
        with suppress(UnicodeDecodeError):
            text = file.read().decode()
            if (said := asked.said(text)) != text:
                file.write(said.encode())


def _small(document: Any) -> Any:
    """A document without its long rows of numbers, as a timeline's."""
    if isinstance(document, dict):
        return {name: _small(value) for name, value in document.items() if not _is_long(value)}
    if isinstance(document, list):
        return [_small(value) for value in document]
    return document


def _is_long(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > _MOST_NUMBERS
        and not any(isinstance(one, dict) for one in value)
    )


def _again(document: Any, asked: Row) -> Any:
    """A document with URLs instead of paths in scratch."""
    if not asked.again:
        return document
    if isinstance(document, dict):
        return {name: _again(value, asked) for name, value in document.items()}
    if isinstance(document, list):
        return [_again(value, asked) for value in document]
    return asked.said(document) if isinstance(document, str) else document


class _Heard:
    """Tells on how far the work is, and keeps how much sound it has gone through."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self.audio_s: float | None = None

    def __call__(self, report: Report) -> None:
        if report.audio_s:
            self.audio_s = max(self.audio_s or 0.0, round(report.audio_s, 3))
        self._told(report)


def _audio_s(document: Any) -> float | None:
    """How many seconds of sound went in."""
    if not isinstance(document, dict):
        return None
    told = document.get("before") or document
    if isinstance(told.get("source"), dict):
        seconds = told["source"].get("duration_s")
        return None if seconds is None else round(float(seconds), 3)
    tracks = [_audio_s(one.get("result") or one) for one in document.get("tracks") or []]
    return round(sum(one or 0.0 for one in tracks), 3) if tracks else None


def _forget_peak() -> None:
    """Let the system count this process's greatest memory afresh (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_mib() -> float | None:
    """The greatest resident memory since ``_forget_peak``, in MiB."""
    with suppress(OSError):
        text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        if found := re.search(r"^VmHWM:\s*(\d+) kB", text, re.MULTILINE):
            return round(int(found[1]) / 1024, 1)
    return None


KINDS: Mapping[str, Kind] = {"row": row}
