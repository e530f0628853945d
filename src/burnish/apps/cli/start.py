"""The start of a process of our own: what it may leave out."""

import ctypes
import gc
import sys
from contextlib import suppress

_WITHOUT_KERNELS = ("list", "--help", "-h", "--version")
_M_ARENA_MAX = -8  # of malloc.h


def _one_heap() -> None:
    """Let all threads share one heap, where the C library is glibc.

    It would give each its own, which keeps what the thread has freed: 30 MB of a song, 70 of an
    hour. The large arrays are all made by few threads, so nobody waits for the other.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def quick(words: list[str]) -> None:
    """Load Numba without its linear algebra: no kernel of burnish multiplies matrices.

    When Numba loads its first kernel it looks for a BLAS by importing ``scipy.linalg``, which costs
    0.2 to 0.3 s of every command. Here it is told that there is none. Only for a process that is
    ours alone: in a library's process other people's kernels may want it.
    """
    if not words or words[0] in _WITHOUT_KERNELS or "scipy" in sys.modules:
        return
    _one_heap()
    gc.set_threshold(
        100_000, 50, 50
    )  # modules are not garbage; looking for it costs 5 % of a start
    sys.modules["scipy"] = None  # type: ignore[assignment]  # Python's way to say: not to be had
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules["scipy"]
