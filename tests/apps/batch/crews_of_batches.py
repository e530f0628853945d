"""A crew that does no work: what each row comes to is written down beforehand."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from burnish.apps.jobs import Outcome


class Killed(BaseException):
    """The driver is gone, as by ``kill -9``."""


class ScriptedCrew:
    """Answers each try of a row with the next word of its script; the last one stays.

    "ok", "failed-qc", or the code of a failure. What was made once stands. After ``kill_after``
    answers the driver is killed.
    """

    where = "a script"

    def __init__(self, scripts: dict[str, list[str]] | None = None, workers: int = 2) -> None:
        self.scripts = scripts or {}
        self.workers = workers
        self.made: dict[str, tuple[str, str]] = {}
        self.tried: list[str] = []
        self.worked: list[str] = []
        self.jobs: list[dict[str, Any]] = []
        self.kill_after: int | None = None

    def submit(self, call: Callable[..., str], /, *given: Any) -> "Future[str]":
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                raise Killed
        job = json.loads(given[0])
        self.jobs.append(job)
        (source, *_) = job["inputs"]
        name = source.rsplit("/", 1)[-1]
        self.tried.append(name)
        answer: Future[str] = Future()
        answer.set_result(self._outcome(name, job).to_json())
        return answer

    def lost(self) -> bool:
        return False

    def _outcome(self, name: str, job: dict[str, Any]) -> Outcome:
        asked = json.dumps(job["settings"]["settings"], sort_keys=True)
        script = self.scripts.get(name, ["ok"])
        if self.made.get(job["output"], ("",))[0] == asked:
            did, word = "stood", self.made[job["output"]][1]
        else:
            did, word = "made", script.pop(0) if len(script) > 1 else script[0]
        if word not in ("ok", "failed-qc"):
            return Outcome.failed(word, f"{name}: {word}")
        self.made[job["output"]] = (asked, word)
        if did == "made":
            self.worked.append(name)
        result = {
            "key": name,
            "did": did,
            "outputs": [{"url": job["output"], "bytes": 9, "sha256": "f" * 64}],
            "input_sha256": "e" * 64,
            "input_bytes": 3,
            "audio_s": 2.0,
            "document": {"loudness": {"integrated_lufs": -14.0}, "verdict": "pass"},
        }
        return Outcome("done", result, passed=word == "ok", elapsed_s=0.5)


def csv_of(rows: Iterable[str], head: str = "input") -> str:
    return "\n".join([head, *rows]) + "\n"
