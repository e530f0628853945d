"""``burnish learn``: what many records have in common, as a target and a style of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Stage, Watch
from burnish.apps.cli.screen import out, print_json, say
from burnish.apps.cli.usual import Json, NoProgress
from burnish.engineer.learn import learn


def command(
    sounds: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER|FILE",
            show_default=False,
            readable=False,
            help="Records to learn from; folders are gone through to their ends.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="PROFILE.yaml",
            readable=False,
            show_default=False,
            help="The profile, for `burnish master --profile` and `--style`.",
        ),
    ],
    half_life_days: Annotated[
        float | None,
        typer.Option(
            "--half-life",
            metavar="DAYS",
            show_default=False,
            help="A track this much older than the newest counts half: by its tag, else its file.",
        ),
    ] = None,
    update: Annotated[
        Path | None,
        typer.Option(
            "--update",
            metavar="OLD.yaml",
            readable=False,
            help="A profile whose tracks are in it too; it may be the one that is written.",
        ),
    ] = None,
    json: Json = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a profile that is there.")
    ] = False,
    quiet: NoProgress = False,
) -> None:
    """Learn a profile from any number of records: tone, dynamics, width, loudness."""
    with Watch(quiet=quiet) as watch:
        learned = learn(
            list(sounds),
            output,
            half_life_days=half_life_days,
            update=update,
            overwrite=overwrite,
            progress=lambda name, done, of, audio_s: watch(Stage("learn", done / of, audio_s)),
        )
        watch.pause()
    if json:
        for skip in learned.skipped:
            say(skip.code, skip.sentence)
        print_json(learned.to_json())
        return
    from burnish.report.learned import print_learned

    print_learned(out(), learned)
