"""Kinds of work that behave badly, each in its own way. Loaded by the workers of the tests."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.apps.jobs import Job, Made
from burnish.errors import InputError


@dataclass(frozen=True)
class Far:
    stage: str
    done: float
    audio_s: float = 0.0


Told = Callable[[Any], None]


def echo(job: Job, told: Told) -> Made:
    told(Far("echo", 0.5))
    told(Far("echo", 1.0))
    return Made(
        {"settings": job.settings, "pid": os.getpid()}, bool(job.settings.get("pass", True))
    )


def write(job: Job, told: Told) -> Made:
    """Append a line, then take a while: shows how often a job was begun."""
    with Path(job.output).open("a") as file:
        file.write(f"{job.settings.get('word', 'begun')}\n")
    return busy(job, told)


def busy(job: Job, told: Told) -> Made:
    """Tells how far it is every 10 ms."""
    n = int(100 * float(job.settings.get("for_s", 0)))
    for i in range(n):
        told(Far("busy", i / n))
        time.sleep(0.01)
    return Made({"n": n})


def silent(job: Job, told: Told) -> Made:
    """Tells nothing, but can be interrupted."""
    try:
        time.sleep(30)
    finally:
        Path(job.output).write_text("cleaned up")
    return Made({})


def deaf(job: Job, told: Told) -> Made:
    """Does not answer at all, as a decoder in an endless loop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    told(Far("deaf", 0.0))
    time.sleep(30)
    return Made({})


def die(job: Job, told: Told) -> Made:
    told(Far("die", 0.5))
    os.kill(os.getpid(), getattr(signal, str(job.settings["by"])))
    return Made({})


def leave(job: Job, told: Told) -> Made:
    os._exit(7)


def creep(job: Job, told: Told) -> Made:
    """Takes more and more memory, 8 MiB at a time."""
    held = []
    while True:
        held.append(bytearray(b"x") * (8 << 20))
        time.sleep(0.01)


def bomb(job: Job, told: Told) -> Made:
    """Wants far too much at once."""
    return Made({"n": len(bytearray(64 << 30))})


def nan(job: Job, told: Told) -> Made:
    return Made({"loudness": float("nan")})


def fault(job: Job, told: Told) -> Made:
    raise KeyError("oh")


def refuse(job: Job, told: Told) -> Made:
    raise InputError("input-missing", "song.wav: there is no such file")


def noise(job: Job, told: Told) -> Made:
    """Prints between our lines, as libraries do."""
    print('{"number": 1, "ended": {}}', flush=True)
    os.write(1, b"not json\n")
    print("and there", file=sys.stderr)
    return Made({})


def around(job: Job, told: Told) -> Made:
    """What the worker finds around it."""
    import resource

    return Made(
        {
            "threads": {k: v for k, v in os.environ.items() if k.endswith("_THREADS")},
            "cores": sorted(os.sched_getaffinity(0)),
            "niceness": os.nice(0),
            "data_limit": resource.getrlimit(resource.RLIMIT_DATA)[0],
        }
    )


KINDS = {
    one.__name__: one
    for one in (
        echo, write, busy, silent, deaf, die, leave, creep, bomb, nan, fault, refuse, noise, around
    )
}  # fmt: skip
