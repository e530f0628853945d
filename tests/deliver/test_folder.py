"""Hidden folders: gone behind the work, and what a killed process left is taken away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from burnish.deliver.folder import new_folder, scratch_in
from burnish.errors import OutputError


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(".*"))


def test_a_folder_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    with new_folder(tmp_path / "a") as staged:
        (staged / "file").write_text("one")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a" / "file").read_text() == "one"
    with pytest.raises(OutputError, match="exists already"), new_folder(tmp_path / "a"):
        pass

    def stopped() -> None:
        with new_folder(tmp_path / "b") as staged:
            (staged / "file").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert sorted(os.listdir(tmp_path)) == ["a"]


def test_scratch_goes_and_so_does_a_folder_that_stayed_empty(tmp_path: Path) -> None:
    with scratch_in(tmp_path / "new") as scratch:
        (scratch / "file").write_text("x")
    assert not (tmp_path / "new").exists()
    with scratch_in(tmp_path / "new"):
        (tmp_path / "new" / "kept").write_text("x")
    assert os.listdir(tmp_path / "new") == ["kept"]


def test_what_a_killed_process_left_is_taken_away_and_what_lives_stays(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from burnish.deliver.folder import scratch_in\n"
        "with scratch_in(Path(sys.argv[1])) as s:\n"
        "    (s / 'half').write_text('x'); print(s, flush=True); time.sleep(60)\n"
    )
    made = []
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        made.append((process, left))
    (dead, left_by_it), (alive, its_own) = made
    dead.kill()
    dead.wait()
    with scratch_in(tmp_path) as scratch:
        assert hidden(tmp_path) == sorted([its_own.name, scratch.name])
        assert (its_own / "half").exists()
    alive.kill()
    alive.wait()
    for process, _ in made:
        assert process.stdout is not None
        process.stdout.close()
    with new_folder(tmp_path / "next"):
        assert not its_own.exists()
    assert not left_by_it.exists()
