"""``burnish qc``: the twenty checks before a release goes out."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.each import documents, each
from burnish.apps.cli.progress import Stage, Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import NoProgress
from burnish.chain import Progress
from burnish.deliver.inspection import Inspection, inspect
from burnish.errors import SettingError

DOES_NOT_PASS = 4


def command(
    file: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR",
            show_default=False,
            readable=False,
            help="Finished files, folders of them, a DDP, an album.yaml.",
        ),
    ],
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="TARGET", show_default=False, help="Where it goes; its demands count."
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Information too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document, with all.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "-o", "--report", metavar="PAGE", show_default=False, help="Write it as HTML as well."
        ),
    ] = None,
    heard_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="Sign: NAME has heard the files from start to end (listened.yaml beside them).",
        ),
    ] = None,
    note: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            show_default=False,
            help='With --heard-by: what was heard, as "1:12 click?"; may be given more than once.',
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a page that is there.")
    ] = False,
    quiet: NoProgress = False,
) -> int:
    """Inspect what is finished, before it goes out: sound, form, tags, sequence, CD.

    Exit code 4 where something must not go out.
    """
    if note and heard_by is None:
        raise SettingError("usage", "--note: only with --heard-by")
    if heard_by is not None:
        _sign(file, heard_by, note or [])
    with Watch(quiet=quiet) as watch:

        def look(path: Path) -> Inspection:
            def told(progress: Progress) -> None:
                watch(Stage(f"inspect {path.name}", progress.done, progress.audio_s))

            return inspect(path, for_=for_, progress=told)

        found, exit_code = each(file, watch, look)
    if report is not None and found:
        from burnish.report.inspected import write_inspection_page

        write_inspection_page(found, report, overwrite)
    if json:
        print_json(documents([one.to_json() for one in found], file))
    elif found:
        from burnish.report.inspected import print_inspections

        print_inspections(out(), found, all_)
    failed = any(one.verdict == "fail" for one in found)
    return exit_code or (DOES_NOT_PASS if failed else 0)


def _sign(paths: list[Path], by: str, notes: list[str]) -> None:
    """Sign for files, and for all sound files of folders."""
    from burnish.deliver.inspection.folder import signed_in
    from burnish.deliver.inspection.listened import sign

    files = [file for path in paths for file in signed_in(path)]
    if notes and len(files) > 1:
        raise SettingError("usage", "--note: name the one file that it is about")
    sign(files, by, notes)
