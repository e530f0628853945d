"""``burnish playback``: how it sounds on a phone, in a car, on the services, behind the codecs."""

from pathlib import Path
from typing import Annotated

import typer

from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json, NoProgress, Overwrite
from burnish.errors import SettingError
from burnish.playback.named import is_place
from burnish.playback.play import playback


def command(
    file: Annotated[
        list[str],
        typer.Argument(metavar="FILE", show_default=False, help="A mix or a master."),
    ],
    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            metavar="NAME",
            show_default=False,
            help="A device (`burnish list devices`, or one's own DEVICE.toml), a service such as "
            "spotify-loud, a codec such as aac-256; or all, devices, services, codecs. Several may "
            "follow each other. Without it: the usual ones.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            readable=False,
            help="Write FILE.DEVICE.wav and so on, all as loud as the original, and a page with "
            "plots; the folder is made.",
        ),
    ] = None,
    removed: Annotated[
        bool,
        typer.Option("--removed", help="With -o: also what each codec takes away, as a file."),
    ] = False,
    album_lufs: Annotated[
        float | None,
        typer.Option(
            "--album-lufs",
            metavar="-60..0",
            show_default=False,
            help="Loudness of the album it is played from; some services level whole albums.",
        ),
    ] = None,
    json: Json = False,
    overwrite: Overwrite = False,
    quiet: NoProgress = False,
) -> None:
    """Play a mix or a master elsewhere: what is lost on devices, services and codecs, scored."""
    if removed and output is None:
        raise SettingError("usage", "removed: needs a folder to write to: -o DIR")
    if album_lufs is not None and not -60.0 <= album_lufs <= 0.0:
        raise SettingError("setting-range", f"album_lufs={album_lufs:g}: must be -60 to 0 LUFS")
    sound, names = _sorted(file, on or [])
    with Watch(quiet=quiet) as watch:
        result = playback(
            sound,
            names,
            output,
            removed=removed,
            album_lufs=album_lufs,
            overwrite=overwrite,
            progress=watch,
        )
    if result.page is not None:
        from burnish.report.playback_page import write_playback_page

        write_playback_page(result, result.page, overwrite)
    if json:
        print_json(result.to_json())
        return
    from burnish.report.playback import print_playback

    print_playback(out(), result)


def _sorted(given: list[str], on: list[str]) -> tuple[Path, list[str]]:
    """The file among the words, and the names: of ``--on phone car`` the shell gives us the car as
    a word of its own.
    """  # fmt: skip
    names = [name for word in on for name in word.split(",") if name]
    files = [word for word in given if not (on and is_place(word))]
    names += [word for word in given if word not in files]
    if len(files) != 1:
        told = ", ".join(files) or "none"
        raise SettingError("usage", f"FILE: one is played at a time; given: {told}")
    return Path(files[0]), names
