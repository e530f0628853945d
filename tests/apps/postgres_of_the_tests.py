"""A PostgreSQL of the tests' own: made in a new folder, reached by a socket there, gone afterwards.

It does not run as root; where the tests do, it runs as `postgres` or `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SUPERUSER = "burnish"


def _program(name: str) -> str:
    places = [str(one) for one in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if found:
        return str(Path(found).resolve())
    message = f"{name} (of PostgreSQL) is not installed; this test needs it"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _other_user() -> pwd.struct_passwd | None:
    """Who runs it where we are root."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("root has neither a user postgres nor nobody to run PostgreSQL as")


@contextmanager
def running_postgres() -> Iterator[str]:
    """Gives the URL of the server, up to the name of a database."""
    initdb, postgres = _program("initdb"), _program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="burnish-pg-"))
    user = _other_user()
    as_user: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL}
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        as_user["env"] = {**os.environ, "HOME": str(folder)}
    try:
        subprocess.run(
            [initdb, "-D", folder / "data", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
             "--no-locale", "--no-sync"],
            check=True, capture_output=True, **as_user,
        )  # fmt: skip
        log = (folder / "log").open("wb")
        server = subprocess.Popen(
            [postgres, "-D", folder / "data", "-k", folder, "-c", "listen_addresses=",
             "-c", "fsync=off"],  # it is not what is killed
            stdout=log, stderr=log, **as_user,
        )  # fmt: skip
        try:
            _wait(folder, server)
            yield f"postgresql://{SUPERUSER}@/{{name}}?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once
            server.wait()
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user=SUPERUSER, dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    pytest.fail("PostgreSQL does not start: " + (folder / "log").read_text()[-2000:])


def empty_database(server: str, name: str) -> str:
    """Make a database, or empty the one that is there; gives its URL."""
    import psycopg

    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        there = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(there, (name,)).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}"')
    with psycopg.connect(server.format(name=name), autocommit=True) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename <> 'alembic_version'"
        ).fetchall()
        if tables:
            named = ", ".join(f'"{one[0]}"' for one in tables)
            connection.execute(f"TRUNCATE {named}")
    return server.format(name=name)
