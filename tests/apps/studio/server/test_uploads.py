"""What comes in: mixes, names that would be paths, files that lie, files that are bombs."""

import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from studio_of_the_tests import Client, song

from burnish.apps.jobs import Job
from burnish.apps.studio.kinds import KINDS
from burnish.errors import InputError

SONG = song()


def test_an_upload_is_read_analysed_and_mastered(studio: Client) -> None:
    project = studio.project()
    told = studio.upload(project, SONG, master=True)
    studio.ready(project)
    shown = studio.get(f"/api/projects/{project}/uploads/{told['id']}").json()
    assert shown["loudness_lufs"] == pytest.approx(
        shown["analysis"]["measured"]["loudness"]["integrated_lufs"], abs=0.01
    )
    assert shown["analysis"]["measured"]["timeline"]
    opened = studio.get(f"/api/projects/{project}").json()
    assert [one["number"] for one in opened["versions"]] == [1]
    assert {one["what"] for one in opened["jobs"]} == {"read", "analyse", "master"}


def test_what_is_heard_is_what_was_uploaded(studio: Client) -> None:
    project = studio.project()
    told = studio.upload(project, SONG)
    studio.ready(project)
    base = f"/api/projects/{project}/sounds/{told['sound']}"
    info = studio.get(base).json()
    assert (info["rate_hz"], info["channels"], info["n_samples"]) == (44_100, 2, 176_400)
    expected, _ = soundfile.read(io.BytesIO(SONG), dtype="float32")
    answer = studio.get(f"{base}/pcm", params={"start": 1000, "count": 50_000})
    got = np.frombuffer(answer.content, "<f4").reshape(-1, 2)
    assert np.array_equal(got, expected[1000:51_000])
    tail = studio.get(f"{base}/pcm", params={"start": 176_000, "count": 10_000})
    assert np.array_equal(np.frombuffer(tail.content, "<f4").reshape(-1, 2), expected[176_000:])
    same = studio.get(
        f"{base}/pcm",
        params={"start": 1000, "count": 50_000},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert same.status_code == 304
    assert "immutable" in answer.headers["cache-control"]
    for query in ({"start": 176_401}, {"count": 441_001}, {"start": -1}, {"count": "x"}):
        assert studio.get(f"{base}/pcm", params=query).status_code in (200, 416, 422)
    assert studio.get(f"{base}/pcm", params={"start": 176_401}).json()["code"] == "range"


@pytest.mark.parametrize("per", [1, 256, 1000, 4096, 65_536])
def test_peaks_hide_no_peak(studio: Client, per: int) -> None:
    project = studio.project()
    told = studio.upload(project, SONG)
    studio.ready(project)
    answer = studio.get(
        f"/api/projects/{project}/sounds/{told['sound']}/peaks", params={"per": per}
    )
    size = int(answer.headers["x-per"])
    assert size >= per
    peaks = np.frombuffer(answer.content, "<i2").reshape(-1, 2, 2) / 32_767
    sound, _ = soundfile.read(io.BytesIO(SONG))
    assert len(peaks) == -(-len(sound) // size)
    for k, (low, high) in enumerate(zip(peaks[..., 0], peaks[..., 1], strict=True)):
        piece = sound[k * size : (k + 1) * size]
        assert (low <= piece.min(axis=0)).all()
        assert (high >= piece.max(axis=0)).all()
        assert (high <= piece.max(axis=0) + 1 / 32_767).all()


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\windows\\system32\\x.wav",
        "/etc/shadow",
        "a/../../b.wav",
        "%2e%2e%2fx.wav",
        "con.wav\x00.exe",
        "\u202egpj.wav",
        "x" * 255,
        "'; drop table projects; --.wav",
        "<script>alert(1)</script>.wav",
    ],
)
def test_a_name_is_never_a_path(studio: Client, data_folder: Path, name: str) -> None:
    project = studio.project()
    before = set(os.listdir(data_folder.parent))
    told = studio.upload(project, SONG, name=name)
    assert "/" not in told["name"]
    assert "\\" not in told["name"]
    assert "\0" not in told["name"]
    studio.ready(project)
    assert set(os.listdir(data_folder.parent)) == before
    for path in data_folder.rglob("*"):
        assert all(letter in "0123456789abcdefghijklmnopqrstuvwxyz.-" for letter in path.name)


