"""``burnish demo``: the example, mastered."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.finish import finish
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.usual import Json, Overwrite, Quiet
from burnish.errors import InputError, OutputError
from burnish.master import master

NAME = "song1_excerpt.flac"


def command(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", readable=False, help="Where to; made if it is not there."),
    ] = Path("burnish-demo"),
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Master the example that comes with burnish, 20 seconds of a song, into DIR."""
    mix = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(example(), mix)
    except OSError as error:
        raise OutputError(
            "output-failed", f"{folder}: cannot be written: {error.strerror}"
        ) from None
    with Watch(quiet=quiet) as watch:
        result = master(mix, progress=watch, overwrite=overwrite)
    finish(result, json=json, quiet=quiet, strict=False)


def example() -> Path:
    """The example, which is installed beside this room."""
    path = Path(__file__).resolve().parents[1] / "example" / NAME
    if not path.is_file():
        raise InputError("example-missing", f"{NAME}: is not in this installation of burnish")
    return path
