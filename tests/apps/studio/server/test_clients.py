"""Share links: play one version, comment on it, and nothing else. Albums. Events."""

import io
import json
import zipfile
from typing import Any

import pytest
from studio_of_the_tests import Client, song


@pytest.fixture(scope="module")
def made(studio: Client) -> dict[str, Any]:
    """A project with two versions of a mix."""
    project = studio.project()
    upload = studio.upload(project, song(4.0))
    studio.ready(project)
    versions = [
        studio.version(project, upload=upload["id"], settings={"loudness_lufs": lufs})
        for lufs in (-14.0, -16.0)
    ]
    return {"project": project, "upload": upload["id"], "versions": versions}


def test_a_link_plays_and_comments(studio: Client, stranger: Client, made: dict[str, Any]) -> None:
    project, version = made["project"], made["versions"][0]
    base = f"/api/projects/{project}/versions/{version['id']}"
    token = studio.post(f"{base}/shares").json()["token"]
    shared = f"/api/shared/{token}"
    assert stranger.get(shared).json()["number"] == version["number"]
    info = stranger.get(f"{shared}/sound").json()
    pcm = stranger.get(f"{shared}/sound/pcm", params={"count": 1000})
    assert len(pcm.content) == 8000
    assert info["n_samples"] == 4 * 44_100
    assert stranger.get(f"{shared}/sound/peaks").status_code == 200
    said = stranger.post(
        f"{shared}/comments", json={"author": "Ann", "text": "more <b>bass</b>", "at_s": 1.5}
    )
    assert said.status_code == 201
    told = studio.get(f"{base}/comments").json()
    assert [(one["author"], one["text"], one["at_s"]) for one in told] == [
        ("Ann", "more <b>bass</b>", 1.5)
    ]
    assert studio.delete(f"{base}/comments/{told[0]['id']}").status_code == 204
    share = studio.get(f"{base}/shares").json()[0]
    assert "token" not in share
    assert studio.delete(f"{base}/shares/{share['id']}").status_code == 204
    for way in ("", "/sound", "/sound/pcm"):
        assert stranger.get(f"{shared}{way}").status_code == 404


def test_a_link_can_do_nothing_else(studio: Client, stranger: Client, made: dict[str, Any]) -> None:
    """Every operation of the API, with the token wherever one could be put."""
    project, (version, other) = made["project"], made["versions"]
    token = studio.post(f"/api/projects/{project}/versions/{version['id']}/shares").json()["token"]
    known = {
        "project": project, "upload": made["upload"], "version": version["id"],
        "sound": version["id"], "job": "0" * 32, "album": "0" * 32, "number": "0" * 32,
        "transfer": made["upload"],
        "token": token,
    }  # fmt: skip
    document = studio.get("/api/openapi.json").json()
    asked = 0
    for path, operations in document["paths"].items():
        if path.startswith("/api/shared/"):
            continue
        for method in operations:
            way = path.format(**known)
            for more in (
                {},
                {"params": {"token": token}},
                {"headers": {"authorization": f"Bearer {token}"}},
                {"headers": {"cookie": f"burnish-studio-8765={token}"}},
            ):
                answer = stranger.request(method.upper(), way, **more)
                assert answer.status_code == 401, (method, way)
                asked += 1
    assert asked > 150
    shared = f"/api/shared/{token}"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for way in ("", "/sound", "/sound/pcm", "/sound/peaks"):
            assert stranger.request(method, shared + way).status_code == 405
    for way in (
        f"/../../projects/{project}",
        f"/sound/../../../projects/{project}",
        f"/versions/{other['id']}",
        "/sheet",
        "/master",
        f"/sound/pcm/../../../../projects/{project}/sounds/{other['id']}/pcm",
    ):
        assert stranger.get(shared + way).status_code in (401, 404)
    seen = json.dumps([stranger.get(shared).json(), stranger.get(f"{shared}/sound").json()])
    for secret in (project, made["upload"], other["id"], "settings", "sheet"):
        assert secret not in seen


@pytest.mark.parametrize(
    "token", ["x", "0" * 32, "..%2f..%2fsecret", "%00" * 16, "'; drop table shares; --" + "x" * 9]
)
def test_a_made_up_link_is_nothing(stranger: Client, token: str) -> None:
    for way in ("", "/sound", "/sound/pcm"):
        assert stranger.get(f"/api/shared/{token}{way}").status_code in (401, 404, 422)


