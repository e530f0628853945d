"""``burnish master``: from a mix to a master."""

from pathlib import Path
from typing import Annotated, Any

import typer

from burnish.apps.cli.allowed import AllowPlugins, allow_plugins
from burnish.apps.cli.finish import finish
from burnish.apps.cli.options import with_settings
from burnish.apps.cli.progress import Watch
from burnish.apps.cli.usual import Json, Overwrite, Quiet, Strict
from burnish.audio import OutputFormat
from burnish.chain.recall import load
from burnish.deliver import Outputs
from burnish.engineer import Wishes
from burnish.errors import SettingError
from burnish.master import master, split
from burnish.master import recall as again
from burnish.release import SongTags
from burnish.report.version import Version


@with_settings(Wishes, OutputFormat, SongTags)
def command(
    mix: Annotated[
        Path,
        typer.Argument(
            metavar="MIX", show_default=False, readable=False, help="The mix: any audio file."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            readable=False,
            help="The master; default MIX.master.wav.",
        ),
    ] = None,
    recall: Annotated[
        Path | None,
        typer.Option(
            "--recall",
            metavar="SHEET",
            readable=False,
            help="Take every setting from this recall sheet; nothing is decided anew.",
        ),
    ] = None,
    chain: Annotated[
        Path | None,
        typer.Option(
            "--chain",
            metavar="FILE",
            readable=False,
            help="Play the steps of this file, in its order, instead of burnish's own.",
        ),
    ] = None,
    allow: AllowPlugins = None,
    versions: Annotated[
        list[str] | None,
        typer.Option(
            "--versions",
            metavar="LABEL=FILE,...",
            show_default=False,
            help="Alternates (instrumental, clean ...) that get the same plan, sample-aligned; may "
            "be repeated.",
        ),
    ] = None,
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
    """Make a master of a mix: MIX.master.wav, its recall sheet and a report, beside the mix."""
    allow_plugins(allow)
    if recall is not None and (settings or chain is not None):
        given = [*settings, *(["chain"] if chain is not None else [])]
        names = ", ".join("--" + name.strip("_").replace("_", "-") for name in given)
        raise SettingError(
            "usage", f"--recall: takes every setting from the sheet; leave out {names}"
        )
    alternates: dict[str, str] = {}
    if versions:
        from burnish.versions import check_files, check_outputs, named_versions

        alternates = named_versions(versions)
        form = split(settings, output)[1] if recall is None else load(recall).output
        master_file = Outputs.beside(mix, output, form, report=False).master
        check_files(alternates, mix)
        check_outputs(alternates, mix, master_file, overwrite)
    with Watch(quiet=quiet) as watch:
        how: dict[str, Any] = {
            "progress": watch,
            "overwrite": overwrite,
            "report": not no_report,
            "listening": not no_listening,
        }
        if recall is not None:
            result = again(recall, mix, output, **how)
        else:
            result = master(mix, output, chain=chain, **how, **settings)
        made: tuple[Version, ...] = ()
        if alternates:
            from burnish.versions import master_versions

            made = master_versions(
                alternates, result.plan, result.output, progress=watch, overwrite=overwrite
            )
    finish(result, json=json, quiet=quiet, strict=strict, versions=made)
