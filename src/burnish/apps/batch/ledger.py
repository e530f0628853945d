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
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from burnish.apps.batch.manifest import Checked
from burnish.apps.batch.places import Place, may_pass
from burnish.apps.batch.rows import import_pyarrow
from burnish.errors import InputError

SCHEMA = 1
STATE, HEAD, RESULTS, QUARANTINE = "state", "run.json", "results.parquet", "quarantine.jsonl"
TOGETHER = 64
"""So many parts of one size become one."""
_BATCH = 8192
_PART = re.compile(r"rows-(\d{10})-(\d{10})\.parquet$")

UNKNOWN, GOOD, MAY_PASS, FAILED = 0, 1, 2, 3
"""What is known of a row: nothing, it is done, it failed and may not again, it failed."""


@dataclass(frozen=True)
class Record:
    """What became of one row. ``state`` is "made", "stood" (it was there) or "failed"."""

    number: int
    identity: int
    do: str
    input: str
    output: str
    state: str
    run: int = 0
    album: str = ""
    key: str | None = None
    passed: bool = True
    code: str = ""
    sentence: str = ""
    attempts: int = 1
    seconds: float = 0.0
    audio_s: float | None = None
    cpu_s: float | None = None
    memory_mib: float | None = None
    input_bytes: int | None = None
    input_sha256: str | None = None
    output_bytes: int | None = None
    sha256: str | None = None
    before_lufs: float | None = None
    after_lufs: float | None = None
    true_peak_dbtp: float | None = None
    verdict: str | None = None
    findings: tuple[str, ...] = ()
    date: str | None = None
    portrait: tuple[float | None, ...] | None = None
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return self.state == "failed"


@dataclass(frozen=True)
class Head:
    """What ``run.json`` says of a run, for who resumes it or looks how it is."""

    manifest: str
    do: str
    fingerprint: str
    rows: int
    run: int
    first_part: int
    began_at: str
    ended_at: str | None = None
    stopped: str = ""
    done_before: int = 0
    failed_before: dict[str, int] = field(default_factory=dict)
    schema: int = SCHEMA
    burnish: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


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

    @property
    def unwritten(self) -> int:
        """How many rows' ends are not on the disk yet."""
        return len(self._waiting)

    def head(self) -> Head | None:
        """What is said of the last run; None: there was none."""
        return read_head(self._folder)

    def put_head(self, head: Head) -> None:
        """Say how the run is."""
        text = json.dumps(head.to_json(), indent=2, ensure_ascii=False)
        self._state.join(HEAD).write((text + "\n").encode())

    def known(self, checked: Checked) -> Known:
        """What earlier runs left of these rows, the newest word on each."""
        states = np.zeros(len(checked.identities), dtype=np.uint8)
        codes: dict[int, str] = {}
        for batch in self._batches(("identity", "state", "code")):
            at, here = checked.places(batch.column(0).to_numpy())
            failed = np.asarray(batch.column(1)) == "failed"
            states[at[here & ~failed]] = GOOD
            for place in at[here & ~failed].tolist() if codes else ():
                codes.pop(place, None)
            for i in np.flatnonzero(here & failed).tolist():
                code = batch.column(2)[i].as_py()
                codes[int(at[i])] = code
                states[at[i]] = MAY_PASS if may_pass(code) else FAILED
        failures: dict[str, int] = {}
        for code in codes.values():
            failures[code] = failures.get(code, 0) + 1
        return Known(states, failures)

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
        last = np.full(len(checked.identities), -1, dtype=np.int64)
        count = 0
        for batch in self._batches(("identity",)):
            at, here = checked.places(batch.column(0).to_numpy())
            last[at[here]] = count + np.flatnonzero(here)
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
        for batch in self._batches(("identity", *columns)):
            _, here = checked.places(batch.column(0).to_numpy())
            yield from batch.filter(_mask(here)).to_pylist()

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
            at, here = checked.places(batch.column("identity").to_numpy())
            mine = here & (last[at] == count + np.arange(batch.num_rows))
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


@dataclass
class Sums:
    """What is counted over the newest word on each row."""

    made: int = 0
    stood: int = 0
    failed: int = 0
    not_passed: int = 0
    audio_s: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        """Count a row."""
        state = row["state"]
        self.made += state == "made"
        self.stood += state == "stood"
        self.failed += state == "failed"
        self.not_passed += state != "failed" and not row["passed"]
        self.audio_s += row["audio_s"] or 0.0
        if state == "failed":
            self.failures[row["code"]] = self.failures.get(row["code"], 0) + 1

    def to_json(self, rows: int) -> dict[str, Any]:
        """As JSON has it; what has not ended is left."""
        return {
            "rows": rows,
            "made": self.made,
            "stood": self.stood,
            "failed": self.failed,
            "not_passed": self.not_passed,
            "left": rows - self.made - self.stood - self.failed,
            "audio_s": round(self.audio_s, 3),
            "failures": dict(sorted(self.failures.items(), key=lambda one: (-one[1], one[0]))),
        }


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
    """The parts of a run that began with this one; one that was written anew may have older rows."""
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


def _mask(chosen: NDArray[np.bool_]) -> Any:
    import pyarrow as pa

    return pa.array(chosen)


def _schema() -> Any:
    """The columns of a part. A new one goes to the end, and ``SCHEMA`` one up."""
    import pyarrow as pa

    own = {
        "number": pa.int64(), "identity": pa.uint64(), "run": pa.int32(), "passed": pa.bool_(),
        "attempts": pa.int32(), "input_bytes": pa.int64(), "output_bytes": pa.int64(),
        "findings": pa.list_(pa.string()), "portrait": pa.list_(pa.float64()),
        "ended_at": pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    numbers = (
        "seconds", "audio_s", "cpu_s", "memory_mib", "before_lufs", "after_lufs", "true_peak_dbtp",
    )  # fmt: skip
    own.update(dict.fromkeys(numbers, pa.float64()))
    rows = [(one.name, own.get(one.name, pa.string())) for one in fields(Record)]
    return pa.schema(rows, metadata={"burnish-batch": str(SCHEMA)})


def _table(records: list[Record]) -> Any:
    import pyarrow as pa

    schema = _schema()
    columns = [
        pa.array([getattr(one, name) for one in records], schema.field(name).type)
        for name in schema.names
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _write_parquet(batches: Iterable[Any], path: Path) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)


@dataclass(frozen=True)
class Figures:
    """What a record takes from a command's document."""

    before_lufs: float | None = None
    after_lufs: float | None = None
    true_peak_dbtp: float | None = None
    verdict: str | None = None
    findings: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: Any) -> Self:
        """From the document of any command; what it does not hold is None."""
        if not isinstance(document, dict):
            return cls()
        before, after = document.get("before", document), document.get("after")
        return cls(
            before_lufs=_figure(before, "loudness", "integrated_lufs"),
            after_lufs=_figure(after, "loudness", "integrated_lufs"),
            true_peak_dbtp=_figure(after or before, "peaks", "true_peak_dbtp"),
            verdict=document.get("verdict"),
            findings=tuple(
                sorted({str(one.get("code")) for one in document.get("findings") or ()})
            ),
        )


def _figure(document: Any, part: str, name: str) -> float | None:
    value = (document or {}).get(part, {}).get(name) if isinstance(document, dict) else None
    return float(value) if isinstance(value, int | float) else None
