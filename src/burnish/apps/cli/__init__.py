"""The command line: ``burnish master mix.wav``. One file a command, loaded when it is called."""

import os
import sys
from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; ``words`` are the arguments after the name."""
    try:
        _open_streams()
        if words is None:
            from burnish.apps.cli.start import quick

            quick(sys.argv[1:])
        from burnish.apps.cli.entry import run
    except KeyboardInterrupt:  # while still loading
        print("burnish: interrupted: stopped; nothing was begun", file=sys.stderr)
        return 130
    return run(words)


def _open_streams() -> None:
    """A service may start us without them (``>&-``): what is said then goes nowhere."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115


__all__ = ["main"]
