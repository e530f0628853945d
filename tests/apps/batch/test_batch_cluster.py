"""A batch on real parts, each of which is killed: nothing is lost, nothing is done twice."""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from parts_of_a_cluster import Cluster, end, until
from sounds_of_batches import bomb, song

from burnish.apps.batch.executors import executor_for
from burnish.apps.batch.places import Place
from burnish.errors import OutputError
from burnish.master import master

N_HERE, N_STORE, N_WEB = 8, 3, 1
HOW = {"loudness_lufs": -16.0}
OTHER = {"loudness_lufs": -20.0, "format": "flac"}
BAD = {
    "pipe": "input-not-file",
    "hangs": "job-timeout",
    "bomb": "job-timeout",
    "text": "input-.*",
    "absent": "input-missing",
}


class Web(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; what is called hangs.wav begins and never ends."""

    def do_GET(self) -> None:
        if not self.path.endswith("hangs.wav"):
            super().do_GET()
            return
        self.send_response(200)
        self.end_headers()
        while not ended.is_set():
            self.wfile.write(b"RIFF")
            ended.wait(0.5)

    def log_message(self, *_: object) -> None:
        pass


ended = threading.Event()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("web")

    class Here(Web):
        def __init__(self, *words: Any) -> None:
            super().__init__(*words, directory=str(folder))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Here) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}", folder
        ended.set()
        served.shutdown()


@pytest.fixture(scope="module")
def store() -> Iterator[dict[str, dict[str, Any]]]:
    """An s3 store; its options for fsspec."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    options = {"endpoint_url": f"http://127.0.0.1:{port}", "key": "k", "secret": "s"}
    storage: dict[str, dict[str, Any]] = {"s3": options}
    import s3fs

    s3fs.S3FileSystem(**options).mkdir("songs")
    yield storage
    server.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@dataclass
class Catalogue:
    """Rows, good and bad, and the mixes of the good ones as files here."""

    rows: list[dict[str, Any]]
    mixes: dict[str, Path]


@pytest.fixture(scope="module")
def catalogue(
    tmp_path_factory: pytest.TempPathFactory,
    web: tuple[str, Path],
    store: dict[str, dict[str, Any]],
) -> Catalogue:
    folder = tmp_path_factory.mktemp("mixes")
    url, served = web
    rows: list[dict[str, Any]] = []
    mixes: dict[str, Path] = {}
    for i in range(N_HERE + N_STORE + N_WEB):
        mix = song(folder / f"{i:02d}.wav", i)
        row: dict[str, Any] = {"input": str(mix), **(OTHER if i % 5 == 4 else HOW)}
        if N_HERE <= i < N_HERE + N_STORE:
            row["input"] = f"s3://songs/in/{i:02d}.wav"
            row["output"] = f"s3://songs/out/{i:02d}.{row.get('format', 'wav')}"
            Place.of(row["input"], store).put(mix)
        elif i >= N_HERE + N_STORE:
            (served / mix.name).write_bytes(mix.read_bytes())
            row["input"] = f"{url}/{mix.name}"
        rows.append(row)
        mixes[row["input"]] = mix
    os.mkfifo(folder / "pipe.wav")
    (folder / "text.wav").write_text("I am no song. " * 100)
    bomb(folder / "bomb.flac")
    for place, one in enumerate([folder / "pipe.wav", folder / "text.wav"]):
        rows.insert(2 * place, {"input": str(one)})
    rows += [{"input": "s3://songs/in/absent.wav"}]
    rows += [{"input": str(folder / "bomb.flac")}, {"input": f"{url}/hangs.wav"}]
    return Catalogue(rows, mixes)


class Driver:
    """``burnish batch`` in a process of its own."""

    def __init__(self, folder: Path, storage: dict[str, dict[str, Any]], address: str) -> None:
        self._folder = folder
        self._words = [
            sys.executable, "-m", "burnish", "batch", str(folder / "rows.jsonl"),
            "-o", str(folder / "out"), "--scheduler", address, "--no-report",
            "--time-limit-s", "8", "--memory-limit-mib", "1024", "--patience-s", "60",
            "--retries", "1", "--storage", json.dumps(storage), "--json",
        ]  # fmt: skip

    def start(self, *words: str) -> "subprocess.Popen[str]":
        with (self._folder / "driver.log").open("ab") as log:
            return subprocess.Popen(
                [*self._words, *words], stdout=subprocess.PIPE, stderr=log, text=True
            )

    def made(self) -> int:
        """How many rows have their mark."""
        marks = (self._folder / "out" / "marks").rglob("*.json")
        return sum('"state": "made"' in one.read_text() for one in marks)


def test_every_part_is_killed_and_every_song_is_delivered_once(
    cluster: Cluster, catalogue: Catalogue, store: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in catalogue.rows))
    driver = Driver(tmp_path, store, cluster.address)
    run = driver.start()
    try:
        until(lambda: driver.made() >= 2)
        until(lambda: all(_keeps_to_itself(one.pid) for one in cluster.workers))
        cluster.kill_worker(0)
        until(lambda: driver.made() >= 5)
        cluster.restart_scheduler()  # the same run goes on
        until(lambda: driver.made() >= 7)
    finally:
        end(run)
    again = driver.start("--resume")
    told = json.loads(again.communicate(timeout=200)[0])
    assert again.returncode == 4, (tmp_path / "driver.log").read_text()
    n_good, n_bad = len(catalogue.mixes), len(BAD)
    assert (told["made"] + told["stood"], told["failed"], told["left"]) == (n_good, n_bad, 0)
    rows = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert sorted(one["input"] for one in rows) == sorted(r["input"] for r in catalogue.rows)
    (tmp_path / "alone").mkdir()
    for one in rows:
        mix = catalogue.mixes.get(one["input"])
        if mix is None:
            (code,) = (v for k, v in BAD.items() if k in one["input"])
            assert one["state"] == "failed"
            assert any(_is(one["code"], c) for c in code.split("|")), one
            assert one["sentence"]
            continue
        how = next(r for r in catalogue.rows if r["input"] == one["input"])
        wishes = {k: v for k, v in how.items() if k not in ("input", "output")}
        name = f"{mix.stem}.{wishes.get('format', 'wav')}"
        alone = master(mix, tmp_path / "alone" / name, report=False, **wishes).output
        data = Place.of(one["output"], store).read()
        assert data == alone.read_bytes(), one["input"]
        assert one["sha256"] == sha256(data).hexdigest()
    names = [one.name for one in (tmp_path / "out").rglob("*")]
    names += [one.name for one in Place.of("s3://songs/out", store).list("**")]
    assert not [one for one in names if one.endswith(".part")]
    assert sum(one.endswith((".wav", ".flac")) for one in names) == n_good


