"""``burnish compare``: how one recording differs from another, once both are equally loud."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Stage, Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, NoProgress
from burnish.audio import check_output, same_file
from burnish.errors import OutputError, SettingError
from burnish.measure.comparison import compare


def command(
    a: Annotated[
        Path,
        typer.Argument(
            metavar="A", show_default=False, readable=False, help="What is compared with."
        ),
    ],
    b: Annotated[
        Path,
        typer.Argument(metavar="B", show_default=False, readable=False, help="What is compared."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PAGE.html",
            readable=False,
            help="Write a page with plots of tone, width and loudness.",
        ),
    ] = None,
    json: Json = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a page that is there.")
    ] = False,
    quiet: NoProgress = False,
) -> None:
    """Compare B with A at equal loudness: tone, dynamics, width and time, and the null."""
    if output is not None:
        if output.suffix.lower() not in (".html", ".htm"):
            raise SettingError("output-format", f"output={output}: must end in .html")
        for path in (a, b):
            if same_file(path, output):
                raise OutputError("output-exists", f"{output}: is one of the two that are compared")
        check_output(output, overwrite)
    with Watch(quiet=quiet) as watch:
        compared = compare(
            a, b, lambda stage, done, duration_s: watch(Stage(stage, done, done * duration_s))
        )
    if output is not None:
        from burnish.report.comparison_page import write_comparison_page

        write_comparison_page(compared, output, overwrite)
    if json:
        print_json(compared.to_json())
        return
    from burnish.report.comparison import print_comparison

    console = out()
    print_comparison(console, compared)
    if output is not None:
        console.print(f"\npage  {output}", soft_wrap=True)
