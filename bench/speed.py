"""`make bench`: how long a master takes and how much memory, beside the peers, in one run.

    python -m bench.speed [--rounds 3] [--minutes 4 15 60] [--no-page]

Whole processes are timed, start-up included, everything interleaved so that a busy machine is
unfair to all alike. Exit 1 when a goal is missed.
"""

import argparse
import ctypes
import ctypes.util
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import soundfile

from bench import metrics, mixes
from bench.limiters import CORPUS, ROOT, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

WORK = ROOT / "build" / "bench"
BURNISH = Path(sys.executable).with_name("burnish")
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
LOUDNESS_LUFS = -14.0
WITH_REFERENCE = "burnish master, with the reference"

READ_AND_WRITE = """
import sys, soundfile
x, rate_hz = soundfile.read(sys.argv[1], always_2d=True)
soundfile.write(sys.argv[2], x, rate_hz, "PCM_24")
"""
MATCHERING = """
import sys, matchering
mix, reference, output = sys.argv[1:]
matchering.process(target=mix, reference=reference, results=[matchering.pcm24(output)])
"""


@dataclass(frozen=True)
class Run:
    """One whole process: wall time, processor time, largest memory of it and its children."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    exit_code: int


def memory_kib(pid):
    """Resident memory of a process and all below it now, and the largest any one of them had."""
    total = high = 0
    waiting = [pid]
    while waiting:
        pid = waiting.pop()
        try:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
                elif line.startswith("VmHWM:"):
                    high = max(high, int(line.split()[1]))
            for task in os.listdir(f"/proc/{pid}/task"):
                waiting += Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        except OSError:
            continue  # it has ended
    return total, high


def environment_of(more):
    """Ours and more, in which Python keeps its bytecode, as an installed program has it."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(WORK / "bytecode")} | more


