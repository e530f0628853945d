"""Several files in one command: a fault of one is said, and the others are done all the same."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from burnish.apps.cli.progress import Watch
from burnish.apps.cli.screen import say
from burnish.errors import BurnishError

Result = TypeVar("Result")


def each(
    files: Sequence[Path], watch: Watch, do: Callable[[Path], Result]
) -> tuple[list[Result], int]:
    """What comes of every file, and the exit code of the first fault (0: there was none).

    The fault of a file that is alone is raised.
    """
    done: list[Result] = []
    exit_code = 0
    for path in files:
        try:
            done.append(do(path))
        except BurnishError as fault:
            named = str(path) in fault.sentence
            error = fault if named else type(fault)(fault.code, f"{path}: {fault.sentence}")
            if len(files) == 1:
                raise error from None
            watch.pause()
            say(error.code, error.sentence)
            exit_code = exit_code or error.exit_code
    return done, exit_code


def documents(results: Sequence[object], files: Sequence[Path]) -> object:
    """For ``--json``: one document, or an array where several files were given."""
    return results[0] if len(files) == 1 else list(results)
