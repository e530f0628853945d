"""Through hardware and back, on one page.

sheet -> send: play up to the step, put bursts and a tone around it -> OUT.wav, OUT.send.yaml
recording -> return: find the bursts, check, line up -> the rest of the chain, as any master
"""

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from burnish import __version__
from burnish.audio import OutputFormat, Source, file_sha256, open_source
from burnish.chain import Plan, Progress, Step, Teller, Told
from burnish.chain.outside import (
    Outside,
    channels_out,
    next_outside,
    reaching,
    refuse_behind_the_limiter,
    with_hardware,
    with_near,
)
from burnish.chain.plan import Evidence, On
from burnish.chain.recall import load, load_chain, save
from burnish.deliver import Outputs
from burnish.deliver.sent import write_sent
from burnish.dsp.sync import Layout
from burnish.engineer import Wishes
from burnish.engineer.intake import mix_of, note_of
from burnish.errors import SettingError
from burnish.master import Asked, mastered, rendered
from burnish.measure.loop import Loop, find_loop
from burnish.measure.returned import Comparer, Returned, look
from burnish.processors.hardware import Hardware
from burnish.report.loop import LoopCheck
from burnish.report.result import MasterResult
from burnish.targets import styles
from burnish.units import db_from_gain, gain_from_db

__all__ = ["Progress", "Sent", "TakenBack", "send", "take_back"]

SHEET = ".send.yaml"


@dataclass(frozen=True)
class Sent:
    """What was written to be played out."""

    output: Path
    sheet: Path
    device: str
    before: str
    """The processor behind it in the plan; empty: it is the last."""
    rate_hz: int
    channels: int
    duration_s: float
    programme_s: float
    """Where in it the programme begins."""
    sample_peak_dbfs: float
    true_peak_dbtp: float

    def to_json(self) -> dict[str, Any]:
        """As one document."""
        return {
            "burnish": __version__,
            "output": str(self.output),
            "sheet": str(self.sheet),
            "device": self.device,
            "before": self.before,
            "rate_hz": self.rate_hz,
            "channels": self.channels,
            "duration_s": self.duration_s,
            "programme_s": self.programme_s,
            "sample_peak_dbfs": self.sample_peak_dbfs,
            "true_peak_dbtp": self.true_peak_dbtp,
        }


@dataclass(frozen=True)
class TakenBack:
    """How the loop came back, and the master that was made with it; None: it was only checked."""

    check: LoopCheck
    master: MasterResult | None


def send(
    sheet: str | Path,
    output: str | Path,
    mix: str | Path | None = None,
    *,
    device: str = "",
    note: str = "",
    before: str = "",
    on: On = "stereo",
    bits: str = "",
    trim_db: float = 0.0,
    progress: Told | None = None,
    overwrite: bool = False,
) -> Sent:
    """Play a recall sheet up to its step `hardware`, and write what is to be played out.

    With a ``mix`` it may be a chain file. A sheet without the step gets one, before its clipper
    and limiter, or ``before`` the last step of that name. ``trim_db`` plays the programme softer;
    it is made up for when it comes back. Written are ``output`` (32-bit float unless ``bits`` says
    24) and, beside it, the sheet for ``take_back``: OUT.send.yaml. What would clip is an
    ``InputError``, and nothing is written.
    """
    path, tell = Path(output), Teller(progress)
    given = {name: text for name, text in (("device", device), ("note", note)) if text}
    plan, out = _going_out(with_near(_plan_of(sheet, mix), Path(sheet)), before, on)
    step, behind = plan.steps[out.place], plan.steps[out.place + 1 :]
    beside = path.with_name(path.stem + SHEET)
    with mix_of(plan, Path(sheet), mix) as source:
        Outputs(path, beside, None).refuse_to_harm_inputs(source, overwrite)
        info = source.info
        layout = Layout(info.rate_hz, channels_out(step.on, info.channels), info.n_samples)
        fresh = Hardware(
            **{"device": out.hardware.device, "note": out.hardware.note, **given},
            trim_db=trim_db,
            lead_samples=layout.programme,
            n_samples=info.n_samples,
        )
        heard = write_sent(
            reaching(plan, out.place, source),
            layout,
            path,
            bits,
            gain_from_db(trim_db),
            fresh.called,
            overwrite,
            tell.stage("render", source),
        )
    sent = step.with_(settings=fresh.with_(sent_dbfs=heard.sent_dbfs))
    note_of_mix = plan.input if mix is None else plan.input.with_(file=str(mix))
    written = plan.with_(steps=(*plan.steps[: out.place], sent, *behind), input=note_of_mix)
    save(written, beside, overwrite)
    return Sent(
        output=path,
        sheet=beside,
        device=fresh.device,
        before=behind[0].processor if behind else "",
        rate_hz=info.rate_hz,
        channels=layout.channels,
        duration_s=layout.n_samples / info.rate_hz,
        programme_s=layout.programme / info.rate_hz,
        sample_peak_dbfs=heard.sample_peak_dbfs,
        true_peak_dbtp=heard.true_peak_dbtp,
    )


