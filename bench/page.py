"""docs/benchmarks.md: each command writes its own section, between its own markers."""

import datetime
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make quality` and `make bench`, not by hand; each replaces its own section. The peers stand
in an environment of their own (bench/peers.sh). No listening test was made: every quality figure is
a proxy.
"""


@dataclass(frozen=True)
class Goal:
    """One figure beside its goal. ``passed`` None: could not be measured, which is not a pass."""

    figure: str
    measured: str
    goal: str
    passed: bool | None

    @property
    def verdict(self):
        """pass, MISS, or not measured."""
        return {True: "pass", False: "**MISS**", None: "**not measured**"}[self.passed]


def goals_table(goals):
    """Goals as a table of markdown."""
    rows = [f"| {g.figure} | {g.measured} | {g.goal} | {g.verdict} |" for g in goals]
    return "\n".join(["| figure | measured | goal | |", "|-|-|-|-|", *rows])


def exit_code(goals):
    """0 when every goal is reached, 1 otherwise; says which ones are not."""
    missed = [goal for goal in goals if not goal.passed]
    for goal in missed:
        print(f"{goal.verdict.strip('*')}: {goal.figure}: {goal.measured}, goal {goal.goal}")
    print(f"{len(goals) - len(missed)} of {len(goals)} goals reached")
    return 1 if missed else 0


def circumstances():
    """Machine, date and versions in one paragraph."""
    model = platform.processor() or platform.machine()
    memory = ""
    if Path("/proc/cpuinfo").is_file():
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        model = found.group(1) if found else model
        kib = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
        memory = f", {int(kib.group(1)) / 2**20:.0f} GiB" if kib else ""
    names = ("burnish", "numpy", "numba", "soxr", "soundfile")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    commit = subprocess.run(
        ["git", "-C", PAGE.parent, "describe", "--always", "--dirty", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        f"{datetime.date.today():%d %B %Y}, {model}, {os.cpu_count()} cores{memory}, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; {versions}"
        + (f"; commit {commit}" if commit else "")
        + f". Load of the machine when the run ended: {os.getloadavg()[0]:.1f}."
    )


def write_section(name, text):
    """Put ``text`` between the markers of section ``name``, and leave the others as they are."""
    page = PAGE.read_text() if PAGE.is_file() else HEAD
    start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{start}\n{text.strip()}\n{end}"
    if start in page and end in page:
        before, _, rest = page.partition(start)
        page = before + section + rest.partition(end)[2]
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page)
    print(f"wrote section {name} of {PAGE}", file=sys.stderr)