def run(command, **environment):
    """Run a command to its end and watch it. Memory is looked at every 20 ms."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment_of(environment),
    )
    most = 0
    ended = threading.Event()

    def watch():
        nonlocal most
        while not ended.wait(0.02):
            most = max(most, *memory_kib(process.pid))

    def drain():
        nonlocal said
        said = process.stderr.read()

    said = b""
    threads = [threading.Thread(target=target) for target in (watch, drain)]
    for thread in threads:
        thread.start()
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    for thread in threads:
        thread.join()
    if process.returncode:
        print(f"{command[0]}: exit {process.returncode}: {said.decode()[-300:]}", file=sys.stderr)
    return Run(wall_s, used.ru_utime + used.ru_stime, most / 1024, process.returncode)


def median(runs, field):
    """Median of a field over the runs that ended well; None when none did."""
    values = [getattr(one, field) for one in runs if one.exit_code == 0]
    return statistics.median(values) if values else None


def master(mix, output, *more):
    """The command that masters a mix."""
    return [BURNISH, "master", mix, "-o", output, "--overwrite", "--quiet", *more]


def contest(mix, folder, rounds, say):
    """{name: [Run]} of burnish, the peers and plain reading and writing, interleaved."""
    reference = folder / "reference.wav"
    x, rate_hz = read(CORPUS / "tracks" / "08_morin_on_the_run.ogg", 0, 240)
    soundfile.write(reference, (x * 0.85).T, rate_hz, "PCM_16")
    lufs = f"{LOUDNESS_LUFS:g}"
    commands = {
        "read and write": [sys.executable, "-c", READ_AND_WRITE, mix, folder / "copy.wav"],
        "burnish master": master(mix, folder / "plain.wav"),
        f"burnish master, {lufs} LUFS": master(mix, folder / "at.wav", "--loudness-lufs", lufs),
        WITH_REFERENCE: master(mix, folder / "matched.wav", "--reference", reference),
    }
    peers = {
        "matchering": [
            *(PEER_PYTHON, "-W", "ignore", "-c", MATCHERING),
            *(mix, reference, folder / "matchering.wav"),
        ],
        "libsonare streaming": [
            *(PEER_PYTHON.with_name("sonare"), "master", mix, "--preset", "streaming"),
            *("-o", folder / "libsonare.wav", "--json"),
        ],
        "ffmpeg-normalize": [
            *(PEER_PYTHON.with_name("ffmpeg-normalize"), mix, "-o", folder / "normalized.wav"),
            *("-t", lufs, "-tp", "-1", "-ar", "44100", "-c:a", "pcm_s24le", "-f", "-q"),
        ],
    }
    if subprocess.run([ROOT / "bench" / "peers.sh"], check=False).returncode == 0:
        commands |= peers
    else:
        say("THE PEERS ARE MISSING: their environment could not be made (network?)")
    for command in commands.values():  # once for the caches of disk and kernels, not counted
        run(command)
    runs = {name: [] for name in (*commands, *peers)}
    for k in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
            say(f"round {k + 1}: {name}: {runs[name][-1].wall_s:.2f} s")
    return runs


def contest_goals(runs):
    """The goals of the contest, for each way of calling burnish.

    At -14 LUFS it does the peers' job; at the style's own loudness, which no peer is asked for, it
    works harder, and on these parts of eight songs in a row it renders the whole twice. With the
    reference it does matchering's.
    """
    walls = {name: median(of, "wall_s") for name, of in runs.items()}
    goals = []
    alone = (("matchering", 0.35), ("libsonare streaming", 0.3), ("read and write", 8.0))
    jobs = {
        f"burnish master, {LOUDNESS_LUFS:g} LUFS": (f"{LOUDNESS_LUFS:g} LUFS", alone),
        "burnish master": ("the style's own loudness", alone),
        WITH_REFERENCE: ("with the same reference", (("matchering", 0.5),)),
    }
    for ours, (job, peers) in jobs.items():
        for name, most in peers:
            known = walls[ours] is not None and walls[name] is not None
            ratio = walls[ours] / walls[name] if known else None
            text = f"{ratio:.2f}" if known else "could not be run"
            title = f"{job}: wall time against {name}"
            goals.append(Goal(title, text, f"at most {most:g}", known and ratio <= most))
    mib = median(runs[WITH_REFERENCE], "peak_mib") or math.inf  # inf: could not be run
    title = "with the same reference: peak memory"
    return [*goals, Goal(title, f"{mib:.0f} MiB", "at most 350 MiB", mib <= 350)]


def contest_table(runs):
    """The contest as a table of markdown."""
    lines = ["| process | wall s | processor s | memory MiB |", "|-|-|-|-|"]
    for name, of in runs.items():
        if (wall_s := median(of, "wall_s")) is None:
            lines.append(f"| {name} | **MISSING: could not be run** | | |")
            continue
        cpu_s, mib = median(of, "cpu_s"), median(of, "peak_mib")
        lines.append(f"| {name} | {wall_s:.2f} | {cpu_s:.2f} | {mib:.0f} |")
    return "\n".join(lines)


def length(folder, minutes, shortest, say):
    """{minutes: Run} of mastering mixes of growing length, each made and deleted again.

    ``shortest`` are the runs of the contest, which stand for the first length.
    """
    well = [one for one in shortest if one.exit_code == 0] or shortest
    cost = [statistics.median(getattr(one, field) for one in well) for field in ("wall_s", "cpu_s")]
    runs = {minutes[0]: Run(*cost, max(one.peak_mib for one in well), well[0].exit_code)}
    for many in minutes[1:]:
        mix, output = folder / "mix.wav", folder / "long.wav"
        mixes.write_mix(mix, many)
        runs[many] = run(master(mix, output, "--loudness-lufs", f"{LOUDNESS_LUFS:g}"))
        say(f"{many} min: {runs[many].wall_s:.1f} s, {runs[many].peak_mib:.0f} MiB")
        mix.unlink()
        output.unlink(missing_ok=True)
    return runs


def length_goals(runs):
    """Memory of the shortest and the longest, and seconds per minute along the way."""
    if any(one.exit_code for one in runs.values()):
        return [Goal("memory and time on long mixes", "a run failed", "", None)]
    minutes = sorted(runs)
    first, last = runs[minutes[0]], runs[minutes[-1]]
    growth = last.peak_mib / first.peak_mib
    goals = [
        Goal(
            f"peak memory, {minutes[0]} minutes",
            f"{first.peak_mib:.0f} MiB",
            "at most 350 MiB",
            first.peak_mib <= 350,
        ),
        Goal(
            f"peak memory, {minutes[-1]} minutes against {minutes[0]}",
            f"{last.peak_mib:.0f} MiB, {growth:.2f} times",
            "at most 1.2 times",
            growth <= 1.2,
        ),
    ]
    # Linear: each further minute costs the same, so the last stretch is no dearer than the first.
    # 1.25 leaves room for what one run on a shared machine scatters.
    if len(minutes) >= 3:
        costs = [(runs[b].wall_s - runs[a].wall_s) / (b - a) for a, b in pairwise(minutes)]
        text = ", then ".join(f"{cost:.2f}" for cost in costs) + " s"
        passed = costs[-1] <= 1.25 * costs[0]
        goals.append(Goal("each further minute", text, "late at most 1.25 of early", passed))
    return goals


def first_run(mix, folder, warm_s):
    """The goal for the first run ever: kernels not compiled yet."""
    with tempfile.TemporaryDirectory(dir=folder) as cold:
        command = master(mix, folder / "cold.wav", "--loudness-lufs", f"{LOUDNESS_LUFS:g}")
        once = run(command, NUMBA_CACHE_DIR=cold)
        compiled = len(list(Path(cold).rglob("*.nbc")))
    if once.exit_code or warm_s is None or not compiled:
        return Goal("first run ever, extra seconds", "could not be run", "at most 20 s", None)
    extra_s = once.wall_s - warm_s
    text = f"{extra_s:.1f} s ({compiled} kernels compiled)"
    return Goal("first run ever, extra seconds", text, "at most 20 s", extra_s <= 20)


def help_time():
    """The goal for burnish --help."""
    runs = [run([BURNISH, "--help"]) for _ in range(6)][1:]
    wall_s = median(runs, "wall_s")
    if wall_s is None:
        return Goal("burnish --help", "could not be run", "under 0.3 s", None)
    return Goal("burnish --help", f"{wall_s:.2f} s", "under 0.3 s", wall_s < 0.3)


class Ebur128:
    """libebur128 through ctypes: integrated, range, true peak, momentary and short-term."""

    MODE = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5)  # M S I LRA sample true

    def __init__(self):
        self.library = ctypes.CDLL(ctypes.util.find_library("ebur128") or "libebur128.so.1")
        self.library.ebur128_init.restype = ctypes.c_void_p

    def measure(self, interleaved, rate_hz):
        """All figures of interleaved float64 samples, fed in 100 ms, M and S asked each time."""
        call, value = self.library, ctypes.c_double()
        n, channels = interleaved.shape
        state = ctypes.c_void_p(call.ebur128_init(channels, ctypes.c_ulong(rate_hz), self.MODE))
        asked, largest = ctypes.byref(value), {"momentary": float("-inf"), "shortterm": -1e9}
        step = rate_hz // 10
        for start in range(0, n, step):
            block = interleaved[start : start + step]
            where = block.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
            call.ebur128_add_frames_double(state, where, ctypes.c_size_t(len(block)))
            for name in largest:
                getattr(call, f"ebur128_loudness_{name}")(state, asked)
                largest[name] = max(largest[name], value.value)
        figures = {}
        for name in ("global", "range"):
            getattr(call, f"ebur128_loudness_{name}")(state, asked)
            figures[name] = value.value
        peaks = []
        for channel in range(channels):
            call.ebur128_true_peak(state, ctypes.c_uint(channel), asked)
            peaks.append(value.value)
        call.ebur128_destroy(ctypes.byref(state))
        return figures | {"true_peak": max(peaks)} | largest


def meter(mix, rounds):
    """The goal for measuring: all of measure() against libebur128 on the same samples."""
    goal = "measure() against libebur128 with true peak"
    try:
        judge = Ebur128()
    except OSError:
        return Goal(goal, "LIBEBUR128 IS MISSING", "at most 1.0", None)
    from burnish.audio import Audio
    from burnish.measure import measure

    samples, rate_hz = read(mix)
    interleaved = samples.T.copy()
    audio = Audio(samples, rate_hz)
    ours, theirs = [], []
    for k in range(rounds + 1):
        start = time.perf_counter()
        measure(audio)
        between = time.perf_counter()
        judge.measure(interleaved, rate_hz)
        if k:  # the first is for the caches
            ours.append(between - start)
            theirs.append(time.perf_counter() - between)
    ratio = statistics.median(ours) / statistics.median(theirs)
    text = f"{statistics.median(ours):.2f} s / {statistics.median(theirs):.2f} s = {ratio:.2f}"
    return Goal(goal, text, "at most 1.0", ratio <= 1.0)


def main():
    """Run everything, write the section of the page, exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=int, nargs="+", default=[4, 15, 60])
    parser.add_argument("--no-page", action="store_true", help="print only")
    asked = parser.parse_args()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    WORK.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="speed-", dir=WORK))
    try:
        minutes = sorted(asked.minutes)
        mix = folder / f"mix{minutes[0]}.wav"
        mixes.write_mix(mix, minutes[0])
        runs = contest(mix, folder, asked.rounds, say)
        goals = contest_goals(runs)
        made = folder / "at.wav"
        reached = metrics.integrated_lufs(*read(made)) if made.is_file() else None
        warm = next(of for name, of in runs.items() if name.endswith("LUFS"))
        goals.append(first_run(mix, folder, median(warm, "wall_s")))
        goals.append(help_time())
        goals.append(meter(mix, asked.rounds))
        lengths = length(folder, minutes, warm, say)
        goals += length_goals(lengths)
    finally:
        shutil.rmtree(folder)

    times = "\n".join(
        f"| {many} | {one.wall_s:.1f} | {one.cpu_s:.1f} | {one.peak_mib:.0f} |"
        for many, one in lengths.items()
    )
    at = "could not be made" if reached is None else f"reads {reached:.2f} LUFS"
    text = f"""## Speed

{circumstances()}

A mix of {minutes[0]} minutes, 44.1 kHz, 24 bits, made of 30 s parts of the corpus; median of
{asked.rounds} rounds, all processes in turn, caches warm. The master asked at
{LOUDNESS_LUFS:g} LUFS {at}.

{contest_table(runs)}

{goals_table(goals)}

The same parts in longer rows at {LOUDNESS_LUFS:g} LUFS, once each; the first from above, its
memory the most of any round:

| minutes | wall s | processor s | memory MiB |
|-|-|-|-|
{times}
"""
    print(text)
    if not asked.no_page:
        write_section("speed", text)
    sys.exit(exit_code(goals))


if __name__ == "__main__":
    main()
