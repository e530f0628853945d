"""What is promised of safety, and is not tested beside what it belongs to.

Host, Origin, cookie, token and password: test_access. Size, duration, rate, bombs, names and picks:
test_uploads. Links: test_clients. Workers that die: test_durable, test_serve, tests/apps/jobs.
"""

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from studio_of_the_tests import BASE, TOKEN, Client, song

from burnish.apps.cli.entry import run
from burnish.apps.studio import picks, server, tries
from burnish.apps.studio.armour import HEADERS
from burnish.apps.studio.problems import Refused
from burnish.apps.studio.routes.versions import attached
from burnish.apps.studio.store.plain import plain_line, plain_name
from burnish.apps.studio.tries import Tries, who_by_address

SONG = song(1.0)
POLICY = HEADERS["content-security-policy"]


# Every answer


def ways(studio: Client) -> Iterator[tuple[str, str]]:
    document = studio.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        if not path.endswith("/events"):
            for method in operations:
                yield method.upper(), re.sub(r"{\w+}", "0" * 32, path)


def test_every_answer_has_a_policy(
    studio: Client, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        one.request(method, way) for method, way in ways(studio) for one in (studio, stranger)
    ]
    assert len(answers) > 100
    for way in (
        "/",
        "/login",
        "/health",
        "/static/studio.js",
        "/static/none",
        "/share/" + "x" * 32,
    ):
        answers += [studio.get(way), stranger.get(way)]
    answers.append(stranger.get("/", params={"token": TOKEN}))
    answers.append(studio.get("/api/projects", headers={"host": "evil.example"}))
    answers.append(studio.post("/api/projects", content=b"x" * (5 << 20)))

    def fault() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(studio.app.state.house.mixes, "projects", fault)
    answers.append(studio.get("/api/projects"))
    assert {200, 303, 401, 404, 413, 421, 422, 500} <= {one.status_code for one in answers}
    for one in answers:
        for name, value in HEADERS.items():
            assert one.headers.get(name) == value or name == "cache-control", (one.url, name)
    assert answers[-1].json()["code"] == "fault"
    assert "Traceback" not in answers[-1].text
    assert "ZeroDivision" not in answers[-1].text


def test_pages_load_nothing_from_elsewhere_and_pass_no_address_on() -> None:
    """So a token in the address, or a link's, is in nobody's Referer."""
    assert HEADERS["referrer-policy"] == "no-referrer"
    for path in server.STATIC.rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            assert not re.search(r"""["'(]\s*(https?:)?//\w""", text), path
            assert "referrerpolicy" not in text.lower()
            assert path.suffix != ".html" or not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", text)


def test_the_token_is_taken_out_of_the_address(stranger: Client, studio: Client) -> None:
    answer = stranger.get("/", params={"token": TOKEN, "more": "x"})
    assert answer.status_code == 303
    assert TOKEN not in answer.headers["location"]
    assert TOKEN not in answer.text
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for one in cookies:
        assert TOKEN not in one
        assert {"httponly", "samesite=strict", "path=/"} <= set(one.lower().split("; "))
    secure = Client(transport=stranger._transport, base_url=BASE.replace("http:", "https:"))
    told = secure.get("/", params={"token": TOKEN}).headers.get_list("set-cookie")
    assert all("secure" in one.lower().split("; ") for one in told)
    project = studio.project()
    for way in ("/api/openapi.json", "/api/projects", f"/api/projects/{project}", "/health"):
        assert TOKEN not in studio.get(way).text


def test_it_binds_to_this_machine_and_others_need_a_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BURNISH_STUDIO_PASSWORD", raising=False)
    for host in ("0.0.0.0", "::"):
        words = ["studio", "--host", host, "--data", str(tmp_path / "data"), "--no-browser"]
        assert run(words) == 2
        said = capsys.readouterr().err
        assert said.startswith("burnish: password-missing: ")
        assert host in said
    monkeypatch.setenv("BURNISH_STUDIO_PASSWORD", "short")
    assert run([*words[:2], "0.0.0.0", *words[3:]]) == 2
    assert "password-short" in capsys.readouterr().err


# Passwords


