"""``burnish send``: what is to be played out through hardware."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, Overwrite, Quiet
from burnish.errors import SettingError
from burnish.hardware import send
from burnish.report.words import number
from burnish.settings import finite_or_none


def command(
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="PLAN",
            show_default=False,
            readable=False,
            help="A recall sheet; with MIX, a chain file too.",
        ),
    ],
    mix: Annotated[
        Path | None,
        typer.Argument(
            metavar="MIX", readable=False, show_default=False, help="Default: the sheet's own mix."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="OUT", readable=False, help="The file to be played out."
        ),
    ] = None,
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help="What it is played through.")
    ] = "",
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="How the device is set.")
    ] = "",
    before: Annotated[
        str,
        typer.Option(
            "--before",
            metavar="PROCESSOR",
            help="Where a new step hardware stands; default: before the clipper and limiter.",
        ),
    ] = "",
    on: Annotated[
        Literal["stereo", "mid", "side", "left", "right"],
        typer.Option("--on", help="What a new step hardware works on."),
    ] = "stereo",
    bits: Annotated[
        Literal["24", "32f"] | None,
        typer.Option("--bits", show_default=False, help="Default 32f, as floats; 24 in FLAC."),
    ] = None,
    trim_db: Annotated[
        float, typer.Option("--trim-db", help="Play the programme so much softer, -40 to 0 dB.")
    ] = 0.0,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Play a plan up to its step hardware, and write the file to play out: sync bursts, a level
    tone, the programme. Record what comes back, and give the recording to `burnish return`.
    """  # fmt: skip
    if output is None:
        raise SettingError("output-missing", "output: must be given, with -o OUT")
    with Watch(quiet=quiet) as watch:
        sent = send(
            plan,
            output,
            mix,
            device=device,
            note=note,
            before=before,
            on=on,
            bits=bits or "",
            trim_db=trim_db,
            progress=watch,
            overwrite=overwrite,
        )
    if json:
        told = sent.to_json()
        print_json({k: finite_or_none(v) if isinstance(v, float) else v for k, v in told.items()})
    elif not quiet:
        screen = out()
        through = f" through {sent.device}" if sent.device else ""
        before_ = f", before the {sent.before}" if sent.before else ""
        screen.print(f"To be played{through}{before_}:", style="bold")
        screen.print(f"send   {sent.output}", soft_wrap=True)
        screen.print(f"sheet  {sent.sheet}", soft_wrap=True)
        screen.print(
            f"{sent.duration_s:.1f} s at {sent.rate_hz} Hz, highest sample "
            f"{number(sent.sample_peak_dbfs)} dBFS, true peak {number(sent.true_peak_dbtp)} dBTP.",
            soft_wrap=True,
        )
        if sent.true_peak_dbtp > 0.0:
            screen.print("Between its samples it passes full scale; --trim-db -1 is safer.")
        screen.print(
            "Record from before its start to behind its end, then: "
            f"burnish return RECORDED --plan {sent.sheet} -o MASTER.wav",
            soft_wrap=True,
        )
