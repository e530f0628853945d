"""A pool of two workers that know the kinds of the tests, and load nothing they do not need."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.apps.jobs import LocalPool, Setup

HERE = Path(__file__).parent
SETUP = Setup(kinds=("kinds_of_the_tests",), preload=())


@pytest.fixture(scope="session", autouse=True)
def _kinds_can_be_loaded() -> Iterator[None]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HERE), before)))
    yield
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture(scope="module")
def pool() -> Iterator[LocalPool]:
    with LocalPool(2, SETUP) as made:
        yield made
