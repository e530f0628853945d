"""Hosts on one machine: network namespaces with a bridge between them, and links that can be cut.

Needs root and `ip netns`. Each host has its own loopback, its own address 10.77.N.x and no way out.
"""

import os
import secrets
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Self


def ip(*words: str) -> None:
    """Run ``ip``; what it refuses is an error."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def why_not() -> str:
    """Why there can be no hosts here; "" where there can."""
    if shutil.which("ip") is None:
        return "ip (iproute2) is not installed"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces need root"
    try:
        with Hosts(1):
            pass
    except OSError as error:
        return str(error)
    return ""


class Hosts:
    """So many hosts on one bridge; ``address(0)`` is the first one's."""

    def __init__(self, count: int) -> None:
        self._tag = secrets.token_hex(2)
        self._net = f"10.77.{secrets.randbelow(256)}"
        self._bridge = f"bb{self._tag}"
        self._names = [f"burnish-{self._tag}-{i}" for i in range(count)]
        self._running: list[subprocess.Popen[Any]] = []

    def __enter__(self) -> Self:
        try:
            self._make()
        except OSError:
            self.__exit__()
            raise
        return self

    def _make(self) -> None:
        # The bridge is in a namespace of its own, so that the machine's network stays as it is.
        ip("netns", "add", self._bridge)
        ip("-n", self._bridge, "link", "add", "name", "br", "type", "bridge")
        ip("-n", self._bridge, "link", "set", "dev", "br", "up")
        for i, name in enumerate(self._names):
            ip("netns", "add", name)
            ip("-n", name, "link", "add", "name", "eth", "type", "veth", "peer", "name", f"to{i}",
               "netns", self._bridge)  # fmt: skip
            ip("-n", self._bridge, "link", "set", "dev", f"to{i}", "master", "br", "up")
            ip("-n", name, "addr", "add", f"{self.address(i)}/24", "dev", "eth")
            ip("-n", name, "link", "set", "dev", "eth", "up")
            ip("-n", name, "link", "set", "dev", "lo", "up")

    def __exit__(self, *_: object) -> None:
        for one in self._running:
            one.kill()
            one.wait()
            if one.stdout is not None:
                one.stdout.close()
        for name in (*self._names, self._bridge):
            with suppress(OSError):
                ip("netns", "del", name)

    def address(self, host: int) -> str:
        """The address of a host."""
        return f"{self._net}.{host + 1}"

    def start(self, host: int, words: list[str], log: Path, **how: Any) -> "subprocess.Popen[Any]":
        """Start a program on a host; it is killed at the end."""
        with log.open("ab") as said:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self._names[host], *words],
                stdin=subprocess.DEVNULL,
                **{"stdout": said, "stderr": said, **how},
            )
        self._running.append(process)
        return process

    def cut(self, host: int) -> None:
        """Pull the cable: packets are lost in silence, no connection is told of it."""
        ip("-n", self._bridge, "link", "set", "dev", f"to{host}", "down")

    def mend(self, host: int) -> None:
        """Plug it in again."""
        ip("-n", self._bridge, "link", "set", "dev", f"to{host}", "up")
