"""The studio's kinds of work, done in a worker: only here is decoded what came from outside.

Each takes the studio's own paths, writes into a folder of the job's own, and says nothing of where
that folder is: what it tells of files are their names.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from burnish.apps.jobs.job import Job
from burnish.apps.jobs.kinds import Kind, Made, Told
from burnish.apps.studio.records import dumped
from burnish.apps.studio.sounds import Sound, keep
from burnish.audio import Source, open_source
from burnish.audio.chunks import list_chunks
from burnish.chain import Plan, Step, Teller
from burnish.errors import BurnishError, InputError, SettingError
from burnish.processors import OUTSIDE
from burnish.processors.hosted.places import SAID, are_allowed

MASTER, SHEET, REPORT = "master", "master.recall.yaml", "master.report.html"
HEARD, REMOVED = "heard", "removed"
EXAMINED = "examined.json"
"""All that was found out about a mix, for who decides again; it stays beside its samples."""
_CONTENT = re.compile(r"\b[0-9a-f]{64}: ")
"""What the shelf calls a file."""
SPARE_BYTES = 1 << 30
"""Room that is left on the disk, whoever decodes."""
LARGEST_DECODED = 8 << 30
"""Bytes that one upload may become when it is decoded: three hours of stereo at 96 kHz."""


def _read(job: Job, told: Told) -> Made:
    """``studio-read``: an upload is looked at, decoded, and kept as a sound."""
    folder = Path(job.output)
    longest_s, highest_hz = _number(job, "duration_s"), _number(job, "rate_hz")
    most = job.settings.get("decoded_bytes")
    most_bytes = most if isinstance(most, int) else LARGEST_DECODED
    room = min(most_bytes, shutil.disk_usage(folder.parent).free - SPARE_BYTES)
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    try:
        with _no_file_over(max(room, 0)), open_source(job.inputs[0]) as source:
            info = source.info
            _refuse(info.duration_s > longest_s, "input-too-long", source, longest_s, "s long")
            _refuse(info.rate_hz > highest_hz, "input-rate", source, highest_hz, "Hz")
            sound, remarks = _kept(source, folder, max(room, 0), Teller(told).stage("read", source))
    except InputError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except (OSError, BurnishError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(
            "input-too-long", "the sound is too long for the room that it may take"
        ) from error
    return Made({"sound": vars(sound), "remarks": list(remarks)})


def _analyse(job: Job, told: Told) -> Made:
    """``studio-analyse``: what it measures, over time too, and what is wrong with it."""
    from burnish.check import check

    checked = check(job.inputs[0], style=str(job.settings.get("style", "auto")), progress=told)
    told_of = checked.to_json()
    measured = checked.measured
    folder = Path(job.output)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EXAMINED).write_text(dumped(checked.examined), encoding="utf-8")
    document = {
        "measured": measured.to_json(timeline=True),
        "findings": told_of["findings"],
        "verdict": checked.verdict,
        "normal": checked.normal,
        "loudness_lufs": _finite(measured.loudness.integrated_lufs),
        "true_peak_dbtp": _finite(measured.peaks.true_peak_dbtp),
    }
    return Made(_nameless(document, Path(job.inputs[0]).parent))


def _master(job: Job, told: Told) -> Made:
    """``studio-master``: a master of the mix, as ``burnish master`` makes it."""
    from burnish.master import master

    settings: dict[str, Any] = dict(_asked(job))
    with _work_place(job, str(settings.get("format", "wav"))) as (mix, out, folder):
        result = master(mix, out, progress=told, overwrite=True, listening=False, **settings)
        return _made(result, out, folder, told)


def _render(job: Job, told: Told) -> Made:
    """``studio-render``: an edited plan is played, as ``burnish recall`` does."""
    from burnish.chain.recall import save
    from burnish.master import render

    plan = plan_of(job.settings.get("plan"))
    with _work_place(job, plan.output.format) as (mix, out, folder):
        result = render(mix, plan, out, progress=told, overwrite=True, report=True, listening=False)
        played = result.plan
        save(played, folder / SHEET, overwrite=True)
        return _made(result, out, folder, told)


def _through(job: Job, told: Told) -> Made:
    """``studio-through``: as a device or a codec plays it, and what a codec takes away."""
    from burnish.playback.play import playback

    folder, place = Path(job.output), str(job.settings["place"])
    with _work_place(job, "wav") as (sound_file, _, work):
        out = work / "through"
        done = playback(sound_file, [place], out, removed=True, overwrite=True, progress=told)
        written = [(on.audition, HEARD) for on in done.devices]
        for one in done.codecs:
            written += [(one.audition, HEARD), (one.removed, REMOVED)]
        for path, name in written:
            if path is not None:
                with open_source(path) as source:
                    _kept(source, folder / name, LARGEST_DECODED, lambda done: None)
        shutil.rmtree(out, ignore_errors=True)
        return Made(_nameless(done.to_json(), work))


def _album(job: Job, told: Told) -> Made:
    """``studio-album``: mastered as one body, in sequence, delivered; what is made stays."""
    from burnish.album.flow import album

    folder = Path(job.output) / "delivered"
    shutil.rmtree(folder, ignore_errors=True)  # half of it is there, if it was killed
    settings: dict[str, Any] = dict(_asked(job))
    result = album(
        job.inputs[0], folder, progress=told, overwrite=True, preview_joins=True, **settings
    )
    document = _nameless(_nameless(result.to_json(), folder), Path(job.output))
    document["masters"] = [
        _mastered(one.number, one.master.file)
        for one in result.tracks
        if one.number and one.result is not None
    ]
    return Made(document, result.passed)


def _mastered(number: int, path: Path) -> dict[str, Any]:
    """Where in a master of 32-bit floats the samples lie: the server reads bytes, and no files."""
    data = next(one for one in list_chunks(path) if one.name == "data")
    with open_source(path) as source:
        info = source.info
    sound = Sound(info.rate_hz, info.channels, info.n_samples, None, None, info.format, 32)
    return {"number": number, "file": path.name, "offset": data.start, "sound": vars(sound)}


def _placeless(kind: Kind) -> Kind:
    """The same work; where it fails, nothing is said of how the studio's files are called."""

    def done(job: Job, told: Told) -> Made:
        try:
            return kind(job, told)
        except BurnishError as error:
            for folder in (Path(job.output), *(Path(one).parent for one in job.inputs)):
                error.sentence = error.sentence.replace(f"{folder}{os.sep}", "")
            error.sentence = _CONTENT.sub("the file ", error.sentence)
            error.args = (error.sentence,)
            raise

    return done


