"""An HTML file that needs nothing else: what every page is made of, and how it is written."""

import re
from html import escape
from pathlib import Path

from burnish.audio import write_whole


def document(title: str, css: str, body: str) -> str:
    """The whole file around what stands in it."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{css}</style></head><body><main>"
        f"{body}</main></body></html>\n"
    )


def write_document(text: str, path: Path, overwrite: bool = False) -> None:
    """Write the page beside ``path`` and name it when it is whole."""
    write_whole(text.encode("utf-8", errors="replace"), path, overwrite)


def section(heading: str, body: str) -> str:
    """A part of the page under its heading; nothing where there is nothing in it."""
    return f"<section><h2>{escape(heading)}</h2>{body}</section>" if body else ""


def minus(words: str) -> str:
    """With the printer's minus, which is as wide as a figure; hyphens in words stay."""
    return re.sub(r"(?<!\w)-(?=\d)", "−", words)
