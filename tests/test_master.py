"""The library's face: master, plan, render, recall; what they write, and what they refuse."""

import subprocess
import sys

import burnish


def test_the_public_names_stay_functions_whoever_imports_the_rooms() -> None:
    """Once ``burnish.master`` became the module as soon as it was first called."""
    code = (
        "import burnish.measure.walk, burnish.master, burnish\n"
        "from burnish import measure\n"
        "for name in burnish.__all__[-6:]:\n"
        "    assert callable(getattr(burnish, name)), name\n"
        "    assert callable(getattr(burnish, name)), name\n"
        "assert burnish.measure is measure\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert burnish.master is burnish.master
    assert callable(burnish.measure)