def _keeps_to_itself(pid: int) -> bool:
    """Whether what a Dask worker keeps is bound to a core, its libraries to one thread each."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for one in tasks for child in one.read_text().split()]
    for child in children:
        environment = Path(f"/proc/{child}/environ").read_text().split("\0")
        told = {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "NUMBA_NUM_THREADS=1"}
        threads = Path(f"/proc/{child}/task").glob("*/status")
        cores = [re.findall(r"Cpus_allowed_list:\s*(\S+)", one.read_text())[0] for one in threads]
        if not told <= {*environment} or not all(one.isdigit() for one in cores):
            return False
    return len(children) == 1


def _is(code: str, pattern: str) -> bool:
    return code == pattern or (pattern.endswith(".*") and code.startswith(pattern[:-2]))


def test_a_scheduler_without_workers_is_said_to_have_none(tmp_path: Path) -> None:
    """Workers end with their scheduler: a new one alone is waited for, and looked like a worker."""
    with Cluster(tmp_path, workers=0) as made, executor_for(made.address) as crew:
        assert crew.lost()
        assert crew.where.split(";")[0] == f"no workers of {made.address}"
        made.add_worker()
        until(lambda: not crew.lost())
        assert crew.where.split(";")[0] == f"1 worker of {made.address}"


def test_a_cluster_that_does_not_come_back_is_said_in_one_sentence() -> None:
    began = time.monotonic()
    with pytest.raises(OutputError, match="cannot be reached") as caught:
        executor_for("tcp://127.0.0.1:9", patience_s=1.0)
    assert caught.value.code == "cluster-lost"
    assert time.monotonic() - began < 20
