"""The ledger of a batch: what became of each row, in Parquet, written as it goes.

    DIR/state/run.json                 what is asked, and how the run began and ended
    DIR/state/rows-0000000001-0000000001.parquet ...   what became of rows, part by part
    DIR/results.parquet                a row a row, at the end

A part is written under another name and moved, and never changed. A row's end counts when its part
is written: after a kill at most the rows of one part are done again, and are found to stand. Parts
that have become many are written anew as one, of all their numbers.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.apps.batch.places import Place
from burnish.apps.batch.records import SCHEMA, Head, Record, Sums, is_worth_a_try, schema
from burnish.apps.batch.rows import import_pyarrow
from burnish.apps.batch.unit import Checked
from burnish.errors import InputError, OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

STATE, HEAD, LOCK = "state", "run.json", "lock"
RESULTS, QUARANTINE = "results.parquet", "quarantine.jsonl"
TOGETHER = 64
"""So many parts of one size become one."""
_BATCH = 2048
_KEYS = ("slot", "identity")
_PART = re.compile(r"rows-(\d{10})-(\d{10})\.parquet$")

UNKNOWN, GOOD, MAY_PASS, FAILED = 0, 1, 2, 3
"""What is known of a row: nothing, it is done, it failed and may not again, it failed."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """What earlier runs left of the rows that are asked now."""

    states: NDArray[np.uint8]
    failures: dict[str, int]

    @property
    def good(self) -> int:
        """How many rows are done."""
        return int(np.count_nonzero(self.states == GOOD))


class Ledger:
    """The ledger in the folder of a batch, which may be a URL."""

    def __init__(self, folder: Place, part_rows: int = 500, part_s: float = 5.0) -> None:
        import_pyarrow()
        self._folder = folder
        self._state = folder.join(STATE)
        self._part_rows, self._part_s = part_rows, part_s
        self._waiting: list[Record] = []
        self._flush_at = float("inf")
        self._parts = _parts(self._state)
        self._next = max((last for _, last in self._parts), default=0) + 1

    @property
    def next_part(self) -> int:
        """The number of the part that is written next."""
        return self._next

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a second run out of this folder, where it is on this machine or a share with locks.

        The lock ends with the process.
        """
        path = self._state.path
        if path is None or fcntl is None:
            yield
            return
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / LOCK).open("w")
        except OSError as error:
            raise OutputError(
                "output-failed", f"{path}: cannot be written: {error.strerror}"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                said = f"{self._folder}: another run is at work in this folder"
                raise OutputError("batch-busy", said) from None
            except OSError:  # a share that knows no locks
                pass
            yield

    def head(self) -> Head | None:
        """What is said of the last run; None: there was none."""
        return read_head(self._folder)

    def put_head(self, head: Head) -> None:
        """Say how the run is."""
        text = json.dumps(head.to_json(), indent=2, ensure_ascii=False)
        self._state.join(HEAD).write((text + "\n").encode())

    def known(self, checked: Checked) -> Known:
        """What earlier runs left of these rows, the newest word on each."""
        codes: list[str | None] = [None, ""]  # not known, done, and then how rows failed
        words: NDArray[np.uint16] = np.zeros(checked.rows, dtype=np.uint16)
        for batch in self._batches((*_KEYS, "state", "code")):
            at, here, same = _places(checked, batch)
            failed = np.asarray(batch.column(2)) == "failed"
            said = same.astype(np.uint16)  # what was made there of something else is not known
            for i in np.flatnonzero(same & failed).tolist():
                code = batch.column(3)[i].as_py()
                if code not in codes:
                    codes.append(code)
                said[i] = codes.index(code)
            words[at[here]] = said[here]  # the last of several stays
        kinds = [
            UNKNOWN,
            GOOD,
            *(MAY_PASS if is_worth_a_try(code or "") else FAILED for code in codes[2:]),
        ]
        counts = np.bincount(words, minlength=len(codes)).tolist()
        failures = {code: n for code, n in zip(codes[2:], counts[2:], strict=True) if code and n}
        return Known(np.array(kinds, dtype=np.uint8)[words], failures)

    def add(self, records: Iterable[Record], now: float) -> None:
        """Keep what became of rows; it is on the disk after the next part."""
        if not self._waiting:
            self._flush_at = now + self._part_s
        self._waiting += records
        self.tick(now)

    def tick(self, now: float) -> None:
        """Write a part where it is time."""
        if len(self._waiting) >= self._part_rows or now >= self._flush_at:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        table = _table(self._waiting)
        self._write([table.to_batches()], self._next, self._next)
        self._next += 1
        self._waiting = []
        self._flush_at = float("inf")
        self._compact()

    def results(self, checked: Checked) -> dict[str, Any]:
        """Write ``results.parquet``, the newest word on each row, and ``quarantine.jsonl``.

        Rows are in the order in which they ended. Returns the sums of the run.
        """
        self.flush()
        last = np.full(checked.rows, -1, dtype=np.int64)
        count = 0
        for batch in self._batches(_KEYS):
            at, _, same = _places(checked, batch)
            last[at[same]] = count + np.flatnonzero(same)
            count += batch.num_rows
        sums = Sums()
        with tempfile.TemporaryDirectory(prefix="burnish-") as scratch:
            poison = Path(scratch) / QUARANTINE
            path = Path(scratch) / RESULTS
            with poison.open("w", encoding="utf-8") as file:
                _write_parquet(self._newest(checked, last, sums, file.write), path)
            self._folder.join(RESULTS).put(path)
            if sums.failed:
                self._folder.join(QUARANTINE).put(poison)
            else:
                self._folder.join(QUARANTINE).remove()
        return sums.to_json(checked.rows)

    def records(self, columns: tuple[str, ...], checked: Checked) -> Iterator[dict[str, Any]]:
        """Columns of every record of these rows, the older first; of a row there may be several."""
        for batch in self._batches((*_KEYS, *columns)):
            yield from batch.filter(_mask(_places(checked, batch)[2])).to_pylist()

    def _newest(
        self,
        checked: Checked,
        last: NDArray[np.int64],
        sums: "Sums",
        quarantine: Callable[[str], object],
    ) -> Iterator[Any]:
        import pyarrow as pa

        count = 0
        for batch in self._batches():
            at, _, same = _places(checked, batch)
            mine = same & (last[at] == count + np.arange(batch.num_rows))
            count += batch.num_rows
            chosen = batch.filter(_mask(mine))
            numbers = pa.array(checked.numbers[at[mine]], pa.int64())
            chosen = chosen.set_column(0, chosen.schema.field(0), numbers)
            for row in chosen.select(_SUMMED).to_pylist():
                sums.add(row)
                if row["state"] == "failed":
                    said = {k: row[k] for k in ("number", "input", "code", "sentence", "attempts")}
                    quarantine(json.dumps(said, ensure_ascii=False) + "\n")
            yield chosen

    def _batches(self, columns: tuple[str, ...] | None = None) -> Iterator[Any]:
        for first, last in self._parts:
            yield from batches_of(self._state.join(_name(first, last)), columns)

    def _compact(self) -> None:
        """Make one of many parts of the same size, again and again."""
        size = 1
        while True:
            alike = [one for one in self._parts if _size(one) == size]
            if len(alike) < TOGETHER:
                return
            first, last = alike[0][0], alike[-1][1]
            self._write((batches_of(self._state.join(_name(*one))) for one in alike), first, last)
            self._parts = [one for one in self._parts if one not in alike]
            for one in alike:
                with suppress(Exception):  # it is covered, and is not read again
                    self._state.join(_name(*one)).remove()
            size *= TOGETHER

    def _write(self, batches: Iterable[Iterable[Any]], first: int, last: int) -> None:
        with tempfile.TemporaryDirectory(prefix="burnish-") as scratch:
            path = Path(scratch) / "part.parquet"
            _write_parquet((batch for some in batches for batch in some), path)
            self._state.join(_name(first, last)).put(path)
        self._parts = sorted([*self._parts, (first, last)])


_SUMMED = [
    "number", "input", "state", "passed", "code", "sentence", "attempts", "audio_s",
]  # fmt: skip


def read_head(folder: Place) -> Head | None:
    """The head of the run in this folder; None: there is none."""
    text = folder.join(STATE).join(HEAD).read_if_there()
    if text is None:
        return None
    try:
        told = json.loads(text)
        if told["schema"] != SCHEMA:
            raise InputError(
                "batch-schema",
                f"{folder}: is of another burnish ({told['burnish']}): its state has the form "
                f"{told['schema']}, this one reads {SCHEMA}",
            )
        return Head(**told)
    except (ValueError, KeyError, TypeError):
        raise InputError("batch-broken", f"{folder}: {STATE}/{HEAD} cannot be read") from None


def parts_from(folder: Place, first_part: int) -> list[Place]:
    """The parts of a run that began with this one; some may hold older rows too."""
    state = folder.join(STATE)
    return [state.join(_name(*one)) for one in _parts(state) if one[1] >= first_part]


def batches_of(place: Place, columns: tuple[str, ...] | None = None) -> Iterator[Any]:
    """The records of a part, some thousand at a time."""
    import pyarrow.parquet as pq

    with place.open_read() as file:
        wanted = None if columns is None else list(columns)
        for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=wanted):
            yield batch if wanted is None else batch.select(wanted)


