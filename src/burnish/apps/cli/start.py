"""The start of a process of our own: what it may leave out."""

import gc
import sys

_WITHOUT_KERNELS = ("list", "--help", "-h", "--version")


def quick(words: list[str]) -> None:
    """Load Numba without its linear algebra: no kernel of burnish multiplies matrices.

    When Numba loads its first kernel it looks for a BLAS by importing ``scipy.linalg``, which costs
    0.2 to 0.3 s of every command. Here it is told that there is none. Only for a process that is
    ours alone: in a library's process other people's kernels may want it.
    """
    if not words or words[0] in _WITHOUT_KERNELS or "scipy" in sys.modules:
        return
    gc.set_threshold(
        100_000, 50, 50
    )  # modules are not garbage; looking for it costs 5 % of a start
    sys.modules["scipy"] = None  # type: ignore[assignment]  # Python's way to say: not to be had
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules["scipy"]
