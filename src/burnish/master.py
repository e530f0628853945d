"""The whole flow on one page.

mix -> take in: open, measure -> draft a plan -> write, read back -> recall sheet, report
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from burnish.audio import OutputFormat, Source, container_of, file_sha256, open_source
from burnish.chain import Plan, Progress, Stem, Step, Teller, Told
from burnish.chain.outside import with_near
from burnish.chain.recall import load, load_chain
from burnish.chain.spool import Spool
from burnish.chain.stems import StemSource
from burnish.deliver import Outputs, Written, read_back, write, write_until_right
from burnish.engineer import Mix, Taken, Wishes, draft, opened, take_in
from burnish.engineer.intake import mix_of
from burnish.engineer.notes import notes_of
from burnish.engineer.plugins import noted
from burnish.finding import Finding
from burnish.playback.excerpt import OnDevices, on_devices
from burnish.playback.listening import Listening, listening_pair
from burnish.playback.small_speaker import small_speaker_findings
from burnish.release import SongTags
from burnish.report.findings import findings_of, other_mix
from burnish.report.result import MasterResult

__all__ = ["Progress", "master", "plan", "recall", "render"]


def master(
    mix: Mix,
    output: str | Path | None = None,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = True,
    listening: bool = True,
    chain: str | Path | None = None,
    **settings: Any,
) -> MasterResult:
    """Make a master of a mix: measure, decide, process, write, and prove what was written.

    ``settings`` are those of ``Wishes`` (style, loudness_lufs, ceiling_dbtp, intensity ...) and of
    ``OutputFormat`` (format, bits, rate_hz, dither), and ``SongTags`` (title, artist, album, isrc
    ...), which the file tells. Without ``output`` the master is written
    beside the mix. A ``chain`` file's steps are played instead of the rules' own. The ``report``
    holds a pair to be heard unless ``listening`` is False. A ``BurnishError`` says in one sentence
    what is wrong, and nothing is written.
    """
    started = time.perf_counter()
    wishes, form = split(settings, output)
    steps = None if chain is None else load_chain(chain)
    tell = Teller(progress)
    with opened(mix) as source:
        outputs = Outputs.beside(source.info.path, _path(output), form, report)
        outputs.refuse_to_harm(source.info.path, overwrite)
        asked = Asked(wishes, form, steps, report, listening, tags_in(settings))
        return mastered(source, asked, outputs, tell, overwrite=overwrite, started=started)


@dataclass(frozen=True)
class Asked:
    """What is asked of a master: wishes, how it is written, and a chain instead of the rules'.

    ``report``: a page will be made of it, with a pair to be heard where ``listening``. ``tags``
    are told in its file.
    """

    wishes: Wishes
    form: OutputFormat
    chain: tuple[Step, ...] | None = None
    report: bool = True
    listening: bool = True
    tags: SongTags = field(default_factory=SongTags)


def mastered(
    source: Source,
    asked: Asked,
    outputs: Outputs,
    tell: Teller,
    *,
    overwrite: bool,
    started: float,
    stems: tuple[Stem, ...] = (),
    noticed: tuple[Finding, ...] = (),
    notes: tuple[str, ...] = (),
) -> MasterResult:
    """The flow from an open source on.

    The plan holds the ``stems`` whose sum the source is. ``noticed`` are findings, and ``notes``
    the plan's notes, of who opened it: they are told first.
    """
    wishes, form, steps = asked.wishes, asked.form, asked.chain
    taken = take_in(source, tell, wishes)
    told = tell.stage("decide", source)
    with Spool() as spool:
        drafted = draft(source, taken, wishes, form, told, steps, spool)
        if stems or notes or asked.tags.told:
            all_notes = (*notes, *drafted.plan.notes)
            together = drafted.plan.with_(stems=stems, notes=all_notes, tags=asked.tags)
            drafted = replace(drafted, plan=together)
        written = write_until_right(source, drafted, outputs, overwrite, tell, spool)
    shown = _shown(source, taken, written, outputs, asked.listening) if asked.report else Shown()
    return judged(
        source,
        taken,
        wishes,
        written,
        outputs,
        overwrite=overwrite,
        started=started,
        noticed=noticed,
        shown=shown,
    )


@dataclass(frozen=True)
class Shown:
    """What only a page needs: the fingerprint, a pair to be heard, and how devices play it."""

    sha256: str = ""
    listening: Listening | None = None
    on_devices: OnDevices | None = None


def _shown(
    source: Source, taken: Taken, written: Written, outputs: Outputs, listening: bool
) -> Shown:
    """The fingerprint, and meanwhile what is heard."""
    with ThreadPoolExecutor(1) as aside:
        sha256 = aside.submit(file_sha256, outputs.master)
        pair = None
        with open_source(outputs.master) as made:
            if listening:
                pair = listening_pair(source, taken.measured, made, written.after)
            played = on_devices(made, written.after)
        return Shown(sha256.result(), pair, played)


def judged(
    source: Source,
    taken: Taken,
    wishes: Wishes,
    written: Written,
    outputs: Outputs,
    *,
    overwrite: bool,
    started: float,
    noticed: tuple[Finding, ...] = (),
    shown: Shown | None = None,
) -> MasterResult:
    """What is to be said of a master that is written; its report, where one is wanted."""
    found = findings_of(
        written.plan,
        taken.measured,
        written.after,
        source.info,
        decoded=written.decoded,
        lowered_db=written.lowered_db,
    )
    elsewhere = small_speaker_findings(written.small_speaker, wishes.bass_harmonics)
    found = (*noticed, *found, *notes_of(taken, wishes, written.plan), *elsewhere)
    return _result(taken, written, outputs, found, overwrite, started, shown or Shown())


def plan(
    mix: Mix,
    *,
    progress: Told | None = None,
    chain: str | Path | None = None,
    **settings: Any,
) -> Plan:
    """What ``master`` would do, as a Plan, without writing anything."""
    wishes, form = split(settings)
    steps = None if chain is None else load_chain(chain)
    tell = Teller(progress)
    with opened(mix) as source:
        taken = take_in(source, tell, wishes)
        told = tell.stage("decide", source)
        drafted = draft(source, taken, wishes, form, told, steps).plan
    tags = tags_in(settings)
    return drafted.with_(tags=tags) if tags.told else drafted


def render(
    mix: Mix,
    plan: Plan,
    output: str | Path | None = None,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = False,
    listening: bool = True,
) -> MasterResult:
    """Play a plan: the same mix, plan and version give the same bits.

    Without ``output`` the master is written beside the mix, as ``master`` does.
    """
    with opened(mix) as source:
        return rendered(
            source,
            plan,
            _path(output),
            progress=progress,
            overwrite=overwrite,
            report=report,
            listening=listening,
        )


def rendered(
    source: Source,
    plan: Plan,
    output: Path | None,
    *,
    progress: Told | None,
    overwrite: bool,
    report: bool,
    listening: bool,
    noticed: tuple[Finding, ...] = (),
) -> MasterResult:
    """``render`` from an open source on; ``noticed`` is told first."""
    started = time.perf_counter()
    tell = Teller(progress)
    outputs = Outputs.beside(source.info.path, output, plan.output, report, recall=False)
    outputs.refuse_to_harm_inputs(source, overwrite)
    for steps in (plan.steps, *(stem.steps for stem in plan.stems)):
        noted(steps, source.info.rate_hz, source.info.channels)  # what cannot be loaded is said now
    taken = take_in(source, tell)
    work = write(source, plan, outputs.master, overwrite, tell)
    written = Written(plan, read_back(outputs.master, tell), work=work or ())
    shown = _shown(source, taken, written, outputs, listening) if report else Shown()
    found = findings_of(plan, taken.measured, written.after, source.info, taken.note)
    return _result(taken, written, outputs, (*noticed, *found), overwrite, started, shown)


def recall(
    sheet: str | Path,
    mix: Mix | None = None,
    output: str | Path | None = None,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = False,
    listening: bool = True,
) -> MasterResult:
    """Render a saved recall sheet again; ``mix`` is the one the sheet names unless given.

    A sheet of stems names its files, and takes no mix.
    """
    plan = with_near(load(sheet), Path(sheet))
    with mix_of(plan, Path(sheet), mix) as source:
        stems = source.stems if isinstance(source, StemSource) else ()
        others = [s.file for s in stems if s.sha256 and s.sha256 != file_sha256(s.file)]
        return rendered(
            source,
            plan.with_(stems=stems),
            _path(output),
            progress=progress,
            overwrite=overwrite,
            report=report,
            listening=listening,
            noticed=tuple(other_mix(file) for file in others),
        )


def _result(
    taken: Taken,
    written: Written,
    outputs: Outputs,
    found: tuple[Finding, ...],
    overwrite: bool,
    started: float,
    shown: Shown,
) -> MasterResult:
    """Gather the result, and write the report beside the master."""
    result = MasterResult(
        output=outputs.master,
        recall=outputs.recall,
        report=outputs.report,
        before=taken.measured,
        after=written.after,
        plan=written.plan,
        findings=found,
        elapsed_s=time.perf_counter() - started,
        decoded=written.decoded,
        codec_lowered_db=written.lowered_db,
        work=written.work,
        phone=written.small_speaker,
        master_sha256=shown.sha256,
        listening=shown.listening,
        on_devices=shown.on_devices,
    )
    write_report(result, overwrite)
    return result


def write_report(result: MasterResult, overwrite: bool) -> None:
    """Write the page of a master, where it is to have one."""
    if result.report is not None:
        from burnish.report.page import write_page

        write_page(result, result.report, overwrite)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def split(
    settings: dict[str, Any], output: str | Path | None = None
) -> tuple[Wishes, OutputFormat]:
    """Sort settings into wishes and output format; an unknown one is a ``SettingError``.

    The format is that of the output's name where nothing else is said. Tags: ``tags_in``.
    """
    settings = {k: v for k, v in settings.items() if k not in SongTags.model_fields}
    form = {k: v for k, v in settings.items() if k in OutputFormat.model_fields}
    wishes = Wishes(**{k: v for k, v in settings.items() if k not in form})
    if output is not None and (named := container_of(output)):
        form = {"format": named, **form}
    return wishes, OutputFormat(**form)


def tags_in(settings: dict[str, Any]) -> SongTags:
    """What the settings say of the song itself."""
    return SongTags(**{k: v for k, v in settings.items() if k in SongTags.model_fields})
