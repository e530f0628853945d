"""A store on each of the two databases."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent))
from postgres_of_the_tests import empty_database, running_postgres

from burnish.apps.studio.store import Quotas, Store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None: SQLite, in the store's folder."""
    if request.param == "sqlite":
        return None
    return empty_database(request.getfixturevalue("postgres"), "studio")


OpenStore = Callable[..., Store]


@pytest.fixture
def open_store(tmp_path: Path, database_url: str | None) -> Iterator[OpenStore]:
    """Opens the test's store, again and again if need be."""
    opened: list[Store] = []

    def open_again(quotas: Quotas | None = None) -> Store:
        while opened:
            opened.pop().close()
        opened.append(Store.open(tmp_path / "studio", database_url, quotas))
        return opened[0]

    yield open_again
    for one in opened:
        one.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()
