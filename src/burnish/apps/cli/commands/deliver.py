"""``burnish deliver``: finished masters to what goes out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from burnish.apps.cli.options import with_settings
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, Quiet
from burnish.deliver.wishes import DeliveryWishes
from burnish.delivery import deliver
from burnish.errors import ResultError


@with_settings(DeliveryWishes)
def command(
    masters: Annotated[
        list[Path],
        typer.Argument(
            metavar="ALBUM.yaml|MASTER...",
            show_default=False,
            readable=False,
            help="An album.yaml whose files are masters, or masters in their order.",
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="DIR", readable=False, help="Where the deliveries go."
        ),
    ],
    to: Annotated[
        list[str],
        typer.Option("--to", metavar="TARGET", help="What to deliver: a target; may be repeated."),
    ],
    json: Json = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace deliveries made from something else.")
    ] = False,
    quiet: Quiet = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Write what each target takes from finished masters: files, manifest, checklist.

    Nothing is mastered. Where DIR holds the masters of the same album.yaml, as `burnish album`
    leaves them, those are delivered; else the files are taken as they are.
    """
    with Watch(quiet=quiet) as watch:
        result = deliver(masters, folder, to=to, progress=watch, overwrite=overwrite, **settings)
    if json:
        print_json(result.to_json())
    elif not quiet:
        from burnish.report.album import print_outgoing

        print_outgoing(out(), result.outgoing)
    if not result.passed:
        failed = ", ".join(str(one.folder) for one in result.outgoing if not one.passed)
        raise ResultError("qc-failed", f"{failed}: does not pass its quality control")
