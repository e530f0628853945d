"""``burnish batch status``: how far a batch is."""

from typing import Annotated

import typer

from burnish.apps.batch.places import Place
from burnish.apps.batch.status import Status, status
from burnish.apps.cli.commands.batch import storage_of
from burnish.apps.cli.screen import out, print_json
from burnish.apps.cli.usual import Json


def command(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="DIR|URL", show_default=False, help="The folder of a batch (its -o)."
        ),
    ],
    storage: Annotated[
        str, typer.Option(metavar="JSON", help="Options of fsspec by protocol.")
    ] = "",
    json: Json = False,
) -> None:
    """Tell how a batch is: progress, songs per hour, failures by code, time left."""
    told = status(Place.of(folder, storage_of(storage)))
    if json:
        print_json(told.to_json())
    else:
        _print(told)


def _print(told: Status) -> None:
    screen = out()
    share = 100.0 * (told.rows - told.left) / max(1, told.rows)
    screen.print(
        f"{told.folder}: {told.do} of {told.manifest}, run {told.run}: {told.state}",
        soft_wrap=True,
    )
    screen.print(
        f"{told.done} done, {told.failed} failed, {told.left} left of {told.rows} rows "
        f"({share:.1f} %)"
    )
    if told.not_passed:
        screen.print(f"{told.not_passed} done in this run do not pass")
    if told.songs_per_hour is not None:
        goes_on = told.state == "running" and told.left and told.left_s is not None
        left = f", {clock(told.left_s)} left" if goes_on else ""
        screen.print(f"{told.songs_per_hour:.0f} songs per hour{left}")
    for code, count in told.failures.items():
        screen.print(f"  {count:>7}  {code}")
    if told.stopped:
        screen.print(f"stopped: {told.stopped}", soft_wrap=True)


def clock(seconds: float | None) -> str:
    """A time left in words: "3 h 12 min", "4 min", "20 s"."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"
