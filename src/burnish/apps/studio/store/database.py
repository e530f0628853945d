"""The database: SQLite in the studio's folder, or PostgreSQL by URL; up to date from the start."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from burnish.errors import BurnishError, SettingError

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 15_000
_LOCK = 0x6275726E  # any number; PostgreSQL lets one process migrate at a time by it
_WRITES = "burnish_writes"


class Database:
    """Sessions on the studio's tables. Everything may be used from any thread.

    A session of ``writing`` is committed when its block ends, and is then on the disk: SQLite with
    ``synchronous=FULL``, PostgreSQL as it does by itself. A block that fails leaves nothing.
    """

    def __init__(self, url: str | URL) -> None:
        self.url = _checked(url)
        try:
            self.engine = create_engine(
                self.url,
                json_serializer=_json,
                pool_pre_ping=self.is_postgres,
                **({"connect_args": {"timeout": _BUSY_MS / 1000}} if not self.is_postgres else {}),
            )
        except (NoSuchModuleError, ImportError) as error:
            raise SettingError("database-url", f"database: {error}") from None
        if not self.is_postgres:
            event.listen(self.engine, "connect", _on_connect)
            event.listen(self.engine, "begin", _on_begin)
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        writers = self.engine.execution_options(**{_WRITES: True})
        self._writers = sessionmaker(writers, expire_on_commit=False)

    @classmethod
    def sqlite(cls, path: Path) -> "Database":
        """A database in this file, which is made where it is missing."""
        return cls(URL.create("sqlite", database=str(path)))

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL; else it is SQLite."""
        return self.url.get_backend_name() == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only looks; writers do not wait for it."""
        with self._readers() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are safe once the block has ended."""
        with self._writers.begin() as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables up to what this burnish knows; newer ones are a ``SettingError``."""
        try:
            with self.engine.execution_options(**{_WRITES: True}).begin() as connection:
                if self.is_postgres:
                    lock = text("SELECT pg_advisory_xact_lock(:key)")
                    connection.execute(lock, {"key": _LOCK})
                command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise SettingError(
                "database-newer", f"database {self.name}: is of another burnish: {error}"
            ) from None
        except DBAPIError as error:
            sentence = " ".join(str(error.orig).split())
            raise BurnishError("database-failed", f"database {self.name}: {sentence}") from error

    @property
    def name(self) -> str:
        """The database for people: its URL without the password."""
        return self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def head() -> str:
    """The newest migration."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _checked(url: str | URL) -> URL:
    try:
        made = make_url(url)
    except ArgumentError:
        raise SettingError(
            "database-url", f"database={url}: must be a URL, as postgresql://user@host/name"
        ) from None
    if made.drivername in ("postgresql", "postgres"):
        made = made.set(drivername="postgresql+psycopg")
    if made.drivername not in ("postgresql+psycopg", "sqlite"):
        raise SettingError(
            "database-url", f"database={made.drivername}: must be sqlite or postgresql"
        )
    return made


def _json(value: Any) -> str:
    """JSON that every database takes: PostgreSQL keeps no zero, and neither half a letter."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return text.replace("\\u0000", "\\ufffd").encode("utf-8", errors="replace").decode("utf-8")


def _on_connect(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # Python begins transactions late, and in its own way; we say when, below.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: Connection) -> None:
    # A writer takes its turn at the beginning; if it began as a reader, it might have to give up.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
