"""Uploads in pieces: broken off, gone on with, over a limit, taken over, swept."""

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from studio_of_the_tests import Client, song

from burnish.apps.studio.house import House
from burnish.apps.studio.settings import StudioSettings
from burnish.apps.studio.sounds import pcm_at
from burnish.apps.studio.store import Quotas, Store
from burnish.apps.studio.store import pieces as pieces_module
from burnish.apps.studio.store.holdings import usage_of_all
from burnish.errors import BurnishError, InputError, OutputError, SettingError

SONG = song(2.0)
SHA256 = hashlib.sha256(SONG).hexdigest()


def begun(studio: Client, project: str, **more: Any) -> str:
    asked = {"name": "song.wav", "bytes": len(SONG), **more}
    answer = studio.post(f"/api/projects/{project}/transfers", json=asked)
    assert answer.status_code == 201, answer.text
    assert answer.json()["offset"] == 0
    return f"/api/projects/{project}/transfers/{answer.json()['transfer']}"


def test_a_file_comes_in_pieces_and_becomes_an_upload(studio: Client, data_folder: Path) -> None:
    project = studio.project()
    way = begun(studio, project, sha256=SHA256, master=True)
    for start in range(0, len(SONG), 100_000):
        assert studio.head(way).headers["upload-offset"] == str(start)
        piece = SONG[start : start + 100_000]
        told = studio.patch(way, params={"offset": start}, content=piece).json()
    upload = told["upload"]
    assert upload["sha256"] == SHA256
    assert way.endswith(upload["id"])
    assert studio.get(way).json()["upload"]["id"] == upload["id"]
    again = studio.patch(way, params={"offset": 0}, content=SONG).json()
    assert again["upload"]["id"] == upload["id"]
    assert studio.delete(way).json()["code"] == "transfer-done"
    studio.ready(project)
    opened = studio.get(f"/api/projects/{project}").json()
    assert [one["id"] for one in opened["uploads"]] == [upload["id"]]
    assert len(opened["versions"]) == 1
    assert list((data_folder / "coming").iterdir()) == []


def test_one_says_where_it_is(studio: Client) -> None:
    project = studio.project()
    way = begun(studio, project)
    studio.patch(way, params={"offset": 0}, content=SONG[:1000])
    for offset in (0, 999, 1001, len(SONG)):
        answer = studio.patch(way, params={"offset": offset}, content=SONG[offset:])
        assert answer.json()["code"] == "offset"
        assert answer.status_code == 409
    assert studio.get(way).json()["offset"] == 1000
    long = studio.patch(way, params={"offset": 1000}, content=SONG[1000:] + b"x")
    assert long.json()["code"] == "transfer-size"
    assert studio.delete(way).status_code == 204
    assert studio.get(way).status_code == 404
    assert studio.patch(way, params={"offset": 0}, content=b"x").status_code == 404
    assert studio.get(f"/api/projects/{project}").json()["uploads"] == []


def test_nobody_else_goes_on_with_it(studio: Client) -> None:
    way = begun(studio, studio.project())
    other = way.replace(way.split("/")[3], studio.project())
    assert studio.get(other).status_code == 404
    assert studio.patch(other, params={"offset": 0}, content=SONG).status_code == 404
    assert studio.delete(other).status_code == 404
    for made_up in ("../../secret", "..%2f..%2fsecret", "0" * 32, "%00"):
        answer = studio.patch(f"{way}x/{made_up}", params={"offset": 0}, content=b"x")
        assert answer.status_code in (404, 405)
    studio.delete(way)


def test_what_came_is_what_was_sent(studio: Client) -> None:
    project = studio.project()
    way = begun(studio, project, sha256="0" * 64)
    answer = studio.patch(way, params={"offset": 0}, content=SONG)
    assert answer.json()["code"] == "transfer-differs"
    assert studio.get(way).status_code == 404
    assert studio.get(f"/api/projects/{project}").json()["uploads"] == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"bytes": 4 * 2**20 + 1}, 413),
        ({"bytes": 0}, 422),
        ({"bytes": -1}, 422),
        ({"bytes": 1e400}, 422),
        ({"sha256": "x"}, 422),
        ({"name": ""}, 422),
        ({"kind": "folder"}, 422),
        ({"path": "/etc"}, 422),
    ],
)
def test_what_cannot_be_begun(studio: Client, asked: dict[str, Any], status: int) -> None:
    import json

    way = f"/api/projects/{studio.project()}/transfers"
    body = json.dumps({"name": "x.wav", "bytes": 10, **asked})
    answer = studio.post(way, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "sentence"}


