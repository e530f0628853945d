"""``burnish check``: what is wrong with a mix, and what to do about it."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.each import documents, each
from burnish.apps.cli.progress import Stage, Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import NoProgress
from burnish.chain import Progress
from burnish.check import CheckResult, checked
from burnish.engineer.normal import Normals

DOES_NOT_PASS = 4


def command(
    file: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", show_default=False, readable=False, help="One or more mixes."
        ),
    ],
    all_: Annotated[
        bool, typer.Option("--all", help="All findings, not only those that matter most.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document, with all.")] = False,
    style: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What is normal: auto, a style, or a profile's .yaml that was learned.",
        ),
    ] = "auto",
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="A recording that sounds as this should; may be given more than once.",
        ),
    ] = None,
    quiet: NoProgress = False,
) -> int:
    """Look mixes through: what is wrong, where, how sure that is, and what to do about it.

    Exit code 4 where a mix is not fit for mastering.
    """
    with Watch(quiet=quiet) as watch, Normals(style, reference or ()) as normals:

        def look(path: Path) -> CheckResult:
            def told(progress: Progress) -> None:
                watch(Stage(f"check {path.name}", progress.done, progress.audio_s))

            return checked(path, normals, told)

        results, exit_code = each(file, watch, look)
    if json:
        print_json(documents([one.to_json() for one in results], file))
    elif results:
        from burnish.report.checked import print_checks

        print_checks(out(), results, all_)
    failed = any(one.verdict == "fail" for one in results)
    return exit_code or (DOES_NOT_PASS if failed else 0)
