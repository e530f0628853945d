"""``burnish measure``: numbers, no opinion."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json, say
from burnish.audio import open_source
from burnish.errors import BurnishError
from burnish.measure import Measurement, measure


def command(
    file: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", show_default=False, readable=False, help="Any audio files."),
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="With --json: every 100 ms, for plots.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> int:
    """Measure files: loudness (ITU-R BS.1770-5), peaks, dynamics, tone, stereo, noise, defects."""
    measured: list[Measurement] = []
    exit_code = 0
    with Watch(quiet=quiet) as watch:
        for path in file:
            try:
                with open_source(path) as source:
                    told = watch.stage(f"measure {path.name}", source.info.duration_s)
                    measured.append(measure(source, told))
            except BurnishError as error:
                # The others are measured all the same; the shell hears of the first fault.
                if len(file) == 1:
                    raise
                watch.pause()
                say(error.code, error.sentence)
                exit_code = exit_code or error.exit_code
    if json:
        documents = [one.to_json(timeline) for one in measured]
        print_json(documents[0] if len(file) == 1 else documents)
    elif measured:
        from burnish.report.text import print_measurements

        print_measurements(out(), measured)
    return exit_code