def test_a_stranger_has_five_tries_and_locks_nobody_else_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, now = Tries(), [1000.0]
    monkeypatch.setattr(tries.time, "monotonic", lambda: now[0])
    assert [known.begin("198.51.100.1") for _ in range(7)] == [True] * 5 + [False] * 2
    assert known.begin("198.51.100.2")
    assert known.begin("v-the-owner's-cookie")
    assert known.delay_s == 0.0
    for k in range(3000):  # from many places
        known.begin(f"10.0.{k >> 8}.{k & 255}")
    assert known.delay_s == 2.0
    assert known.begin("the owner, from a new machine")
    known.was_right("the owner, from a new machine")
    assert [known.begin("the owner, from a new machine") for _ in range(5)] == [True] * 5
    now[0] += 61.0
    assert known.begin("198.51.100.1")
    assert known.delay_s == 0.0


def test_who_has_a_whole_network_has_tries_for_one() -> None:
    assert who_by_address("2001:db8:1:2::1") == who_by_address("2001:db8:1:2:ffff::9")
    assert who_by_address("2001:db8:1:2::1") != who_by_address("2001:db8:1:3::1")
    assert who_by_address("::ffff:192.0.2.1") == who_by_address("192.0.2.1") == "192.0.2.1"
    assert who_by_address("fe80::1%eth0") == who_by_address("fe80::2")
    assert who_by_address("") == ""


# Names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..", ".."),
        ("a\x00b.wav", "a b.wav"),
        ("\u202egpj.wav", "gpj.wav"),
        ("a\u2066b\u2069.wav", "a b .wav"),
        ("\ufeff\u200bx.wav", "x.wav"),
        ("a\u2028b", "a b"),
        ("a\x9b31mb", "a 31mb"),
        ("e\u0301.wav", "\u00e9.wav"),
        ("\ud800x", "x"),
        ("..\uff0f..\uff0fx", "..\uff0f..\uff0fx"),  # looks like a slash, and is none
        ("  \t ", "untitled"),
        ("\u05d0\u200d\U0001f469", "\u05d0\u200d\U0001f469"),  # joins letters and faces
    ],
)
def test_names_are_words_that_can_be_seen(given: str, kept: str) -> None:
    assert plain_name(given) == kept
    assert "\n" not in plain_line(given)
    header = attached(f"{given}.wav")["content-disposition"]
    names = r"""attachment; filename="[A-Za-z0-9 ._-]+"; filename\*=UTF-8''[A-Za-z0-9%._~-]+"""
    assert re.fullmatch(names, header)
    assert not set(unquote(header.rpartition("''")[2])) & set('/\\:*?"<>|\0\u202e')


# Files that lie


def riff(fmt: bytes, data_says: int = 0xFFFFFFFF, more: bytes = b"") -> bytes:
    chunk = b"fmt " + struct.pack("<I", len(fmt)) + fmt
    body = b"WAVE" + more + chunk + b"data" + struct.pack("<I", data_says) + b"\1\2" * 2000
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + body


def fmt(
    tag: int = 1, channels: int = 2, rate: int = 44_100, align: int = 4, bits: int = 16
) -> bytes:
    return struct.pack("<HHIIHH", tag, channels, rate, (rate * align) & 0xFFFFFFFF, align, bits)


RF64 = (
    b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, 1 << 62, 1 << 62, 1 << 60, 0)
    + b"fmt " + struct.pack("<I", 16) + fmt() + b"data\xff\xff\xff\xff" + b"\1\2" * 2000
)  # fmt: skip
AIFF = (
    b"FORM\x7f\xff\xff\xffAIFFCOMM" + struct.pack(">IhIh", 18, 2, 0xFFFFFFFF, 16)
    + b"\x40\x0e\xac\x44" + b"\0" * 6 + b"SSND\x7f\xff\xff\xff" + b"\0" * 4000
)  # fmt: skip
LIARS = {
    "endless": riff(fmt()),
    "no channels": riff(fmt(channels=0)),
    "65535 channels": riff(fmt(channels=65_535, align=65_535)),
    "no rate": riff(fmt(rate=0)),
    "a rate of 4 GHz": riff(fmt(rate=0xFFFFFFFF)),
    "no bytes a sample": riff(fmt(align=0)),
    "0 bits": riff(fmt(bits=0)),
    "65535 bits": riff(fmt(bits=65_535)),
    "a code of nobody": riff(fmt(tag=0xBEEF)),
    "an endless list": riff(fmt(), more=b"LIST\xff\xff\xff\x7fINFO"),
    "fmt of 2 GB": b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\x7f" + b"\1" * 100,
    "no data": riff(fmt(), 0)[:44],
    "chunks in chunks": b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\x04\0\0\0abcd" * 50_000,
    "rf64 of 4 EiB": RF64,
    "aiff of 16 GiB": AIFF,
}


