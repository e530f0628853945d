"""What tests need of the system: its programs."""

import os
import shutil

import pytest


def need_tool(name: str) -> str:
    """Path of a program of the system. Absent: a loud skip, and in CI a failure."""
    if found := shutil.which(name):
        return found
    message = f"{name} is not installed; this test needs it"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
