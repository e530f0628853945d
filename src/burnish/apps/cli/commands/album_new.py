"""``burnish album new``: a first album.yaml."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, Quiet


def command(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", show_default=False, readable=False, help="Where the mixes are."
        ),
    ],
    json: Json = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an album.yaml that is there.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Write FOLDER/album.yaml from the names and tags of the sound files in it.

    It holds the tracks in order and all that can be told of an album, explained line by line, to
    be filled in: titles, codes, gaps, fades, crossfades.
    """
    from burnish.chain.album_folder import new_album

    made = new_album(folder, overwrite=overwrite)
    if json:
        release = made.release.model_dump(mode="json")
        remarks = list(made.remarks)
        print_json({"album": str(made.path), "release": release, "remarks": remarks})
    elif not quiet:
        console, release_of = out(), made.release
        by = f", {release_of.artist}" if release_of.artist else ""
        console.print(f"{release_of.title}{by}", soft_wrap=True)
        for i, track in enumerate(release_of.tracks):
            console.print(f"{i + 1:4}  {track.full_title}  ({track.file})", soft_wrap=True)
        for remark in made.remarks:
            console.print(f"note: {remark}", soft_wrap=True)
        console.print(str(made.path), soft_wrap=True)
