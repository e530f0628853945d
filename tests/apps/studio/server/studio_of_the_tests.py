"""A studio for the tests: served within the process, or by a real server in one of its own."""

import asyncio
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import soundfile

TOKEN = "the-token-of-the-tests-0123456789"
BASE = "http://127.0.0.1:8765"
BEARER = {"authorization": f"Bearer {TOKEN}"}


def song(seconds: float = 4.0, rate_hz: int = 44_100) -> bytes:
    """A little music as a WAV of 16 bits: a chord with beats, louder on one side."""
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    beat = 0.4 + 0.6 * np.exp(-8.0 * (t % 0.5))
    chord = sum(np.sin(2 * np.pi * f * t) for f in (110.0, 277.2, 659.3, 1567.0))
    noise = np.random.default_rng(1).standard_normal(len(t))
    left = 0.08 * beat * chord + 0.01 * noise
    out = io.BytesIO()
    soundfile.write(out, np.stack((left, 0.8 * left), axis=1), rate_hz, "PCM_16", format="WAV")
    return out.getvalue()


class Client(httpx.Client):
    """A client that knows how to wait for jobs."""

    app: Any
    mixes: Path

    def project(self) -> str:
        return str(self.post("/api/projects", json={"name": "Song"}).json()["id"])

    def upload(self, project: str, data: bytes, **query: Any) -> dict[str, Any]:
        answer = self.post(
            f"/api/projects/{project}/uploads", params={"name": "song.wav", **query}, content=data
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def ended(self, project: str, job: str, seconds: float = 120.0) -> dict[str, Any]:
        return self.until(
            lambda: self.get(f"/api/projects/{project}/jobs/{job}").json(),
            lambda told: told["state"] in ("done", "failed", "cancelled"),
            seconds,
        )

    def ready(self, project: str) -> None:
        """Nothing is waiting or running any more."""
        for _ in range(2):  # what was done may have begun something
            self.until(
                lambda: self.get(f"/api/projects/{project}/jobs").json(),
                lambda jobs: all(one["state"] in ("done", "failed", "cancelled") for one in jobs),
            )
            time.sleep(0.1)

    def version(self, project: str, **asked: Any) -> dict[str, Any]:
        answer = self.post(f"/api/projects/{project}/versions", json=asked)
        assert answer.status_code == 202, answer.text
        told = self.ended(project, answer.json()["job"])
        assert told["state"] == "done", told
        return dict(self.get(f"/api/projects/{project}/versions/{told['version']}").json())

    @staticmethod
    def until(look: Callable[[], Any], good: Callable[[Any], bool], seconds: float = 120.0) -> Any:
        until = time.monotonic() + seconds
        while not good(seen := look()):
            if time.monotonic() > until:
                raise TimeoutError(str(seen)[:2000])
            time.sleep(0.03)
        return seen


@contextmanager
def served(data: Path, *options: str, env: dict[str, str] | None = None) -> Iterator[Any]:
    """A studio in a process of its own; gives the process and the address that it printed."""
    code = (
        "import sys; from burnish.apps.studio.serve import serve;"
        "from burnish.apps.studio.settings import StudioSettings as S;"
        "import json; serve(S(**json.loads(sys.argv[1])), lambda at: print(at, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, _json(data, options)],
        stdout=subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _json(data: Path, options: tuple[str, ...]) -> str:
    import json

    settings: dict[str, Any] = {"data": str(data), "port": 0, "token": TOKEN, "workers": 1}
    for one in options:
        name, _, value = one.partition("=")
        settings[name] = json.loads(value)
    return json.dumps(settings)


class Asgi(httpx.BaseTransport):
    """Calls an app in a loop of its own, in this process."""

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def handled() -> httpx.Response:
            asked = httpx.Request(
                request.method, request.url, headers=request.headers, content=request.read()
            )
            answer = await self._inner.handle_async_request(asked)
            body = await answer.aread()
            headers = [(k, v) for k, v in answer.headers.raw if k.lower() != b"transfer-encoding"]
            return httpx.Response(answer.status_code, headers=headers, content=body)

        return asyncio.run_coroutine_threadsafe(handled(), self._loop).result(180)
