"""``burnish ddp``: what a DDP holds, whether it is whole, and its sound."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json
from burnish.errors import SettingError
from burnish.finding import verdict

DOES_NOT_PASS = 4
WAYS = ("info", "verify", "extract")


def command(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="info, verify or extract.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", show_default=False, help="The folder of a DDP.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            show_default=False,
            help="With extract: a folder for WAV files and a cue sheet. Default: DIR.extracted.",
        ),
    ] = None,
    one_file: Annotated[
        bool, typer.Option("--one-file", help="With extract: one WAV of the whole disc.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With extract: replace what was extracted before.")
    ] = False,
    json: Json = False,
) -> int:
    """Read the DDP of a CD, whoever made it.

    info tells tracks, times, codes, flags and texts. verify proves checksums, lengths, marks,
    CD-Text and the limits of a CD; exit code 4 where it does not pass. extract writes its sound,
    bit for bit.
    """
    if what not in WAYS:
        raise SettingError("ddp-unknown", f"what={what}: must be one of {', '.join(WAYS)}")
    if what != "extract" and (output or one_file or overwrite):
        given = "-o" if output else "--one-file" if one_file else "--overwrite"
        raise SettingError("usage", f"{given}: only with extract")
    from burnish.deliver.cd.read_ddp import read_ddp

    found = read_ddp(folder)
    if what == "extract":
        from burnish.deliver.cd.extract_ddp import extract_ddp

        target = output or Path(f"{folder.resolve()}.extracted")
        made = extract_ddp(found, target, one_file=one_file, overwrite=overwrite)
        if json:
            print_json({"folder": str(made.folder), "files": list(made.files)})
        else:
            for name in made.files:
                out().print(str(made.folder / name), markup=False, highlight=False, soft_wrap=True)
        return 0
    if what == "verify":
        from burnish.deliver.cd.verify_ddp import verify_ddp
        from burnish.report.ddp import print_verified, verified_to_json

        findings = verify_ddp(found)
        if json:
            print_json(verified_to_json(found, findings))
        else:
            print_verified(out(), found, findings)
        return DOES_NOT_PASS if verdict(findings) == "fail" else 0
    from burnish.report.ddp import ddp_to_json, print_ddp

    if json:
        print_json(ddp_to_json(found))
    else:
        print_ddp(out(), found)
    return 0
