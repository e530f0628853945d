"""The faults table: known faults, planted into clean music, and whether `burnish check` finds them.

    python -m bench.faults [--only CODE|FILE] [--strong-only] [--clean-only|--no-clean] [--no-page]

To add one, put a ``Fault`` into ``FAULTS`` of a file in bench/planted/ (any file there is taken):

    def hum(samples, rate_hz, strength):          # a copy of (channels, n); strength 0, 1, 2
        amount_db = (-70, -60, -50)[strength]     # barely to be noted, clear, strong
        ...
        return Planted(damaged, times_s=((4.0, 9.0),), frequency_hz=50.0)

    FAULTS = (Fault("hum", hum),)

``code`` is that of the finding that must come. ``times_s`` and ``frequency_hz`` tell where it is;
left out, it is everywhere, and about no frequency. It is found where a finding of that code lies at
the right place (half of what it names within a second of what was planted; half an octave); where
the clean excerpt has such a finding there already, it must have grown. What is about files tells
``rate_hz`` or ``subtype`` ("PCM_16", "FLOAT" ...), in which the damaged excerpt is then written.

The clean excerpts are 24 s of eight tracks. False alarms are counted on the whole clean tracks:
every warning, though some may be true, as nothing was planted there. Exit 1 when a goal is missed.
"""

import argparse
import math
import pkgutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import soundfile

from bench.limiters import CORPUS, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

EXCERPT_S = 24.0
EXCERPTS = (
    ("tracks/01_karissa_lets_go_fishin.ogg", 40),
    ("tracks/02_macleod_vibe_ace.ogg", 20),
    ("tracks/08_morin_on_the_run.ogg", 60),
    ("tracks/09_crystan_battlescape01.ogg", 100),
    ("tracks/10_vanethian_theme.ogg", 100),
    ("tracks/14_lmms_saber_final_step.flac", 20),
    ("tracks/15_lmms_alf42red_mauiwowi.flac", 10),
    ("stems/song1/mix_unmastered.flac", 15),
)
STRENGTHS = ("mild", "clear", "strong")
MIX_PEAK = 0.5
"""Excerpts are brought to -6 dBFS, where mixes stand: most of the corpus was mastered before."""

NEAR_S = 1.0
GROWN = 0.25  # of a finding's size, where the clean excerpt has one of this code
HIT_GOAL, FALSE_GOAL = 0.95, 1.0


@dataclass(frozen=True, eq=False)
class Planted:
    """What was damaged, and where. ``rate_hz`` None: the excerpt's own."""

    samples: np.ndarray
    times_s: tuple[tuple[float, float], ...] = ()
    frequency_hz: float | None = None
    rate_hz: int | None = None
    subtype: str = "PCM_24"


@dataclass(frozen=True)
class Fault:
    """One way to spoil a mix, and the code of the finding that must come of it.

    ``label`` tells apart several ways of one code; ``or_`` are codes that would be as right;
    ``skip`` are excerpts, by a part of their names, in which it cannot be heard.
    """

    code: str
    plant: Callable[[np.ndarray, int, int], Planted]
    label: str = ""
    or_: tuple[str, ...] = ()
    skip: tuple[str, ...] = field(default=())

    @property
    def name(self):
        """Code and label."""
        return f"{self.code}, {self.label}" if self.label else self.code


@dataclass(frozen=True)
class Trial:
    """One fault in one excerpt at one strength: found at its place, and how it was told."""

    fault: str
    excerpt: str
    strength: int
    hit: bool
    severity: str = ""
    verdict: str = ""
    others: tuple[str, ...] = ()


def faults(only=""):
    """Every fault of every file of bench/planted/."""
    import bench.planted

    names = sorted(module.name for module in pkgutil.iter_modules(bench.planted.__path__))
    return [
        fault
        for name in names
        for fault in import_module(f"bench.planted.{name}").FAULTS
        if only in fault.name or only == name
    ]


