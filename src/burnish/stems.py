"""Stems on one page: several files, summed, and then mastered as any mix.

stems -> take together: open, check, hear, move -> one source -> master -> mastered stems
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from burnish.chain import Progress, Stem, Teller, Told
from burnish.chain.recall import load_chain
from burnish.chain.stem_sheet import named_stems
from burnish.deliver import Outputs
from burnish.deliver.stems import KeptStems, kept_paths, split_master
from burnish.engineer.stems.together import StemWishes, TakenStems, take_stems
from burnish.errors import OutputError
from burnish.finding import Finding
from burnish.master import Asked, mastered, split, tags_in, write_report
from burnish.report.result import MasterResult, StemsTold

__all__ = ["Progress", "stems"]


def stems(
    files: str | Path | Sequence[str | Path | Stem],
    output: str | Path,
    *,
    keep_stems: bool | str | Path = False,
    progress: Told | None = None,
    overwrite: bool = False,
    report: bool = True,
    listening: bool = True,
    chain: str | Path | None = None,
    **settings: Any,
) -> MasterResult:
    """Make a master from stems: their sum is mastered as any mix.

    ``files`` are the stems, each a path, ``"ROLE=PATH"`` or a ``Stem``, or one YAML that names
    them. ``settings`` are those of ``StemWishes`` (mix, align, resample, moves), of ``Wishes``,
    of ``OutputFormat`` and of ``SongTags``. Small faults that belong to one stem alone are mended
    there, by 1.5 dB at most; with ``moves=False`` or a ``chain``, the plain sum goes on.

    ``keep_stems`` writes the mastered stems, whose sum is the master, into that folder, or beside
    the master. A ``BurnishError`` says in one sentence what is wrong, and nothing is written.
    """
    started = time.perf_counter()
    of_stems = {k: v for k, v in settings.items() if k in StemWishes.model_fields}
    wishes, form = split({k: v for k, v in settings.items() if k not in of_stems}, output)
    steps = None if chain is None else load_chain(chain)
    given, mix = named_stems([files] if isinstance(files, str | Path) else files)
    stem_wishes = _stem_wishes(of_stems, mix, plain=chain is not None)
    outputs = Outputs.beside(None, Path(output), form, report)
    folder = None if keep_stems is False else _folder(keep_stems, outputs.master)
    kept = () if folder is None else kept_paths(given, folder, form)
    _refuse_to_harm(given, stem_wishes.mix, outputs, kept, overwrite)
    tell = Teller(progress)
    with ExitStack() as held:
        taken = take_stems(given, stem_wishes, tell, held)
        result = mastered(
            taken.source,
            Asked(wishes, form, steps, report, listening, tags_in(settings)),
            replace(outputs, report=None),
            tell,
            overwrite=overwrite,
            started=started,
            stems=taken.source.stems,
            noticed=taken.findings,
            notes=taken.notes,
        )
        written = None
        if folder is not None:
            form = result.plan.output
            written = split_master(taken.source, result.output, form, kept, tell, overwrite)
    result = replace(
        result,
        report=outputs.report,
        stems=_told(stem_wishes.mix, taken, written),
        findings=(*result.findings, *_float_stems(written)),
        elapsed_s=time.perf_counter() - started,
    )
    write_report(result, overwrite)
    return result


def _stem_wishes(given: dict[str, Any], mix: str, plain: bool) -> StemWishes:
    """What is asked of the stems: with the YAML's ``mix``, and moved by nothing where ``plain``."""
    asked = {k: str(v) if isinstance(v, Path) else v for k, v in given.items()}
    if mix:
        asked = {"mix": mix, **asked}
    if plain:
        asked = {"moves": False, **asked}
    return StemWishes(**asked)


def _folder(wanted: bool | str | Path, master: Path) -> Path:
    """Where mastered stems go: ``MASTER.stems`` beside the master, or where it was said."""
    return master.with_name(f"{master.stem}.stems") if wanted is True else Path(str(wanted))


def _refuse_to_harm(
    given: Sequence[Stem], mix: str, outputs: Outputs, kept: Sequence[Path], overwrite: bool
) -> None:
    outputs.refuse_to_harm(Path(mix) if mix else None, overwrite)
    for stem in given:
        outputs.refuse_to_harm(Path(stem.file), overwrite, "a stem")
    if not overwrite:
        for path in kept:
            if path.exists():
                raise OutputError(
                    "output-exists",
                    f"{path}: exists already; give another folder, or allow to overwrite",
                )
    for path in kept:
        for stem in given:
            if path.exists() and path.samefile(stem.file):
                raise OutputError(
                    "output-is-input", f"{path}: is a stem itself; it is never overwritten"
                )


def _told(mix: str, taken: TakenStems, written: KeptStems | None) -> StemsTold:
    """What is to be said of the stems."""
    return StemsTold(
        mix=mix,
        fit=taken.fit,
        loudness_lufs=taken.loudness_lufs,
        kept=() if written is None else written.paths,
        kept_null_db=None if written is None else written.null_db,
    )


def _float_stems(written: KeptStems | None) -> tuple[Finding, ...]:
    if written is None or not written.widened:
        return ()
    return (
        Finding(
            "stems-as-floats",
            "info",
            "The mastered stems are 32-bit floats",
            "One of them alone passes full scale, which whole numbers cannot hold; their sum, the "
            "master, does not.",
            "Keep them as floats until they are summed.",
        ),
    )
