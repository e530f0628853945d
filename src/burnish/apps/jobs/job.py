"""Job: what is to be done, as data; and what came of it. Both travel as JSON, never as pickles."""

import json
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import JsonValue

from burnish.errors import BurnishError, InputError, OutputError, ResultError, SettingError
from burnish.settings import Settings, setting

Document = dict[str, Any]
Ended = Literal["done", "failed", "cancelled"]

PATH_SETTINGS = frozenset(
    {"chain", "keep_stems", "mix", "profile", "reference", "removed", "report", "sheet",
     "signature", "style", "versions"}
)  # fmt: skip
"""Settings that name a file, or may. Whoever takes settings from outside looks at these first."""


class Limits(Settings):
    """How much one job may take before it is stopped."""

    time_s: float = setting(
        3600.0, low=0.1, high=604_800, unit="s", scale="log", help="By the clock, once it begins."
    )
    memory_mib: int = setting(
        6144,
        low=16,
        high=1_048_576,
        unit="MiB",
        scale="log",
        help="Of data, on top of the 150 to 400 MiB of the worker itself. Held on Linux.",
    )


class Job(Settings):
    """One piece of work for a worker: a command of burnish with its files and settings.

    ``inputs`` and ``output`` are paths that the worker sees. A job that is run again after a
    restart meets what its first run left: give it a folder of its own and ``overwrite``.
    """

    what: str = setting(..., scale="text", help="A kind of work: master, check, album ...")
    inputs: tuple[str, ...] = setting((), help="The files that it takes.")
    output: str = setting("", scale="text", help="The file or folder that it writes.")
    settings: dict[str, JsonValue] = setting({}, help="The settings of that command.")
    overwrite: bool = setting(False, help="Replace what is there.")
    limits: Limits = setting(Limits(), help="How much it may take.")

    def to_json(self) -> str:
        """As one line of JSON; ``from_json`` gives back an equal job."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a job; what is no job is a ``SettingError``."""
        try:
            return cls.from_dict(json.loads(text))
        except ValueError:
            return cls.from_dict(None)

    def to_dict(self) -> Document:
        """As what JSON is made of."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """The job that ``to_dict`` told; what is none is a ``SettingError``."""
        if not isinstance(values, dict):
            raise SettingError("job-unreadable", "job: must be one JSON object")
        return cls(**values)


@dataclass(frozen=True)
class JobProgress:
    """How far a stage of a job is: 0 to 1, and the seconds of sound it has gone through."""

    stage: str
    done: float
    audio_s: float


@dataclass(frozen=True)
class Failure:
    """Why a job failed: a stable code, one sentence, and the exit code that a command had."""

    code: str
    sentence: str
    exit_code: int = 1
    trace: str = ""
    """Where in burnish, for a fault of burnish itself; not for people."""

    @classmethod
    def of(cls, error: BurnishError) -> Self:
        """The failure that an error of burnish is."""
        return cls(error.code, error.sentence, error.exit_code)

    def as_error(self) -> BurnishError:
        """The error again, of its own kind."""
        kinds = {one.exit_code: one for one in (SettingError, InputError, ResultError, OutputError)}
        return kinds.get(self.exit_code, BurnishError)(self.code, self.sentence)


@dataclass(frozen=True)
class Outcome:
    """How a job ended. ``result`` is the JSON document of its command, where it is done."""

    state: Ended
    result: Document | list[Any] | None = None
    failure: Failure | None = None
    passed: bool = True
    """False: done, but the result does not pass; the command would have ended with 4."""
    elapsed_s: float = 0.0

    def to_dict(self) -> Document:
        """As what JSON is made of."""
        return {
            "state": self.state,
            "result": self.result,
            "failure": None if self.failure is None else vars(self.failure),
            "passed": self.passed,
            "elapsed_s": round(self.elapsed_s, 4),
        }

    @classmethod
    def from_dict(cls, told: Document) -> Self:
        """The outcome that ``to_dict`` told."""
        failure = told["failure"]
        return cls(**{**told, "failure": None if failure is None else Failure(**failure)})

    def to_json(self) -> str:
        """As one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The outcome that ``to_json`` told."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def failed(cls, code: str, sentence: str, elapsed_s: float = 0.0) -> Self:
        """A job that failed for a reason that is not in its command."""
        return cls("failed", failure=Failure(code, sentence), elapsed_s=elapsed_s)
