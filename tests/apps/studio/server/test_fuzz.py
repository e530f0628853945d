"""schemathesis throws at every operation what the API's description allows, and what it does not.

Nothing may end as a fault of the server, and every answer must be one that is described. Half of
the requests meet a project, a mix and a version that are there.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from studio_of_the_tests import BEARER, Client, served, song

import burnish.apps.studio.server as server
from burnish.apps.studio.settings import StudioSettings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = ("/api/projects/{project}/events",)


def described(folder: Path) -> dict[str, Any]:
    """The API's description, of a studio that is made for it and not served."""
    app = server.studio_app(StudioSettings(data=str(folder), workers=1))
    try:
        return json.loads(json.dumps(app.openapi()))
    finally:
        app.state.house.close()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Where to throw, and what is there."""
    data = tmp_path_factory.mktemp("fuzz") / "data"
    with served(data, "requests_per_s=100000", "waiting_jobs=3", "upload_mib=2") as (_, address):
        base = address.partition("/?")[0]
        with Client(base_url=base, headers=BEARER, timeout=60) as client:
            project = client.project()
            upload = client.upload(project, song(1.0))
            client.ready(project)
            version = client.version(project, upload=upload["id"], settings={})
            there = f"/api/projects/{project}"
            track = {"file": upload["id"], "title": "One"}
            album = client.post(f"{there}/albums", json={"release": {"tracks": [track]}}).json()
            asked = {"name": "x.wav", "bytes": 1000}
            transfer = client.post(f"{there}/transfers", json=asked).json()
            share = client.post(f"{there}/versions/{version['id']}/shares").json()
            yield (
                base,
                {
                    "project": project,
                    "upload": upload["id"],
                    "sound": version["id"],
                    "version": version["id"],
                    "album": album["id"],
                    "job": upload["job"],
                    "token": share["token"],
                    "transfer": transfer["transfer"],
                },
            )
            assert client.get("/health").status_code == 200
            assert client.get(there).status_code == 200


def throw_at(operation: Any, base: str, known: dict[str, str]) -> int:
    """How many requests it withstood."""
    spared = operation.method.lower() == "delete"  # what is there shall stay there
    tried = 0

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), strange=integers(0, 3))
    def throw(case: Any, strange: int) -> None:
        nonlocal tried
        if strange and not spared:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = known.get(name, case.path_parameters[name])
        case.call_and_validate(base_url=base, headers=BEARER, checks=CHECKS, timeout=60)
        tried += 1

    throw()
    return tried


def test_nothing_that_is_sent_is_a_fault_of_ours(
    target: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    schema = schemathesis.openapi.from_dict(described(tmp_path / "described"))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 45
    tried = sum(throw_at(one, *target) for one in operations if one.path not in ENDLESS)
    assert tried > 400
