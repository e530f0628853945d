"""``burnish sheet``: a plan on paper, and in a DAW."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.session import session_of
from burnish.apps.cli.usual import Json, Overwrite, Quiet
from burnish.audio import check_output, write_whole
from burnish.chain.recall import load
from burnish.errors import SettingError
from burnish.report.dial_in import DialIn, dial_in
from burnish.report.dial_in_sheet import as_text, write_sheet
from burnish.report.session import labels, rpp, table


def command(
    plan: Annotated[
        Path,
        typer.Argument(metavar="PLAN", show_default=False, readable=False, help="A recall sheet."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            readable=False,
            help="The sheet as .html, .pdf or .txt; default: on the screen.",
        ),
    ] = None,
    reaper: Annotated[
        Path | None,
        typer.Option(
            "--reaper",
            metavar="FILE.rpp",
            readable=False,
            help="A REAPER project with mix, master and markers of what was found in the mix.",
        ),
    ] = None,
    markers: Annotated[
        Path | None,
        typer.Option(
            "--markers",
            metavar="FILE",
            readable=False,
            help="The markers alone: .csv as REAPER imports them, .txt as labels for Audacity.",
        ),
    ] = None,
    master: Annotated[
        Path | None,
        typer.Option(
            "--master",
            metavar="FILE",
            readable=False,
            help="The master of the session; default: the one beside the sheet.",
        ),
    ] = None,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Show a plan in common terms, to be set by hand on any gear, or take it into a DAW."""
    _check_endings(reaper, markers)
    loaded = load(plan)
    for path in (output, reaper, markers):
        if path is not None:
            check_output(path, overwrite, 0)
    sheet = dial_in(loaded, Path(loaded.input.file or plan).name)
    if output is not None:
        write_sheet(sheet, output, overwrite)
    if reaper is not None or markers is not None:
        with Watch(quiet=quiet) as watch:
            session = session_of(loaded, plan, master, watch)
        if reaper is not None:
            text = rpp(session.lanes, session.marks, session.rate_hz, reaper.parent, sheet.title)
            write_whole(text.encode("utf-8"), reaper, overwrite)
        if markers is not None:
            text = (table if markers.suffix.lower() == ".csv" else labels)(session.marks)
            write_whole(text.encode("utf-8"), markers, overwrite)
    written = {"sheet": output, "reaper": reaper, "markers": markers}
    if json:
        files = {name: None if path is None else str(path) for name, path in written.items()}
        print_json({**asdict(sheet), "files": files})
    elif not quiet:
        _show(sheet, written)


def _show(sheet: DialIn, written: Mapping[str, Path | None]) -> None:
    """Where it was written; the sheet itself, where nothing was."""
    if not any(written.values()):
        out().print(as_text(sheet), soft_wrap=True, end="")
    for name, path in written.items():
        if path is not None:
            out().print(f"{name:<8}{path}", soft_wrap=True)


def _check_endings(reaper: Path | None, markers: Path | None) -> None:
    if reaper is not None and reaper.suffix.lower() != ".rpp":
        raise SettingError("output-ending", f"{reaper}: must end in .rpp")
    if markers is not None and markers.suffix.lower() not in (".csv", ".txt"):
        raise SettingError("output-ending", f"{markers}: must end in .csv or .txt")
