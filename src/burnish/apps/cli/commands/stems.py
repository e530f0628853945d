"""``burnish stems``: from stems to a master."""

from pathlib import Path
from typing import Annotated, Any

import typer

from burnish.apps.cli.allowed import AllowPlugins, allow_plugins
from burnish.apps.cli.finish import finish
from burnish.apps.cli.options import with_settings
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.usual import Json, Overwrite, Quiet, Strict
from burnish.audio import OutputFormat
from burnish.engineer import Wishes
from burnish.engineer.stems.together import StemWishes
from burnish.errors import SettingError
from burnish.release import SongTags
from burnish.stems import stems


@with_settings(StemWishes, Wishes, OutputFormat, SongTags)
def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="STEM...",
            show_default=False,
            help="The stems, each FILE or ROLE=FILE (drums, kick, bass, vocals, guitars, keys, "
            "strings, effects, other); or one YAML that names them.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", readable=False, help="The master."),
    ] = None,
    keep_stems: Annotated[
        bool,
        typer.Option(
            "--keep-stems", help="Write mastered stems that sum to the master, into OUT.stems."
        ),
    ] = False,
    stems_dir: Annotated[
        Path | None,
        typer.Option(
            "--stems-dir", metavar="DIR", readable=False, help="Write them into this folder."
        ),
    ] = None,
    chain: Annotated[
        Path | None,
        typer.Option(
            "--chain",
            metavar="FILE",
            readable=False,
            help="Play the steps of this file on the sum, instead of burnish's own.",
        ),
    ] = None,
    allow: AllowPlugins = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report page.")] = False,
    no_listening: Annotated[
        bool,
        typer.Option(
            "--no-listening", help="Leave the pair to be heard, mix and master, out of the report."
        ),
    ] = False,
    strict: Strict = False,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Make a master from stems: OUT, its recall sheet and a report. Their sum is the mix."""
    allow_plugins(allow)
    if output is None:
        raise SettingError("output-missing", "output: must be given, with -o OUT")
    with Watch(quiet=quiet) as watch:
        result = stems(
            files or [],
            output,
            keep_stems=stems_dir or keep_stems,
            chain=chain,
            progress=watch,
            overwrite=overwrite,
            report=not no_report,
            listening=not no_listening,
            **settings,
        )
    finish(result, json=json, quiet=quiet, strict=strict)
