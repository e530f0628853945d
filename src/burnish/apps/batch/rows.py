"""The rows of a manifest as they stand there, one at a time: CSV, JSON lines, Parquet, a folder.

Nothing is held: a manifest of millions of rows costs what a row costs.
"""

import csv
import fnmatch
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from burnish.apps.batch.places import Place, Storage, spread
from burnish.audio.tags import SOUNDS
from burnish.errors import InputError, SettingError

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq")
_PATTERN = re.compile(r"[*?\[]")
_DELIMITERS = (",", ";", "\t")
_BATCH = 1024


@dataclass(frozen=True)
class RawRow:
    """A row: its number, counted from 1 without the head, and its cells by column.

    ``fault`` says why it is no row at all. ``name`` is the input's name below the manifest's
    folder, where that is not the input as it is written.
    """

    number: int
    cells: Mapping[str, Any]
    fault: str = ""
    name: str = ""


def is_pattern(source: str) -> bool:
    """Whether a manifest's name stands for files: it has ``*``, ``?`` or ``[``."""
    return _PATTERN.search(_path(source)) is not None and not os.path.exists(source)


def _path(source: str) -> str:
    """A URL of the web without its question."""
    return source.split("?", 1)[0] if source.startswith(("http://", "https://")) else source


def is_table(source: str) -> bool:
    """Whether a manifest is a table of rows."""
    return _path(source).lower().endswith(TABLES) and not is_pattern(source)


def folder_of(source: str) -> str:
    """The folder from which a manifest names its files; for a pattern, the one that is fixed."""
    if is_table(source):
        return _path(source).rsplit("/", 1)[0] if "/" in source else "."
    if not is_pattern(source):
        return source.rstrip("/") or "/"
    fixed = _PATTERN.split(source, maxsplit=1)[0]
    return (fixed.rsplit("/", 1)[0] or "/") if "/" in fixed else "."


def raw_rows(source: str, storage: Storage | None = None, without: str = "") -> Iterator[RawRow]:
    """Every row of a manifest, or one for each sound file of a folder or a pattern.

    What lies in the folder ``without``, where a batch writes, is none of them.
    """
    if not is_table(source):
        return _files(source, storage, without)
    ending = _path(source).lower().rsplit(".", 1)[1]
    read = {"csv": _csv, "tsv": _csv, "parquet": _parquet, "pq": _parquet}.get(ending, _json_lines)
    return read(source, Place.of(source, storage))


@contextmanager
def _opened(place: Place) -> Iterator[BinaryIO]:
    """A table, opened; one behind a URL is brought here, as not every server lets one seek."""
    if place.path is not None:
        with place.open_read() as file:
            yield file
        return
    with tempfile.NamedTemporaryFile(prefix="burnish-", suffix=".manifest") as here:
        place.fetch(Path(here.name))
        with open(here.name, "rb") as file:
            yield file


@contextmanager
def _text(place: Place) -> Iterator[io.TextIOWrapper]:
    with (
        _opened(place) as file,
        io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text,
    ):
        yield text


def _csv(source: str, place: Place) -> Iterator[RawRow]:
    number = 0
    try:
        with _text(place) as file:
            first = next((line for line in file if line.strip()), "")
            lines = csv.reader(
                chain([first], file), delimiter=max(_DELIMITERS, key=first.count), strict=True
            )
            head = [_named(name) for name in next(lines, [])]
            _refuse_head(source, head)
            for cells in lines:
                if not any(cell.strip() for cell in cells):
                    continue
                number += 1
                fault = ""
                if len(cells) > len(head):
                    fault = f"has {len(cells)} cells, but there are {len(head)} columns"
                yield RawRow(number, dict(zip(head, cells, strict=False)), fault)
    except UnicodeDecodeError as error:
        raise InputError("manifest-unreadable", f"{source}: is no CSV in UTF-8: {error}") from None
    except csv.Error as error:
        said = f"{source}: is no CSV after row {number}: {error}"
        raise InputError("manifest-unreadable", said) from None


def _refuse_head(source: str, head: list[str]) -> None:
    named = [name for name in head if name]
    if not named:
        raise SettingError("manifest-head", f"{source}: has no head with the names of its columns")
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise SettingError("manifest-head", f"{source}: column {twice[0]}: is there twice")
    if "input" not in named:
        raise SettingError(
            "manifest-head", f"{source}: has no column input, but {', '.join(named[:20])}"
        )


def _json_lines(source: str, place: Place) -> Iterator[RawRow]:
    number = 0
    try:
        with _text(place) as file:
            for line in file:
                if not line.strip():
                    continue
                number += 1
                yield _json_row(number, line)
    except UnicodeDecodeError as error:
        raise InputError("manifest-unreadable", f"{source}: is not UTF-8: {error}") from None


