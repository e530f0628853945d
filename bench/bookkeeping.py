"""What a batch's bookkeeping costs by itself: many rows, and workers that do nothing.

    python -m bench.bookkeeping [ROWS ...]

Each row goes through the manifest twice, to a crew that answers at once, into the ledger, and into
results.parquet; then the run is resumed, which finds all done. Each figure is of a process of its
own. One row in a hundred fails for good, one in fifty for what passes.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from burnish.apps.batch.asked import BatchSettings
from burnish.apps.batch.manifest import Manifest
from burnish.apps.batch.run import Run, open_folder
from burnish.apps.jobs import Outcome

ROWS = (100, 10_000, 100_000, 1_000_000)


class IdleCrew:
    """Workers that answer at once, with a document of the usual size."""

    workers = 16
    where = "16 workers that do nothing"

    def __init__(self) -> None:
        self._calls = 0
        self._made = Outcome("done", _result(), elapsed_s=1.0).to_json()
        self._bad = Outcome.failed("input-unreadable", "bad.wav: is no sound file").to_json()
        self._lost = Outcome.failed("place-unreachable", "a.wav: cannot be reached").to_json()

    def submit(self, call: Callable[..., str], /, *given: Any) -> "Future[str]":
        """Answer."""
        self._calls += 1
        answer: Future[str] = Future()
        kind = self._calls % 100
        answer.set_result(self._bad if not kind else self._lost if kind in (1, 51) else self._made)
        return answer

    def lost(self) -> bool:
        """Never."""
        return False


def bookkeeping(rows: int) -> dict[str, Any]:
    """Seconds and memory of a run of so many rows, and of its being resumed; in a new process."""
    words = [sys.executable, "-m", "bench.bookkeeping", "--one", str(rows)]
    told = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def _one(rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "songs.csv", f"{folder}/out"
        with source.open("w") as file:
            file.write("input,style,loudness_lufs\n")
            for i in range(rows):
                file.write(f"songs/{i // 1000:05d}/{i:09d}.wav,pop,-{10 + i % 5}\n")
        before_mib = high_mib()
        began_s, cpu_s = time.perf_counter(), time.process_time()
        asked = BatchSettings(backoff_s=0.0)
        manifest = Manifest(str(source), "master", out)
        checked = manifest.check()
        checked_s = time.perf_counter() - began_s
        ran = Run(manifest, checked, open_folder(out, asked), IdleCrew(), asked).go()
        run_s, run_cpu_s, run_mib = time.perf_counter() - began_s, time.process_time(), high_mib()
        began_again_s = time.perf_counter()
        again = Run(manifest, checked, open_folder(out, asked), IdleCrew(), asked).go(resume=True)
        assert (ran.sums["left"], again.worked) == (0, 0)
        return {
            "rows": rows,
            "check_s": round(checked_s, 2),
            "run_s": round(run_s, 2),
            "us_per_row": round(1e6 * (run_cpu_s - cpu_s) / rows, 1),
            "resume_s": round(time.perf_counter() - began_again_s, 2),
            "before_mib": round(before_mib, 1),
            "run_mib": round(run_mib, 1),
            "peak_mib": round(high_mib(), 1),
            "state_mib": round(_size_mib(Path(out) / "state"), 1),
            "results_mib": round(_size_mib(Path(out) / "results.parquet"), 1),
        }


def _size_mib(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file()) / 2**20


def high_mib(pid: int | str = "self") -> float:
    """The largest resident memory that a process has had; not what began it, as rusage has it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _result() -> dict[str, Any]:
    """What a worker tells of a master, with its document in its usual size."""
    measured = {
        "loudness": {"integrated_lufs": -14.02, "range_lu": 6.1},
        "peaks": {"true_peak_dbtp": -1.02},
        "source": {"duration_s": 215.3, "rate_hz": 44100},
        "spectrum": {f"band_{i}": -20.0 - i for i in range(60)},
    }
    findings = [{"code": code, "title": "x" * 60, "detail": "y" * 120} for code in ("mud", "hiss")]
    return {
        "key": "0" * 64,
        "did": "made",
        "outputs": [{"url": "/out/a.master.wav", "bytes": 57_000_000, "sha256": "1" * 64}],
        "input_sha256": "2" * 64,
        "input_bytes": 57_000_000,
        "audio_s": 215.3,
        "cpu_s": 11.2,
        "memory_mib": 310.0,
        "document": {"before": measured, "after": measured, "findings": findings},
    }


def main() -> None:
    """Print a line for each size."""
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        print(json.dumps(_one(int(words[1]))))
        return
    for rows in map(int, words) if words else ROWS:
        print(json.dumps(bookkeeping(rows)), flush=True)


if __name__ == "__main__":
    main()
