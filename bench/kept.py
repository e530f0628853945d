"""Figures that are slow to make and rarely change: kept in build/bench/, one file a table."""

import contextlib
import hashlib
import inspect
import json
import threading
from concurrent.futures import ThreadPoolExecutor
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
        for one in map(inspect.unwrap, depends):  # what is cached has another address every time
            if isinstance(one, Path):
                parts.append(one.read_bytes())
            elif inspect.isfunction(one) or inspect.isclass(one):
                parts.append(inspect.getsource(one).encode())
            else:
                parts.append(repr(one).encode())
        self.mark = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
        self.path = FOLDER / f"{name}.json"
        self.figures = {}
        self.writing = threading.Lock()
        with contextlib.suppress(OSError, ValueError):
            was = json.loads(self.path.read_text())
            if was["depends"] == self.mark:
                self.figures = was["figures"]

    def of(self, key, make):
        """The figures kept under ``key``, or what ``make()`` gives, which is kept from now on.

        Threads may share it.
        """
        if key not in self.figures:
            figures = make()
            with self.writing:
                self.figures[key] = figures
                FOLDER.mkdir(parents=True, exist_ok=True)
                whole = {"depends": self.mark, "figures": self.figures}
                self.path.write_text(json.dumps(whole, indent=1))
        return self.figures[key]


def together(work, items):
    """What ``work`` gives for every item, in their order, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, items))
