"""Drafts: made behind, the newest wins, kept at once, and in nobody's way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from studio_of_the_tests import Client, song

from burnish.apps.studio.store.models import Version


@pytest.fixture(scope="module")
def mix(studio: Client) -> tuple[str, str]:
    project = studio.project()
    told = studio.upload(project, song(3.0), master=True)
    studio.until(lambda: studio.get(f"/api/projects/{project}/versions").json(), bool)
    studio.ready(project)
    return project, told["id"]


def asked(studio: Client, mix: tuple[str, str], low_db: float, **more: Any) -> dict[str, Any]:
    body = {"upload": mix[1], "settings": {"low_db": low_db}, **more}
    answer = studio.post(f"/api/projects/{mix[0]}/versions", json=body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def numbers(studio: Client, project: str) -> list[int]:
    return [one["number"] for one in studio.get(f"/api/projects/{project}").json()["versions"]]


def drafts(studio: Client) -> int:
    with studio.app.state.house.store.reading() as session:
        return session.query(Version).filter(Version.number < 0).count()


def test_a_draft_is_in_no_list_and_is_kept_at_once(studio, mix) -> None:
    project = mix[0]
    job = asked(studio, mix, 1.0, draft=True)["job"]
    told = studio.ended(project, job)
    assert (told["state"], told["draft"]) == ("done", True)
    assert numbers(studio, project) == [1]
    assert studio.get(f"/api/projects/{project}/sounds/{told['version']}/pcm").status_code == 200
    used = studio.app.state.house.store.usage(project).n_bytes
    assert asked(studio, mix, 1.0, draft=True) == {"job": job, "version": told["version"]}
    kept = asked(studio, mix, 1.0, note="so", parent=None)
    assert kept == {"job": job, "version": told["version"]}
    assert numbers(studio, project) == [1, 2]
    whole = studio.get(f"/api/projects/{project}/versions/{kept['version']}").json()
    assert (whole["name"], whole["note"]) == ("song 2", "so")
    assert studio.app.state.house.store.usage(project).n_bytes == used
    again = asked(studio, mix, 1.0)  # it is a version now, and no draft
    assert again["job"] != job
    assert studio.ended(project, again["job"])["state"] == "done"
    other = studio.get(f"/api/projects/{project}/versions").json()[-1]
    assert (other["number"], other["sha256"]) == (3, whole["sha256"])


def test_the_newest_wins_and_is_kept_while_it_is_made(studio, mix) -> None:
    project = mix[0]
    before = numbers(studio, project)
    jobs = [asked(studio, mix, low_db, draft=True)["job"] for low_db in (2.0, 2.1, 2.2)]
    studio.until(
        lambda: studio.get(f"/api/projects/{project}/jobs/{jobs[-1]}").json(),
        lambda told: told["state"] != "waiting",
    )
    kept = asked(studio, mix, 2.2)
    assert kept == {"job": jobs[-1]}
    states = [studio.ended(project, job)["state"] for job in jobs]
    assert states == ["cancelled", "cancelled", "done"]
    assert numbers(studio, project) == [*before, before[-1] + 1]
    told = studio.get(f"/api/projects/{project}/jobs/{jobs[-1]}").json()
    assert not told["draft"]


def test_a_draft_gives_way_to_work_that_was_asked_for(studio, mix) -> None:
    project = mix[0]
    draft = asked(studio, mix, 3.0, draft=True)["job"]
    studio.until(
        lambda: studio.get(f"/api/projects/{project}/jobs/{draft}").json(),
        lambda told: told["state"] != "waiting",
    )
    others = [asked(studio, mix, low_db)["job"] for low_db in (3.1, 3.2)]
    assert {studio.ended(project, job)["state"] for job in others} == {"done"}
    assert studio.ended(project, draft)["state"] == "cancelled"


def test_what_nobody_kept_is_swept(studio, mix) -> None:
    project, house = mix[0], studio.app.state.house
    for low_db in (4.0, 4.1, 4.2):
        studio.ended(project, asked(studio, mix, low_db, draft=True)["job"])
    assert drafts(studio) == 2  # the last, and the one that may still be heard
    used = house.store.usage(project).n_bytes
    house.tidy()
    assert drafts(studio) == 2
    with house.store.writing() as session:
        old = datetime.now(UTC) - timedelta(hours=2)
        session.execute(update(Version).where(Version.number < 0).values(created_at=old))
    house.tidy()
    assert drafts(studio) == 0
    assert house.store.usage(project).n_bytes < used