def _going_out(plan: Plan, before: str, on: On) -> tuple[Plan, Outside]:
    """The step that goes out, and the plan with it: where there is none, or ``before`` another."""
    out = next_outside(plan.steps)
    if out is None or before:
        plan = with_hardware(plan, Step(processor="hardware", settings=Hardware(), on=on), before)
        out = next_outside(plan.steps)
    if out is None:  # what mypy cannot see
        raise TypeError("no step goes out")
    refuse_behind_the_limiter(plan.steps, out.place)
    return plan, out


def take_back(
    recorded: str | Path,
    output: str | Path | None = None,
    *,
    plan: str | Path | None = None,
    mix: str | Path | None = None,
    loudness_lufs: float | str | None = None,
    ceiling_dbtp: float | None = None,
    as_planned: bool = False,
    as_recorded: bool = False,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = True,
    listening: bool = True,
) -> TakenBack:
    """Take in what came back from hardware, and play the rest of the chain over it.

    ``plan`` is the sheet that ``send`` wrote; without one it is looked for beside the recording.
    Without ``output`` the recording is only checked. The device may have changed the loudness, so
    that of the plan (or ``loudness_lufs``) is found anew by the limiter at the end; ``as_planned``
    keeps all numbers of the plan. Level, polarity and exchanged channels are put right as burst
    and tone tell, unless ``as_recorded``. An ``InputError`` says in one sentence what is missing.
    """
    started = time.perf_counter()
    tell = Teller(progress)
    sheet = Path(plan) if plan is not None else _sheet_near(Path(recorded))
    loaded = with_near(load(sheet), sheet)
    out = next_outside(loaded.steps)
    if out is None or not out.hardware.n_samples:
        raise SettingError(
            "hardware-not-sent",
            f"{sheet}: nothing was sent by it; give what `burnish send` wrote, OUT{SHEET}",
        )
    with mix_of(loaded, sheet, mix) as source, open_source(recorded) as recording:
        outputs = None
        if output is not None:
            outputs = Outputs.beside(source.info.path, Path(output), loaded.output, report)
            outputs.refuse_to_harm_inputs(source, overwrite)
            outputs.refuse_to_harm(Path(recorded), overwrite, "the recording")
        check, step = _checked(loaded, out, source, recording, as_recorded, tell)
        if outputs is None:
            return TakenBack(check, None)
        steps = (*loaded.steps[: out.place], step, *loaded.steps[out.place + 1 :])
        going_on = loaded.with_(steps=steps)
        if as_planned:
            result = rendered(
                source,
                going_on,
                outputs.master,
                progress=progress,
                overwrite=overwrite,
                report=report,
                listening=listening,
                noticed=check.findings,
            )
            if outputs.recall is not None:
                save(going_on, outputs.recall, overwrite)
            return TakenBack(check, replace(result, recall=outputs.recall))
        wishes = _wishes(going_on, loudness_lufs, ceiling_dbtp)
        asked = Asked(wishes, loaded.output, steps, report, listening, loaded.tags)
        result = mastered(
            source,
            asked,
            outputs,
            tell,
            overwrite=overwrite,
            started=started,
            stems=loaded.stems,
            noticed=check.findings,
            notes=loaded.notes,
        )
        return TakenBack(check, result)


def _checked(
    plan: Plan, out: Outside, source: Source, recording: Source, as_recorded: bool, tell: Teller
) -> tuple[LoopCheck, Step]:
    """What the recording is worth, and the step with its figures."""
    step, sent, info = plan.steps[out.place], out.hardware, source.info
    layout = Layout(info.rate_hz, channels_out(step.on, info.channels), sent.n_samples)
    if info.n_samples != sent.n_samples or layout.programme != sent.lead_samples:
        raise SettingError(
            "hardware-stale",
            f"{sent.called}: what was sent had {sent.n_samples} samples, the mix has "
            f"{info.n_samples}; send it again with `burnish send`",
        )
    told = tell.stage("find the bursts", recording)
    loop = find_loop(recording, layout)
    told(1.0)
    settings = _set_right(sent, loop, recording, as_recorded)
    start = round(loop.delay_samples + loop.speed * layout.programme)
    stop = round(loop.delay_samples + loop.speed * (layout.programme + sent.n_samples))
    looked = look(recording, start, stop, loop.recorded_channels)
    compared = _compared(plan, out.place, settings, source, loop, looked.frozen_s, tell)
    check = LoopCheck(
        recording=Path(str(recording.info.path)),
        device=sent.device,
        rate_hz=recording.info.rate_hz,
        duration_s=info.duration_s,
        loop=loop,
        returned=compared.returned,
        looked=looked,
        programme_dbfs=compared.programme_dbfs,
    )
    evidence: Evidence = {
        "delay_ms": round(1000.0 * loop.delay_samples / recording.info.rate_hz, 4),
        "drift_ppm": round(loop.drift_ppm, 4),
        "tone_db": round(loop.gain_db, 3),
        "noise_dbfs": round(max(loop.noise_dbfs), 1),
        "changed_db": round(compared.returned.null_db, 1),
    }
    words = ": ".join(word for word in (sent.device, sent.note) if word)
    reason = f"Played through {words or 'hardware'}."
    return check, step.with_(settings=settings, reason=step.reason or reason, evidence=evidence)


