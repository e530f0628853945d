"""What the workers of ``test_workers.py`` are asked to do."""

import os
import time

from burnish.chain import Teller
from burnish.errors import OutputError


def pid(tell: Teller) -> int:
    return os.getpid()


def ask_twice(value: int, tell: Teller) -> tuple[int, int]:
    told = tell.lasting("encode", 10.0)
    told(0.5)
    time.sleep(0.15)
    told(1.0)
    return 2 * value, os.getpid()


def fail(code: str, sentence: str, tell: Teller) -> None:
    raise OutputError(code, sentence)


def speak(tell: Teller) -> str:
    os.write(1, b"a library's own words\n")
    print("and ours")
    return "said"


def tell_for_ever(tell: Teller) -> None:
    told = tell.lasting("encode", 10.0)
    while True:
        told(0.1)
        time.sleep(0.01)