@pytest.mark.parametrize(
    "way",
    [
        "/api/projects/..%2f..%2fetc/uploads/passwd",
        "/api/projects/{project}/uploads/..%2f..%2f..%2fetc%2fpasswd",
        "/api/projects/{project}/sounds/..%2fsecret/pcm",
        "/api/projects/{project}/sounds/../../secret",
        "/api/projects/{project}/jobs/%2e%2e",
        "/api/projects/{project}/versions/%00/master",
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static//etc/passwd",
    ],
)
def test_no_way_leads_out(studio: Client, way: str) -> None:
    project = studio.project()
    answer = studio.get(way.replace("{project}", project))
    assert answer.status_code in (404, 422)
    assert set(answer.json()) == {"code", "sentence"}


def test_too_large_an_upload_is_refused_and_leaves_nothing(
    studio: Client, data_folder: Path
) -> None:
    project = studio.project()
    big = b"\0" * (4 * 2**20 + 1)
    for content in (big, iter([big[: 2**21], big[2**21 :]])):
        answer = studio.post(
            f"/api/projects/{project}/uploads", params={"name": "big.wav"}, content=content
        )
        assert answer.status_code == 413
        assert answer.json()["code"] == "too-large"
    assert list((data_folder / "files" / "part").iterdir()) == []
    assert studio.get(f"/api/projects/{project}").json()["uploads"] == []


def failed(studio: Client, data: bytes) -> dict[str, str]:
    """Upload what cannot be read; what the studio says of it."""
    project = studio.project()
    told = studio.upload(project, data)
    ended = studio.ended(project, told["job"])
    assert ended["state"] == "failed", ended
    answer = studio.get(f"/api/projects/{project}/sounds/{told['sound']}/pcm")
    assert answer.status_code == 409
    refused = studio.post(
        f"/api/projects/{project}/versions", json={"upload": told["id"], "settings": {}}
    )
    assert refused.status_code == 409
    return dict(ended["failure"])


def flac_that_claims(seconds: int) -> bytes:
    """A FLAC of a second whose header promises hours."""
    out = io.BytesIO()
    soundfile.write(out, np.zeros((44_100, 2)), 44_100, format="FLAC")
    data = bytearray(out.getvalue())
    packed = int.from_bytes(data[18:26], "big")  # of STREAMINFO: rate, channels, bits, samples
    packed = packed >> 36 << 36 | seconds * 44_100
    data[18:26] = packed.to_bytes(8, "big")
    return bytes(data)


def test_a_flac_that_claims_hours(studio: Client) -> None:
    assert failed(studio, flac_that_claims(40 * 3600))["code"] == "input-too-long"


def test_a_flac_that_claims_a_little_more_than_it_has(studio: Client) -> None:
    assert failed(studio, flac_that_claims(50))["code"] == "input-unreadable"


def test_an_hour_of_nothing_packed_small(studio: Client, tmp_path: Path) -> None:
    """A bomb: a megabyte of FLAC that is an hour of silence."""
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", 44_100, 2, format="FLAC") as file:
        for _ in range(60):
            file.write(np.zeros((60 * 44_100, 2), "int16"))
    assert len(out.getvalue()) < 4 * 2**20
    assert failed(studio, out.getvalue())["code"] == "input-too-long"


