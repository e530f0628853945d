"""Check: what is wrong with a mix, and what to do about it.

mix -> measure and examine in one pass -> what is normal -> findings -> verdict
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.audio import SourceInfo
from burnish.chain import Teller, Told
from burnish.engineer.intake import Mix, opened, refuse_unheard
from burnish.engineer.normal import Normals
from burnish.engineer.notes import with_mends, would_do
from burnish.engineer.wishes import Wishes
from burnish.finding import Finding, verdict
from burnish.measure.examine import examine
from burnish.qc import findings_of_mix
from burnish.report.checked import CheckResult

__all__ = ["CheckResult", "check", "checked"]


def check(
    mix: Mix,
    *,
    style: str = "auto",
    reference: str | Path | Sequence[str | Path] = (),
    progress: Told | None = None,
) -> CheckResult:
    """Look a mix through and say what is wrong with it, the worst first.

    ``style`` is what is normal: ``auto`` (the nearest, with its doubt), a style's name, or the path
    of a learned profile. One or several ``reference`` recordings win over it. The mix is not
    changed and nothing is written. What cannot be read, is silent or shorter than 0.4 s is an
    ``InputError``; ``progress`` is told how far it is.
    """
    given = [reference] if isinstance(reference, str | Path) else list(reference)
    with Normals(style, [str(one) for one in given]) as normals:
        return checked(mix, normals, progress)


def checked(mix: Mix, normals: Normals, progress: Told | None = None) -> CheckResult:
    """``check`` against what has been asked once for several mixes."""
    with opened(mix) as source:
        examined = examine(source, Teller(progress).stage("check", source))
        info = source.info
        refuse_unheard(examined.measured, info)
        normal = normals.of(examined.measured)
        found = (*_remarks(info), *findings_of_mix(examined, normal.style))
        if any(one.severity != "info" for one in found):
            found = with_mends(found, would_do(examined, source, Wishes(style=normals.style)))
    return CheckResult(
        file=None if info.path is None else str(info.path),
        verdict=verdict(found),
        findings=found,
        normal=normal.words,
        style_confidence=normal.confidence,
        measured=examined.measured,
        examined=examined,
    )


def _remarks(info: SourceInfo) -> Iterator[Finding]:
    for remark in info.remarks:
        yield Finding("source-remark", "warn", "The file is not as it says", remark, "Export anew.")