@cache
def excerpt(where, start_s):
    """24 s of a track, its peak at -6 dBFS, and its rate."""
    samples, rate_hz = read(CORPUS / where, start_s, EXCERPT_S)
    samples = samples * (MIX_PEAK / np.abs(samples).max())
    samples.setflags(write=False)
    return samples, rate_hz


def told(samples, rate_hz, folder, subtype="PCM_24", style="auto"):
    """What `burnish check` says of samples, written to a file as a mixer would send it."""
    from burnish import check

    path = Path(folder) / "mix.wav"
    soundfile.write(path, samples.T, rate_hz, subtype=subtype)
    return check(path, style=style)


@cache
def clean_findings(where, start_s):
    """What is said of the clean excerpt."""
    with tempfile.TemporaryDirectory() as folder:
        return told(*excerpt(where, start_s), folder).findings


def at_its_place(found, planted):
    """Whether a finding names what was planted: half of its times, and within half an octave."""
    if planted.frequency_hz is not None and found.frequency_hz is not None:
        octaves = abs(math.log2(found.frequency_hz / planted.frequency_hz))
        if octaves > 0.5:
            return False
    if not planted.times_s or not found.times_s:
        length_s = planted.samples.shape[1] / (planted.rate_hz or 44100)
        spans = planted.times_s or found.times_s
        # One of them says throughout: so the other must tell of much of it, or be throughout too.
        return not spans or not planted.times_s or covered_s(spans) > 0.5 * length_s
    named = covered_s(found.times_s)
    near = [(a - NEAR_S, b + NEAR_S) for a, b in planted.times_s]
    shared = sum(
        max(0.0, min(b, d) - max(a, c)) for a, b in union(found.times_s) for c, d in union(near)
    )
    points = any(c <= a <= d for a, _ in found.times_s for c, d in near)
    return points if named == 0.0 else shared >= 0.5 * named


def union(spans):
    """Spans in order, none overlapping."""
    joined = []
    for a, b in sorted(spans):
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def covered_s(spans):
    """Seconds that spans cover together."""
    return sum(b - a for a, b in union(spans))


def trial(fault, where, start_s, strength, folder):
    """Plant one fault into one excerpt and see whether it is found."""
    samples, rate_hz = excerpt(where, start_s)
    planted = fault.plant(samples.copy(), rate_hz, strength)
    result = told(planted.samples, planted.rate_hz or rate_hz, folder, planted.subtype)
    codes = (fault.code, *fault.or_)
    before = {
        one.code: one.size + GROWN
        for one in reversed(clean_findings(where, start_s))
        if at_its_place(one, planted)
    }
    hits = [
        one
        for one in result.findings
        if one.code in codes
        and at_its_place(one, planted)
        and one.size >= before.get(one.code, 0.0)
    ]
    others = tuple(
        sorted({f"{one.severity}:{one.code}" for one in result.findings if one.code not in codes})
    )
    severity = hits[0].severity if hits else ""
    name = Path(where).stem
    return Trial(fault.name, name, strength, bool(hits), severity, result.verdict, others)


def trials(only="", say=lambda _: None, strengths=range(3)):
    """Every fault in every excerpt at every strength."""
    made = []
    with tempfile.TemporaryDirectory(
        dir="/dev/shm" if Path("/dev/shm").is_dir() else None
    ) as folder:
        for fault in faults(only):
            for strength in strengths:
                row = [
                    trial(fault, where, start_s, strength, folder)
                    for where, start_s in EXCERPTS
                    if not any(part in where for part in fault.skip)
                ]
                made += row
                missed = ", ".join(t.excerpt for t in row if not t.hit)
                say(
                    f"{fault.name:32} {STRENGTHS[strength]:7} {sum(t.hit for t in row)}"
                    f" of {len(row)}" + (f"; missed in {missed}" if missed else "")
                )
    return made