def test_so_many_are_open_and_no_more(studio: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from burnish.apps.studio import transfers

    monkeypatch.setattr(transfers, "MOST", 2)
    project = studio.project()
    for _ in range(2):
        begun(studio, project)
    answer = studio.post(f"/api/projects/{project}/transfers", json={"name": "x", "bytes": 1})
    assert answer.status_code == 429
    assert studio.delete(f"/api/projects/{project}").status_code == 204
    assert studio.app.state.house.store.pieces.all() == []


def test_who_comes_later_goes_on(studio: Client, loop: asyncio.AbstractEventLoop) -> None:
    """A dead connection holds nobody up; what came by it is kept."""
    project = studio.project()
    way = begun(studio, project)
    transfer, house = way.split("/")[-1], studio.app.state.house
    waits = threading.Event()

    async def dead() -> AsyncIterator[bytes]:
        yield SONG[:5000]
        waits.set()
        await asyncio.sleep(60)

    first = asyncio.run_coroutine_threadsafe(
        house.transfers.go_on(project, transfer, 0, dead()), loop
    )
    assert waits.wait(10)
    second = studio.patch(way, params={"offset": 0}, content=SONG)
    with pytest.raises(BurnishError, match="another request"):
        first.result(10)
    offset = studio.get(way).json()["offset"]
    if second.status_code == 409:  # what had come was kept, so the second began at a wrong place
        second = studio.patch(way, params={"offset": offset}, content=SONG[offset:])
    assert second.json()["upload"]["sha256"] == SHA256


def test_they_outlive_a_restart_and_not_a_day(tmp_path: Path, monkeypatch: Any) -> None:
    with Store.open(tmp_path) as store:
        project = store.add_project("p").id
        one = store.pieces.begin(project, "../x.wav", 10)
        assert one.name == "x.wav"
        with store.pieces.writing(one.id) as coming:
            coming.write(b"12345")
        with store.pieces.writing(one.id) as coming:
            monkeypatch.setattr(coming, "sync", lambda: None)  # killed before it was noted
            coming.write(b"!!!")
        monkeypatch.undo()
        (tmp_path / "coming" / ("f" * 32)).write_bytes(b"of nobody")
        (tmp_path / "coming" / "x.part").write_bytes(b"{")
    with Store.open(tmp_path) as store:
        assert [(one.id, one.offset) for one in store.pieces.all()] == [(one.id, 5)]
        assert sorted(path.name for path in (tmp_path / "coming").iterdir()) == sorted(
            (one.id, f"{one.id}.json")
        )
        with store.pieces.writing(one.id) as coming:
            coming.write(b"67890")
            with pytest.raises(SettingError, match="longer than the 10"):
                coming.write(b"1")
        kept = store.pieces.whole(one.id)
        assert store.shelf.path(kept.sha256).read_bytes() == b"1234567890"
        assert store.sweep(0).n_files == 1  # it was not said to be an upload yet
        assert store.pieces.whole(one.id) == kept
        left = store.pieces.begin(project, "y.wav", 10)
        now = time.time() + pieces_module.KEPT_S + 1
        monkeypatch.setattr(pieces_module.time, "time", lambda: now)
        assert store.pieces.sweep() == 2
        assert store.pieces.get(left.id) is None
        assert list((tmp_path / "coming").iterdir()) == []
        with pytest.raises(InputError, match="no such transfer"):
            store.pieces.whole(one.id)


def test_room_is_taken_from_the_quota_at_the_beginning(tmp_path: Path) -> None:
    quotas: Quotas
    with Store.open(tmp_path) as store:
        quotas = store.quotas = Quotas(all_bytes=100, beside=lambda: store.pieces.reserved_bytes)
        project = store.add_project("p").id
        store.refuse_upload(project, 100)
        one = store.pieces.begin(project, "x", 70)
        with pytest.raises(OutputError, match="left of its quota"):
            store.refuse_upload(project, 31)
        with store.pieces.writing(one.id) as coming:
            coming.write(b"x" * 70)
        kept = store.pieces.whole(one.id)
        with store.pieces.not_reserved(one.id):
            first = store.add_upload(project, kept, "x", "mix", id=one.id)
            store.pieces.forget(one.id)
        assert store.add_upload(project, kept, "x", "mix", id=one.id).id == first.id
        with store.reading() as session:
            assert usage_of_all(session, quotas).n_bytes == 70


def test_an_upload_comes_no_faster_than_it_may(tmp_path: Path) -> None:
    from burnish.apps.studio.incoming import Pace

    slept: list[float] = []

    async def run() -> None:
        pace = Pace(StudioSettings(data=str(tmp_path), upload_mib_per_s=2.0))
        for _ in range(4):
            await pace.wait(1 << 20)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("burnish.apps.studio.incoming.asyncio.sleep", sleep)
        with ThreadPoolExecutor(1) as aside:  # a browser of other tests may hold this thread's loop
            aside.submit(lambda: asyncio.run(run())).result()
    assert slept == pytest.approx([0.5, 1.0, 1.5, 2.0], abs=0.1)


# Decoded sound counts in the quota, and is what goes first.


@pytest.fixture
def house(tmp_path: Path) -> Any:
    made = House(StudioSettings(data=str(tmp_path), quota_mib=1, workers=1))
    made.decoded.folder.mkdir()
    made.deliveries.mkdir()
    yield made
    made.close()


def decoded(house: House, name: str, n_bytes: int, used_at: float) -> Path:
    place = house.decoded.of(name * 64)
    place.mkdir()
    (place / "sound.json").write_text('{"rate_hz": 8000, "channels": 1, "n_samples": 1}')
    (place / "pcm").write_bytes(b"\0" * n_bytes)
    os.utime(place / "pcm", (used_at, used_at))
    return place / "pcm"


def test_what_was_heard_longest_ago_goes_first(house: House) -> None:
    now = time.time()
    old, older, new = (
        decoded(house, name, 300_000, now - age)
        for name, age in (("a", 1000), ("b", 2000), ("c", 10))
    )
    assert house.decoded.heard("a" * 64)  # it is played now
    project = house.store.add_project("p").id
    with house.store.uploading(project, "x.wav") as coming:
        coming.write(b"x" * 600_000)
        coming.keep()
    house.make_room()
    assert [path.exists() for path in (old, older, new)] == [True, False, False]
    assert house.decoded.known("b" * 64)  # it need not be measured again
    assert not house.decoded.heard("b" * 64)
    assert house.store.usage().n_bytes + house.decoded.n_bytes <= 2**20


def test_decoded_sound_refuses_nothing_and_a_delivery_counts(house: House) -> None:
    decoded(house, "a", 1_000_000, time.time())
    project = house.store.add_project("p").id
    house.transfers.begin(project, "x.wav", 1_000_000, "mix", False, "")
    assert house.decoded.n_bytes < 1000
    with pytest.raises(OutputError) as refused:
        house.transfers.begin(project, "y.wav", 100_000, "mix", False, "")
    assert refused.value.code == "quota"
    made = house.store.folder / "made"
    made.mkdir()
    (made / "x").write_bytes(b"x" * 100_000)
    with pytest.raises(OutputError, match="MB left"):
        house.keep_delivered("0" * 32, made)
    house.store.pieces.forget_project(project)
    house.keep_delivered("0" * 32, made)
    assert house.store.usage().n_bytes == 100_000
    house.tidy()  # and nobody has its album any more
    assert house.store.usage().n_bytes == 0


def test_a_swept_sound_is_heard_again(studio: Client) -> None:
    project = studio.project()
    upload = studio.upload(project, SONG)
    studio.ready(project)
    version = studio.version(project, upload=upload["id"], settings={})
    before = {}
    for one in (upload["id"], version["id"]):
        way = f"/api/projects/{project}/sounds/{one}"
        before[way] = (studio.get(way).json(), studio.get(f"{way}/pcm").content)
    house = studio.app.state.house
    asked_before = house.listening.heard(project, upload["id"], None, False)
    assert house.decoded.sweep(10**12) > 0
    with pytest.raises(InputError, match="was swept"):  # between the asking and the reading
        pcm_at(asked_before.folder, asked_before.sound, 0, 10)
    for way, (info, pcm) in before.items():
        assert studio.get(way).json()["code"] == "sound-not-ready"
        studio.until(lambda way=way: studio.get(way).status_code, lambda status: status == 200)
        assert studio.get(way).json() == info
        assert studio.get(f"{way}/pcm").content == pcm
