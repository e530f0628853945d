"""``burnish return``: what came back from hardware, and the rest of the chain."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.finish import finish
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, Overwrite, Quiet, Strict
from burnish.errors import ResultError, SettingError
from burnish.hardware import take_back
from burnish.report.loop import print_loop


def command(
    recorded: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDED",
            show_default=False,
            readable=False,
            help="The recording of what came back.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="MASTER",
            readable=False,
            help="The master; without it the recording is only checked.",
        ),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="SHEET",
            readable=False,
            help="What `burnish send` wrote, OUT.send.yaml; default: the one beside RECORDED.",
        ),
    ] = None,
    mix: Annotated[
        Path | None,
        typer.Option("--mix", metavar="MIX", readable=False, help="Default: the sheet's own mix."),
    ] = None,
    loudness_lufs: Annotated[
        str | None,
        typer.Option("--loudness-lufs", metavar="X|max", help="Default: the plan's."),
    ] = None,
    ceiling_dbtp: Annotated[
        float | None, typer.Option("--ceiling-dbtp", metavar="X", help="Default: the plan's.")
    ] = None,
    as_planned: Annotated[
        bool,
        typer.Option(
            "--as-planned", help="Keep the plan's own numbers; loudness is not found anew."
        ),
    ] = False,
    as_recorded: Annotated[
        bool,
        typer.Option(
            "--as-recorded", help="Leave level, polarity and channels as they were recorded."
        ),
    ] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report page.")] = False,
    strict: Strict = False,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Take in what came back from hardware: line it up, check it, and master on from there."""
    if as_planned and (loudness_lufs is not None or ceiling_dbtp is not None):
        raise SettingError(
            "usage", "--as-planned: keeps the plan's numbers; leave out --loudness-lufs and "
            "--ceiling-dbtp",
        )  # fmt: skip
    with Watch(quiet=quiet) as watch:
        back = take_back(
            recorded,
            output,
            plan=plan,
            mix=mix,
            loudness_lufs=_number(loudness_lufs),
            ceiling_dbtp=ceiling_dbtp,
            as_planned=as_planned,
            as_recorded=as_recorded,
            progress=watch,
            overwrite=overwrite,
            report=not no_report,
        )
    if json:
        master = {} if back.master is None else {"master": back.master.to_json()}
        print_json({**back.check.to_json(), **master})
    elif not quiet:
        print_loop(out(), back.check, findings=back.master is None)
        if back.master is not None:
            out().print()
    if back.master is not None:
        finish(back.master, json=False, quiet=quiet or json, strict=strict)
    for fault in back.check.findings[:1]:
        if fault.severity == "fail":
            raise ResultError(fault.code, f"{fault.title}: {fault.detail} {fault.advice}")


def _number(given: str | None) -> float | str | None:
    try:
        return None if given is None else float(given)
    except ValueError:
        return given
