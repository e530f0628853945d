"""The command line: ``burnish master mix.wav``. One file a command, loaded when it is called."""

from burnish.apps.cli.entry import main

__all__ = ["main"]
