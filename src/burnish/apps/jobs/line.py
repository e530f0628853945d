"""A line: the connection to a job that is being done. Progress comes one way, "stop" the other."""

import json
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from burnish.apps.jobs.job import JobProgress
from burnish.errors import SettingError

TellJob = Callable[[JobProgress], None]


class Line(Protocol):
    """What an attendant needs. For another process or host, one that can be sent there."""

    def tell(self, progress: JobProgress) -> None:
        """Tell how far the job is. It must return soon."""

    def is_cancelled(self) -> bool:
        """Whether nobody wants the job any more. It is asked some 25 times a second."""


class NearLine:
    """A line inside one process: progress is a call, and so is ``cancel``."""

    def __init__(self, told: TellJob | None = None) -> None:
        self._told = told
        self._cancelled = threading.Event()

    def tell(self, progress: JobProgress) -> None:
        """Call who wants to know."""
        if self._told is not None:
            self._told(progress)

    def is_cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Nobody wants the job any more."""
        self._cancelled.set()


@dataclass(frozen=True)
class FolderLine:
    """A line by two files in a folder that both ends see: for an executor of other processes.

    ``name`` is the job's, of letters, digits and hyphens.
    """

    folder: str
    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", self.name):
            raise SettingError("job-name", f"name={self.name}: must be letters, digits, hyphens")

    def tell(self, progress: JobProgress) -> None:
        """Put it where ``progress`` finds it, whole."""
        part = self._file(f"{threading.get_ident()}.part")
        with suppress(OSError):  # how far it is, is not worth a job
            part.write_text(json.dumps(vars(progress)), encoding="utf-8")
            os.replace(part, self._file("progress"))

    def is_cancelled(self) -> bool:
        """Whether ``cancel`` was called, on whichever host."""
        return self._file("cancel").exists()

    def cancel(self) -> None:
        """Nobody wants the job any more."""
        self._file("cancel").touch()

    def progress(self) -> JobProgress | None:
        """What was told last."""
        with suppress(OSError, ValueError, TypeError):
            return JobProgress(**json.loads(self._file("progress").read_text(encoding="utf-8")))
        return None

    def close(self) -> None:
        """Take the files away."""
        for one in Path(self.folder).glob(f"{self.name}.*"):
            one.unlink(missing_ok=True)

    def _file(self, ending: str) -> Path:
        return Path(self.folder) / f"{self.name}.{ending}"
