"""Limits of one job, held by the system in the worker that does it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from burnish.apps.jobs.job import Limits
from burnish.apps.jobs.setup import cores_here

_MIB = 2**20
_SPARE_S = 60
_FENCE, _FENCE_MIB = 1.25, 128


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Let the block have so much memory; what asks for more is a ``MemoryError``, or dies.

    Two fences. Who minds the worker looks at its data now and then, and ends it when there is more
    than the job may have. Somewhat beyond, the system refuses (RLIMIT_DATA: heap and private
    mappings, not addresses, of which compiler and threads keep many that they never touch): what
    asks for far too much at once is a ``MemoryError``. Not at the limit itself, as Python's
    threads wait for each other for ever where even a small wish is refused.

    As much computing as the time allows on all cores is a fence for a worker that is left alone by
    a killed server. Where the system has no such limits, nothing is held.
    """
    try:
        import resource
    except ImportError:
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    computed_s = used.ru_utime + used.ru_stime + limits.time_s * cores_here() + _SPARE_S
    most_mib = (data_mib() or 0.0) + limits.memory_mib * _FENCE + _FENCE_MIB
    asked = (
        (resource.RLIMIT_DATA, int(most_mib) * _MIB),
        (resource.RLIMIT_CPU, int(computed_s)),
    )
    before = [(which, resource.getrlimit(which)) for which, _ in asked]
    try:
        for which, most in asked:
            hard = resource.getrlimit(which)[1]
            resource.setrlimit(which, (most if hard < 0 else min(most, hard), hard))
        yield
    finally:
        for which, (soft, hard) in before:
            resource.setrlimit(which, (soft, hard))


def data_mib(pid: int | None = None) -> float | None:
    """The data of a process, ours if no other, in MiB; None where the system does not tell."""
    try:
        text = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^VmData:\s*(\d+) kB", text, re.MULTILINE)
    return None if found is None else int(found[1]) / 1024
