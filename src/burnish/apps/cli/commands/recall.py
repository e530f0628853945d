"""``burnish recall``: a recall sheet played again."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.allowed import AllowPlugins, allow_plugins
from burnish.apps.cli.finish import finish
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.usual import Json, Overwrite, Quiet, Strict
from burnish.errors import SettingError
from burnish.master import recall


def command(
    sheet: Annotated[
        Path,
        typer.Argument(
            metavar="SHEET", show_default=False, readable=False, help="A MIX.master.recall.yaml."
        ),
    ],
    mix: Annotated[
        Path | None,
        typer.Argument(
            metavar="MIX",
            readable=False,
            show_default=False,
            help="Default: the sheet's own mix.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", readable=False, help="The master."),
    ] = None,
    allow: AllowPlugins = None,
    strict: Strict = False,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Render a recall sheet again: the same mix and version give the same bits."""
    allow_plugins(allow)
    if output is None:
        raise SettingError("output-missing", "output: must be given, with -o OUT")
    with Watch(quiet=quiet) as watch:
        result = recall(sheet, mix, output, progress=watch, overwrite=overwrite)
    finish(result, json=json, quiet=quiet, strict=strict)
