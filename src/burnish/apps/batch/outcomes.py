"""From the outcome of a unit to the records of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from burnish.apps.batch.records import Head, Record
from burnish.apps.batch.unit import Unit
from burnish.apps.jobs import Failure, Outcome


def records_of(
    unit: Unit, outcome: Outcome, failure: Failure | None, attempts: int, head: Head | None
) -> Iterator[Record]:
    """A record for each row of a unit; those of an album share what is the album's."""
    told: dict[str, Any] = outcome.result if isinstance(outcome.result, dict) else {}
    document = told.get("document")
    first = (told.get("outputs") or [{}])[0]
    ended_at = datetime.now(UTC)
    shared: dict[str, Any] = {
        "do": unit.do,
        "output": unit.output,
        "run": 0 if head is None else head.run,
        "album": unit.album,
        "key": told.get("key"),
        "state": "failed" if failure is not None else told.get("did", "made"),
        "passed": outcome.passed and failure is None,
        "code": "" if failure is None else failure.code,
        "sentence": "" if failure is None else failure.sentence,
        "attempts": attempts,
        "seconds": outcome.elapsed_s / len(unit.rows),
        "input_sha256": told.get("input_sha256"),
        "ended_at": ended_at,
    }
    for name in ("audio_s", "cpu_s", "memory_mib", "input_bytes"):
        shared[name] = told.get(name)
    if len(unit.rows) == 1:
        figures = vars(Figures.of(document))
        learned = _portrait(document) if unit.do == "learn" else {}
        made = {"sha256": first.get("sha256"), "output_bytes": first.get("bytes")}
        yield Record(
            number=unit.rows[0],
            **_keys(unit),
            input=unit.inputs[0],
            **{**shared, **made, **figures, **learned},
        )
        return
    tracks = document.get("tracks", []) if isinstance(document, dict) else []
    outputs = {_last(one["url"]): one for one in told.get("outputs") or ()}
    shared.update(audio_s=None, input_bytes=None, input_sha256=None)
    shared["cpu_s"] = None if shared["cpu_s"] is None else shared["cpu_s"] / len(unit.rows)
    for place, (number, source) in enumerate(zip(unit.rows, unit.inputs, strict=True)):
        result = tracks[place].get("result") if place < len(tracks) else None
        master = _last(str(tracks[place].get("master", ""))) if place < len(tracks) else ""
        own: dict[str, Any] = {**shared, **vars(Figures.of(result)), **_of_track(result)}
        if written := outputs.get(master):
            own.update(
                sha256=written["sha256"], output_bytes=written["bytes"], output=written["url"]
            )
        yield Record(number=number, input=source, **_keys(unit, place), **own)


def _keys(unit: Unit, place: int = 0) -> dict[str, Any]:
    slot, identity = unit.keys(place)
    return {"slot": slot, "identity": identity}


def _last(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def _of_track(result: Any) -> dict[str, Any]:
    """What a track's own master tells of its mix."""
    if not isinstance(result, dict):
        return {}
    source = (result.get("before") or {}).get("source") or {}
    return {
        "audio_s": source.get("duration_s"),
        "input_sha256": (result.get("sha256") or {}).get("mix"),
    }


def _portrait(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        return {}
    words = str(document.get("values", "")).split()  # as a profile writes them
    values = tuple(None if word == "-" else float(word) for word in words)
    return {"portrait": values, "date": document.get("date")}


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
