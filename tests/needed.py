"""What tests need of the system: its programs, and packages that are not everywhere."""

import importlib.util
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


def need_module(name: str) -> None:
    """A package that tests need. Absent: a loud skip, and in CI a failure."""
    if importlib.util.find_spec(name) is not None:
        return
    message = f"{name} is not installed; this test needs it"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
