"""`make quality`: masters of every music track held to what was asked, and the other tables.

    python -m bench.quality [--only TEXT] [--no-limiters] [--tables NAME ...] [--no-page]

Every track is mastered by the command line at -14 LUFS, at its style's own loudness and at -9 LUFS;
the written file is judged by bench/metrics.py, which shares nothing with burnish. Exit 1 when a
goal is missed.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from bench import (
    aliases,
    faults,
    hardware,
    limiters,
    loud,
    metrics,
    other_song,
    ours,
    recover,
    restore,
)
from bench.limiters import CORPUS, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

BURNISH = Path(sys.executable).with_name("burnish")
TABLES = {
    "recover": recover,
    "other-song": other_song,
    "loud": loud,
    "aliases": aliases,
    "faults": faults,
    "restore": restore,
    "hardware": hardware,
}
TARGETS_LUFS = (-14.0, None, -9.0)  # None: the style's own
MISS_LU = 0.05
OVER_DB = 0.01
HOLDS_CEILING_DB = 0.3  # a peer further over the ceiling than this works to another ceiling
TONES_DB = {"thd_n_60_hz_db": -60.0, "thd_n_1_khz_db": -100.0}


@dataclass(frozen=True)
class Master:
    """One master, judged by its written file. ``error`` says why there is none."""

    track: str
    asked: str
    error: str = ""
    style: str = ""
    target_lufs: float = 0.0
    reads_lufs: float = 0.0
    over_db: float = 0.0
    longer_samples: int = 0
    stopped_by: str = ""

    @property
    def miss_lu(self):
        """How far the loudness is from the target."""
        return self.reads_lufs - self.target_lufs

    @property
    def loudness_right(self):
        """On target; where a rule stopped it, not above."""
        return self.miss_lu <= MISS_LU and (bool(self.stopped_by) or self.miss_lu >= -MISS_LU)


def music():
    """Every music track of the corpus, and the mix of the stems."""
    with open(CORPUS / "manifest.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        row["file"]
        for row in rows
        if row["file"].endswith("mix_unmastered.flac")
        or (row["file"].startswith("tracks/") and not row["role"].startswith(("damaged", "odd")))
    ]


def decoded_length(path):
    """Samples of a channel as ffmpeg decodes the file, encoder delay and padding taken off."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "pipe:"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        return sum(len(block) for block in iter(lambda: process.stdout.read(1 << 20), b"")) // 2


