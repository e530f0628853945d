"""A catalogue: songs an hour on one worker and two, what a song costs beside its master, memory.

    python -m bench.batch [--songs 8] [--minutes 4] [--rows 100 10000] [--simulated 1000000]
                          [--no-page]

`burnish batch` in a process of its own, at its defaults, report and all. Exit 1 when a goal is
missed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import soundfile

from bench.bookkeeping import bookkeeping
from bench.mixes import write_mix
from bench.page import Goal, circumstances, exit_code, goals_table, write_section
from bench.speed import BURNISH
from burnish.apps.jobs import Job, LocalPool, Outcome, Setup, attend

EFFICIENCY, OVERHEAD, FLAT = 0.9, 0.10, 1.15
WORKERS = (1, 2)


def high_mib(pid):
    """The largest resident memory that a process has had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def batch(folder, *words):
    """Run a batch; wall seconds, the driver's memory, what it says, and its rows."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [BURNISH, "batch", *words, "-o", folder, "--json", "--quiet"], stdout=subprocess.PIPE
    )
    high = 0.0
    os.set_blocking(process.stdout.fileno(), False)
    said = b""
    while process.poll() is None:
        high = max(high, high_mib(process.pid))
        said += process.stdout.read() or b""
        time.sleep(0.05)
    wall_s = time.perf_counter() - began
    said += process.stdout.read() or b""
    told = json.loads(said)
    if process.returncode or told["failed"] or told["left"]:
        raise SystemExit(f"the batch failed: {told}")
    return wall_s, high, pq.read_table(Path(folder) / "results.parquet").to_pylist()


def core_time(mixes, folder):
    """Seconds of a warm `burnish master` on one core, for each mix: what a song costs by itself."""
    with LocalPool(1, Setup(cores_each=1)) as pool:
        times = []
        for number, mix in enumerate([mixes[0], *mixes]):
            job = Job(what="master", inputs=(str(mix),), output=str(folder / f"{number}.wav"))
            outcome = Outcome.from_json(pool.submit(attend, job.to_json()).result())
            if outcome.state != "done":
                raise SystemExit(outcome.failure.sentence)
            times.append(outcome.elapsed_s)
    return times[1:]


def pace(rows, workers):
    """Seconds from one song's end to the next, while all workers work; for one worker each."""
    ends = sorted(one["ended_at"].timestamp() for one in rows)
    steady = ends[workers - 1 : len(ends) - (workers - 1)]  # without the start, and the last alone
    return workers * (steady[-1] - steady[0]) / (len(steady) - 1)


def songs(folder, n_songs, minutes, say):
    """A catalogue on one worker and on two, and each song by itself."""
    mixes = folder / "mixes"
    mixes.mkdir()
    write_mix(mixes / "000.wav", minutes)
    for number in range(1, n_songs):
        os.link(mixes / "000.wav", mixes / f"{number:03d}.wav")
    say(f"{n_songs} x {minutes} minutes by themselves")
    (folder / "alone").mkdir()
    alone = core_time(sorted(mixes.iterdir())[: min(4, n_songs)], folder / "alone")
    found = {"alone_s": statistics.median(alone)}
    for workers in WORKERS:
        say(f"{n_songs} x {minutes} minutes on {workers} workers")
        wall_s, high, rows = batch(folder / f"out{workers}", mixes, "--workers", str(workers))
        found[workers] = {
            "wall_s": wall_s,
            "pace_s": pace(rows, workers),
            "cpu_s": statistics.median(one["cpu_s"] for one in rows),
            "worker_mib": max(one["memory_mib"] for one in rows),
            "driver_mib": high,
        }
    say("the same once more")
    found["again_s"], _, _ = batch(folder / "out2", mixes, "--workers", "2")
    return found


