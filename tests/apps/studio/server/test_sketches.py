"""Sketches: wishes heard before they are mastered; and previews as loud as what stands beside."""

from typing import Any

import numpy as np
import pytest
from studio_of_the_tests import Client, song

from burnish.apps.studio.records import dumped, loaded
from burnish.check import check
from burnish.measure.examine import Examination
from burnish.targets import BAND_EDGES_HZ, style

RATE_HZ = 44_100
REGION = {"start": 4 * RATE_HZ, "end": 7 * RATE_HZ}


@pytest.fixture(scope="module")
def mix(studio: Client) -> tuple[str, str]:
    project = studio.project()
    told = studio.upload(project, song(8.0), master=True)
    mastered(studio, project)
    return project, told["id"]


def mastered(studio: Client, project: str) -> dict[str, Any]:
    """Its first version; by then all is done that follows from the upload."""
    versions = studio.until(lambda: studio.get(f"/api/projects/{project}/versions").json(), bool)
    studio.ready(project)
    return dict(versions[0])


@pytest.fixture(scope="module")
def version(studio: Client, mix: tuple[str, str]) -> dict[str, Any]:
    return mastered(studio, mix[0])


def sketched(studio: Client, project: str, version: str, **settings: Any) -> dict[str, Any]:
    answer = studio.post(
        f"/api/projects/{project}/versions/{version}/sketch", json={"settings": settings}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def moves(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands before the loudness."""
    path = ("compressor", "multiband", "clipper", "limiter")
    return [one for one in plan["steps"] if one["processor"] not in path]


def test_a_record_comes_back_with_every_bit(tmp_path) -> None:
    (tmp_path / "song.wav").write_bytes(song(3.0))
    found = check(tmp_path / "song.wav").examined
    again = loaded(Examination, text := dumped(found))
    assert dumped(again) == text
    assert np.array_equal(
        again.measured.timeline.bands.wide_cross, found.measured.timeline.bands.wide_cross
    )
    assert again.measured.loudness == found.measured.loudness
    for wrong in ("{}", "[]", text.replace('"peaks"', '"heights"'), '{"measured": 1}'):
        with pytest.raises(ValueError):
            loaded(Examination, wrong)


def test_the_same_wishes_come_to_the_same_plan(studio, mix, version) -> None:
    """A sketch of nothing new is the standing master; of others, its moves are the master's."""
    project, upload = mix
    standing = studio.get(f"/api/projects/{project}/versions/{version['id']}").json()
    same = sketched(studio, project, version["id"])
    assert same["plan"]["steps"][:-1] == standing["plan"]["steps"][:-1]
    drives = [one["plan"]["steps"][-1]["settings"]["input_gain_db"] for one in (same, standing)]
    assert drives[0] == pytest.approx(drives[1], abs=0.01)
    asked = {"low_db": 2.0, "width": 1.2, "warmth": 0.5, "loudness_lufs": -18.0}
    quick = sketched(studio, project, version["id"], **asked)
    full = studio.version(project, upload=upload, settings=asked)
    assert moves(quick["plan"]) == moves(full["plan"])
    made = studio.version(project, upload=upload, plan=quick["plan"])
    assert made["loudness_lufs"] == pytest.approx(full["loudness_lufs"], abs=0.5)
    assert made["loudness_lufs"] == pytest.approx(quick["loudness_lufs"], abs=0.5)


@pytest.mark.parametrize(
    "settings", [{"intensity": 2}, {"profile": "x.yaml"}, {"style": "x"}, {"reference": ["no"]}]
)
def test_what_cannot_be_wished_is_refused(studio, mix, version, settings) -> None:
    answer = studio.post(
        f"/api/projects/{mix[0]}/versions/{version['id']}/sketch", json={"settings": settings}
    )
    assert answer.status_code in (404, 422)


def test_a_reference_is_heard_in_a_sketch(studio) -> None:
    """Its portrait is that of its analysis: the moves are those of the full master."""
    project = studio.project()
    upload = studio.upload(project, song(4.0), master=True)
    other = studio.upload(project, song(5.0, 48_000), kind="reference")
    version = mastered(studio, project)
    asked = {"reference": [f"{other['id']}:0.5"], "match": "tone=1,width=1"}
    quick = sketched(studio, project, version["id"], **asked)
    full = studio.version(project, upload=upload["id"], settings=asked)
    assert moves(quick["plan"]) == moves(full["plan"])
    assert quick["plan"]["target"]["match"] == full["plan"]["target"]["match"]
    for weight in ("0", "nan", "inf", "x"):
        answer = studio.post(
            f"/api/projects/{project}/versions/{version['id']}/sketch",
            json={"settings": {"reference": [f"{other['id']}:{weight}"]}},
        )
        assert answer.status_code == 422, answer.text


def test_a_mix_that_is_not_analysed_any_more_is_analysed_again(studio, mix, version) -> None:
    house = studio.app.state.house
    for kept in house.decoded.folder.glob("*/examined.json"):
        kept.unlink()
    house.sketches._warm.clear()
    address = f"/api/projects/{mix[0]}/versions/{version['id']}/sketch"
    answer = studio.post(address, json={"settings": {}})
    assert (answer.status_code, answer.json()["code"]) == (409, "not-analysed")
    studio.ready(mix[0])
    assert studio.post(address, json={"settings": {}}).status_code == 200


def previewed(studio: Client, project: str, **asked: Any) -> tuple[float, float, np.ndarray]:
    """Its loudness as told at first, and from all of it; its samples."""
    address = f"/api/projects/{project}/preview"
    answer = studio.post(address, json={**REGION, **asked})
    assert answer.status_code == 200, answer.text
    told = studio.post(f"{address}/loudness", json={**REGION, **asked}).json()
    samples = np.frombuffer(answer.content, "<f4").reshape(-1, 2)
    return float(answer.headers.get("x-loudness-lufs", "nan")), told["loudness_lufs"], samples


def test_a_preview_tells_how_loud_it_is(studio, mix, version) -> None:
    """Six decibels less into the song are six less out of it: beside the version, and the mix."""
    project, upload = mix
    whole = studio.get(f"/api/projects/{project}/versions/{version['id']}").json()
    steps = whole["plan"]["steps"]
    own = version["loudness_lufs"]
    asked = {"sound": upload, "version": version["id"]}
    assert previewed(studio, project, steps=steps, **asked)[:2] == pytest.approx(
        (own, own), abs=0.05
    )
    softer = [*steps, {"processor": "gain", "settings": {"gain_db": -6.0}}]
    first, all_of_it, _ = previewed(studio, project, steps=softer, **asked)
    assert (first, all_of_it) == pytest.approx((own - 6.0, own - 6.0), abs=0.05)
    mix_lufs = studio.get(f"/api/projects/{project}/sounds/{upload}").json()["loudness_lufs"]
    gain = [{"processor": "gain", "settings": {"gain_db": -6.0}}]
    told = previewed(studio, project, steps=gain, sound=upload)
    assert told[:2] == pytest.approx((mix_lufs - 6.0, mix_lufs - 6.0), abs=0.05)
    delta = {"sound": upload, "version": version["id"], "steps": softer, "delta": len(steps)}
    assert previewed(studio, project, **delta)[1] is None


def test_a_preview_is_heard_as_its_version_is(studio, mix, version) -> None:
    """Through a phone and a codec the unmoved plan is what the version's own file there is."""
    project, upload = mix
    steps = studio.get(f"/api/projects/{project}/versions/{version['id']}").json()["plan"]["steps"]
    base = f"/api/projects/{project}/sounds/{version['id']}"
    asked = {"sound": upload, "version": version["id"], "steps": steps}
    refused = studio.post(
        f"/api/projects/{project}/preview", json={**REGION, **asked, "through": "phone"}
    )
    assert refused.status_code == 409
    for place, most_db in (("phone", -50.0), ("aac-256", -15.0)):
        job = studio.post(f"{base}/through", json={"through": place}).json()["job"]
        studio.ended(project, job)
        query = {"through": place, "start": REGION["start"], "count": 3 * RATE_HZ}
        own = np.frombuffer(studio.get(f"{base}/pcm", params=query).content, "<f4").reshape(-1, 2)
        first, whole, made = previewed(studio, project, **asked, through=place)
        off = 10 * np.log10(((made - own) ** 2).mean() / (own**2).mean())
        assert off < most_db
        told = studio.get(base, params={"through": place}).json()["loudness_lufs"]
        assert (first, whole) == pytest.approx((told, told), abs=0.2)
    for wrong in ({"through": "../x"}, {"removed": True}, {"through": "phone", "version": None}):
        answer = studio.post(f"/api/projects/{project}/preview", json={**REGION, **asked, **wrong})
        assert answer.status_code == 422


def test_a_style_tells_its_corridor(studio) -> None:
    told = {one["name"]: one["tone"] for one in studio.get("/api/catalogue/styles").json()}
    assert told["pop"]["edges_hz"] == list(BAND_EDGES_HZ)
    assert told["jazz"]["q25_db"] == list(style("jazz").tone.q25_db)
    assert told["jazz"]["q75_db"] == list(style("jazz").tone.q75_db)
