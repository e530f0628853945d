"""Write docs/cli.md from the commands' own help, so that the manual is what the program says.

python tools/make_cli_page.py docs/cli.md
"""

import contextlib
import io
import os
import sys
from pathlib import Path

from burnish.apps.cli import main
from burnish.apps.cli.entry import COMMANDS

HEAD = """\
# The command line

Made by `tools/make_cli_page.py` from the commands' own help. A setting has one name everywhere:
`--loudness-lufs -14` here, `loudness_lufs: -14` in a recall sheet and in JSON,
`loudness_lufs=-14` in Python.
"""

TAIL = """
## Exit codes

| code | meaning |
| --- | --- |
| 0 | done |
| 1 | a fault of burnish itself; please report it |
| 2 | wrong usage, or a setting outside its range |
| 3 | the input cannot be used: missing, unreadable, empty, silent, not finite, unsupported layout |
| 4 | done, but it does not pass: quality control, or with `--strict` the target |
| 5 | the output cannot be written: exists, no room, no permission |
| 130 | interrupted |

An error is one line on standard error, `burnish: CODE: sentence`; `BURNISH_DEBUG=1` shows where it
came from. In every case nothing half-written is left. With `--json`, standard output holds one JSON
document and nothing else; progress and errors go to standard error.
"""


def page() -> str:
    os.environ["COLUMNS"] = "100"
    parts = [HEAD]
    for words in ([], *([name] for name in COMMANDS)):
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            main([*words, "--help"])
        lines = "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())
        parts.append(f"\n## {' '.join(['burnish', *words])}\n\n```text\n{lines}\n```\n")
    return "".join(parts) + TAIL


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
