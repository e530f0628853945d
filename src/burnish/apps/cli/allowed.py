"""The option that lets plug-ins be loaded from more than the folders of the system."""

from pathlib import Path
from typing import Annotated

import typer

AllowPlugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--allow-plugins",
        metavar="FOLDER",
        readable=False,
        show_default=False,
        help="Let steps load plug-ins from this folder too, or this file; may be repeated.",
    ),
]


def allow_plugins(folders: list[Path] | None) -> None:
    """Allow what was named, here and in every process that is started from here."""
    if folders:
        from burnish.processors.hosted.places import allow

        for folder in folders:
            allow(folder)