def _json_row(number: int, line: str) -> RawRow:
    try:
        cells = json.loads(line)
    except ValueError as error:
        return RawRow(number, {}, f"is no JSON: {error}")
    if not isinstance(cells, dict):
        return RawRow(number, {}, "must be one JSON object")
    return RawRow(number, {_named(name): value for name, value in cells.items()})


def _named(column: str) -> str:
    return column.strip().lower()


def _parquet(source: str, place: Place) -> Iterator[RawRow]:
    import_pyarrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with _opened(place) as file:
        try:
            table = pq.ParquetFile(file)
            _refuse_head(source, [_named(name) for name in table.schema_arrow.names])
            for batch in table.iter_batches(_BATCH):
                for cells in batch.to_pylist():
                    number += 1
                    yield RawRow(number, {_named(k): v for k, v in cells.items()})
        except pa.ArrowException as error:
            raise InputError("manifest-unreadable", f"{source}: is no Parquet: {error}") from None


def import_pyarrow() -> None:
    """Fail with one sentence where pyarrow is not installed.

    It is told to use the system's heap: its own keeps several times what it needs.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise SettingError(
            "extra-missing", "batch: needs pyarrow; install burnish[batch]"
        ) from None
    pa.set_memory_pool(pa.system_memory_pool())


def _files(source: str, storage: Storage | None, without: str) -> Iterator[RawRow]:
    """Sound files, in the order of their names; what a pattern names is taken whatever its ending.

    Files and folders whose names begin with a dot are left out.
    """
    folder = folder_of(source)
    glob = source[len(folder) :].lstrip("/") if folder != "." else source.removeprefix("./")
    pattern = is_pattern(source)
    local = Place.of(folder, storage).path
    inside = _inside(folder, without)
    number = 0
    for name in _below(local) if local is not None else _behind(source, folder, pattern, storage):
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if inside and name.startswith(inside):
            continue
        if not (_answers(name, glob) if pattern else _is_sound(name)):
            continue
        number += 1
        yield RawRow(number, {"input": name}, name=name)
    if not number:
        raise InputError("input-missing", f"{source}: there is no sound file")


def _inside(folder: str, other: str) -> str:
    """How the names of files in another folder begin, where that lies in this one."""
    if "://" not in folder:
        folder, other = os.path.abspath(folder), os.path.abspath(other) if other else ""
    folder, other = folder.rstrip("/"), other.rstrip("/")
    if other and other == folder:
        raise SettingError(
            "batch-folder", f"{other}: is where the songs are; outputs must go into another folder"
        )
    return other[len(folder) + 1 :] + "/" if other.startswith(folder + "/") else ""


def _is_sound(name: str) -> bool:
    return name.rsplit(".", 1)[-1].lower() in SOUNDS


@cache
def _form(glob: str) -> re.Pattern[str]:
    """A glob as an expression: ``*`` within a name, ``**`` for any number of folders."""
    parts = glob.split("/")
    form = "".join("(?:[^/]+/)*" if part == "**" else _one(part) + "/" for part in parts[:-1])
    return re.compile(form + (".*" if parts[-1] == "**" else _one(parts[-1])) + r"\Z")


def _one(part: str) -> str:
    """The part of a glob between two slashes."""
    inner = fnmatch.translate(part).removeprefix("(?s:").removesuffix(r")\Z").removesuffix(r")\z")
    return inner.replace(".*", "[^/]*")


def _answers(name: str, glob: str) -> bool:
    return _form(glob).match(name) is not None


def _below(folder: Path) -> Iterator[str]:
    """Every file below a folder, sorted within each, by its name from there."""
    if not folder.is_dir():
        what = "is no folder, CSV, JSON lines or Parquet" if folder.exists() else "is not there"
        raise InputError("manifest-missing", f"{folder}: {what}")

    def walk(at: Path, before: str) -> Iterator[str]:
        with os.scandir(at) as found:
            entries = sorted(found, key=lambda one: one.name)
        for one in entries:
            if one.is_dir(follow_symlinks=False):
                yield from walk(Path(one.path), f"{before}{one.name}/")
            elif one.is_file():
                yield before + one.name

    return walk(folder, "")


def _behind(source: str, folder: str, pattern: bool, storage: Storage | None) -> Iterator[str]:
    every = source if pattern else folder.rstrip("/") + "/**"
    for place in spread(every, storage):
        yield place.url[len(folder) :].lstrip("/")