def _set_right(sent: Hardware, loop: Loop, recording: Source, as_recorded: bool) -> Hardware:
    """The step's settings with what was found; level and wiring as they came, ``as_recorded``."""
    path = recording.info.path
    straight = tuple(range(1, len(loop.recorded_channels) + 1))
    return sent.with_(
        returned=str(path),
        sha256="" if path is None else file_sha256(path),
        recorded_channels=straight if as_recorded and len(straight) > 1 else loop.recorded_channels,
        inverted=() if as_recorded else loop.inverted,
        gain_db=0.0 if as_recorded else round(-loop.gain_db, 6) + 0.0,  # and never -0.0
        delay_samples=loop.delay_samples,
        drift_ppm=loop.drift_ppm,
    )


@dataclass(frozen=True)
class _Compared:
    """What the device did to the programme, and how loud it came back."""

    returned: Returned
    programme_dbfs: float


def _compared(
    plan: Plan,
    place: int,
    settings: Hardware,
    source: Source,
    loop: Loop,
    frozen_s: tuple[tuple[float, float], ...],
    tell: Teller,
) -> _Compared:
    """Hold what came back against what was sent, block by block."""
    rate_hz, channels = source.info.rate_hz, len(loop.recorded_channels)
    runner = settings.start(rate_hz, channels)
    comparer = Comparer(rate_hz, channels, loop.skew_samples)
    told = tell.stage("compare", source)
    power = done = 0.0
    for block in reaching(plan, place, source):
        back = runner.process(block)
        comparer.feed(block, back)
        power += float(np.square(back).sum())
        done += block.shape[1]
        told(done / source.info.n_samples)
    raised_db = settings.gain_db - settings.trim_db
    noise_dbfs, recorded_db = max(loop.noise_dbfs) + raised_db, loop.gain_db + settings.trim_db
    return _Compared(
        comparer.finish(noise_dbfs, frozen_s, recorded_db),
        db_from_gain(math.sqrt(power / max(1.0, channels * done))) - raised_db,
    )


def _plan_of(sheet: str | Path, mix: str | Path | None) -> Plan:
    """The plan of a recall sheet, or of a chain file with a mix."""
    try:
        return load(sheet)
    except SettingError as error:
        if error.code != "recall-not-a-sheet" or mix is None:
            raise
    steps = load_chain(sheet)
    with open_source(mix) as source:
        note = note_of(source, file_sha256(mix))
    return Plan(burnish=__version__, input=note, output=OutputFormat(), steps=steps)


def _sheet_near(recorded: Path) -> Path:
    """The sheet of what was sent, beside the recording or here.

    Of several it is the one whose name the recording's begins with.
    """
    folders = dict.fromkeys((recorded.parent.resolve(), Path.cwd()))
    found = [file for folder in folders for file in sorted(folder.glob(f"*{SHEET}"))]
    named = [one for one in found if recorded.name.startswith(one.name.removesuffix(SHEET))]
    chosen = found if len(found) == 1 else named
    if len(chosen) == 1:
        return chosen[0]
    several = f"there are {', '.join(one.name for one in found[:5])}" if found else "there is none"
    raise SettingError(
        "hardware-plan", f"{recorded}: no sheet of what was sent, --plan OUT{SHEET}; {several}"
    )


def _wishes(plan: Plan, loudness_lufs: float | str | None, ceiling_dbtp: float | None) -> Wishes:
    """What the plan aimed at, asked again for the sound that came back."""
    target = plan.target
    style, codecs = target.get("style") or "auto", target.get("codecs") or ()
    return Wishes(
        style=style if style in styles() else "auto",
        for_=tuple(target.get("for") or ()),
        loudness_lufs=target.get("loudness_lufs") if loudness_lufs is None else loudness_lufs,
        ceiling_dbtp=target.get("ceiling_dbtp") if ceiling_dbtp is None else ceiling_dbtp,
        codec_safe=",".join(codecs) or "none",
        stop=not target.get("passed_by"),
    )