KINDS: Mapping[str, Kind] = {
    "studio-read": _placeless(_read),
    "studio-analyse": _placeless(_analyse),
    "studio-master": _placeless(_master),
    "studio-render": _placeless(_render),
    "studio-through": _placeless(_through),
    "studio-album": _placeless(_album),
}


def plan_of(given: Any) -> Plan:
    """An edited plan from outside. One that names files is a ``SettingError``."""
    if not isinstance(given, dict):
        raise SettingError("recall-not-a-sheet", "plan: must be a recall sheet")
    plan = Plan(**given)
    if plan.stems:
        raise SettingError("recall-stems", "stems: a sheet of stems names files; leave them out")
    refuse_outside(plan.steps)
    return plan


def refuse_outside(steps: Iterable[Step]) -> None:
    """Steps of a stranger name no recordings of this machine, and no plug-ins.

    Plug-ins only where the studio was started with ``BURNISH_PLUGINS`` set.
    """
    for step in steps:
        if step.processor in OUTSIDE and not (
            step.processor == "plugin" and os.environ.get(SAID) and are_allowed()
        ):
            raise SettingError(
                f"{step.processor}-refused",
                f"processor={step.processor}: names files of this machine; the studio plays none",
            )


@contextmanager
def _work_place(job: Job, form: str) -> Iterator[tuple[Path, Path, Path]]:
    """The mix under a plain name beside where its master is written."""
    folder = Path(job.output)
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir(parents=True)
    mix = folder / "mix"
    try:
        os.link(job.inputs[0], mix)
    except OSError:
        shutil.copyfile(job.inputs[0], mix)
    try:
        yield mix, folder / f"{MASTER}.{form}", folder
    finally:
        mix.unlink(missing_ok=True)


def _made(result: Any, out: Path, folder: Path, told: Told) -> Made:
    """The master as a sound beside its file, and what is told of it."""
    after = result.after
    with open_source(out) as source:
        sound, _ = _kept(source, folder, LARGEST_DECODED, Teller(told).stage("keep", source))
    sound = replace(
        sound,
        loudness_lufs=_finite(after.loudness.integrated_lufs),
        true_peak_dbtp=_finite(after.peaks.true_peak_dbtp),
    )
    sound.save(folder)
    for text in (SHEET, REPORT):
        _forget(folder / text, folder)
    document = _nameless(result.to_json(), folder)
    document["sound"] = vars(sound)
    document["timeline"] = {
        "before": result.before.to_json(timeline=True).get("timeline"),
        "after": after.to_json(timeline=True).get("timeline"),
    }
    return Made(document)


def _kept(
    source: Source, folder: Path, most_bytes: int, told: Callable[[float], None]
) -> tuple[Sound, tuple[str, ...]]:
    info = source.info
    n_samples = keep(
        source.blocks(),
        folder,
        info.rate_hz,
        info.channels,
        most_bytes,
        lambda n: told(n / max(info.n_samples, 1)),
    )
    sound = Sound(info.rate_hz, info.channels, n_samples, None, None, info.format, info.bits)
    sound.save(folder)
    return sound, info.remarks


def _refuse(wrong: bool, code: str, source: Source, most: float, unit: str) -> None:
    if wrong:
        info = source.info
        raise InputError(
            code,
            f"the sound has {info.duration_s:.0f} s at {info.rate_hz} Hz; may be {most:g} {unit} "
            "at most",
        )


@contextmanager
def _no_file_over(most_bytes: int) -> Iterator[None]:
    """Let nobody write a larger file: a little one can be packed hours of silence."""
    try:
        import resource
    except ImportError:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    hard = before[1]
    soft = most_bytes if hard < 0 else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _asked(job: Job) -> Mapping[str, Any]:
    """The settings of the command, beside which the studio keeps notes of its own."""
    asked = job.settings.get("asked")
    return asked if isinstance(asked, dict) else {}


def _number(job: Job, name: str) -> float:
    value = job.settings.get(name)
    if not isinstance(value, int | float):
        raise SettingError("setting-missing", f"{name}: must be given")
    return float(value)


def _finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) != float("inf") else None


def _forget(path: Path, folder: Path) -> None:
    """Take the way to the folder out of a text that was written there."""
    if path.is_file():
        text = path.read_bytes().replace(os.fsencode(f"{folder}{os.sep}"), b"")
        part = path.with_suffix(".part")
        part.write_bytes(text)
        os.replace(part, path)


def _nameless(document: Any, folder: Path) -> Any:
    """The same document, without the way to the folder."""
    way = f"{folder}{os.sep}"
    if isinstance(document, dict):
        return {key: _nameless(value, folder) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_nameless(value, folder) for value in document]
    return document.replace(way, "") if isinstance(document, str) else document
