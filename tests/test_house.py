"""Rules of the house that no linter knows: the public face, file sizes, names, what is shipped."""

import ast
import importlib
import re
import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "burnish"
FILES = sorted(SRC.rglob("*.py"))
PACKAGES = sorted(path.parent for path in SRC.rglob("__init__.py"))


def module_name(path: Path) -> str:
    parts = [part.removesuffix(".py") for part in path.relative_to(SRC).parts]
    return ".".join(["burnish", *parts]).removesuffix(".__init__")


def test_the_public_face_is_whole_and_sorted() -> None:
    import burnish

    assert burnish.__all__ == sorted(burnish.__all__)
    assert dir(burnish) == burnish.__all__
    for name in burnish.__all__:
        assert getattr(burnish, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = burnish.nothing


@pytest.mark.parametrize("package", PACKAGES, ids=module_name)
def test_each_room_names_what_it_offers(package: Path) -> None:
    """`__all__` is sorted, and every public name that a room's door imports stands in it."""
    module = importlib.import_module(module_name(package))
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(module_name(package) + ".")
        for alias in node.names
    }
    offered = list(getattr(module, "__all__", []))
    # Constants, classes, functions is the order that ruff calls isort's.
    assert offered in (sorted(offered), sorted(offered, key=_isort)), "sort __all__"
    assert len(offered) == len(set(offered))
    for name in offered:
        assert hasattr(module, name), name
    assert {name for name in imported if not name.startswith("_")} <= set(offered)


def _isort(name: str) -> tuple[int, str]:
    if name.isupper():
        return 0, name
    return (1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_files_stay_small_and_named_by_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert path.stem not in {"utils", "util", "helpers", "common", "misc", "core"}
    if path.name != "__init__.py":
        assert path.stat().st_size > 0


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_words_of_the_house(path: Path) -> None:
    """No "frame" (sample, block, window, cd_frame), no assert on input, no slow import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: no assert in src"
        names = []
        if isinstance(node, ast.Name):
            names = [node.id]
        elif isinstance(node, ast.arg):
            names = [node.arg]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        for name in names:
            words = re.split(r"_+", name.lower())
            assert "frame" not in words or "cd" in words, f"line {node.lineno}: {name}"
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        for name in modules:
            assert not name.startswith(("scipy.signal", "matplotlib.pyplot")) or _inside(tree, node)


def _inside(tree: ast.AST, node: ast.AST) -> bool:
    """Whether an import stands inside a function, and so costs only who calls it."""
    return any(
        node in ast.walk(function)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
    )


def test_no_path_of_a_machine_and_no_address_of_a_registry() -> None:
    """What is committed works anywhere."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a checkout: git does not list the files")
    bad = re.compile(r"(?<![\w.])/(?:work|home/\w+|opt)/|index-url|--find-links|@file:")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path == Path(__file__) or path.suffix in {".flac", ".wav", ".png"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        assert not bad.search(text), f"{name}: {bad.search(text)}"


def test_versions_and_files_that_travel_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        re.split(r"==", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in wanted:
        name = re.split(r"[<>=\[ ]", requirement)[0].lower().replace("_", "-")
        assert name in pinned, f"{name} is not in constraints.txt"
    from burnish import __version__

    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {__version__}" in changes or "## Unreleased" in changes


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        name = re.split(r"[<>=\[ ]", requirement)[0].lower()
        assert f"| {name} " in page, f"{name} is not in docs/dependencies.md"


def test_help_is_quick() -> None:
    """The whole process under 0.3 s of work, however busy the machine is; the best of five."""
    best = 10.0
    for _ in range(5):
        began = _work_of_children_s()
        subprocess.run([sys.executable, "-m", "burnish", "--help"], check=True, capture_output=True)
        best = min(best, _work_of_children_s() - began)
    assert best < 0.3


def _work_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "burnish", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & {"numpy", "numba", "scipy", "soundfile", "av", "soxr", "pydantic", "yaml"}
