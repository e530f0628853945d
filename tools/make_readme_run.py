"""Put a real run of `burnish demo` into README.md, between its first ```text and the next ```.

python tools/make_readme_run.py README.md
"""

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

from burnish.apps.cli import main


def run() -> str:
    """What a person sees who types `burnish demo`."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for words in (["demo", "warm", "--quiet"], ["demo"]):
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
                if code := main(words):
                    sys.exit(code)
    return printed.getvalue()


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    page = Path(sys.argv[1])
    text = page.read_text(encoding="utf-8")
    block = f"```text\n$ burnish demo\n{run()}```"
    text = re.sub(r"```text\n\$ burnish demo\n.*?```", lambda _: block, text, count=1, flags=re.S)
    page.write_text(text, encoding="utf-8")
