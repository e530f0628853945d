"""What goes to the screen: one JSON document, or tables for people."""

import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

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
    if stream.isatty():
        return Console(file=stream, markup=False, highlight=False, emoji=False)
    plain = cast(TextIO, _Plain(stream))
    return Console(file=plain, width=100, markup=False, highlight=False, emoji=False)


class _Plain(io.TextIOBase):
    """Where there is no terminal: lines end where their words end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(re.sub(r" +(?=\n)", "", text))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


def _utf8(stream: Any) -> None:
    # A name that is not UTF-8 is shown with escapes instead of ending the program.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
