"""A real server in a process of its own: events, the wire, and ten who listen.

What a restart finds: test_durable.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from studio_of_the_tests import BEARER, TOKEN, Client, served, song

ClientOf = Callable[[str], Client]


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Makes clients of an address, and closes them."""
    with ExitStack() as held:
        yield lambda address: held.enter_context(
            Client(base_url=address.partition("/?")[0], headers=BEARER, timeout=60)
        )


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "data"


def test_progress_comes_by_itself(data: Path, client_of: ClientOf) -> None:
    with served(data) as (_, address):
        client = client_of(address)
        project = client.project()
        seen: list[dict[str, Any]] = []
        begun = threading.Event()

        def listen() -> None:
            with client.stream("GET", f"/api/projects/{project}/events") as answer:
                begun.set()
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        seen.append(json.loads(line[6:]))
                    if seen and seen[-1]["what"] == "analyse" and seen[-1]["state"] == "done":
                        return

        thread = threading.Thread(target=listen)
        thread.start()
        assert begun.wait(20)
        other = client.project()
        client.upload(other, song(2.0))
        client.upload(project, song(10.0))
        thread.join(60)
        assert not thread.is_alive()
        assert {one["project"] for one in seen} == {project}
        states = [one["state"] for one in seen if one["what"] == "read"]
        assert states[0] == "waiting"
        assert states[-1] == "done"
        assert any(0.0 < one["done"] < 1.0 for one in seen)
        done = [one["done"] for one in seen if one["what"] == "analyse"]
        assert done == sorted(done)


def test_a_hostile_worker_death_leaves_the_studio(data: Path, client_of: ClientOf) -> None:
    """What kills a worker, or takes too long in it, fails that job and nothing else."""
    with served(data, "read_time_s=1", "job_time_s=1") as (_, address):
        client = client_of(address)
        project = client.project()
        upload = client.upload(project, song(50.0))
        client.ready(project)
        jobs = client.get(f"/api/projects/{project}/jobs").json()
        if all(one["state"] == "done" for one in jobs):
            job = client.post(
                f"/api/projects/{project}/versions", json={"upload": upload["id"], "settings": {}}
            ).json()["job"]
            jobs = [client.ended(project, job)]
        codes = {one["failure"]["code"] for one in jobs if one["failure"]}
        assert codes == {"job-timeout"}
        assert client.get("/health").status_code == 200


def test_a_foreign_host_on_the_wire_and_a_proxy_that_is_known(data: Path) -> None:
    with served(data, 'proxies=["127.0.0.1"]', 'names=["studio.example"]') as (_, address):
        assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/\?token={TOKEN}", address)
        host, port = address.split("/")[2].split(":")
        with served(data) as (second, nothing):  # the folder is this one's
            assert nothing == ""
            assert second.wait(20) != 0
        with pytest.raises(ConnectionRefusedError):  # it listens on this one address
            socket.create_connection(("127.0.0.2", int(port))).close()
        for given in ("Host: evil.example", f"Host: {host}:{port}\r\nHost: evil.example", "X: y"):
            with socket.create_connection((host, int(port))) as wire:
                wire.sendall(
                    f"GET /api/projects HTTP/1.1\r\n{given}\r\nAuthorization: Bearer {TOKEN}\r\n"
                    "Connection: close\r\n\r\n".encode()
                )
                status = wire.recv(64).split()[1]
            assert status in (b"421", b"400")
        told = {"host": "studio.example", "x-forwarded-for": "192.0.2.1"}
        with httpx.Client(base_url=f"http://{host}:{port}", headers=told) as browser:
            tls = {"x-forwarded-proto": "https", "origin": "https://studio.example"}
            answer = browser.get("/", params={"token": TOKEN}, headers=tls)
            assert "secure" in answer.headers["set-cookie"].lower()
            cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
            made = browser.post("/api/projects", json={"name": "x"}, headers={**tls, **cookie})
            assert made.status_code == 201
            plain = {**cookie, "origin": "https://studio.example"}
            assert browser.post("/api/projects", headers=plain).status_code == 403


def test_ten_listen_at_once(data: Path, client_of: ClientOf) -> None:
    with served(data) as (_, address):
        client = client_of(address)
        project = client.project()
        upload = client.upload(project, song(30.0))
        client.ready(project)
        base = f"/api/projects/{project}/sounds/{upload['sound']}/pcm"
        wrong: list[Any] = []

        def listen() -> None:
            own = client_of(address)
            for second in range(30):
                query = {"start": second * 44_100, "count": 44_100}
                answer = own.get(base, params=query)
                if answer.status_code != 200 or len(answer.content) != 44_100 * 8:
                    wrong.append(answer)

        threads = [threading.Thread(target=listen) for _ in range(10)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert wrong == []
