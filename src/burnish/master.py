"""The whole flow on one page.

mix -> measure -> draft a plan -> render, write -> read back, measure -> recall sheet, report
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.audio import (
    Audio,
    AudioSource,
    OutputFormat,
    Source,
    Writer,
    container_of,
    file_sha256,
    open_source,
)
from burnish.chain import InputNote, Plan
from burnish.chain import render as play
from burnish.chain.recall import load, save
from burnish.deliver import Outputs
from burnish.engineer import Draft, Listener, Wishes, corrected, draft, proved
from burnish.errors import InputError, SettingError
from burnish.measure import Measurement, measure
from burnish.report.findings import findings_of
from burnish.report.result import MasterResult

Mix = str | Path | Audio
ATTEMPTS = 5  # renders of the whole until loudness and ceiling are met; two are usual


@dataclass(frozen=True)
class Progress:
    """How far a stage is: 0 to 1, and the seconds of sound it has gone through."""

    stage: str
    done: float
    audio_s: float


Told = Callable[[Progress], None]


def master(
    mix: Mix,
    output: str | Path | None = None,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = True,
    **settings: Any,
) -> MasterResult:
    """Make a master of a mix: measure, decide, process, write, and prove what was written.

    ``settings`` are those of ``Wishes`` (style, loudness_lufs, ceiling_dbtp, intensity ...) and of
    ``OutputFormat`` (format, bits, rate_hz, dither). Without ``output`` the master is written
    beside the mix. A ``BurnishError`` says in one sentence what is wrong, and nothing is written.
    """
    started = time.perf_counter()
    wishes, form = _split(settings, output)
    tell = _Teller(progress)
    with _opened(mix) as source:
        outputs = Outputs.beside(source.info.path, _path(output), form, report)
        outputs.refuse_to_harm(source.info.path, overwrite)
        before, note = _measured(source, tell)
        drafted = draft(source, before, wishes, form, note, tell.stage("decide", source))
        drafted, after = _write_until_right(source, drafted, outputs, overwrite, tell)
        return _told(source, drafted.plan, (before, after), outputs, overwrite, started)


def plan(mix: Mix, *, progress: Told | None = None, **settings: Any) -> Plan:
    """What ``master`` would do, as a Plan, without writing anything."""
    wishes, form = _split(settings)
    tell = _Teller(progress)
    with _opened(mix) as source:
        before, note = _measured(source, tell)
        return draft(source, before, wishes, form, note, tell.stage("decide", source)).plan


def render(
    mix: Mix,
    plan: Plan,
    output: str | Path | None = None,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = False,
) -> MasterResult:
    """Play a plan: the same mix, plan and version give the same bits.

    Without ``output`` the master is written beside the mix, as ``master`` does.
    """
    started = time.perf_counter()
    tell = _Teller(progress)
    with _opened(mix) as source:
        path = source.info.path
        outputs = Outputs.beside(path, _path(output), plan.output, report, recall=False)
        outputs.refuse_to_harm(source.info.path, overwrite)
        before, note = _measured(source, tell)
        _write(source, plan, outputs.master, overwrite, tell)
        after = _read_back(outputs.master, tell)
        return _told(source, plan, (before, after), outputs, overwrite, started, note)


def recall(
    sheet: str | Path,
    mix: Mix | None = None,
    output: str | Path | None = None,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = False,
) -> MasterResult:
    """Render a saved recall sheet again; ``mix`` is the one the sheet names unless given."""
    plan = load(sheet)
    if mix is None and not plan.input.file:
        raise SettingError("mix-missing", f"{sheet}: names no mix; give it one")
    given = _mix_of(plan, Path(sheet)) if mix is None else mix
    return render(given, plan, output, progress=progress, overwrite=overwrite, report=report)


def _mix_of(plan: Plan, sheet: Path) -> Path:
    """The mix that a sheet names: where it says, or else beside the sheet."""
    named = Path(plan.input.file)
    beside = sheet.parent / named.name
    return beside if not named.exists() and beside.exists() else named


def _write_until_right(
    source: Source, drafted: Draft, outputs: Outputs, overwrite: bool, tell: "_Teller"
) -> tuple[Draft, Measurement]:
    """Render the whole until its loudness is met, heard along, and its ceiling, read back."""
    for attempt in range(1, ATTEMPTS + 1):
        last = attempt == ATTEMPTS
        judge = _Judge(drafted, last)
        if not _write(source, drafted.plan, outputs.master, overwrite, tell, judge):
            drafted = judge.better or drafted
            continue
        if outputs.recall is not None:
            save(drafted.plan, outputs.recall, overwrite)  # a master is never without its sheet
        after = _read_back(outputs.master, tell)
        better = proved(drafted, after)
        if better is None or last:
            break
        drafted, overwrite = better, True
    return drafted, after


class _Judge:
    """Accepts a render that is on target, or the last one; else knows the better draft."""

    def __init__(self, drafted: Draft, last: bool) -> None:
        self._drafted, self._last = drafted, last
        self.better: Draft | None = None

    def __call__(self, heard: Listener) -> bool:
        self.better = corrected(self._drafted, heard.integrated_lufs)
        return self._last or self.better is None


class _Missed(Exception):
    """The render is not accepted; the writer throws it away."""


def _write(
    source: Source,
    plan: Plan,
    path: Path,
    overwrite: bool,
    tell: "_Teller",
    accept: Callable[[Listener], bool] = lambda heard: True,
) -> bool:
    """Render a plan into a file that appears only when it is whole and accepted."""
    info, form = source.info, plan.output
    rate_hz = form.rate_hz or info.rate_hz
    n_samples = (2 * info.n_samples * rate_hz + info.rate_hz) // (2 * info.rate_hz)
    heard, told = Listener(rate_hz, info.channels), tell.stage("render", source)
    untouched = rate_hz == info.rate_hz and not any(step.acts for step in plan.steps)
    if untouched and info.bits is not None and not info.is_float:
        # A bit-exact pass is not dithered.
        form = form.with_(dither="none") if info.bits <= 8 * form.bytes_per_sample else form
    try:
        with Writer(path, form, rate_hz, info.channels, n_samples, overwrite) as writer:
            done = 0
            for block in play(plan.steps, source.blocks(), info.rate_hz, info.channels, rate_hz):
                writer.write(block)
                heard.feed(block)
                done += block.shape[1]
                told(done / n_samples)
            heard.finish()
            if not accept(heard):
                raise _Missed
    except _Missed:
        return False
    return True


def _read_back(path: Path, tell: "_Teller") -> Measurement:
    with open_source(path) as written:
        return measure(written, tell.stage("prove", written))


def _told(
    source: Source,
    plan: Plan,
    measured: tuple[Measurement, Measurement],
    outputs: Outputs,
    overwrite: bool,
    started: float,
    note: InputNote | None = None,
) -> MasterResult:
    """Gather the result, and write the report beside the master."""
    before, after = measured
    result = MasterResult(
        output=outputs.master,
        recall=outputs.recall,
        report=outputs.report,
        before=before,
        after=after,
        plan=plan,
        findings=findings_of(plan, before, after, source.info, note),
        elapsed_s=time.perf_counter() - started,
    )
    if outputs.report is not None:
        from burnish.report.page import write_page

        write_page(result, outputs.report, overwrite)
    return result


def _opened(mix: Mix) -> Source:
    return AudioSource(mix) if isinstance(mix, Audio) else open_source(mix)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def _split(
    settings: dict[str, Any], output: str | Path | None = None
) -> tuple[Wishes, OutputFormat]:
    """Sort settings into wishes and output format; an unknown one is a ``SettingError``.

    The format is that of the output's name where nothing else is said.
    """
    form = {k: v for k, v in settings.items() if k in OutputFormat.model_fields}
    wishes = Wishes(**{k: v for k, v in settings.items() if k not in form})
    if output is not None and (named := container_of(output)):
        form = {"format": named, **form}
    return wishes, OutputFormat(**form)


def _measured(source: Source, tell: "_Teller") -> tuple[Measurement, InputNote]:
    """Measure the mix, and take its fingerprint meanwhile. What cannot be mastered ends here."""
    info = source.info
    with ThreadPoolExecutor(1) as aside:
        sha256 = aside.submit(file_sha256, info.path) if info.path is not None else None
        measured = measure(source, tell.stage("measure", source))
        digest = "" if sha256 is None else sha256.result()
    loudness_lufs = measured.loudness.integrated_lufs
    if loudness_lufs is None:
        raise InputError(
            "input-too-short",
            f"{info.name}: lasts {info.duration_s:.3f} s; must be 0.4 s or more to be measured",
        )
    if loudness_lufs == float("-inf"):
        raise InputError("input-silent", f"{info.name}: is silent (nothing above -70 LUFS)")
    note = InputNote(
        file="" if info.path is None else str(info.path),
        sha256=digest,
        rate_hz=info.rate_hz,
        channels=info.channels,
        n_samples=info.n_samples,
    )
    return measured, note


class _Teller:
    """Tells progress to who asked for it."""

    def __init__(self, progress: Told | None) -> None:
        self._progress = progress

    def stage(self, name: str, source: Source) -> Callable[[float], None]:
        """A function of how much of this stage is done."""
        duration_s = source.info.duration_s

        def told(done: float) -> None:
            if self._progress is not None:
                self._progress(Progress(name, done, done * duration_s))

        return told
