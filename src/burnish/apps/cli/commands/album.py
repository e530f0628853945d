"""``burnish album``: a release of many tracks, from mixes to what goes out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from burnish.album.flow import album
from burnish.apps.cli.options import with_settings
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, Quiet
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer import Wishes
from burnish.engineer.album import AlbumWishes
from burnish.errors import ResultError


@with_settings(AlbumWishes, DeliveryWishes, Wishes)
def command(
    sheet: Annotated[
        Path,
        typer.Argument(
            metavar="ALBUM.yaml",
            show_default=False,
            readable=False,
            help="The album; `burnish album new FOLDER` writes a first one.",
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            readable=False,
            help="Where masters and deliveries go.",
        ),
    ],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="TARGET", help="What to deliver: a target; may be repeated."),
    ] = None,
    signature: Annotated[
        Path | None,
        typer.Option(
            "--signature",
            metavar="FILE",
            readable=False,
            help="Master into the sound of an earlier album: its album.signature.yaml.",
        ),
    ] = None,
    preview_joins: Annotated[
        bool, typer.Option("--preview-joins", help="Write 10 s before and after each join.")
    ] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report page.")] = False,
    json: Json = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace what was made from other mixes or settings."),
    ] = False,
    quiet: Quiet = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Master an album as one body, put it in sequence, and deliver it.

    An anchor is mastered first and the others follow it. Called again, it goes on where it was:
    what was made from the same is not made again. See also `burnish album new` and `burnish album
    suggest`.
    """
    with Watch(quiet=quiet) as watch:
        result = album(
            sheet,
            folder,
            to=to or (),
            signature=signature,
            preview_joins=preview_joins,
            progress=watch,
            overwrite=overwrite,
            report=not no_report,
            **settings,
        )
    if json:
        print_json(result.to_json())
    elif not quiet:
        from burnish.report.album import print_album

        print_album(out(), result)
    if not result.passed:
        failed = ", ".join(str(one.folder) for one in result.outgoing if not one.passed)
        raise ResultError("qc-failed", f"{failed}: does not pass its quality control")