def judged(track, lufs, folder):
    """Master one track and judge the file."""
    asked = "the style's own" if lufs is None else f"{lufs:g}"
    output = Path(folder) / "master.wav"
    command = [BURNISH, "master", CORPUS / track, "-o", output, "--overwrite", "--json"]
    command += ["--quiet", "--no-report"] + ([] if lufs is None else ["--loudness-lufs", f"{lufs}"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    name = Path(track).stem
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return Master(name, asked, error=f"exit {done.returncode}: {last}")
    told = json.loads(done.stdout)
    y, rate_hz = read(output)
    stopped = told["stopped_by"]
    return Master(
        track=name,
        asked=asked,
        style=str(told["target"].get("style", "")),
        target_lufs=told["target"]["loudness_lufs"],
        reads_lufs=metrics.integrated_lufs(y, rate_hz),
        over_db=metrics.true_peak_dbtp(y, rate_hz) - told["target"]["ceiling_dbtp"],
        longer_samples=soundfile.info(output).frames - decoded_length(CORPUS / track),
        stopped_by=str(stopped.get("rule", stopped))
        if isinstance(stopped, dict)
        else stopped or "",
    )


def masters_table(masters):
    """All masters as a table of markdown."""
    lines = [
        "| track | asked LUFS | style | target | reads | miss LU | over dB | length | stopped by |",
        "|-|-|-|-|-|-|-|-|-|",
    ]
    for m in masters:
        if m.error:
            lines.append(f"| {m.track} | {m.asked} | **{m.error}** | | | | | | |")
            continue
        length = "equal" if m.longer_samples == 0 else f"**{m.longer_samples:+d}**"
        wrong = "" if m.loudness_right else "**"
        loud = "**" if m.over_db > OVER_DB else ""
        lines.append(
            f"| {m.track} | {m.asked} | {m.style} | {m.target_lufs:.2f} | {m.reads_lufs:.2f} "
            f"| {wrong}{m.miss_lu:+.3f}{wrong} | {loud}{m.over_db:+.3f}{loud} | {length} "
            f"| {m.stopped_by} |"
        )
    return "\n".join(lines)


def masters_goals(masters):
    """What every master has to hold."""
    made = [m for m in masters if not m.error]
    free = [m for m in made if not m.stopped_by]
    n = f"{len(masters)}"
    goals = [Goal("masters made", f"{len(made)} of {n}", "all", len(made) == len(masters))]
    if not made:
        return goals
    worst = max((abs(m.miss_lu) for m in free), default=0.0)
    above = max((m.miss_lu for m in made if m.stopped_by), default=-1.0)
    over = max(m.over_db for m in made)
    unequal = sum(m.longer_samples != 0 for m in made)
    return [
        *goals,
        Goal(
            f"largest loudness miss of the {len(free)} that nothing stopped",
            f"{worst:.3f} LU",
            f"at most {MISS_LU} LU",
            worst <= MISS_LU,
        ),
        Goal(
            f"the {len(made) - len(free)} that a rule stopped: highest above the target",
            f"{above:+.3f} LU",
            f"at most {MISS_LU} LU",
            above <= MISS_LU,
        ),
        Goal(
            "true peak at 16x over the ceiling, largest",
            f"{over:+.3f} dB",
            f"at most {OVER_DB} dB",
            over <= OVER_DB,
        ),
        Goal("length equal to the input's", f"{unequal} differ", "none", unequal == 0),
    ]


def beaten(table, name):
    """Whether one and the same peer has both less LSD and less crest loss in this row."""
    mine = table["burnish"][name]
    peers = (rows.get(name) for who, rows in table.items() if who != "burnish")
    figures = ("lsd_db", "crest_loss_db")
    return any(row and all(row[f] < mine[f] - 0.005 for f in figures) for row in peers)


def limiter_goals(table):
    """burnish's row against the best peer of each row, and its tones."""
    rows = table["burnish"]
    goals = []
    reached = [row for name, row in rows.items() if name != "tones" and row]
    missing = len(rows) - 1 - len(reached)
    over = max(row["over_db"] for row in reached)
    goals.append(Goal("limiter: rows out of reach", f"{missing}", "none", missing == 0))
    goals.append(Goal("limiter: over the ceiling", f"{over:+.3f} dB", "0.00", over < 0.005))
    for name, row in rows.items():
        if name == "tones" or row is None:
            continue
        for figure, word in (("lsd_db", "LSD"), ("crest_loss_db", "crest loss")):
            best = limiters.best_peer(table, name, figure)
            holding = limiters.best_peer(table, name, figure, most_over_db=HOLDS_CEILING_DB)
            goal = "no peer reaches it" if best is None else f"at most {best:.2f}"
            if holding is not None and best is not None and holding > best + 0.005:
                goal += f" ({holding:.2f} by a peer that holds the ceiling)"
            passed = best is None or round(row[figure], 2) <= round(best, 2)
            goals.append(Goal(f"{word}, {name} LUFS", f"{row[figure]:.2f} dB", goal, passed))
    behind = [name for name, row in rows.items() if name != "tones" and row and beaten(table, name)]
    goals.append(
        Goal(
            "rows where one peer is better in both", ", ".join(behind) or "none", "none", not behind
        )
    )
    for key, most in TONES_DB.items():
        value = rows["tones"][key]
        at = "60 Hz" if "60" in key else "1 kHz"
        goals.append(
            Goal(f"THD+N at {at}", f"{value:.0f} dB", f"at most {most:.0f} dB", value <= most)
        )
    return goals


def limiters_table(table):
    """The limiter table in markdown: over the ceiling / LSD / crest loss for each."""
    names = list(table)
    lines = ["| music @ LUFS | " + " | ".join(names) + " |", "|-" * (len(names) + 1) + "|"]
    for row in table["burnish"]:
        if row == "tones":
            continue
        cells = []
        for name in names:
            f = table[name].get(row)
            if f is None:
                cells.append("cannot reach it")
            else:
                cells.append(f"{f['over_db']:+.2f} / {f['lsd_db']:.2f} / {f['crest_loss_db']:.2f}")
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    for key, word in (
        ("thd_n_60_hz_db", "THD+N 60 Hz, dB"),
        ("thd_n_1_khz_db", "THD+N 1 kHz, dB"),
        ("pumping_db", "pumping, dB p-p"),
    ):
        cells = [f"{table[name]['tones'][key]:.1f}" for name in names]
        lines.append(f"| {word} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    """Judge everything, write the section of the page, exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="tracks whose path holds this text")
    parser.add_argument("--no-limiters", action="store_true")
    parser.add_argument("--tables", nargs="*", choices=TABLES, default=list(TABLES))
    parser.add_argument("--no-page", action="store_true", help="print only")
    asked = parser.parse_args()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    masters = []
    with tempfile.TemporaryDirectory(
        dir="/dev/shm" if Path("/dev/shm").is_dir() else None
    ) as folder:
        for track in (one for one in music() if asked.only in one):
            for lufs in TARGETS_LUFS:
                masters.append(judged(track, lufs, folder))
                say(masters_table(masters[-1:]).splitlines()[-1])
    goals = masters_goals(masters)
    text = f"""## Quality

{circumstances()}

Masters of every music track of the corpus, the written file judged by measures of their own
(bench/metrics.py: BS.1770 in scipy, true peak at 16x by a 128-tap interpolator, lengths by ffmpeg).
Over: true peak over the ceiling.

{masters_table(masters)}
"""
    if not asked.no_limiters:
        try:
            table = limiters.judge_peers(say=say)
        except limiters.PeersMissing as missing:
            say(f"THE PEERS ARE MISSING: {missing}")
            goals.append(Goal("limiter against its peers", str(missing), "all rows", None))
            table = {}
        table = {"burnish": limiters.judge(ours.limiter)} | table
        goals += limiter_goals(table)
        text += f"""
### Limiters

Excerpts of 30 s, ceiling -1 dBTP, loudness made equal within 0.02 LU by the input gain. Each cell:
true peak over the ceiling / LSD / crest loss, in dB. LSD: Hann windows of 512, 2048 and 8192, 75 %
overlap; RMS of the log ratio of output to input at equal loudness over bins within 70 dB of the
largest, mean of windows, channels and sizes. Crest loss: mean loss of sample peak to RMS in 50 ms.
THD+N: a sine 6 dB over the ceiling. Pumping: how far kicks 6 dB over the ceiling move a quiet bed.

{limiters_table(table)}
"""
    text += f"\n### Goals of quality\n\n{goals_table(goals)}\n"
    texts = {"quality": text}
    for name in asked.tables:
        try:
            texts[name], found = TABLES[name].section(say)
        except limiters.PeersMissing as missing:
            say(f"THE PEERS ARE MISSING: {missing}")
            found = [Goal(f"table {name}", str(missing), "all rows", None)]
        goals += found
    for name, text in texts.items():
        if asked.no_page:
            print(text)
        else:
            write_section(name, text)
    sys.exit(exit_code(goals))


if __name__ == "__main__":
    main()