def test_an_album_is_ordered_delivered_and_downloaded(studio: Client, made: dict[str, Any]) -> None:
    project = made["project"]
    tracks = [
        {"file": version["id"], "title": title, "artist": "Me", "keep_as_is": True}
        for version, title in zip(made["versions"], ("One", "Two"), strict=True)
    ]
    release = {"title": "Ours", "artist": "Me", "tracks": tracks}
    base = f"/api/projects/{project}/albums"
    album = studio.post(base, json={"release": release}).json()
    there = f"{base}/{album['id']}"
    turned = {**release, "tracks": tracks[::-1]}
    changed = studio.put(there, json={"release": turned, "revision": 1}).json()
    assert [one["title"] for one in changed["release"]["tracks"]] == ["Two", "One"]
    late = studio.put(there, json={"release": release, "revision": 1})
    assert late.json()["code"] == "album-changed"
    job = studio.post(f"{there}/deliveries", json={"to": []}).json()["job"]
    told = studio.ended(project, job)
    assert told["state"] == "done", told
    answer = studio.get(f"{there}/deliveries/{job}/zip")
    assert 'filename="Ours.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert "album.report.html" in names
    assert sum(one.startswith("joins/") and one.endswith(".wav") for one in names) == 1
    assert studio.get(there).json()["deliveries"][0]["job"] == job
    assert studio.get(f"{there}/deliveries/{'0' * 32}/zip").status_code == 404
    both = [tracks[0], {**tracks[1], "gap_s": 1.0, "crossfade_s": 1.0}]
    wrong = studio.post(base, json={"release": {**release, "tracks": both}}).json()
    job = studio.post(f"{base}/{wrong['id']}/deliveries", json={"to": []}).json()["job"]
    sentence = studio.ended(project, job)["failure"]["sentence"]
    assert sentence.startswith("album.yaml:")  # and not where that lies
    job = studio.get(there).json()["deliveries"][0]["job"]
    assert studio.get(f"{there}/deliveries/{job}/masters").json() == []  # all stay as they are
    assert studio.get(f"{there}/deliveries/{job}/masters/1/pcm").status_code == 404


def test_artwork_is_an_image_and_nothing_else(studio: Client, made: dict[str, Any]) -> None:
    project = made["project"]
    art = f"/api/projects/{project}/artwork"
    png = b"\x89PNG\r\n\x1a\n" + bytes(32)
    for data, media_type in ((png, "image/png"), (b"\xff\xd8\xff\xe0" + bytes(32), "image/jpeg")):
        one = studio.upload(project, data, name="cover", kind="artwork")
        answer = studio.get(f"{art}/{one['id']}")
        assert (answer.content, answer.headers["content-type"]) == (data, media_type)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert studio.get(f"/api/projects/{studio.project()}/artwork/{one['id']}").is_client_error
    for data in (
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<!doctype html>",
        b"",
    ):
        one = studio.upload(project, data or b"\xff", name="cover.png", kind="artwork")
        assert studio.get(f"{art}/{one['id']}").status_code == 404
    assert studio.get(f"{art}/{made['upload']}").status_code == 404  # a mix is none
    assert studio.get(f"{art}/..%2f{made['upload']}").status_code == 404


@pytest.mark.parametrize(
    "track",
    [
        {"file": "/etc/passwd"},
        {"file": "../../secret"},
        {"file": ""},
        {"stems": ["/etc/passwd"]},
        {"references": ["/etc/passwd"]},
        {"hidden_file": "/etc/passwd"},
        {"versions": {"clean": "/etc/passwd"}},
        {"style": "/etc/x.yaml"},
    ],
)
def test_an_album_names_no_files(
    studio: Client, made: dict[str, Any], track: dict[str, Any]
) -> None:
    whole = {"file": made["upload"], "title": "One", **track}
    answer = studio.post(
        f"/api/projects/{made['project']}/albums", json={"release": {"tracks": [whole]}}
    )
    assert answer.status_code in (404, 422)
    cover = {"artwork": "/etc/passwd", "tracks": []}
    answer = studio.post(f"/api/projects/{made['project']}/albums", json={"release": cover})
    assert answer.status_code == 404


def test_the_catalogue_draws_every_slider(studio: Client) -> None:
    for name in ("styles", "targets", "places", "processors"):
        assert len(studio.get(f"/api/catalogue/{name}").json()) > 4
    for processor in studio.get("/api/catalogue/processors").json():
        for one in processor["settings"]:
            assert one["help"]
            if one["scale"] in ("linear", "log") and isinstance(one["default"], float):
                assert one["low"] <= one["default"] <= one["high"]
    wishes = studio.get("/api/catalogue/wishes").json()
    assert {one["name"] for one in wishes["master"]} >= {"intensity", "low_db", "width"}
    assert not {"profile", "signature"} & {one["name"] for one in wishes["master"]}
