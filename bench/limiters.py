"""The limiter table: what each limiter does to real music at one loudness and one ceiling.

    python -m bench.limiters --ours some_module:function      ours beside the peers
    python -m bench.limiters                                  the peers alone

A limiter is any callable (x (channels, samples), rate_hz, ceiling_dbtp, input_gain_db) -> y of the
same shape, aligned in time. Each gets the input gain that brings its output to the asked loudness;
then output and input, made equally loud, are compared. Peers' figures are kept in build/bench/ and
made again when a measure, a version or an excerpt changes.
"""

import argparse
import contextlib
import hashlib
import importlib
import inspect
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from bench import metrics

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("BURNISH_CORPUS", ROOT.parent / "shared" / "audio"))
CACHE = ROOT / "build" / "bench" / "limiters.json"
CEILING_DBTP = -1.0
LOUDNESS_LUFS = (-12.0, -8.0)
TOLERANCE_LU = 0.02
MOST_GAIN_DB = 30.0  # more input gain than this over the plain difference: "cannot reach it"

# name: file of the corpus, first second, seconds. All stand below -12 LUFS: both rows need work.
EXCERPTS = {
    "01 folk pop, vocal": ("tracks/01_karissa_lets_go_fishin.ogg", 50, 30),
    "09 industrial": ("tracks/09_crystan_battlescape01.ogg", 60, 30),
    "10 orchestral": ("tracks/10_vanethian_theme.ogg", 100, 30),
    "14 electronic, drums": ("tracks/14_lmms_saber_final_step.flac", 10, 30),
    "15 electronic, chill": ("tracks/15_lmms_alf42red_mauiwowi.flac", 10, 30),
    "song1 pop/rock": ("stems/song1/mix_unmastered.flac", 15, 30),
    "song1 drums +9 dB": ("stems/song1", 15, 30),
}


# ---- the music -------------------------------------------------------------------------------


def read(path, start_s=0.0, seconds=None):
    """Samples (channels, samples) and rate of a part of a file, or of all of it."""
    with soundfile.SoundFile(path) as file:
        rate_hz = file.samplerate
        file.seek(round(start_s * rate_hz))
        n = -1 if seconds is None else round(seconds * rate_hz)
        return np.ascontiguousarray(file.read(n, dtype="float64", always_2d=True).T), rate_hz


@cache
def excerpt(name):
    """Samples and rate of a named excerpt; a folder of stems is summed, its drums 9 dB up."""
    where, start_s, seconds = EXCERPTS[name]
    path = CORPUS / where
    if path.is_file():
        return read(path, start_s, seconds)
    total = 0.0
    for stem in ("drums", "bass", "guitars", "keys", "lead"):
        samples, rate_hz = read(path / f"{stem}.flac", start_s, seconds)
        total = total + samples * 10 ** ((9.0 if stem == "drums" else 0.0) / 20)
    return total, rate_hz


# ---- the peers -------------------------------------------------------------------------------


class PeersMissing(RuntimeError):
    """The environment of the peers could not be made."""


