"""``burnish qc``: the twenty checks before a release goes out."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Stage, Watch
from burnish.apps.cli.screen import out, print_json, say
from burnish.chain import Progress
from burnish.deliver.inspection import Inspection, inspect
from burnish.errors import BurnishError, SettingError

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
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> int:
    """Inspect what is finished, before it goes out: sound, form, tags, sequence, CD.

    Exit code 4 where something must not go out.
    """
    if note and heard_by is None:
        raise SettingError("usage", "--note: only with --heard-by")
    if heard_by is not None:
        _sign(file, heard_by, note or [])
    found: list[Inspection] = []
    exit_code = 0
    with Watch(quiet=quiet) as watch:
        for path in file:

            def told(progress: Progress, name: str = path.name) -> None:
                watch(Stage(f"inspect {name}", progress.done, progress.audio_s))

            try:
                found.append(inspect(path, for_=for_, progress=told))
            except BurnishError as error:
                # The others are inspected all the same; the shell hears of the first fault.
                if len(file) == 1:
                    raise
                watch.pause()
                say(error.code, error.sentence)
                exit_code = exit_code or error.exit_code
    if report is not None and found:
        from burnish.report.inspected import write_inspection_page

        write_inspection_page(found, report, overwrite)
    if json:
        documents = [one.to_json() for one in found]
        print_json(documents[0] if len(file) == 1 else documents)
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
