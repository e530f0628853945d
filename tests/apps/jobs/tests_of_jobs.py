"""What several tests of jobs need."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], most_s: float = 20.0) -> bool:
    """Wait until it is true; whether it came to be."""
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return true()