def make_peers():
    """Make the environment of the peers where it is not there yet, or raise PeersMissing."""
    made = subprocess.run(
        [ROOT / "bench" / "peers.sh"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise PeersMissing(f"peers.sh failed: {made.stderr.strip().splitlines()[-1:]}")


class Worker:
    """One process in .venv-peers that runs the peers' limiters and judges (bench/peer_worker.py).

    Threads may share it: it does one job at a time.
    """

    def __init__(self):
        make_peers()
        self.free = threading.Lock()
        self.folder = tempfile.TemporaryDirectory(
            dir="/dev/shm" if Path("/dev/shm").is_dir() else None
        )
        self.process = subprocess.Popen(
            [
                ROOT / ".venv-peers" / "bin" / "python",
                "-W",
                "ignore",
                ROOT / "bench" / "peer_worker.py",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def limit(self, peer, x, rate_hz, ceiling_dbtp, input_gain_db):
        """``x`` through a peer's limiter."""
        job = {
            "peer": peer,
            "input": f"{self.folder.name}/in.npy",
            "output": f"{self.folder.name}/out.npy",
            "rate_hz": rate_hz,
            "ceiling_db": ceiling_dbtp,
            "input_gain_db": input_gain_db,
        }
        with self.free:
            np.save(job["input"], x)
            self.answer(peer, job)
            return np.load(job["output"])

    def judge(self, judge, x, y, rate_hz):
        """What ``judge`` (visqol, zimtohrli) says of ``y`` held against ``x``."""
        job = {
            "judge": judge,
            "input": f"{self.folder.name}/in.npy",
            "output": f"{self.folder.name}/out.npy",
            "rate_hz": rate_hz,
        }
        with self.free:
            np.save(job["input"], x)
            np.save(job["output"], y)
            return self.answer(judge, job)["figure"]

    def reduce(self, x, noise, rate_hz, settings):
        """``x`` through noisereduce; ``noise`` without samples: it takes what it needs from x."""
        job = {
            "reduce": settings,
            "input": f"{self.folder.name}/in.npy",
            "noise": f"{self.folder.name}/noise.npy",
            "output": f"{self.folder.name}/out.npy",
            "rate_hz": rate_hz,
        }
        with self.free:
            np.save(job["input"], x)
            np.save(job["noise"], noise)
            self.answer("noisereduce", job)
            return np.load(job["output"])

    def answer(self, who, job):
        """Send a job and wait for what comes of it."""
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer["error"]:
            raise RuntimeError(f"{who}: {answer['error']}")
        return answer


@cache
def worker():
    """The one worker of this process."""
    return Worker()


def alimiter(x, rate_hz, ceiling_dbtp, input_gain_db, oversampling=4):
    """ffmpeg's alimiter at 4x, its automatic level off, its delay compensated, the rest default."""
    limit = f"alimiter=limit={10 ** (ceiling_dbtp / 20):.9f}:level=false:latency=true"
    steps = [f"volume={input_gain_db:.6f}dB:precision=double", limit]
    if oversampling > 1:
        steps[1:] = [f"aresample={rate_hz * oversampling}", limit, f"aresample={rate_hz}"]
    sound = ["-f", "f64le", "-ar", str(rate_hz), "-ac", str(x.shape[0])]
    done = subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            *sound,
            "-i",
            "pipe:",
            "-af",
            ",".join(steps),
            "-f",
            "f64le",
            "pipe:",
        ],
        input=np.ascontiguousarray(x.T).tobytes(),
        capture_output=True,
        check=True,
    )
    y = np.frombuffer(done.stdout).reshape(-1, x.shape[0]).T[:, : x.shape[1]]
    return np.pad(y, ((0, 0), (0, x.shape[1] - y.shape[1])))


def in_worker(peer):
    """A peer of the worker as a limiter."""
    return lambda *job: worker().limit(peer, *job)


PEERS = {
    "matchering": in_worker("matchering"),
    "ffmpeg alimiter 4x": alimiter,
    "pedalboard.Limiter": in_worker("pedalboard.Limiter"),
    "pedalboard.BrickwallLimiter": in_worker("pedalboard.BrickwallLimiter"),
}


# ---- judging ---------------------------------------------------------------------------------


def made_loud(limiter, x, rate_hz, loudness_lufs, ceiling_dbtp):
    """The limiter's output within 0.02 LU of a loudness and the input gain for it, or None."""
    gain_db = least_db = loudness_lufs - metrics.integrated_lufs(x, rate_hz)
    below = above = None  # (gain in dB, miss in LU) on each side of the target
    stuck = 0
    for _ in range(40):
        y = limiter(x, rate_hz, ceiling_dbtp, gain_db)
        miss = metrics.integrated_lufs(y, rate_hz) - loudness_lufs
        if abs(miss) <= TOLERANCE_LU:
            return y, gain_db
        if miss < 0:
            stuck = stuck + 1 if below and above else 0
            below = (gain_db, miss)
        else:
            stuck = stuck - 1 if below and above else 0
            above = (gain_db, miss)
        if below is None:  # a limiter with gain of its own
            gain_db -= max(1.0, 1.5 * miss)
        elif above is None:
            if gain_db >= least_db + MOST_GAIN_DB:
                return None
            gain_db = min(gain_db + max(0.5, -1.5 * miss), least_db + MOST_GAIN_DB)
        elif abs(stuck) > 1:  # the straight line keeps landing on one side: halve instead
            gain_db, stuck = (below[0] + above[0]) / 2, 0
        else:
            share = below[1] / (below[1] - above[1])
            gain_db = below[0] + share * (above[0] - below[0])
        if below and above and above[0] - below[0] < 1e-6:
            return None
    return None


def judge_one(limiter, x, rate_hz, loudness_lufs, ceiling_dbtp=CEILING_DBTP):
    """A row of the table: one limiter, one piece of music; None if the loudness is out of reach."""
    made = made_loud(limiter, x, rate_hz, loudness_lufs, ceiling_dbtp)
    if made is None:
        return None
    y, gain_db = made
    return {
        "over_db": metrics.true_peak_dbtp(y, rate_hz) - ceiling_dbtp,
        "lsd_db": metrics.log_spectral_distance_db(x, y, rate_hz),
        "crest_loss_db": metrics.crest_loss_db(x, y, rate_hz),
        "input_gain_db": gain_db,
        "loudness_lufs": metrics.integrated_lufs(y, rate_hz),
    }


def judge_tones(limiter):
    """THD+N at 60 Hz and 1 kHz with a sine 6 dB over the ceiling, and the pumping index."""
    return {
        "thd_n_60_hz_db": metrics.thd_n_db(limiter, 60.0, CEILING_DBTP),
        "thd_n_1_khz_db": metrics.thd_n_db(limiter, 1000.0, CEILING_DBTP),
        "pumping_db": metrics.pumping_db(limiter, CEILING_DBTP),
    }


def judge(limiter, names=tuple(EXCERPTS), loudness=LOUDNESS_LUFS, tones=True):
    """All rows of one limiter: {"name @ loudness": row or None}, and "tones" where asked."""
    rows = {}
    for name in names:
        x, rate_hz = excerpt(name)
        for loudness_lufs in loudness:
            rows[f"{name} @ {loudness_lufs:g}"] = judge_one(limiter, x, rate_hz, loudness_lufs)
    if tones:
        rows["tones"] = judge_tones(limiter)
    return rows


def fingerprint():
    """What the kept figures depend on, as a short hash."""
    ffmpeg = subprocess.run(["ffmpeg", "-version"], capture_output=True, check=True).stdout.split(
        b"\n"
    )[0]
    parts = [ffmpeg, repr(CEILING_DBTP).encode()]
    parts += [
        (ROOT / "bench" / name).read_bytes()
        for name in ("metrics.py", "peer_worker.py", "peers.sh")
    ]
    parts += [
        inspect.getsource(part).encode()
        for part in (made_loud, judge_one, judge_tones, alimiter, excerpt)
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def judge_peers(names=tuple(EXCERPTS), loudness=LOUDNESS_LUFS, tones=True, say=lambda _: None):
    """{peer: rows} as judge() gives them, from the kept figures where they still hold."""
    mark = fingerprint()
    kept = {}
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads(CACHE.read_text())
    if kept.get("fingerprint") != mark:
        kept = {"fingerprint": mark, "rows": {}}
    table = {}
    for peer, limiter in PEERS.items():
        table[peer] = {}
        wanted = [(name, lufs) for name in names for lufs in loudness] + (
            [("tones", None)] if tones else []
        )
        for name, lufs in wanted:
            row = name if lufs is None else f"{name} @ {lufs:g}"
            key = f"{peer} | {row} | {EXCERPTS.get(name)}"
            if key not in kept["rows"]:
                say(f"{peer}: {row}")
                if lufs is None:
                    kept["rows"][key] = judge_tones(limiter)
                else:
                    kept["rows"][key] = judge_one(limiter, *excerpt(name), lufs)
                CACHE.parent.mkdir(parents=True, exist_ok=True)
                CACHE.write_text(json.dumps(kept, indent=1))
            table[peer][row] = kept["rows"][key]
    return table


# ---- the table -------------------------------------------------------------------------------


def best_peer(table, row, figure, ours="burnish", most_over_db=math.inf):
    """The smallest figure of a row among the peers that reached it, or None.

    ``most_over_db`` leaves out peers that break the ceiling by more.
    """
    rows = [rows.get(row) for who, rows in table.items() if who != ours]
    values = [row[figure] for row in rows if row and row["over_db"] <= most_over_db]
    return min(values, default=None)


def as_text(table):
    """The table as aligned text."""
    names = list(next(iter(table.values())))
    lines = []
    for row in (name for name in names if name != "tones"):
        lines.append(f"{row:38s} {'over dB':>8s} {'LSD dB':>8s} {'crest dB':>8s} {'gain dB':>8s}")
        for who, rows in table.items():
            figures = rows[row]
            if figures is None:
                lines.append(f"    {who:34s} cannot reach it")
                continue
            keys = ("over_db", "lsd_db", "crest_loss_db", "input_gain_db")
            lines.append(f"    {who:34s} " + " ".join(f"{figures[key]:+8.2f}" for key in keys))
    if "tones" in names:
        lines.append(
            f"{'a sine 6 dB over the ceiling':38s} {'60 Hz':>8s} {'1 kHz':>8s} {'pumping':>8s}"
        )
        for who, rows in table.items():
            lines.append(
                f"    {who:34s} " + " ".join(f"{value:+8.1f}" for value in rows["tones"].values())
            )
    return "\n".join(lines)


def load(name):
    """The callable behind "module:function"."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def main():
    """Print the table; --ours puts a limiter of ours beside the peers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", action="append", default=[], metavar="MODULE:FUNCTION")
    parser.add_argument("--only", default="", help="rows whose name holds this text, e.g. 14")
    parser.add_argument("--lufs", type=float, nargs="*", default=LOUDNESS_LUFS)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-tones", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    asked = parser.parse_args()
    names = tuple(name for name in EXCERPTS if asked.only in name)
    sys.path.insert(0, os.getcwd())
    table = {}
    if not asked.no_peers:
        table = judge_peers(
            names, asked.lufs, not asked.no_tones, lambda text: print(text, file=sys.stderr)
        )
    for ours in asked.ours:
        table[ours] = judge(load(ours), names, asked.lufs, not asked.no_tones)
    print(as_text(table))
    if asked.json:
        Path(asked.json).write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
