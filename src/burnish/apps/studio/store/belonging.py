"""Belonging: a folder of files and its database bear the same mark.

A folder opened with another database would be full of files that nothing refers to, and all of them
would be swept.
"""

import os
from pathlib import Path

from sqlalchemy import select

from burnish.apps.jobs import new_id
from burnish.apps.studio.store.database import Database
from burnish.apps.studio.store.models import Mark
from burnish.apps.studio.store.shelf import said
from burnish.errors import SettingError

MARK = "mark"


def belong_together(database: Database, folder: Path) -> None:
    """Mark both where they are new; a folder of another database is a ``SettingError``."""
    path = folder / MARK
    with database.writing() as session:
        of_database = session.scalar(select(Mark.id))
        of_folder = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if of_folder and of_folder != of_database:
            raise SettingError(
                "database-other",
                f"database {database.name}: is not the one of {folder}; open the folder with its "
                f"own, or take away {path} if this one is a copy of it",
            )
        if of_database is None:
            of_database = new_id()
            session.add(Mark(id=of_database))
    if not of_folder:
        with said(folder):
            part = path.with_suffix(".part")
            with part.open("w", encoding="ascii") as file:
                file.write(of_database)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