def small_songs(folder, counts, say):
    """The driver's memory over many small songs, which are really worked on."""
    t = np.arange(4000) / 8000
    soundfile.write(folder / "one.wav", 0.1 * np.sin(2 * np.pi * 440 * t), 8000, "PCM_16")
    found = {}
    for count in counts:
        say(f"{count} small songs")
        source = folder / f"small{count}"
        source.mkdir()
        for number in range(count):
            os.link(folder / "one.wav", source / f"{number:06d}.wav")
        wall_s, high, _ = batch(folder / f"out-{count}", source, "--do", "measure")
        found[count] = {"wall_s": wall_s, "driver_mib": high}
    return found


def section(n_songs, minutes, worked, small, simulated):
    """The section of the page, and its goals."""
    one, two = (worked[workers] for workers in WORKERS)
    hour = {workers: 3600 * workers / worked[workers]["pace_s"] for workers in WORKERS}
    efficiency = hour[2] / (2 * hour[1])
    overhead = one["pace_s"] / worked["alone_s"] - 1
    few, many = small[min(small)], small[max(small)]
    growth = many["driver_mib"] / few["driver_mib"]
    goals = [
        Goal("two workers against twice one", f"{efficiency:.2f}", f"at least {EFFICIENCY:g}",
             efficiency >= EFFICIENCY),
        Goal("a song over its master alone, warm, on one core", f"{100 * overhead:+.1f} %",
             f"at most {100 * OVERHEAD:g} %", overhead <= OVERHEAD),
        Goal(f"memory of the driver, {max(small)} rows against {min(small)}", f"{growth:.2f} times",
             f"at most {FLAT:g} times", growth <= FLAT),
    ]  # fmt: skip
    lines = [
        "## Batch",
        "",
        circumstances(),
        "",
        f"{n_songs} songs of {minutes} minutes, 44.1 kHz, 24 bits, with report and the pair to be "
        f"heard, each worker on a core of its own. By itself, warm, on one core, a song takes "
        f"{worked['alone_s']:.2f} s. Songs per hour are while all workers work; the wall time is "
        "the whole command, start and all.",
        "",
        "| workers | songs per hour | s of a core per song | wall s | worker MiB | driver MiB |",
        "|-|-|-|-|-|-|",
        *(
            f"| {workers} | {hour[workers]:.0f} | {run['pace_s']:.2f} | {run['wall_s']:.1f} | "
            f"{run['worker_mib']:.0f} | {run['driver_mib']:.0f} |"
            for workers, run in ((1, one), (2, two))
        ),
        "",
        f"The same command once more, which finds all done: {worked['again_s']:.1f} s.",
        "",
        goals_table(goals),
        "",
        "Small songs (half a second, `--do measure`), and rows with workers that do nothing:",
        "",
        "| rows | wall s | driver MiB | ms of the driver per row | resumed s | state MiB |",
        "|-|-|-|-|-|-|",
        *(
            f"| {count}, worked | {run['wall_s']:.0f} | {run['driver_mib']:.0f} | | | |"
            for count, run in small.items()
        ),
        *(
            f"| {run['rows']}, simulated | {run['run_s']:.0f} | {run['run_mib']:.0f} | "
            f"{run['us_per_row'] / 1000:.3f} | {run['resume_s']:.0f} | {run['state_mib']:.0f} |"
            for run in simulated
        ),
    ]
    return "\n".join(lines), goals


def main():
    """Run, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=8)
    parser.add_argument("--minutes", type=int, default=4)
    parser.add_argument("--rows", type=int, nargs="*", default=(100, 10_000))
    parser.add_argument("--simulated", type=int, nargs="*", default=(10_000, 1_000_000))
    parser.add_argument("--no-page", action="store_true")
    asked = parser.parse_args()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        worked = songs(folder, asked.songs, asked.minutes, say)
        small = small_songs(folder, asked.rows, say)
    simulated = []
    for rows in asked.simulated:
        say(f"{rows} rows, simulated")
        simulated.append(bookkeeping(rows))
    text, goals = section(asked.songs, asked.minutes, worked, small, simulated)
    print(text)
    if not asked.no_page:
        write_section("batch", text)
    return exit_code(goals)


if __name__ == "__main__":
    sys.exit(main())
