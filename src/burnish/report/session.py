"""Session: mix and master side by side in a DAW, with markers where something was found.

A REAPER project is nested chunks of text, ``<NAME ...`` to ``>``, one value a line; what is not
said stands at REAPER's default. Paths are absolute or relative to the project's folder.
"""

import csv
import io
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.units import gain_from_db

_KINDS = {
    ".wav": "WAVE", ".aif": "WAVE", ".aiff": "WAVE", ".w64": "WAVE", ".rf64": "WAVE",
    ".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS", ".opus": "OPUS", ".wv": "WAVPACK",
}  # fmt: skip


@dataclass(frozen=True)
class Lane:
    """One track with one file on it. ``gain_db`` is its fader."""

    name: str
    file: Path
    length_s: float
    begin_s: float = 0.0
    gain_db: float = 0.0
    muted: bool = False
    solo: bool = False
    skip_s: float = 0.0
    """How much of the file's head is cut off."""


@dataclass(frozen=True)
class Mark:
    """A place with words; where it lasts, a region."""

    name: str
    begin_s: float
    end_s: float | None = None


def rpp(
    lanes: Sequence[Lane], marks: Sequence[Mark], rate_hz: int, folder: Path, title: str
) -> str:
    """A REAPER project (.rpp) that lies in ``folder``. The same input gives the same text."""
    lines = ['<REAPER_PROJECT 0.1 "6.0/burnish" 0', f"  TITLE {_quoted(title)}"]
    lines += [f"  SAMPLERATE {rate_hz} 1 0", "  TEMPO 120 4 4", "  MASTER_VOLUME 1 0 -1 -1 1"]
    for number, mark in enumerate(marks, 1):
        region = int(mark.end_s is not None)
        tag = _guid(f"mark {number} {mark.name}")
        lines.append(
            f"  MARKER {number} {mark.begin_s:.6f} {_quoted(mark.name)} {region} 0 1 R {tag} 0"
        )
        if mark.end_s is not None:
            lines.append(f'  MARKER {number} {mark.end_s:.6f} "" 1')
    for number, lane in enumerate(lanes, 1):
        lines += _track(number, lane, folder)
    return "\n".join([*lines, ">"]) + "\n"


def _track(number: int, lane: Lane, folder: Path) -> list[str]:
    kind = _KINDS.get(lane.file.suffix.lower(), "WAVE")
    tag = _guid(f"track {number} {lane.name}")
    return [
        f"  <TRACK {tag}",
        f"    NAME {_quoted(lane.name)}",
        f"    VOLPAN {gain_from_db(lane.gain_db):.8f} 0 -1 -1 1",
        f"    MUTESOLO {int(lane.muted)} {int(lane.solo)} 0",
        "    NCHAN 2",
        f"    TRACKID {tag}",
        "    <ITEM",
        f"      POSITION {max(0.0, lane.begin_s):.9f}",
        f"      LENGTH {lane.length_s - lane.skip_s:.9f}",
        "      LOOP 0",
        "      FADEIN 1 0 0 1 0 0 0",
        "      FADEOUT 1 0 0 1 0 0 0",
        f"      NAME {_quoted(lane.file.name)}",
        f"      SOFFS {lane.skip_s:.9f}",
        f"      <SOURCE {kind}",
        f"        FILE {_quoted(_relative(lane.file, folder))}",
        "      >",
        "    >",
        "  >",
    ]


def _relative(file: Path, folder: Path) -> str:
    """The path as seen from the project where it lies in or under its folder, else absolute."""
    whole, base = Path(os.path.abspath(file)), Path(os.path.abspath(folder))
    return str(whole.relative_to(base)) if whole.is_relative_to(base) else str(whole)


def _quoted(text: str) -> str:
    """In the first quotes that do not stand in it; a line has no breaks."""
    line = " ".join(text.split())
    for quote in ('"', "'", "`"):
        if quote not in line:
            return f"{quote}{line}{quote}"
    return "`" + line.replace("`", "'") + "`"


def _guid(name: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_OID, f"burnish {name}")).upper() + "}"


def labels(marks: Sequence[Mark]) -> str:
    """Labels as text: begin, end and name in columns of tabs, as Audacity and others import."""
    rows = ((one.begin_s, one.begin_s if one.end_s is None else one.end_s, one) for one in marks)
    return "".join(f"{a:.6f}\t{b:.6f}\t{' '.join(one.name.split())}\n" for a, b, one in rows)


def table(marks: Sequence[Mark]) -> str:
    """The same as CSV, as REAPER's region and marker manager imports and exports it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("#", "Name", "Start", "End", "Length"))
    counts = {"R": 0, "M": 0}
    for one in marks:
        kind = "M" if one.end_s is None else "R"
        counts[kind] += 1
        ends = ("", "") if one.end_s is None else (_s(one.end_s), _s(one.end_s - one.begin_s))
        writer.writerow((f"{kind}{counts[kind]}", one.name, _s(one.begin_s), *ends))
    return out.getvalue()


def _s(time_s: float) -> str:
    """Minutes and seconds, to a thousandth."""
    whole = round(1000.0 * time_s)
    return f"{whole // 60_000}:{whole % 60_000 / 1000:06.3f}"