def test_headers_that_lie_fail_or_are_what_is_there(studio: Client, data_folder: Path) -> None:
    """None is a fault of burnish, none fills the disk, and the worker lives on."""
    project = studio.project()
    jobs = {name: studio.upload(project, data)["job"] for name, data in LIARS.items()}
    for name, job in jobs.items():
        told = studio.ended(project, job)
        failure = told["failure"] or {"code": ""}
        assert told["state"] in ("done", "failed"), name
        assert failure["code"].startswith("input-") or told["state"] == "done", (name, failure)
    studio.ready(project)
    for one in studio.get(f"/api/projects/{project}/jobs").json():
        assert one["state"] == "done" or one["failure"]["code"].startswith("input-"), one
    sounds = sum(one.stat().st_size for one in (data_folder / "sounds").rglob("*") if one.is_file())
    assert sounds < 1 << 20
    assert [one for one in (data_folder / "work").rglob("*") if one.is_file()] == []


def test_the_server_decodes_nothing_itself(studio: Client, monkeypatch: Any) -> None:
    """A decoder's fault is a worker's death."""

    mix = song(3.0)

    def decoded(*_: Any, **__: Any) -> None:
        raise AssertionError("decoded in the server")

    for name in ("soundfile.SoundFile", "soundfile.read", "soundfile.info", "av.open"):
        monkeypatch.setattr(name, decoded)
    project = studio.project()
    upload = studio.upload(project, mix, master=True)
    art = studio.upload(project, b"\xff\xd8\xff but no image", kind="artwork")
    studio.ready(project)
    version = studio.get(f"/api/projects/{project}/versions").json()[0]
    for one in (upload["id"], version["id"]):
        way = f"/api/projects/{project}/sounds/{one}"
        for more in ("", "/pcm", "/peaks"):
            assert studio.get(way + more).status_code == 200
    plan = studio.get(f"/api/projects/{project}/versions/{version['id']}").json()["plan"]
    asked = {"sound": upload["id"], "plan": plan, "start": 0, "end": 44_100}
    assert studio.post(f"/api/projects/{project}/preview", json=asked).status_code == 200
    assert art["job"] is None


def test_every_job_of_the_studio_has_limits(studio: Client) -> None:
    house = studio.app.state.house
    for project in studio.get("/api/projects").json():
        for one in house.ledger.of_project(project["id"]):
            limits = one.job.limits
            most_mib, most_s = house.settings.job_memory_mib, house.settings.job_time_s
            if one.job.what == "studio-read":
                most_mib, most_s = 1536, house.settings.read_time_s
            assert limits.memory_mib <= most_mib
            assert limits.time_s <= most_s


# Folders


def test_links_in_a_folder_lead_nowhere(studio: Client, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.wav").write_bytes(SONG)
    inside = studio.mixes / "links"
    inside.mkdir()
    (inside / "real.wav").write_bytes(SONG)
    (inside / "file.wav").symlink_to(outside / "secret.wav")
    (inside / "folder").symlink_to(outside)
    (inside / "up").symlink_to("..")
    (inside / "hangs.wav").symlink_to("/dev/zero")
    (inside / "broken.wav").symlink_to("nowhere")
    os.mkfifo(inside / "pipe.wav")
    (inside / "folder.wav").mkdir()
    found = [one["name"] for one in studio.get("/api/picks").json()]
    assert found == ["links/real.wav"]
    one = picks.picks((str(studio.mixes),))[0]
    (inside / "real.wav").unlink()  # changed between the list and the opening
    (inside / "real.wav").symlink_to(outside / "secret.wav")
    with pytest.raises(Refused, match="cannot be read"):
        picks.open_pick(one)
    project = studio.project()
    answer = studio.post(f"/api/projects/{project}/picks", json={"pick": one.number})
    assert answer.status_code == 404
