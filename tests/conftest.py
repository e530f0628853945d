"""What the tests share: the corpus of real music."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real music; skips, with the reason, where it is absent."""
    folder = Path(os.environ.get("BURNISH_CORPUS", ROOT.parent / "shared" / "audio"))
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"the corpus of real music is not at {folder} (set BURNISH_CORPUS)")
    return folder
