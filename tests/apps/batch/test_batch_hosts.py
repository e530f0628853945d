"""A batch over several hosts, one of whose links is cut and mended while it runs.

The hosts are network namespaces on this machine; their disk is one, as a network share is.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hosts_of_a_cluster import Hosts, why_not
from parts_of_a_cluster import until
from sounds_of_batches import song

from burnish.master import master

N_SONGS = 10
PORT = 8786
SOON = {  # a host that is silent for so long is given up
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "4s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "6s",
}


def test_a_link_is_cut_and_mended_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(f"no hosts can be made here: {reason}; this test needs network namespaces")
    mixes = [song(tmp_path / "mixes" / f"{i:02d}.wav", i) for i in range(N_SONGS)]
    how: dict[str, Any] = {"env": {**os.environ, **SOON}, "cwd": tmp_path}
    with Hosts(3) as hosts:
        at = f"tcp://{hosts.address(0)}:{PORT}"
        dask = [sys.executable, "-m"]
        scheduler = [*dask, "distributed.cli.dask_scheduler", "--port", str(PORT)]
        worker = [*dask, "distributed.cli.dask_worker", at, "--nthreads", "1", "--no-nanny"]
        hosts.start(0, [*scheduler, "--no-dashboard", "--no-show"], tmp_path / "log", **how)
        workers = {host: hosts.start(host, worker, tmp_path / "log", **how) for host in (1, 2)}
        words = [
            sys.executable, "-m", "burnish", "batch", str(tmp_path / "mixes"), "-o",
            str(tmp_path / "out"), "--scheduler", at, "--no-report", "--json", "--quiet",
        ]  # fmt: skip
        run = hosts.start(0, words, tmp_path / "log", **how, stdout=subprocess.PIPE, text=True)

        def made() -> int:
            marks = (tmp_path / "out" / "marks").rglob("*.json")
            return sum('"state": "made"' in one.read_text() for one in marks)

        until(lambda: made() >= 3 or run.poll() is not None)
        assert run.poll() is None, (tmp_path / "log").read_text()
        hosts.cut(2)
        until(lambda: "worker-ttl" in (tmp_path / "log").read_text() or run.poll() is not None)
        hosts.mend(2)

        def over() -> bool:
            if workers[2].poll() is not None:  # as a cluster manager does it
                workers[2] = hosts.start(2, worker, tmp_path / "log", **how)
            return run.poll() is not None

        until(over)
        told = json.loads(run.communicate()[0])
    assert run.returncode == 0, told
    assert (told["made"] + told["stood"], told["left"]) == (N_SONGS, 0)
    rows = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert Counter(one["input"] for one in rows) == Counter(map(str, mixes))
    for one in rows:
        alone = master(one["input"], tmp_path / "alone.wav", report=False, overwrite=True)
        data = Path(one["output"]).read_bytes()
        assert data == alone.output.read_bytes()
        assert one["sha256"] == sha256(data).hexdigest()
    assert len(list((tmp_path / "out").rglob("*.wav"))) == N_SONGS
    assert not list((tmp_path / "out").rglob("*.part"))
