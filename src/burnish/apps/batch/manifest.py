"""The manifest: what is to be done with which song, checked as a whole before anything starts.

It is gone through once to be checked and once to be worked on, and never held. For each row stay
some bytes: a key of its output, so that no two are alike, and one of all that it asks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from burnish import __version__
from burnish.apps.batch import albums
from burnish.apps.batch.names import (
    RESERVED,
    KeyList,
    bare,
    key_of,
    output_of,
    resolved,
    slot,
)
from burnish.apps.batch.places import Storage
from burnish.apps.batch.rows import RawRow, folder_of, raw_rows
from burnish.apps.batch.unit import Checked, Gathered, Unit
from burnish.apps.batch.works import PATHS, WORKS, Do, named, settings_of
from burnish.audio import container_of
from burnish.errors import SettingError

TOLD = 20
"""So many faults of a manifest are told."""
_MOST_KNOWN = 4096
_NOT_SETTINGS = ("", "input", "output", "album", *albums.PLACES)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be used."""

    row: int
    sentence: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.sentence}"


class ManifestError(SettingError):
    """Rows that cannot be used: the first of them, and how many there are more."""

    def __init__(self, source: str, faults: Sequence[Fault], count: int) -> None:
        rows = f"{count} rows" if count > 1 else "1 row"
        self.faults, self.more = tuple(faults), count - len(faults)
        super().__init__(
            "manifest-rows", f"{source}: {rows} cannot be used; nothing was started: {faults[0]}"
        )

    def __reduce__(self) -> Any:
        return SettingError, (self.code, self.sentence)