def _parts(state: Place) -> list[tuple[int, int]]:
    """The parts that count: those that no later one covers."""
    found = [(int(m[1]), int(m[2])) for p in state.list("*.parquet") if (m := _PART.match(p.name))]
    found.sort(key=lambda one: (one[0], -one[1]))
    kept: list[tuple[int, int]] = []
    for one in found:
        if not kept or one[0] > kept[-1][1]:
            kept.append(one)
    return kept


def _name(first: int, last: int) -> str:
    return f"rows-{first:010d}-{last:010d}.parquet"


def _size(part: tuple[int, int]) -> int:
    """How many first parts one holds, rounded down to a power of ``TOGETHER``."""
    size, n = 1, part[1] - part[0] + 1
    while size * TOGETHER <= n:
        size *= TOGETHER
    return size


def _places(checked: Checked, batch: Any) -> tuple[NDArray[np.int64], Mask, Mask]:
    """Where records stand among the rows, which do at all, and which are of what is asked now."""
    at, here = checked.places(batch.column("slot").to_numpy())
    return at, here, here & (checked.identities[at] == batch.column("identity").to_numpy())


def _mask(chosen: NDArray[np.bool_]) -> Any:
    import pyarrow as pa

    return pa.array(chosen)


def _table(records: list[Record]) -> Any:
    import pyarrow as pa

    columns_of = schema()
    columns = [
        pa.array([getattr(one, name) for one in records], columns_of.field(name).type)
        for name in columns_of.names
    ]
    return pa.Table.from_arrays(columns, schema=columns_of)


def _write_parquet(batches: Iterable[Any], path: Path) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema(), compression="zstd") as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)


__all__ = [
    "FAILED",
    "GOOD",
    "QUARANTINE",
    "RESULTS",
    "STATE",
    "Head",
    "Known",
    "Ledger",
    "Record",
    "batches_of",
    "parts_from",
    "read_head",
]
