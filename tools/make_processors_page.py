"""Write docs/processors.md from the rack, so that the manual is what the processors say.

python tools/make_processors_page.py docs/processors.md
"""

import inspect
import re
import sys
from pathlib import Path

from burnish.apps.cli.rack import default_in_words, processor, rack, range_in_words
from burnish.processors import processor_type

HEAD = """\
# The processors

Made by `tools/make_processors_page.py` from the processors' own words. At its defaults every one of
them leaves the sound as it is, bit for bit; only the limiter, which holds its ceiling, and what is
played outside have no such setting. All work on mono and stereo at 8 to 384 kHz; in a chain each
can be left out (`bypass`), stand anywhere, and work `on` the whole (`stereo`), or on `mid`, `side`,
`left` or `right` alone:
see [a chain of one's own](chain.md). `burnish list processors NAME` shows one of these tables,
with `--json` for a program.
"""


def page() -> str:
    parts = [HEAD]
    parts += [f"\n## {name}\n\n{_words(name)}\n\n{_table(name)}" for name in rack()]
    return "".join(parts)


def _words(name: str) -> str:
    """Its docstring: literals as Markdown writes them."""
    text = inspect.cleandoc(processor_type(name).__doc__ or "")
    return text.replace("``", "`")


def _table(name: str) -> str:
    rows = processor(name)["settings"]
    lines = ["| setting | default | range | what it does |", "| --- | --- | --- | --- |"]
    for row in rows if isinstance(rows, list) else []:
        cells = (f"`{row['name']}`", default_in_words(row), range_in_words(row), str(row["help"]))
        lines.append("| " + " | ".join(re.sub(r"\|", r"\\|", cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
