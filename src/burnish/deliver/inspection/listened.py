"""Check 20: who heard a file from start to end. ``listened.yaml`` lies beside the files it is of.

heard:
  - file: 01 Low Water.wav
    sha256: 9f86d0...        # of the file that was heard: another file was not
    by: Ana
    at: 2026-11-21T18:30:00Z
    notes: ["1:12 click?"]
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from burnish.audio import file_sha256, write_whole
from burnish.chain.sheet import load_record
from burnish.deliver.inspection.record import Check, checked, still_open
from burnish.errors import SettingError
from burnish.finding import Finding
from burnish.settings import Settings, setting

LOG = "listened.yaml"

_HEAD = """\
# Who heard which file from start to end. `burnish qc FILE --heard-by NAME` writes it; a file that
# was changed since, by its SHA-256, has to be heard again.
"""


class Hearing(Settings):
    """One file, heard once by one person from start to end."""

    file: str = setting(..., scale="text", help="The file, beside the log.")
    sha256: str = setting(..., scale="text", help="SHA-256 of the file as it was heard.")
    by: str = setting(..., scale="text", help="Who heard it.")
    at: str = setting(..., scale="text", help="When, as 2026-11-21T18:30:00Z.")
    notes: tuple[str, ...] = setting((), help="What was heard, with the time before it: 1:12 ...")


class Log(Settings):
    """All hearings of a folder."""

    heard: tuple[Hearing, ...] = setting((), help="One entry a hearing.")


def read_log(folder: Path) -> Log:
    """The listening log of a folder; empty where there is none. A broken one: ``SettingError``."""
    path = folder / LOG
    if not path.is_file():
        return Log()
    return load_record(path, Log, "listening log")


def sign(
    files: Sequence[Path], by: str, notes: Sequence[str] = (), at: str | None = None
) -> tuple[Path, ...]:
    """Write down that ``by`` has heard these files from start to end; returns the logs written.

    ``at`` is now unless it is given. Hearings that are there stay.
    """
    if not by.strip():
        raise SettingError("setting-range", "heard_by: must name who heard it")
    when = at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    written = []
    for folder in dict.fromkeys(file.parent for file in files):
        new = tuple(
            Hearing(
                file=file.name, sha256=file_sha256(file), by=by.strip(), at=when, notes=tuple(notes)
            )
            for file in files
            if file.parent == folder
        )
        heard = (*read_log(folder).heard, *new)
        write_whole(_text(heard).encode("utf-8"), folder / LOG, True)
        written.append(folder / LOG)
    return tuple(written)


def log_of(log: Log, name: str, sha256: str) -> Check:
    """Check 20 of a file of that name and hash."""
    heard = [one for one in log.heard if one.sha256 == sha256]
    if heard:
        last = heard[-1]
        notes = [_note(text, one) for one in heard for text in one.notes]
        return checked(20, notes, f"heard by {last.by} on {last.at[:10]}")
    if before := [one for one in log.heard if one.file == name]:
        changed = Finding(
            "listening-log",
            "info",
            "Changed since it was heard",
            f"{before[-1].by} heard another file of this name on {before[-1].at[:10]}.",
            "Hear it again, from start to end, and sign: burnish qc FILE --heard-by NAME.",
            about="master",
        )
        return still_open(20, (changed,), "changed since it was heard")
    nobody = Finding(
        "listening-log",
        "info",
        "Nobody has signed for having heard it",
        "Measurements do not listen.",
        "Hear it from start to end, and sign: burnish qc FILE --heard-by NAME.",
        about="master",
    )
    return still_open(20, (nobody,), "nobody has signed")


def _note(text: str, heard: Hearing) -> Finding:
    found = re.match(r"\s*(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)", text)
    times_s = ()
    if found:
        start = 3600.0 * int(found[1] or 0) + 60.0 * int(found[2]) + float(found[3])
        times_s = ((start, start),)  # type: ignore[assignment]
    return Finding(
        "listening-note",
        "info",
        f"{heard.by} noted",
        text,
        "Listen there.",
        times_s=times_s,
        about="master",
    )


def _text(heard: Sequence[Hearing]) -> str:
    lines = [_HEAD + "heard:"]
    for one in heard:
        for k, (name, value) in enumerate(one.model_dump(mode="json").items()):
            if name == "notes" and not value:
                continue
            # JSON's strings and lists are YAML's, and safe for any letter.
            lines.append(("  - " if not k else "    ") + f"{name}: {_json(value)}")
    return "\n".join(lines) + "\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
