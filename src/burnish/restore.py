"""Restore: repair only. A recording with its damage taken out, and nothing else changed.

recording -> examine: what is damaged -> mend: a plan of repairs -> write, read back -> recall sheet
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import burnish
from burnish.audio import OutputFormat, Source, container_of, file_sha256, same_file
from burnish.chain import Plan, Progress, Teller, Told
from burnish.chain.recall import save
from burnish.deliver import Outputs, read_back
from burnish.deliver.restored import write_restored
from burnish.engineer import Mix, opened
from burnish.engineer.intake import note_of
from burnish.engineer.repair import Repairs, mend
from burnish.errors import OutputError, SettingError
from burnish.measure.examine import Examination, examine
from burnish.report.restored import RestoreResult

__all__ = ["Progress", "RestoreResult", "restore"]


def restore(
    recording: Mix,
    output: str | Path,
    *,
    removed: str | Path | None = None,
    progress: Told | None = None,
    overwrite: bool = False,
    **settings: Any,
) -> RestoreResult:
    """Take clicks, crackle, dropouts, clipping, hum and hiss out of a recording.

    ``settings`` are those of ``Repairs`` (declick, declip, dehum, denoise ...: each ``auto`` by
    default, as much as was found) and of ``OutputFormat`` (format, bits, dither). Where nothing is
    found, or asked for, every sample stays as it is, bit for bit. ``removed`` is where that which
    was taken away is written, to be listened to: the recording less the restored one.

    The recall sheet beside the output rebuilds it. A ``BurnishError`` says in one sentence what is
    wrong, and nothing is written.
    """
    started = time.perf_counter()
    asked = {k: v for k, v in settings.items() if k in Repairs.model_fields}
    form = {k: v for k, v in settings.items() if k not in asked}
    repairs, tell = Repairs(**asked), Teller(progress)
    if form.get("rate_hz") is not None:
        raise SettingError("setting-range", "rate_hz: a restored recording keeps its own rate")
    with opened(recording) as source:
        written_as = _written_as(form, output, source)
        outputs = Outputs.beside(source.info.path, Path(output), written_as, report=False)
        outputs.refuse_to_harm(source.info.path, overwrite)
        aside = None if removed is None else Path(removed)
        if aside is not None:
            _refuse_to_harm(aside, source.info.path, outputs, overwrite)
        examined, sha256 = _examined(source, tell)
        advice = mend(examined, repairs, source)
        plan = Plan(
            burnish=burnish.__version__,
            input=note_of(source, sha256),
            output=written_as,
            steps=advice.steps,
            notes=advice.notes,
        )
        restored = write_restored(source, plan, outputs.master, aside, overwrite, tell)
        if outputs.recall is not None:
            save(restored.plan, outputs.recall, overwrite)
        return RestoreResult(
            output=outputs.master,
            recall=outputs.recall,
            removed=aside,
            before=examined.measured,
            after=read_back(outputs.master, tell),
            plan=restored.plan,
            removed_db=restored.removed_db,
            touched=restored.touched,
            elapsed_s=time.perf_counter() - started,
        )


def _written_as(asked: dict[str, Any], output: str | Path, source: Source) -> OutputFormat:
    """As asked, or as the output's name says. Floats stay floats, with what is past full scale."""
    if named := container_of(output):
        asked = {"format": named, **asked}
    if source.info.is_float and asked.get("format", "wav") != "flac":
        asked = {"bits": "32f", **asked}
    return OutputFormat(**asked)


def _examined(source: Source, tell: Teller) -> tuple[Examination, str]:
    """What is damaged, and meanwhile the file's fingerprint; "" for audio in memory."""
    path = source.info.path
    with ThreadPoolExecutor(1) as aside:
        sha256 = None if path is None else aside.submit(file_sha256, path)
        examined = examine(source, tell.stage("examine", source))
        return examined, "" if sha256 is None else sha256.result()


def _refuse_to_harm(aside: Path, recording: Path | None, outputs: Outputs, overwrite: bool) -> None:
    """``removed`` may be neither the recording nor the output, and is a WAV file."""
    if container_of(aside) not in (None, "wav"):
        raise SettingError("output-ending", f"{aside}: must end in .wav: it is written as floats")
    if aside.absolute() == outputs.master.absolute():
        raise SettingError("output-twice", f"{aside}: is where the restored recording goes")
    if recording is not None and same_file(recording, aside):
        raise OutputError(
            "output-is-input", f"{aside}: is the recording itself; it is never overwritten"
        )
    Outputs(aside, None, None).refuse_to_harm(recording, overwrite)
