"""`burnish studio` killed with -9 in the middle of everything: what it acknowledged is there.

The real command in a process of its own, on SQLite and on PostgreSQL: project, upload, render,
version, share, delivery, and all of it again after the kill.
"""

import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select
from studio_of_the_tests import Client, song

from burnish.apps.studio.store import Holding, Store

SONG, LONGER = song(2.0), song(6.0)
ACKNOWLEDGED = 400_000


class Running:
    """A studio in a process of its own, and its owner's client."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        at = urlsplit(address)
        self.process = process
        self.at = at.netloc
        self.token = parse_qs(at.query)["token"][0]
        self.client = Client(
            base_url=f"http://{at.netloc}",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=120,
        )

    def workers(self) -> list[int]:
        """The processes of its workers."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        children = " ".join((one / "children").read_text() for one in tasks).split()
        return [int(one) for one in children if b"jobs.worker" in _command(int(one))]

    def stop_workers_at(self, project: str, *jobs: str) -> list[int]:
        """Hold the workers as soon as one of these is in the middle of its work."""
        workers = self.workers()

        def told() -> list[Any]:
            way = f"/api/projects/{project}/jobs"
            return [self.client.get(f"{way}/{one}").json() for one in jobs]

        self.client.until(told, lambda seen: any(one["stage"] is not None for one in seen))
        for one in workers:
            os.kill(one, signal.SIGSTOP)
        assert {one["state"] for one in told()} == {"running"}
        return workers

    def half(self, request: str, n_bytes: int, data: bytes) -> socket.socket:
        """A request whose body never ends."""
        host, port = self.at.split(":")
        wire = socket.create_connection((host, int(port)))
        wire.sendall(
            f"{request} HTTP/1.1\r\nHost: {self.at}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Length: {n_bytes}\r\n\r\n".encode()
            + data
        )
        return wire


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@contextmanager
def burnish_studio(data: Path, url: str | None) -> Iterator[Running]:
    words = ["studio", "--no-browser", "--port", "0", "--data", str(data)]
    words += ["--database", url] if url else []
    with subprocess.Popen(
        [sys.executable, "-m", "burnish", *words], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("burnish studio: http://127.0.0.1:"), said
            running = Running(process, said.split()[-1])
            with running.client:
                yield running
        finally:
            process.kill()


def album_of(client: Client, project: str, version: str) -> str:
    track = {"title": "One", "artist": "Me", "file": version, "keep_as_is": True}
    release = {"title": "Ours", "artist": "Me", "tracks": [track, {**track, "title": "Two"}]}
    made = client.post(f"/api/projects/{project}/albums", json={"release": release})
    return f"/api/projects/{project}/albums/{made.json()['id']}"


def files_below(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def test_killed_in_the_middle_of_an_upload_a_render_and_a_delivery(
    tmp_path: Path, database_url: str | None
) -> None:
    data = tmp_path / "studio"
    with burnish_studio(data, database_url) as studio:
        client, known = studio.client, begin(studio)
        project = known["project"]
        jobs = known["render"], known["delivery"]
        workers = studio.stop_workers_at(project, *jobs)
        assert len(workers) == 2
        rest = LONGER[ACKNOWLEDGED:]
        way = f"/api/projects/{project}/transfers/{known['transfer']}?offset={ACKNOWLEDGED}"
        wires = [
            studio.half(f"PATCH {way}", len(rest), rest[:150_000]),
            studio.half(f"POST /api/projects/{project}/uploads?name=half.wav", 10**7, rest),
        ]
        part = data / "files" / "part"
        client.until(lambda: list(part.iterdir()), bool, 10)
        studio.process.kill()
        studio.process.wait()
        for wire in wires:
            wire.close()
        for one in workers:
            os.kill(one, signal.SIGCONT)  # they see that nobody wants them any more
    client.until(lambda: [one for one in workers if _command(one)], lambda left: not left, 10)
    assert files_below(data / "work")

    with burnish_studio(data, database_url) as studio:
        assert list(part.iterdir()) == []
        goes_on(studio, known)
        if database_url is None:  # the workers do not know where it is written
            a_killed_worker_is_said(studio, known)
        project = known["project"]
        studio.client.ready(project)
        studio.client.until(lambda: files_below(data / "work"), lambda left: not left, 10)
        assert files_below(data / "coming") == []
        assert [one.name for one in (data / "deliveries").iterdir()] == [known["delivery"]]
        studio.process.terminate()
        assert studio.process.wait(20) is not None
    with Store.open(data, database_url) as store, store.reading() as session:
        held = {one.sha256 for one in session.scalars(select(Holding))}
        assert set(store.shelf.names()) == held
        for one in held:
            assert hashlib.sha256(store.shelf.path(one).read_bytes()).hexdigest() == one


def begin(studio: Running) -> dict[str, Any]:
    """All that is acknowledged, and three things that are in the middle."""
    client = studio.client
    project = client.project()
    upload = client.upload(project, SONG, master=True)
    client.ready(project)
    version = client.get(f"/api/projects/{project}/versions").json()[0]
    there = f"/api/projects/{project}/versions/{version['id']}"
    token = client.post(f"{there}/shares").json()["token"]
    said = client.post(f"/api/shared/{token}/comments", json={"text": "more", "at_s": 1.0})
    assert said.status_code == 201
    sha256 = hashlib.sha256(LONGER).hexdigest()
    asked = {"name": "longer.wav", "bytes": len(LONGER), "sha256": sha256}
    transfers = f"/api/projects/{project}/transfers"
    transfer = client.post(transfers, json=asked).json()["transfer"]
    told = client.patch(f"{transfers}/{transfer}?offset=0", content=LONGER[:ACKNOWLEDGED])
    assert told.json()["offset"] == ACKNOWLEDGED
    album = album_of(client, project, version["id"])
    delivery = client.post(f"{album}/deliveries", json={"to": []})
    render = client.post(
        f"/api/projects/{project}/versions", json={"upload": upload["id"], "settings": {}}
    )
    return {
        "project": project,
        "upload": upload["id"],
        "version": version,
        "token": token,
        "transfer": transfer,
        "album": album,
        "render": render.json()["job"],
        "delivery": delivery.json()["job"],
    }


def goes_on(studio: Running, known: dict[str, Any]) -> None:
    """What was acknowledged is there; what was interrupted is done."""
    client, project = studio.client, known["project"]
    for job in (known["render"], known["delivery"]):
        told = client.ended(project, job)
        assert told["state"] == "done", told
    opened = client.get(f"/api/projects/{project}").json()
    assert [one["id"] for one in opened["uploads"]] == [known["upload"]]
    first, second = opened["versions"]
    assert first == known["version"]
    assert second["sha256"] == first["sha256"]
    assert [one["text"] for one in client.get(f"/api/shared/{known['token']}").json()["comments"]]
    answer = client.get(f"{known['album']}/deliveries/{known['delivery']}/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert "album.report.html" in names
    assert not [one for one in names if ".part" in one or "/." in f"/{one}"]

    way = f"/api/projects/{project}/transfers/{known['transfer']}"
    head = client.head(way)
    assert head.headers["upload-length"] == str(len(LONGER))
    offset = int(head.headers["upload-offset"])
    assert offset >= ACKNOWLEDGED
    told = client.patch(way, params={"offset": offset}, content=LONGER[offset:]).json()
    assert told["upload"]["sha256"] == hashlib.sha256(LONGER).hexdigest()
    assert told["upload"]["id"] == known["transfer"]
    assert client.get(way).json()["upload"]["id"] == known["transfer"]
    assert client.ended(project, told["upload"]["job"])["state"] == "done"


def a_killed_worker_is_said(studio: Running, known: dict[str, Any]) -> None:
    """In the middle of a reading, a render and a delivery: each has failed, and nothing is left."""
    client, project = studio.client, known["project"]
    client.ready(project)

    def killed(job: str) -> None:
        way = f"/api/projects/{project}/jobs/{job}"
        client.until(lambda: client.get(way).json()["state"], lambda state: state == "running")
        end = time.monotonic() + 10
        while client.get(way).json()["state"] == "running" and time.monotonic() < end:
            for one in studio.workers():
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
        told = client.get(way).json()
        assert (told["state"], (told["failure"] or {}).get("code")) == ("failed", "job-died"), told

    asked = {"upload": known["upload"], "settings": {}}
    killed(client.post(f"/api/projects/{project}/versions", json=asked).json()["job"])
    job = client.post(f"{known['album']}/deliveries", json={"to": []}).json()["job"]
    killed(job)
    assert client.get(f"{known['album']}/deliveries/{job}/zip").status_code == 404
    upload = client.upload(project, song(8.0))
    killed(upload["job"])
    sound = client.get(f"/api/projects/{project}/sounds/{upload['id']}")
    assert sound.json()["code"] == "sound-not-ready"
    assert len(client.get(f"/api/projects/{project}/versions").json()) == 2
    assert client.version(project, **asked)["sha256"] == known["version"]["sha256"]
