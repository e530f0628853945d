"""Places: files here and behind URLs behave alike, come whole, and say what is wrong."""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.apps.batch.places import Place, matches, may_pass, spread
from burnish.apps.batch.staging import Scratch
from burnish.errors import BurnishError, InputError, OutputError, SettingError

DATA = bytes(range(256)) * 5000


@pytest.fixture(params=["here", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "here":
        return Place.of(tmp_path / "songs")
    return Place.of(f"memory://{tmp_path.name}/songs")


def test_what_is_put_is_read_listed_and_removed(folder: Place, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    song = folder.join("a b.wav")
    assert not song.exists()
    assert song.read_if_there() is None
    assert song.put(tmp_path / "source") == len(DATA)
    assert (song.exists(), song.size(), song.read()) == (True, len(DATA), DATA)
    folder.join("in/c.wav").write(b"c")
    song.beside("d.txt").write(b"d")
    assert [one.name for one in folder.list()] == ["a b.wav", "d.txt"]
    assert [one.name for one in spread(f"{folder}/*.wav", {})] == ["a b.wav"]
    assert [one.name for one in spread(f"{folder}/**/*.wav")] == ["a b.wav", "c.wav"]
    stamp = song.stamp()
    song.write(b"other")
    assert song.stamp() != stamp
    fetched = song.fetch(tmp_path / "copy")
    assert (fetched.n_bytes, (tmp_path / "copy").read_bytes()) == (5, b"other")
    with pytest.raises(InputError, match="is larger than"):
        song.fetch(tmp_path / "copy", most=4)
    song.remove()
    song.remove()
    assert not song.exists()
    for ask in (song.size, song.stamp, song.read, song.digest):
        with pytest.raises(InputError, match=r"a b\.wav: there is no such file") as caught:
            ask()
        assert caught.value.code == "input-missing"
        assert not may_pass(caught.value.code)


def test_nobody_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place.of(tmp_path / "song.wav")
    place.write(b"before")
    source = tmp_path / "source"
    source.write_bytes(DATA)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OutputError, match="there is no room left") as caught:
        place.put(source)
    assert caught.value.code == "output-no-room"
    assert may_pass(caught.value.code)
    assert sorted(os.listdir(tmp_path)) == ["song.wav", "source"]
    assert place.read() == b"before"


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("gs://bucket/a.wav", "extra-missing", "needs gcsfs; install burnish[cluster]"),
        ("nothing://a.wav", "place-unknown", "no such protocol: nothing"),
        ("http://127.0.0.1:9/a.wav", "place-unreachable", "cannot be reached"),
        ("s3://bucket/a.wav", "place-unreachable", "cannot be reached"),
    ],
)
def test_what_is_wrong_with_a_place_is_one_sentence(url: str, code: str, words: str) -> None:
    storage = {
        "s3": {
            "endpoint_url": "http://127.0.0.1:9", "key": "k", "secret": "s",
            "config_kwargs": {"retries": {"max_attempts": 1}, "connect_timeout": 1},
        }
    }  # fmt: skip
    with pytest.raises(BurnishError) as caught:
        Place.of(url, storage).read()
    assert caught.value.code == code
    assert words in caught.value.sentence
    assert "\n" not in caught.value.sentence
    assert may_pass(code) == (code == "place-unreachable")


class Answers(http.server.BaseHTTPRequestHandler):
    """Serves: a file, its first half, refusals."""

    def do_GET(self) -> None:
        status = {"/busy": 503, "/denied": 403, "/gone": 404, "/odd": 418}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Content-Length", str(len(DATA) if status == 200 else 0))
        self.end_headers()
        if status == 200 and self.command == "GET":
            self.wfile.write(DATA if self.path == "/whole" else DATA[: len(DATA) // 2])
        self.close_connection = True

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("whole", None),
        ("half", "place-unreachable"),
        ("busy", "place-unreachable"),
        ("gone", "input-missing"),
        ("denied", "input-denied"),
        ("odd", "input-failed"),
    ],
)
def test_a_server_that_fails_is_told_from_a_file_that_is_bad(
    server: str, tmp_path: Path, name: str, code: str | None
) -> None:
    place = Place.of(f"{server}/{name}")
    if code is None:
        assert place.fetch(tmp_path / "song").n_bytes == len(DATA)
        with pytest.raises(OutputError, match="http cannot be written to"):
            place.write(b"x")
        return
    with pytest.raises(InputError) as caught:
        place.fetch(tmp_path / "song")
    assert caught.value.code == code


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.wav")
    with pytest.raises(InputError, match="is a pipe or a device"):
        Place.of(tmp_path / "endless.wav").digest()


def test_scratch_is_bounded_and_the_dead_leave_nothing(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "scratch", limit_mib=10)
    with pytest.raises(InputError, match="song: needs 11 MiB of scratch, and there are 10 MiB"):
        scratch.room((10 << 20) + 1, "song", lambda: None).__enter__()
    left = tmp_path / "scratch" / "room-of-a-killed-one"
    left.mkdir(parents=True)
    (left / "bytes").write_text(str(10 << 20))
    waits: list[int] = []

    def wait() -> None:
        waits.append(1)
        if len(waits) == 2:
            held.__exit__(None, None, None)

    held = scratch.room(6 << 20, "one", lambda: None)
    (held.__enter__() / "file").write_bytes(b"x")
    assert not left.exists()
    with scratch.room(6 << 20, "two", wait) as room:
        assert len(waits) == 2
        assert room.is_dir()
    assert sorted(os.listdir(tmp_path / "scratch")) == ["lock"]


def test_an_absent_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(SettingError, match=r"needs fsspec; install burnish\[cluster\]"):
        Place.of("s3://bucket/a.wav")


@pytest.mark.parametrize(
    ("path", "glob", "answers"),
    [
        ("a.wav", "**/a.wav", True),
        ("x/y/a.wav", "**/a.wav", True),
        ("xa.wav", "**/a.wav", False),
        ("x/ya.wav", "**/a.wav", False),
        ("d/a.wav", "d/**/*.wav", True),
        ("d/x/y/a.wav", "d/**/*.wav", True),
        ("da.wav", "d/**/*.wav", False),
        ("x/a.wav", "*.wav", False),
    ],
)
def test_two_stars_stand_for_whole_folders(path: str, glob: str, answers: bool) -> None:
    assert matches(path, glob) is answers