def false_alarms(say=lambda _: None):
    """Track -> the warnings of the whole clean track."""
    from bench.quality import music
    from burnish import check

    alarms = {}
    for track in music():
        findings = check(CORPUS / track).findings
        alarms[Path(track).stem] = [one for one in findings if one.severity != "info"]
        warned = ", ".join(one.code for one in alarms[Path(track).stem])
        noted = ", ".join(one.code for one in findings if one.severity == "info")
        say(f"{Path(track).stem:36} warned: {warned or '-'}; noted: {noted or '-'}")
    return alarms


def hits_table(made):
    """Hit rate by fault and strength as a table of markdown; in brackets, how many warned."""
    lines = ["| fault | " + " | ".join(STRENGTHS) + " |", "|-|-|-|-|"]
    for name in dict.fromkeys(t.fault for t in made):
        cells = []
        for strength in range(3):
            row = [t for t in made if t.fault == name and t.strength == strength]
            hit = sum(t.hit for t in row)
            warned = sum(t.severity in ("warn", "fail") for t in row)
            cells.append(f"{hit} of {len(row)} ({warned})" if row else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def alarms_table(alarms):
    """Warnings of each clean track as a table of markdown."""
    lines = ["| track | warnings | |", "|-|-|-|"]
    for name, found in alarms.items():
        lines.append(f"| {name} | {len(found)} | {', '.join(one.code for one in found)} |")
    return "\n".join(lines)


def section(say=lambda _: None, only="", with_clean=True, with_faults=True, strengths=range(3)):
    """The text for the page, and its goals."""
    goals, parts = [], []
    if with_faults:
        made = trials(only, say, strengths)
        parts.append(hits_table(made))
        strong = [t for t in made if t.strength == 2]
        rate = sum(t.hit for t in strong) / len(strong) if strong else None
        if rate is not None:
            text = f"{100 * rate:.1f} % of {len(strong)}"
            goals.append(
                Goal(
                    "strong faults found",
                    text,
                    f"at least {100 * HIT_GOAL:.0f} %",
                    rate >= HIT_GOAL,
                )
            )
    if with_clean:
        alarms = false_alarms(say)
        parts.append(alarms_table(alarms))
        mean = sum(map(len, alarms.values())) / len(alarms)
        worst = max(alarms, key=lambda name: len(alarms[name]))
        text = f"{mean:.2f} (most: {len(alarms[worst])}, {worst})"
        goals.append(
            Goal(
                "warnings of a clean track, mean",
                text,
                f"at most {FALSE_GOAL:g}",
                mean <= FALSE_GOAL,
            )
        )
    text = f"""## Faults

{circumstances()}

Faults planted into 24 s of eight clean tracks, at three strengths; found where `burnish check`
names the fault at its place (times, and within half an octave). In brackets: told as a warning, the
others as information. Then every warning on the whole clean tracks, where nothing was planted.

{(chr(10) * 2).join(parts)}

{goals_table(goals)}
"""
    return text, goals


def main():
    """Judge all, write the section of the page, exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", default="", help="faults whose name holds this text, or of this file"
    )
    parser.add_argument("--strong-only", action="store_true", help="only the strong faults")
    parser.add_argument("--clean-only", action="store_true", help="only the false alarms")
    parser.add_argument("--no-clean", action="store_true", help="only the planted faults")
    parser.add_argument("--no-page", action="store_true", help="print only")
    asked = parser.parse_args()
    text, goals = section(
        lambda line: print(line, file=sys.stderr, flush=True),
        asked.only,
        not asked.no_clean and not (asked.only and not asked.clean_only),
        not asked.clean_only,
        (2,) if asked.strong_only else range(3),
    )
    if asked.strong_only or asked.no_page or asked.only or asked.clean_only or asked.no_clean:
        print(text)
    else:
        write_section("faults", text)
    sys.exit(exit_code(goals))


if __name__ == "__main__":
    main()
