"""``burnish measure``: numbers, no opinion."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.each import documents, each
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, NoProgress
from burnish.audio import open_source
from burnish.measure import Measurement, measure


def command(
    file: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", show_default=False, readable=False, help="Any audio files."),
    ],
    json: Json = False,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="With --json: every 100 ms, for plots.")
    ] = False,
    quiet: NoProgress = False,
) -> int:
    """Measure files: loudness (ITU-R BS.1770-5), peaks, dynamics, tone, stereo, noise, defects."""
    with Watch(quiet=quiet) as watch:

        def look(path: Path) -> Measurement:
            with open_source(path) as source:
                return measure(source, watch.stage(f"measure {path.name}", source.info.duration_s))

        measured, exit_code = each(file, watch, look)
    if json:
        print_json(documents([one.to_json(timeline) for one in measured], file))
    elif measured:
        from burnish.report.text import print_measurements

        print_measurements(out(), measured)
    return exit_code
