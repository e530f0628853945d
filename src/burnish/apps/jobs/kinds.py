"""The kinds of work: each plays one command of burnish from a ``Job``, inside a worker.

A room above adds kinds of its own in a module with a ``KINDS`` of the same form, and names that
module when it starts its workers (``Setup.kinds``). No job can name a module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from burnish.apps.jobs.job import Document, Job
from burnish.errors import SettingError


class Report(Protocol):
    """What the work tells while it goes on."""

    @property
    def stage(self) -> str:
        """What is being done, in a word or two."""

    @property
    def done(self) -> float:
        """How much of the stage is done, 0 to 1."""

    @property
    def audio_s(self) -> float:
        """How many seconds of sound the stage has gone through."""


Told = Callable[[Report], None]


@dataclass(frozen=True)
class Made:
    """What a job made: the command's JSON document, and whether it passes."""

    document: Document | list[Any]
    passed: bool = True


Kind = Callable[[Job, Told], Made]


def kinds_of(modules: tuple[str, ...]) -> dict[str, Kind]:
    """The kinds of burnish itself and those of these modules."""
    found: dict[str, Kind] = dict(KINDS)
    for module in modules:
        more: Mapping[str, Kind] = import_module(module).KINDS
        found.update(more)
    return found


def play(kinds: Mapping[str, Kind], job: Job, told: Told) -> Made:
    """Do it. An error of burnish is raised as it is."""
    kind = kinds.get(job.what)
    if kind is None:
        raise SettingError("job-unknown", f"what={job.what}: must be one of {', '.join(kinds)}")
    return kind(job, told)


def _master(job: Job, told: Told) -> Made:
    from burnish.master import master

    return Made(master(_one(job), job.output or None, **_how(job, told)).to_json())


def _recall(job: Job, told: Told) -> Made:
    from burnish.master import recall

    sheet = _text(job, "sheet")
    how = _how(job, told, "sheet")
    mix = _one(job) if job.inputs else None
    return Made(recall(sheet, mix, job.output or None, **how).to_json())


def _stems(job: Job, told: Told) -> Made:
    from burnish.stems import stems

    return Made(stems(_some(job), _output(job), **_how(job, told)).to_json())


def _restore(job: Job, told: Told) -> Made:
    from burnish.restore import restore

    return Made(restore(_one(job), _output(job), **_how(job, told)).to_json())


def _measure(job: Job, told: Told) -> Made:
    from burnish.audio import open_source
    from burnish.chain import Teller
    from burnish.measure import measure

    _only(job, "timeline")
    with open_source(_one(job)) as source:
        measured = measure(source, Teller(told).stage("measure", source))
    return Made(measured.to_json(bool(job.settings.get("timeline", False))))


def _check(job: Job, told: Told) -> Made:
    from burnish.check import check

    _only(job, "style", "reference")
    how: dict[str, Any] = dict(job.settings)
    checked = check(_one(job), progress=told, **how)
    return Made(checked.to_json(), checked.verdict != "fail")


def _qc(job: Job, told: Told) -> Made:
    from burnish.deliver.inspection import inspect

    _only(job, "for_")
    inspected = inspect(_one(job), for_=_text(job, "for_", "") or None, progress=told)
    return Made(inspected.to_json(), inspected.verdict != "fail")


def _album(job: Job, told: Told) -> Made:
    from burnish.album.flow import album

    result = album(_one(job), _output(job), **_how(job, told))
    return Made(result.to_json(), result.passed)


def _deliver(job: Job, told: Told) -> Made:
    from burnish.delivery import deliver

    result = deliver(_some(job), _output(job), **{"to": (), **_how(job, told)})
    return Made(result.to_json(), result.passed)


KINDS: Mapping[str, Kind] = {
    "master": _master,
    "recall": _recall,
    "stems": _stems,
    "restore": _restore,
    "measure": _measure,
    "check": _check,
    "qc": _qc,
    "album": _album,
    "deliver": _deliver,
}

_OURS = ("progress", "overwrite")
_POSITIONAL = ("mix", "recording", "sheet", "folder", "masters", "files", "output", "file", "path")


def _how(job: Job, told: Told, *taken: str) -> dict[str, Any]:
    """The settings as arguments, without those that are ``taken`` already."""
    given = {name: value for name, value in job.settings.items() if name not in taken}
    for name in given:
        if name in _OURS or (name in _POSITIONAL and (name, job.what) != ("mix", "stems")):
            raise SettingError("setting-unknown", f"{name}: is no setting of {job.what}")
    return {**given, "progress": told, "overwrite": job.overwrite}


def _only(job: Job, *known: str) -> None:
    for name in job.settings:
        if name not in known:
            raise SettingError(
                "setting-unknown", f"{name}: no such setting; there are {', '.join(known)}"
            )


def _text(job: Job, name: str, default: str | None = None) -> str:
    value = job.settings.get(name, default)
    if not isinstance(value, str):
        raise SettingError("setting-missing", f"{name}: must be given, as text")
    return value


def _one(job: Job) -> str:
    if len(job.inputs) != 1:
        raise SettingError("job-inputs", f"inputs: {job.what} takes one, not {len(job.inputs)}")
    return job.inputs[0]


def _some(job: Job) -> list[str]:
    if not job.inputs:
        raise SettingError("job-inputs", f"inputs: {job.what} takes one or more")
    return list(job.inputs)


def _output(job: Job) -> str:
    if not job.output:
        raise SettingError("output-missing", "output: must be given")
    return job.output