class Manifest:
    """The rows of ``source`` as units of work.

    ``options`` are settings that hold for every row that says nothing else, and ``folder`` is
    where outputs go whose place is not told, or told as a name below it.
    """

    def __init__(
        self,
        source: str,
        do: Do,
        folder: str,
        options: Mapping[str, Any] | None = None,
        storage: Storage | None = None,
    ) -> None:
        self.source, self.do, self.folder = source, do, folder
        self._storage = storage
        self._home = folder_of(source)
        self._options = _resolved(".", settings_of(do, options or {}))
        self._twins: frozenset[int] = frozenset()
        self._known: dict[str, dict[str, Any] | SettingError] = {}

    def check(self) -> Checked:
        """Go through every row; what cannot be used is a ``ManifestError`` that names the rows."""
        outputs, keys = KeyList(), Gathered()
        faults: list[Fault] = []
        n_faults = n_rows = n_units = 0
        self._twins = frozenset()
        for unit in self._units():
            if isinstance(unit, Fault):
                n_faults += 1
                faults += [unit][: TOLD - len(faults)]
                continue
            n_units += 1
            n_rows += len(unit.rows)
            outputs.add(slot(unit.slot))
            keys.add(unit)
        if twins := frozenset(outputs.twice()):
            self._twins = twins
            keys = Gathered()
            seen: dict[int, int] = {}
            for unit in self._units():
                if isinstance(unit, Fault):
                    continue
                keys.add(unit)
                fault = self._twin(unit, seen)
                if fault is not None:
                    n_faults += 1
                    faults += [fault][: TOLD - len(faults)]
        if n_faults:
            raise ManifestError(self.source, sorted(faults, key=lambda one: one.row), n_faults)
        if not n_units:
            raise SettingError("manifest-empty", f"{self.source}: has no rows")
        return keys.checked(n_rows, n_units)

    def units(self) -> Iterator[Unit]:
        """Every unit of work, in the order of the rows. ``check`` comes first."""
        for unit in self._units():
            if isinstance(unit, Fault):
                raise ManifestError(self.source, [unit], 1)
            yield unit

    def _twin(self, unit: Unit, seen: dict[int, int]) -> Fault | None:
        """Whether an earlier row has the output of this one. Only those of like names are kept."""
        key = slot(bare(unit.output) or unit.slot)
        if key not in self._twins and slot(unit.slot) not in self._twins:
            return None
        if (earlier := seen.setdefault(key, unit.rows[0])) == unit.rows[0]:
            return None
        if unit.release is not None:
            said = f"album={unit.album}: began in row {earlier}; its rows must follow each other"
            return Fault(unit.rows[0], said)
        if not unit.output:
            return Fault(unit.rows[0], f"input={unit.inputs[0]}: is that of row {earlier} again")
        said = f"output={unit.output}: is that of row {earlier} too (its ending does not count)"
        return Fault(unit.rows[0], said)

    def _units(self) -> Iterator[Unit | Fault]:
        rows = raw_rows(self.source, self._storage, self.folder)
        if self.do not in ("master", "album"):
            for row in rows:
                yield self._single(row)
            return
        for (album, _), group in groupby(rows, key=_album_of):
            if album:
                yield from self._album(album, group)
            else:
                for row in group:
                    yield self._single(row)

    def _single(self, row: RawRow) -> Unit | Fault:
        try:
            if row.fault:
                raise SettingError("manifest-row", row.fault)
            cells = row.cells
            given = {k: v for k, v in cells.items() if k not in _NOT_SETTINGS}
            settings = self._settings(given)
            name = _text(cells, "input")
            if not name:
                raise SettingError("manifest-row", "input: must be given")
            if self.do == "album" and not name.lower().endswith((".yaml", ".yml")):
                raise SettingError(
                    "manifest-row", f"input={name}: must be an album.yaml, or give it an album"
                )
            return self._unit(row, name, _text(cells, "output"), settings)
        except SettingError as error:
            return Fault(row.number, error.sentence)

    def _unit(self, row: RawRow, name: str, told: str, settings: dict[str, Any]) -> Unit:
        source = resolved(self._home, name)
        output = self._told(told, settings) if told else ""
        first = output or output_of(self.do, name, settings)
        if not told and self._twins and slot(bare(first)) in self._twins:
            apart = f"{key_of(_json([source, settings])):016x}"[:8]
            output = output_of(self.do, name, settings, apart)
        made = output or first
        made = resolved(self.folder, made) if made else ""
        asked = [__version__, self.do, source, made, settings]
        return Unit(
            rows=(row.number,),
            do=self.do,
            inputs=(source,),
            output=made,
            settings=settings,
            slot=bare(first) or source,
            identity=key_of(_json(asked)),
        )

    def _told(self, output: str, settings: Mapping[str, Any]) -> str:
        """An output as a row names it; one that could not be written so is refused."""
        self._refuse_place(output)
        if self.do in ("master", "restore"):
            kind = container_of(output)
            if kind is None:
                raise SettingError(
                    "manifest-row", f"output={output}: must end in .wav, .flac or .aiff"
                )
            if settings.get("format", kind) != kind:
                raise SettingError(
                    "manifest-row",
                    f"output={output}: must not end so with format={settings['format']}",
                )
        return output

    def _refuse_place(self, output: str) -> None:
        """An output belongs below the batch's folder, and not where the batch keeps its own."""
        if ".." in output.split("/"):
            raise SettingError("manifest-row", f"output={output}: must be below the batch's folder")
        own = resolved(self.folder, RESERVED[0]).removesuffix(RESERVED[0])
        first = resolved(self.folder, output).removeprefix(own).split("/")[0]
        if first.casefold() in RESERVED:
            raise SettingError(
                "manifest-row", f"output={output}: must not be what the batch keeps for itself"
            )

    def _album(self, album: str, group: Iterator[RawRow]) -> Iterator[Unit | Fault]:
        songs: list[albums.Song] = []
        shared: dict[str, Any] = {}
        faults = False
        output = ""
        for row in group:
            try:
                if row.fault:
                    raise SettingError("manifest-row", row.fault)
                song, rest = albums.song_of(row, len(songs) + 1)
                for name, value in rest.items():
                    if shared.setdefault(named("album", name), value) != value:
                        raise SettingError(
                            "manifest-row",
                            f"{name}={value}: must be the same in all rows of album={album}",
                        )
                told = _text(row.cells, "output")
                if told and output and told != output:
                    raise SettingError(
                        "manifest-row", f"output={told}: must be the folder of album={album}"
                    )
                output = output or told
                songs.append(song)
            except SettingError as error:
                faults = True
                yield Fault(row.number, error.sentence)
        if not faults:
            try:
                yield self._body(album, songs, shared, output)
            except SettingError as error:
                yield Fault(songs[0].number, error.sentence)

    def _body(
        self, album: str, songs: list[albums.Song], shared: Mapping[str, Any], told: str
    ) -> Unit:
        ordered = albums.in_order(songs)
        own, whole = albums.parted(shared)
        options = {k: v for k, v in self._options.items() if _takes("album", k)}
        settings = {**options, **_resolved(self._home, settings_of("album", whole))}
        release = albums.release_of(album, own, ordered)
        inputs = tuple(resolved(self._home, one.file) for one in ordered)
        self._refuse_place(told)
        output = told or albums.folder_of(album, own)
        made = resolved(self.folder, output)
        return Unit(
            rows=tuple(one.number for one in ordered),
            do="album",
            inputs=inputs,
            output=made,
            settings=settings,
            album=album,
            release=release,
            slot=bare(output),
            identity=key_of(_json([__version__, "album", inputs, made, settings, release])),
        )

    def _settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A row's settings over those of all rows. Many rows say the same: it is checked once."""
        key = _json(sorted((k, v) for k, v in given.items() if v not in (None, "")))
        found = self._known.get(key)
        if found is None:
            try:
                own = _resolved(self._home, settings_of(self.do, given))
                found = {**self._options, **own}
                settings_of(self.do, found)  # together they may be what neither is
            except SettingError as error:
                found = error
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = found
        if isinstance(found, SettingError):
            raise found
        return found


def _takes(do: Do, name: str) -> bool:
    return name in WORKS[do].names


def _album_of(row: RawRow) -> tuple[str, str]:
    """What tells one album from the next; nothing: the row is a song by itself."""
    title, artist = (str(row.cells.get(k) or "").strip() for k in ("album", "album_artist"))
    return title, artist if title else ""


def _text(cells: Mapping[str, Any], name: str) -> str:
    value = cells.get(name)
    if value is not None and not isinstance(value, str | int):
        raise SettingError("manifest-row", f"{name}: must be text")
    return "" if value is None else str(value).strip()


def _resolved(folder: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with their files as a worker finds them."""
    found = dict(settings)
    for name in PATHS:
        value = found.get(name)
        if isinstance(value, list):
            found[name] = [resolved(folder, one) for one in value]
        elif isinstance(value, str) and value and _is_file(name, value):
            found[name] = resolved(folder, value)
    return found


def _is_file(name: str, value: str) -> bool:
    if name == "style":
        return value.lower().endswith((".yaml", ".yml"))
    return (
        name != "noise_profile"
        or not value.replace(":", "").replace("-", "").replace(".", "").isdigit()
    )


def _json(values: Any) -> str:
    return json.dumps(values, sort_keys=True, default=str)
