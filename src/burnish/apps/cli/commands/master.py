"""``burnish master``: from a mix to a master."""

from pathlib import Path
from typing import Annotated, Any

import typer

from burnish.apps.cli.finish import finish
from burnish.apps.cli.options import with_settings
from burnish.apps.cli.progress import Watch
from burnish.audio import OutputFormat
from burnish.engineer import Wishes
from burnish.master import master


@with_settings(Wishes, OutputFormat)
def command(
    mix: Annotated[
        Path,
        typer.Argument(
            metavar="MIX", show_default=False, readable=False, help="The mix: any audio file."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            readable=False,
            help="The master; default MIX.master.wav.",
        ),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report page.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 4 where the target was not reached.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Make a master of a mix: MIX.master.wav, its recall sheet and a report, beside the mix."""
    with Watch(quiet=quiet) as watch:
        result = master(
            mix, output, progress=watch, overwrite=overwrite, report=not no_report, **settings
        )
    finish(result, json=json, quiet=quiet, strict=strict)
