"""``burnish restore``: repair only."""

from pathlib import Path
from typing import Annotated, Any

import typer

from burnish.apps.cli.options import with_settings
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, Overwrite, Quiet
from burnish.audio import OutputFormat
from burnish.engineer.repair import Repairs
from burnish.errors import SettingError
from burnish.restore import restore

_FORM = {"format", "bits", "dither", "dither_seed"}


@with_settings(Repairs, OutputFormat, only=_FORM | set(Repairs.model_fields))
def command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", show_default=False, readable=False, help="The recording."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", readable=False, help="The restored one."),
    ] = None,
    removed: Annotated[
        Path | None,
        typer.Option(
            "--removed",
            metavar="OUT",
            readable=False,
            help="Write what was taken away, to be listened to.",
        ),
    ] = None,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Repair a recording: clicks, crackle, dropouts, clipping, hum, hiss. Nothing else changes."""
    if output is None:
        raise SettingError("output-missing", "output: must be given, with -o OUT")
    with Watch(quiet=quiet) as watch:
        result = restore(
            file, output, removed=removed, progress=watch, overwrite=overwrite, **settings
        )
    if json:
        print_json(result.to_json())
    elif not quiet:
        from burnish.report.restored import print_restored

        print_restored(out(), result)
