"""``burnish album suggest``: an order and gaps, with reasons; nothing is changed."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, NoProgress
from burnish.audio import check_output, same_file
from burnish.chain import Teller
from burnish.chain.album_folder import ALBUM_FILE, found_album
from burnish.chain.album_sheet import load_album, save_album
from burnish.errors import InputError, OutputError, SettingError
from burnish.release import Release


def command(
    album: Annotated[
        Path,
        typer.Argument(
            metavar="ALBUM.yaml|FOLDER",
            show_default=False,
            readable=False,
            help="An album.yaml, or a folder of mixes with or without one.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="NEW.yaml",
            readable=False,
            help="Write the album so, beside the one that is there.",
        ),
    ] = None,
    first: Annotated[
        int | None, typer.Option("--first", metavar="N", help="This track stays or comes first.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--last", metavar="N", help="This track stays or comes last.")
    ] = None,
    json: Json = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a NEW.yaml that is there.")
    ] = False,
    quiet: NoProgress = False,
) -> None:
    """Propose an order of the songs and the gaps between them, each with its reason.

    Keys, tempos, energy, and how loud each song begins and ends are measured; what counts how much
    is opinion (docs/album.md). Songs joined gapless or by a crossfade stay together. Nothing is
    changed: with -o the album is written once more, in that order.
    """
    path, release = _read(album)
    if output is not None:
        _refuse_to_harm(path, output, overwrite)
    from burnish.engineer.album_heard import hear_songs
    from burnish.engineer.album_order import suggest

    with Watch(quiet=quiet) as watch:
        songs = hear_songs(release, path, Teller(watch))
    suggestion = suggest(release, songs, first, last)
    if output is not None:
        reasons = ("", *(join.sentence for join in suggestion.joins))
        save_album(suggestion.release, output, reasons, overwrite)
    if json:
        written = None if output is None else str(output)
        named = {"album": str(path if path.exists() else album), "output": written}
        print_json({**named, **suggestion.to_json()})
        return
    from burnish.report.album_order import print_suggestion

    print_suggestion(out(), release, suggestion)
    if output is not None:
        out().print(str(output), soft_wrap=True)


def _read(album: Path) -> tuple[Path, Release]:
    """The release, and where its album.yaml is, or would be."""
    if not album.is_dir():
        if not album.exists():
            raise InputError("input-missing", f"{album}: there is no such file or folder")
        return album, load_album(album)
    path = album / ALBUM_FILE
    return path, load_album(path) if path.exists() else found_album(album).release


def _refuse_to_harm(album: Path, output: Path, overwrite: bool) -> None:
    if same_file(album, output):
        raise OutputError("output-is-input", f"{output}: is the album itself; it stays as it is")
    if output.parent.resolve() != album.parent.resolve():
        raise SettingError(
            "output-elsewhere", f"{output}: must lie beside {album}: its files are named from there"
        )
    check_output(output, overwrite)
