"""Figures that are slow to make and rarely change: kept in build/bench/, one file a table."""

import contextlib
import hashlib
import inspect
import json
from pathlib import Path

from bench.limiters import ROOT

FOLDER = ROOT / "build" / "bench"


class Kept:
    """Figures by name. All are forgotten when anything in ``depends`` changes.

    ``depends``: files (as paths), functions (their source), or anything else (as repr says it). The
    peers' versions are always among them.
    """

    def __init__(self, name, *depends):
        parts = [(ROOT / "bench" / "peers.sh").read_bytes()]
        for one in depends:
            if isinstance(one, Path):
                parts.append(one.read_bytes())
            elif inspect.isfunction(one) or inspect.isclass(one):
                parts.append(inspect.getsource(one).encode())
            else:
                parts.append(repr(one).encode())
        self.mark = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
        self.path = FOLDER / f"{name}.json"
        self.figures = {}
        with contextlib.suppress(OSError, ValueError):
            was = json.loads(self.path.read_text())
            if was["depends"] == self.mark:
                self.figures = was["figures"]

    def of(self, key, make):
        """The figures kept under ``key``, or what ``make()`` gives, which is kept from now on."""
        if key not in self.figures:
            self.figures[key] = make()
            FOLDER.mkdir(parents=True, exist_ok=True)
            self.path.write_text(
                json.dumps({"depends": self.mark, "figures": self.figures}, indent=1)
            )
        return self.figures[key]
