"""What the tests share: the corpus of real music."""

import os
from pathlib import Path

import pytest

from long_ones import LONG

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real music; skips, with the reason, where it is absent."""
    folder = Path(os.environ.get("BURNISH_CORPUS", ROOT.parent / "shared" / "audio"))
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"the corpus of real music is not at {folder} (set BURNISH_CORPUS)")
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long; `make test` leaves it out."""
    for item in items:
        if item.nodeid.startswith(LONG):
            item.add_marker(pytest.mark.long)
