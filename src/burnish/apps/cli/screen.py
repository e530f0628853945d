"""What goes to the screen: one JSON document, or tables for people."""

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def print_json(document: Any) -> None:
    """Write one JSON document to standard output, as UTF-8 whatever the terminal is set to."""
    _utf8(sys.stdout)
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False), flush=True)


def say(code: str, sentence: str) -> None:
    """Say one error on standard error, in one line.

    A file's name may hold anything, also a line's end or a terminal's control codes.
    """
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in sentence)
    print(f"burnish: {code}: {line}", file=sys.stderr)


def out(stream: TextIO | None = None) -> "Console":
    """The console that tables are printed on; names in it are text, never markup."""
    from rich.console import Console

    stream = stream or sys.stdout
    _utf8(stream)
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _utf8(stream: Any) -> None:
    # A name that is not UTF-8 is shown with escapes instead of ending the program.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
