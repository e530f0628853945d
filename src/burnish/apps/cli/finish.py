"""How a master is shown when it is done: a table, or one JSON document; and the strict end."""

from collections.abc import Sequence

from burnish.apps.cli.screen import out, print_json
from burnish.errors import ResultError
from burnish.report.result import MasterResult
from burnish.report.version import Version

_MISSED = ("loudness-stopped", "loudness-missed", "ceiling-passed", "codec-passed")
_STRAYED = ("ceiling-passed", "version-lag", "version-length", "version-turned")


def finish(
    result: MasterResult,
    *,
    json: bool,
    quiet: bool,
    strict: bool,
    versions: Sequence[Version] = (),
) -> None:
    """Show a result and its versions.

    With ``strict`` a target that was not reached, or a version that does not lie over the main
    one, is a ``ResultError``.
    """
    if json:
        told = {"versions": [one.to_json() for one in versions]} if versions else {}
        print_json({**result.to_json(), **told})
    elif not quiet:
        from burnish.report.text import print_master

        print_master(out(), result)
        _print_versions(versions)
    if strict:
        missed = [one for one in result.findings if one.code in _MISSED]
        missed += [one for version in versions for one in version.findings if one.code in _STRAYED]
        for finding in missed[:1]:
            raise ResultError(finding.code, f"{finding.title}: {finding.detail}")


def _print_versions(versions: Sequence[Version]) -> None:
    for version in versions:
        lufs, peak = version.after.loudness.integrated_lufs, version.after.peaks.true_peak_dbtp
        loud = "" if lufs is None else f"{lufs:.1f} LUFS, "
        out().print(f"{version.output}  ({loud}{peak:.1f} dBTP)", soft_wrap=True)
        for finding in version.findings:
            out().print(f"{finding.title}. {finding.detail} {finding.advice}", soft_wrap=True)
