"""How a master is shown when it is done: a table, or one JSON document; and the strict end."""

from burnish.apps.cli.screen import out, print_json
from burnish.errors import ResultError
from burnish.report.result import MasterResult


def finish(result: MasterResult, *, json: bool, quiet: bool, strict: bool) -> None:
    """Show a result. With ``strict`` a target that was not reached is a ``ResultError``."""
    if json:
        print_json(result.to_json())
    elif not quiet:
        from burnish.report.text import print_master

        print_master(out(), result)
    if strict:
        for finding in result.findings:
            if finding.code in (
                "loudness-stopped",
                "loudness-missed",
                "ceiling-passed",
                "codec-passed",
            ):
                raise ResultError(finding.code, f"{finding.title}: {finding.detail}")
