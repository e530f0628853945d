"""``burnish check``: what is wrong with a mix, and what to do about it."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Stage, Watch
from burnish.apps.cli.screen import out, print_json, say
from burnish.chain import Progress
from burnish.check import CheckResult, checked
from burnish.engineer.normal import Normals
from burnish.errors import BurnishError

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
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> int:
    """Look mixes through: what is wrong, where, how sure that is, and what to do about it.

    Exit code 4 where a mix is not fit for mastering.
    """
    results: list[CheckResult] = []
    exit_code = 0
    with Watch(quiet=quiet) as watch, Normals(style, reference or ()) as normals:
        for path in file:

            def told(progress: Progress, name: str = path.name) -> None:
                watch(Stage(f"check {name}", progress.done, progress.audio_s))

            try:
                results.append(checked(path, normals, told))
            except BurnishError as error:
                # The others are checked all the same; the shell hears of the first fault.
                if len(file) == 1:
                    raise
                watch.pause()
                say(error.code, error.sentence)
                exit_code = exit_code or error.exit_code
    if json:
        documents = [one.to_json() for one in results]
        print_json(documents[0] if len(file) == 1 else documents)
    elif results:
        from burnish.report.checked import print_checks

        print_checks(out(), results, all_)
    failed = any(one.verdict == "fail" for one in results)
    return exit_code or (DOES_NOT_PASS if failed else 0)