def test_a_bomb_that_hides_its_length_fills_no_disk(tmp_path: Path) -> None:
    """What FFmpeg decodes tells its length only at the end; the system stops it on the way."""
    av = pytest.importorskip("av")
    path = tmp_path / "bomb"
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", 48_000, layout="stereo")
        stream.bit_rate = 6_000
        quiet = av.AudioFrame.from_ndarray(
            np.zeros((1, 2 * 48_000), "int16"), format="s16", layout="stereo"
        )
        quiet.sample_rate = 48_000
        for k in range(120):
            quiet.pts = k * 48_000
            container.mux(stream.encode(quiet))
        container.mux(stream.encode(None))
    job = Job(
        what="studio-read",
        inputs=(str(path),),
        output=str(tmp_path / "out"),
        settings={"duration_s": 10_000, "rate_hz": 96_000, "decoded_bytes": 2**20},
    )
    with pytest.raises(InputError, match="too long"):
        KINDS["studio-read"](job, lambda progress: None)
    assert not (tmp_path / "out" / "pcm").exists()


@pytest.mark.parametrize("cut", [10, 44, 3000])
def test_a_file_that_is_cut_off(studio: Client, cut: int) -> None:
    out = io.BytesIO()
    soundfile.write(out, np.random.default_rng(2).standard_normal((44_100, 2)) * 0.1, 44_100,
                    format="FLAC")  # fmt: skip
    assert failed(studio, out.getvalue()[:cut])["code"] == "input-unreadable"


def zip_bomb() -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mix.wav", b"\0" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"hello, I am no sound at all " * 50, "input-unreadable"),
        (zip_bomb(), "input-unreadable"),
        (b"#EXTM3U\nhttp://127.0.0.1:1/x.mp3\nfile:///etc/passwd\n", "input-unreadable"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 9, 44_100, 9, 18, 16)
         + b"data\xff\xff\xff\xff" + b"\0" * 999, "input-channels"),
        (song(0.2), "input-too-short"),
    ],
)  # fmt: skip
def test_what_is_no_mix(studio: Client, data: bytes, code: str) -> None:
    if code == "input-too-short":  # it can be heard, but not analysed
        project = studio.project()
        studio.upload(project, data)
        studio.ready(project)
        jobs = studio.get(f"/api/projects/{project}/jobs").json()
        assert [one["failure"]["code"] for one in jobs if one["failure"]] == [code]
        return
    assert failed(studio, data)["code"] == code


def test_too_high_a_rate(studio: Client) -> None:
    assert failed(studio, song(0.5, 192_000))["code"] == "input-rate"


def test_a_mix_is_picked_by_number_only(studio: Client, tmp_path: Path) -> None:
    (studio.mixes / "deep").mkdir(exist_ok=True)
    (studio.mixes / "deep" / "a song.wav").write_bytes(SONG)
    (studio.mixes / "notes.txt").write_text("secret")
    (tmp_path / "outside.wav").write_bytes(SONG)
    link = studio.mixes / "link.wav"
    if not link.is_symlink():
        link.symlink_to(tmp_path / "outside.wav")
    found = studio.get("/api/picks").json()
    assert [one["name"] for one in found] == ["deep/a song.wav"]
    project = studio.project()
    told = studio.post(f"/api/projects/{project}/picks", json={"pick": found[0]["pick"]}).json()
    assert told["name"] == "a song.wav"
    assert studio.ended(project, told["job"])["state"] == "done"
    for pick in ("deep/a song.wav", "../secret", str(tmp_path / "outside.wav"), ""):
        answer = studio.post(f"/api/projects/{project}/picks", json={"pick": pick})
        assert answer.status_code in (404, 422)


def test_errors_have_one_form(studio: Client) -> None:
    for answer in (
        studio.get("/api/nothing"),
        studio.delete("/api/projects"),
        studio.post("/api/projects", content=b"{", headers={"content-type": "application/json"}),
        studio.post("/api/projects", json={"name": "x", "more": 1}),
        studio.get("/api/projects/none"),
        studio.post("/api/projects/none/uploads?name=x", content=b"x"),
    ):
        assert answer.status_code in (404, 405, 422), answer.text
        assert set(answer.json()) == {"code", "sentence"}, answer.text
