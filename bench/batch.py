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

from bench.bookkeeping import bookkeeping, high_mib
from bench.mixes import write_mix
from bench.page import PAGE, Goal, circumstances, exit_code, goals_table, write_section
from bench.speed import BURNISH
from burnish.apps.jobs import Job, LocalPool, Outcome, Setup, attend

CLUSTER = PAGE.with_name("cluster.md")
COST = ("<!-- cost: begin -->", "<!-- cost: end -->")
MANY, CORES = 100_000_000, 1000
CORE_HOUR, MILLION_PUTS, MILLION_GETS = 0.03, 5.0, 0.4  # dollars; assumed, not measured
EFFICIENCY, OVERHEAD, FLAT = 0.9, 0.10, 1.15
WORKERS = (1, 2)


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
    steady = ends[workers - 1 :]  # from where each has ended its first: without the start
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
    marks = [one.stat().st_size for one in (folder / "out2" / "marks").rglob("*.json")]
    found["mark_kib"] = statistics.mean(marks) / 1024
    found["in_mb"] = rows[0]["input_bytes"] / 1e6
    found["out_mb"] = rows[0]["output_bytes"] / 1e6
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


def cost(minutes, worked, simulated):
    """What a hundred million songs come to, from what was measured; as a table of markdown."""
    core_s = worked[2]["pace_s"]
    most = max(simulated, key=lambda one: one["rows"])
    years = MANY * core_s / (365.25 * 86400)
    flow = CORES * (worked["in_mb"] + worked["out_mb"]) / core_s / 1000
    driver_h = MANY * most["us_per_row"] / 3.6e9
    few = min(simulated, key=lambda one: one["rows"])
    each_mib = (most["run_mib"] - few["run_mib"]) / max(1, most["rows"] - few["rows"])
    rows = [
        ("seconds of a core for one song", f"{core_s:.1f}"),
        ("years of one core", f"{years:,.0f}"),
        (f"days on {CORES} cores", f"{years / CORES * 365.25:,.0f}"),
        (f"dollars for the cores, at {CORE_HOUR:g} an hour", f"{years * 8766 * CORE_HOUR:,.0f}"),
        ("read and written, PB", f"{MANY * worked['in_mb'] / 1e9:.1f} and "
         f"{MANY * worked['out_mb'] / 1e9:.1f}"),
        (f"through the store by {CORES} workers, GB a second", f"{flow:.1f}"),
        ("memory of those workers, GiB", f"{CORES * worked[2]['worker_mib'] / 1024:,.0f}"),
        (f"tasks a second of the scheduler, {CORES} workers", f"{CORES / core_s:,.0f}"),
        ("hours of one driver", f"{driver_h:,.1f}"),
        ("memory of one driver, GiB", f"{(few['run_mib'] + each_mib * MANY) / 1024:,.1f}"),
        ("its state, GiB", f"{most['state_mib'] / most['rows'] * MANY / 1024:,.1f}"),
        ("marks, TB", f"{MANY * worked['mark_kib'] * 1024 / 1e12:.1f}"),
        (f"dollars for five puts a song, at {MILLION_PUTS:g} a million",
         f"{MANY * 5 * MILLION_PUTS / 1e6:,.0f}"),
        (f"dollars for ten gets a song, at {MILLION_GETS:g} a million",
         f"{MANY * 10 * MILLION_GETS / 1e6:,.0f}"),
    ]  # fmt: skip
    lines = [
        "Worked out by `make bench` from its figures on one machine "
        f"([benchmarks](benchmarks.md#batch)), for songs of {minutes} minutes with report. "
        "The prices are assumed, and nothing of this size was run.",
        "",
        "| 100 million songs | |",
        "|-|-|",
        *(f"| {what} | {figure} |" for what, figure in rows),
    ]
    return "\n".join(lines)


def write_cost(text):
    """Put it between its marks in docs/cluster.md."""
    before, rest = CLUSTER.read_text().split(COST[0])
    after = rest.split(COST[1])[1]
    CLUSTER.write_text(f"{before}{COST[0]}\n{text}\n{COST[1]}{after}")


def main():
    """Run, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=8)
    parser.add_argument("--minutes", type=int, default=4)
    parser.add_argument("--rows", type=int, nargs="*", default=(100, 10_000))
    parser.add_argument("--simulated", type=int, nargs="*", default=(10_000, 1_000_000))
    parser.add_argument("--no-page", action="store_true")
    asked = parser.parse_args()
    if asked.songs < 4 or asked.songs % 2:
        parser.error("--songs: must be an even number, at least 4")

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
    on_paper = cost(asked.minutes, worked, simulated)
    print(text, "", on_paper, sep="\n")
    if not asked.no_page:
        write_section("batch", text)
        write_cost(on_paper)
    return exit_code(goals)


if __name__ == "__main__":
    sys.exit(main())
