"""The process of a plug-in, seen from ours: started, asked, timed, and never left behind.

Whatever the plug-in does to its process, here it is one sentence: an ``InputError``.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from burnish.errors import BurnishError, InputError, SettingError
from burnish.processors.base import Block
from burnish.processors.hosted.host import HEAD

HOST = (sys.executable, "-P", str(Path(__file__).with_name("host.py")))
"""How a host is started. By its path: the process has pedalboard in it, and nothing of ours."""
OPEN_S = 120.0
"""What is not open after so long hangs; it may look for a licence, or through many sounds."""
BLOCK_S = 30.0
"""And one that has a block of 0.1 s for so long."""
_OURS = ("setting-unknown", "setting-range", "extra-missing")


class Hosted:
    """A plug-in in its process. ``called`` is what it is called in a sentence."""

    def __init__(self, called: str) -> None:
        self.called = called
        self._channels = 0
        self._blocks = 0
        loud = os.environ.get("BURNISH_DEBUG") not in (None, "", "0")
        self._process = subprocess.Popen(
            HOST,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if loud else subprocess.DEVNULL,
        )
        self._hung = threading.Event()
        self.close = weakref.finalize(self, _end, self._process)

    def ask(self, **asked: Any) -> dict[str, Any]:
        """A question, and what was answered."""
        kind, payload = self._said(b"J", json.dumps(asked).encode(), OPEN_S)
        if kind != b"J":
            raise self._fault("plugin-garbage", "its host answered nonsense")
        answer: dict[str, Any] = json.loads(payload)
        if asked["do"] == "open":
            self._channels = int(asked["channels"])
        return answer

    def process(self, block: Block) -> NDArray[np.float32]:
        """The next block through it, as float32. Fewer samples come back while it is late."""
        with np.errstate(over="ignore"):
            given = np.ascontiguousarray(block, np.float32)
        kind, payload = self._said(b"A", given.tobytes(), BLOCK_S)
        self._blocks += 1
        row = 4 * self._channels
        if kind != b"A" or len(payload) % row or len(payload) > row * block.shape[1]:
            raise self._fault("plugin-garbage", "gave back another number of samples than it may")
        made = np.frombuffer(payload, np.float32).reshape(self._channels, -1)
        if not np.isfinite(made).all():
            raise self._fault("plugin-garbage", "gave back samples that are not numbers")
        return made

    def _said(self, kind: bytes, payload: bytes, limit_s: float) -> tuple[bytes, bytes]:
        """Send a frame and wait for its answer; a process that does not answer is ended."""
        timer = threading.Timer(limit_s, self._late)
        timer.daemon = True
        timer.start()
        try:
            sent, came = self._process.stdin, self._process.stdout
            if sent is None or came is None:
                raise TypeError("no pipes")
            sent.write(HEAD.pack(kind, len(payload)))
            sent.write(payload)
            sent.flush()
            answer, length = HEAD.unpack(_exactly(came, HEAD.size))
            told = _exactly(came, length)
        except (OSError, EOFError, ValueError):
            raise self._ended(limit_s) from None
        finally:
            timer.cancel()
        if answer == b"E":
            fault = json.loads(told)
            raise self._fault(fault["code"], fault["sentence"])
        return answer, told

    def _late(self) -> None:
        self._hung.set()
        self._process.kill()

    def _ended(self, limit_s: float) -> BurnishError:
        """Why it does not answer any more."""
        if self._hung.is_set():
            return self._fault(
                "plugin-hung", f"did not answer within {limit_s:g} s{self._place()}; it was ended"
            )
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        code = self._process.poll()
        how = f"exit code {code}"
        if code is not None and code < 0:
            with suppress(ValueError):
                how = signal.Signals(-code).name
        return self._fault("plugin-crashed", f"crashed ({how}){self._place()}")

    def _place(self) -> str:
        return f" in its block {self._blocks + 1}" if self._channels else " while it was opened"

    def _fault(self, code: str, sentence: str) -> BurnishError:
        self.close()
        if code == "extra-missing":
            sentence = f"needs pedalboard ({sentence}); install burnish[plugins]"
        kind = SettingError if code in _OURS else InputError
        return kind(code, f"plugin {self.called}: {sentence}")


def _exactly(stream: BinaryIO | Any, length: int) -> bytes:
    data: bytes = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process, whatever it does. It has nothing to save."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def names_in(path: str) -> list[str]:
    """Names of the plug-ins in a file."""
    hosted = Hosted(path)
    try:
        return [str(name) for name in hosted.ask(do="names", path=path)["names"]]
    finally:
        hosted.close()


def described(path: str, name: str = "") -> dict[str, Any]:
    """A plug-in's name, maker, version, delay and parameters, as it tells them."""
    hosted = Hosted(path)
    try:
        return hosted.ask(do="describe", path=path, name=name)
    finally:
        hosted.close()
