"""Fill the figures of docs/how-it-decides.md: limits from the code, the rest from real masters.

python tools/make_how_it_decides.py docs/how-it-decides.md

A figure stands between its mark and an empty one: ``<!--NAME-->3<!---->``. NAME is a constant of
burnish.engineer (``rules.tone.MOST_DB``, or ``rules.tone.EMPTY_DB:abs``), or begins with the name
of a run and a colon: a place in the JSON of `burnish master` with a format
(``one:before.loudness.range_lu .1f``), or a table made of it (``one:plan``). A name that leads
nowhere is an error: the page and the code never disagree.
"""

import contextlib
import csv
import importlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from burnish.apps.cli import main

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("BURNISH_CORPUS", ROOT.parent / "shared" / "audio"))
MARK = re.compile(r"<!--([\w.]+(?::[^>]*?)?)-->(.*?)<!---->", re.S)

RUNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "one": ("tracks/14_lmms_saber_final_step.flac", ()),
    "two": ("stems/song1/mix_unmastered.flac", ("--reference", "tracks/08_morin_on_the_run.ogg")),
}


def constant(name: str, told: str = "") -> str:
    """The value of a constant of burnish.engineer; ``told`` as its size ("abs") or in "percent"."""
    parts, place = name.split("."), "burnish.engineer"
    value: Any = importlib.import_module(place)
    for part in parts:
        place = f"{place}.{part}"
        try:
            value = importlib.import_module(place)
        except ModuleNotFoundError:
            value = value[int(part)] if part.isdigit() else getattr(value, part)
    return worded({"": value, "abs": abs(value), "percent": 100 * value}[told], "")


def worded(value: Any, spec: str) -> str:
    """A value as it stands in the page; the minus is a real one."""
    if spec:
        value = format(value, spec)
    elif isinstance(value, float):
        value = f"{value:g}"
    return str(value).replace("-", "\u2212") if re.match(r"-\d", str(value)) else str(value)


@cache
def run(name: str) -> dict[str, Any]:
    """The JSON of a master of the corpus."""
    mix, words = RUNS[name]
    words = tuple(str(CORPUS / word) if "/" in word else word for word in words)
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        out = str(Path(folder) / "master.wav")
        told = ["--json", "--quiet", "--no-report"]
        if code := main(["master", str(CORPUS / mix), "-o", out, *words, *told]):
            sys.exit(code)
    found: dict[str, Any] = json.loads(printed.getvalue())
    return found


def place(told: Any, path: str) -> Any:
    """What lies at a path of the JSON; a step is found by the name of its processor."""
    for part in path.split("."):
        if isinstance(told, list) and not part.isdigit():
            told = next(step for step in told if step["processor"] == part)
        else:
            told = told[int(part)] if isinstance(told, list) else told[part]
    return told


# ---- tables ------------------------------------------------------------------------------------


def rows(head: list[str], body: list[list[str]]) -> str:
    """A table of markdown on lines of its own."""
    lines = [head, ["-"] * len(head), *body]
    return "\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def measured(told: dict[str, Any]) -> str:
    """Before and after, the figures that the rules look at."""
    wanted = (
        ("integrated loudness", "loudness.integrated_lufs", "LUFS"),
        ("loudest 3 s", "loudness.max_short_term_lufs", "LUFS"),
        ("loudness range", "loudness.range_lu", "LU"),
        ("true peak", "peaks.true_peak_dbtp", "dBTP"),
        ("peak over loudness (PLR)", "dynamics.plr_db", "dB"),
        ("peak over the loudness of 3 s, 5th percentile (PSR)", "dynamics.psr_p5_db", "dB"),
        ("side against middle", "stereo.side_to_mid_db", "dB"),
    )
    body = []
    for title, path, unit in wanted:
        cells = [worded(place(told[when], path), ".1f") for when in ("before", "after")]
        body.append([title, *(f"{cell} {unit}" for cell in cells)])
    return rows(["", "mix", "master"], body)


def plan(told: dict[str, Any]) -> str:
    """The steps in their order, what they are set to, and their reasons."""
    body = []
    for k, step in enumerate(told["steps"], 1):
        body.append([f"{k}", step["processor"], set_to(step), step["reason"]])
    return rows(["", "step", "set to", "reason in the plan"], body)


def set_to(step: dict[str, Any]) -> str:
    """What is not at its default, in a few words."""
    from burnish.processors import processor_type

    given = processor_type(step["processor"]).model_validate(step["settings"])
    words = []
    for key, value in given.model_dump(exclude_defaults=True).items():
        if isinstance(value, list | tuple):
            words += (
                [short(key, item) for item in value] if of_bands(value) else [curve(key, value)]
            )
        else:
            words.append(f"{key} {worded(value, '')}")
    return "; ".join(word for word in words if word) or "as it is"


def of_bands(value: Any) -> bool:
    """Whether a setting is a list of settings."""
    return bool(value) and isinstance(value[0], dict)


def short(key: str, band: dict[str, Any]) -> str:
    """One band of an equalizer, or the settings of another band that are said."""
    if "frequency_hz" in band and "gain_db" in band:
        kind = str(band.get("kind", "bell")).replace("_", " ")
        return f"{kind} {worded(band['gain_db'], '+.1f')} dB at {band['frequency_hz']:,.0f} Hz"
    return " ".join(f"{name} {worded(value, '')}" for name, value in band.items())


def curve(key: str, values: Any) -> str:
    """The ends of a drawn curve."""
    if not key.endswith("gains_db") or not values:
        return ""
    low, high = (worded(one(values), "+.1f") for one in (min, max))
    return f"{key.removesuffix('_db').replace('_', ' ')} {low} to {high} dB"


def notes(told: dict[str, Any]) -> str:
    """What was considered and left alone."""
    return "\n" + "\n".join(f"- {note}" for note in told["notes"]) + "\n"


def song(told: dict[str, Any]) -> str:
    """Which song it is, as the manifest of the corpus names it."""
    with open(CORPUS / "manifest.csv", newline="", encoding="utf-8") as file:
        by_name = {Path(row["file"]).name: row for row in csv.DictReader(file)}
    row = by_name[Path(told["before"]["file"]).name]
    return f"{row['genre']}, {float(row['duration_s']):.0f} s, {row['role']}; {row['licence']}"


def tradeoff(told: dict[str, Any]) -> str:
    """The last points of the curve of loudness against harm, and what forbids them."""
    body = [
        [
            f"{worded(point['loudness_lufs'], '.1f')} LUFS",
            worded(point["cost"], ".2f"),
            f"{worded(point['psr_db'], '.1f')} dB",
            point["stopped_by"],
        ]
        for point in told["target"]["tradeoff"][-6:]
    ]
    return rows(["loudness", "harm", "PSR left", "forbidden by"], body)


TABLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "measured": measured,
    "plan": plan,
    "notes": notes,
    "song": song,
    "tradeoff": tradeoff,
}


# ---- the page ----------------------------------------------------------------------------------


def figure(name: str) -> str:
    """What stands behind a mark."""
    which, _, path = name.partition(":")
    if which not in RUNS:
        return constant(which, path)
    if path in TABLES:
        return TABLES[path](run(which))
    path, _, spec = path.partition(" ")
    return worded(place(run(which), path), spec)


def fill(text: str, wanted: Callable[[str], bool] = lambda name: True) -> str:
    """The page with the figures of every wanted mark made anew."""

    def one(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"<!--{name}-->{figure(name)}<!---->" if wanted(name) else found.group(0)

    return MARK.sub(one, text)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(fill(page.read_text(encoding="utf-8")), encoding="utf-8")
