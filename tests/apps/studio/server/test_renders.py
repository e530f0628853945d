"""Versions: the same bits as the command line, previews of them, comparing, cancelling."""

import hashlib
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from studio_of_the_tests import Client, song

import burnish
from burnish.apps.cli.entry import run
from burnish.apps.studio.preview import Preview
from burnish.chain import Plan, Step

RATE_HZ = 44_100
SONG = song(10.0)
SETTINGS = {"style": "rock", "intensity": 0.7, "loudness_lufs": -13.0, "low_db": 1.0, "width": 1.1}


@pytest.fixture(scope="module")
def mix(studio: Client) -> tuple[str, str]:
    """A project and its mix."""
    project = studio.project()
    told = studio.upload(project, SONG)
    studio.ready(project)
    return project, told["id"]


@pytest.fixture(scope="module")
def version(studio: Client, mix: tuple[str, str]) -> dict[str, Any]:
    """Asked for as the page does: desk.js, render."""
    asked = {"upload": mix[1], "parent": None, "note": "louder", "settings": SETTINGS}
    return studio.version(mix[0], **asked)


def master(studio: Client, project: str, version: dict[str, Any]) -> bytes:
    return studio.get(f"/api/projects/{project}/versions/{version['id']}/master").content


def test_studio_api_and_command_line_give_the_same_bits(
    studio: Client, mix: tuple[str, str], version: dict[str, Any], tmp_path: Path
) -> None:
    """And so does its recall sheet: by the command line, by the API, and as the page sends it."""
    song_file, sheet = tmp_path / "song.wav", tmp_path / "a.yaml"
    song_file.write_bytes(SONG)
    there = f"/api/projects/{mix[0]}/versions/{version['id']}"
    sheet.write_bytes(studio.get(f"{there}/sheet").content)
    words = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
    outs = [tmp_path / f"{name}.wav" for name in ("command", "api", "recall", "render")]
    command, api, recall, rendered = outs
    assert run(["master", str(song_file), "-o", str(command), "--quiet", *words]) == 0
    burnish.master(song_file, api, **SETTINGS)
    assert run(["recall", str(sheet), str(song_file), "-o", str(recall), "--quiet"]) == 0
    burnish.recall(sheet, song_file, rendered)
    edited = {**version["plan"], "steps": version["plan"]["steps"]}
    again = studio.version(mix[0], upload=mix[1], parent=version["id"], note="", plan=edited)
    assert {hashlib.sha256(one.read_bytes()).hexdigest() for one in outs} == {version["sha256"]}
    assert again["sha256"] == version["sha256"]
    heard = hashlib.sha256(master(studio, mix[0], version)).hexdigest()
    assert heard == version["sha256"]


def test_a_plan_as_json_and_as_yaml_gives_them_too(
    studio: Client, mix: tuple[str, str], version: dict[str, Any]
) -> None:
    project, upload = mix
    sheet = studio.get(f"/api/projects/{project}/versions/{version['id']}/sheet").text
    again = studio.version(project, upload=upload, plan=version["plan"], parent=version["id"])
    and_again = studio.version(project, upload=upload, sheet=sheet)
    assert master(studio, project, again) == master(studio, project, version)
    assert master(studio, project, and_again) == master(studio, project, version)
    assert again["parent"] == version["id"]
    assert again["edited"]


def test_what_a_version_tells(
    studio: Client, mix: tuple[str, str], version: dict[str, Any], data_folder: Path
) -> None:
    project = mix[0]
    assert version["note"] == "louder"
    assert version["loudness_lufs"] == pytest.approx(-13.0, abs=0.3)
    assert version["result"]["timeline"]["after"]
    base = f"/api/projects/{project}/versions/{version['id']}"
    report = studio.get(f"{base}/report")
    assert "sandbox" in report.headers["content-security-policy"]
    for answer in (report, studio.get(base), studio.get(f"{base}/sheet")):
        assert str(data_folder).encode() not in answer.content
    assert "song.wav" in studio.get(f"{base}/sheet").text
    info = studio.get(f"/api/projects/{project}/sounds/{version['sound']}").json()
    assert info["loudness_lufs"] == pytest.approx(version["loudness_lufs"])
    heard = studio.get(f"/api/projects/{project}/sounds/{version['sound']}/pcm").content
    written, _ = soundfile.read(io.BytesIO(master(studio, project, version)), dtype="float32")
    assert np.array_equal(np.frombuffer(heard, "<f4").reshape(-1, 2), written)


def test_two_are_compared(studio: Client, mix: tuple[str, str], version: dict[str, Any]) -> None:
    project, upload = mix
    other = studio.version(project, upload=upload, settings={**SETTINGS, "low_db": -1.0})
    told = studio.get(
        f"/api/projects/{project}/compare", params={"a": version["id"], "b": other["id"]}
    ).json()
    assert told["settings"] == {"low_db": {"a": 1.0, "b": -1.0}}
    assert told["after"]
    # Steps are held against those of their kind, also where one has more of them.
    assert told["steps"]
    pairs = [(one["a"], one["b"]) for one in told["steps"]]
    assert all(None in pair or pair[0]["processor"] == pair[1]["processor"] for pair in pairs)
    sheet = studio.get(f"/api/projects/{project}/versions/{version['id']}").json()["plan"]
    more = {
        **sheet,
        "steps": [{"processor": "gain", "settings": {"gain_db": 1.0}}, *sheet["steps"]],
    }
    longer = studio.version(project, upload=upload, plan=more)
    (row,) = studio.get(
        f"/api/projects/{project}/compare", params={"a": version["id"], "b": longer["id"]}
    ).json()["steps"]
    assert (row["place"], row["a"], row["b"]["processor"]) == (0, None, "gain")


def previewed(studio: Client, project: str, **asked: Any) -> np.ndarray[Any, Any]:
    answer = studio.post(f"/api/projects/{project}/preview", json=asked)
    assert answer.status_code == 200, answer.text
    got = np.frombuffer(answer.content, "<f4").reshape(-1, 2)
    assert len(got) == int(answer.headers["x-samples"])
    return got


def distance_db(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """Energy of the difference against the sound."""
    a, b = a.astype(float), b.astype(float)
    return float(10 * np.log10(((a - b) ** 2).mean() / (b**2).mean()))


@pytest.mark.parametrize(("start", "most_db"), [(0, -110.0), (6, -80.0)])
def test_a_preview_is_what_would_be_written(
    studio: Client, mix: tuple[str, str], version: dict[str, Any], start: int, most_db: float
) -> None:
    """From the beginning only rounding and dither differ; later also what had 3 s to settle."""
    project, upload = mix
    written, _ = soundfile.read(io.BytesIO(master(studio, project, version)))
    region = {"start": start * RATE_HZ, "end": (start + 3) * RATE_HZ}
    got = previewed(studio, project, sound=upload, plan=version["plan"], **region)
    expected = written[region["start"] : region["end"]]
    assert distance_db(got, expected) < most_db
    later = previewed(
        studio,
        project,
        sound=upload,
        plan=version["plan"],
        place=region["start"] + 50_000,
        **region,
    )
    assert distance_db(later, expected[50_000:]) < most_db


def test_a_moved_slider_is_heard_and_is_what_would_be_written(
    studio: Client, mix: tuple[str, str], version: dict[str, Any]
) -> None:
    project, upload = mix
    plan = json.loads(json.dumps(version["plan"]))
    step = next(one for one in plan["steps"] if one["processor"] == "limiter")
    step["settings"]["input_gain_db"] -= 3.0
    region = {"start": 5 * RATE_HZ, "end": 7 * RATE_HZ}
    before = previewed(studio, project, sound=upload, plan=version["plan"], **region)
    after = previewed(studio, project, sound=upload, steps=plan["steps"], **region)
    assert distance_db(after, before) > -20.0
    other = studio.version(project, upload=upload, plan=plan)
    written, _ = soundfile.read(io.BytesIO(master(studio, project, other)))
    assert distance_db(after, written[region["start"] : region["end"]]) < -80.0


def test_what_is_kept_of_a_region_changes_no_bit() -> None:
    """With every step kept, one changed, or nothing kept: the same."""
    sound, _ = soundfile.read(io.BytesIO(SONG), dtype="float32")
    steps = [
        Step(processor="equalizer", settings={"bands": [{"kind": "low_shelf", "gain_db": 2.0}]}),
        Step(processor="compressor", settings={"threshold_db": -30.0, "ratio": 2.0}),
        Step(processor="limiter", settings={"input_gain_db": 6.0, "ceiling_dbtp": -1.0}),
    ]
    moved = [*steps[:2], steps[2].with_(settings={**steps[2].settings.model_dump(),
                                                  "input_gain_db": 5.0})]  # fmt: skip

    def played(preview: Preview, which: list[Step], place: int) -> np.ndarray[Any, Any]:
        region = preview.region(4 * RATE_HZ, 6 * RATE_HZ)
        return np.concatenate(list(preview.play(which, region, place)), axis=1)

    place = 4 * RATE_HZ
    fresh = played(Preview(sound, RATE_HZ), moved, place)
    warm = Preview(sound, RATE_HZ)
    first = played(warm, steps, place)
    assert warm.ahead(steps, warm.region(4 * RATE_HZ, 6 * RATE_HZ))
    assert np.array_equal(played(warm, steps, place), first)
    assert np.array_equal(played(warm, moved, place), fresh)


def test_the_delta_of_a_limiter_is_what_it_takes_away(
    studio: Client, mix: tuple[str, str], version: dict[str, Any]
) -> None:
    project, upload = mix
    steps = version["plan"]["steps"]
    at = next(k for k, one in enumerate(steps) if one["processor"] == "limiter")
    region = {"start": 0, "end": 3 * RATE_HZ}
    without = json.loads(json.dumps(steps))
    without[at]["bypass"] = True
    gain = 10 ** (steps[at]["settings"]["input_gain_db"] / 20)
    asked = {"sound": upload, **region}
    delta = previewed(studio, project, steps=steps, delta=at, **asked)
    came = previewed(studio, project, steps=without[: at + 1], **asked)
    went = previewed(studio, project, steps=steps[: at + 1], **asked)
    assert np.allclose(delta, gain * came - went, atol=2e-6)
    refused = studio.post(
        f"/api/projects/{project}/preview", json={**asked, "steps": steps, "delta": len(steps)}
    )
    assert refused.status_code == 422


def test_through_a_phone_and_a_codec(
    studio: Client, mix: tuple[str, str], version: dict[str, Any]
) -> None:
    project = mix[0]
    base = f"/api/projects/{project}/sounds/{version['sound']}"
    assert studio.get(base, params={"through": "phone"}).status_code == 409
    for place in ("phone", "opus-128"):
        told = studio.post(f"{base}/through", json={"through": place}).json()
        assert studio.ended(project, told["job"])["state"] == "done"
        assert studio.post(f"{base}/through", json={"through": place}).json() == {"job": None}
    plain = np.frombuffer(studio.get(f"{base}/pcm").content, "<f4").reshape(-1, 2)
    info = studio.get(base, params={"through": "opus-128"}).json()
    heard, removed = (
        np.frombuffer(
            studio.get(f"{base}/pcm", params={"through": "opus-128", **more}).content, "<f4"
        ).reshape(-1, 2)
        for more in ({}, {"removed": True})
    )
    gain = 10 ** ((info["gain_db"] - info["lowered_db"]) / 20)
    assert distance_db(heard / gain + removed, plain) < -60.0
    assert -60.0 < distance_db(heard / gain, plain) < -10.0
    for place in ("../../x", "phone.toml", "/etc/x.toml", "nothing", "mp3-1"):
        answer = studio.post(f"{base}/through", json={"through": place})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "settings",
    [
        {"style": "/etc/passwd.yaml"},
        {"style": "../x.yaml"},
        {"profile": "x.yaml"},
        {"signature": "x.yaml"},
        {"reference": ["/etc/passwd"]},
        {"reference": ["../../secret:1"]},
        {"for_": ["../../x"]},
        {"chain": "x.yaml"},
        {"output": "/tmp/x.wav"},
        {"overwrite": True},
        {"loudness_lufs": 3},
        {"nothing": 1},
    ],
)
def test_no_setting_names_a_file_or_is_out_of_range(
    studio: Client, mix: tuple[str, str], settings: dict[str, Any]
) -> None:
    answer = studio.post(
        f"/api/projects/{mix[0]}/versions", json={"upload": mix[1], "settings": settings}
    )
    assert answer.status_code in (404, 422), answer.text
    assert set(answer.json()) == {"code", "sentence"}


def test_a_sheet_of_stems_is_refused(
    studio: Client, mix: tuple[str, str], version: dict[str, Any]
) -> None:
    plan = {**version["plan"], "stems": [{"file": "/etc/passwd", "role": "other"}]}
    answer = studio.post(f"/api/projects/{mix[0]}/versions", json={"upload": mix[1], "plan": plan})
    assert answer.status_code == 422
    assert answer.json()["code"] == "recall-stems"


def test_a_reference_is_another_sound_of_the_project(studio: Client) -> None:
    project = studio.project()
    upload = studio.upload(project, song(4.0))
    reference = studio.upload(project, song(5.0), kind="reference")
    studio.ready(project)
    made = studio.version(
        project, upload=upload["id"], settings={"reference": [f"{reference['id']}:0.5"]}
    )
    assert Plan(**made["plan"]).target["references"]
    other = studio.project()
    there = studio.upload(other, song(4.0))
    studio.ready(other)
    answer = studio.post(
        f"/api/projects/{other}/versions",
        json={"upload": there["id"], "settings": {"reference": [reference["id"]]}},
    )
    assert answer.status_code == 404


def test_a_render_is_cancelled(studio: Client, mix: tuple[str, str]) -> None:
    project, upload = mix
    before = len(studio.get(f"/api/projects/{project}/versions").json())
    jobs = [
        studio.post(
            f"/api/projects/{project}/versions", json={"upload": upload, "settings": {}}
        ).json()["job"]
        for _ in range(4)
    ]
    for job in reversed(jobs):
        answer = studio.post(f"/api/projects/{project}/jobs/{job}/cancel")
        assert answer.status_code == 200
    states = {studio.ended(project, job)["state"] for job in jobs}
    assert states == {"cancelled"}
    assert len(studio.get(f"/api/projects/{project}/versions").json()) == before
    assert studio.version(project, upload=upload, settings={})["number"] == before + 1


def test_a_killed_worker_fails_its_job_and_nothing_else(
    studio: Client, mix: tuple[str, str]
) -> None:
    project, upload = mix
    pool = studio.app.state.house._pool
    job = studio.post(
        f"/api/projects/{project}/versions", json={"upload": upload, "settings": {}}
    ).json()["job"]
    studio.until(
        lambda: studio.get(f"/api/projects/{project}/jobs/{job}").json(),
        lambda told: told["stage"] is not None,
    )
    for pid in pool.shelf.pids:
        os.kill(pid, signal.SIGKILL)
    told = studio.ended(project, job)
    assert told["state"] == "failed"
    assert told["failure"]["code"] == "job-died"
    assert studio.version(project, upload=upload, settings={})["sha256"]


def test_a_project_goes_with_all_it_has(studio: Client, stranger: Client) -> None:
    project = studio.project()
    upload = studio.upload(project, song(3.0))
    studio.ready(project)
    made = studio.version(project, upload=upload["id"], settings={})
    token = studio.post(f"/api/projects/{project}/versions/{made['id']}/shares").json()["token"]
    assert stranger.get(f"/api/shared/{token}").status_code == 200
    refused = studio.delete(f"/api/projects/{project}/uploads/{upload['id']}")
    assert refused.json()["code"] == "upload-in-use"
    assert studio.delete(f"/api/projects/{project}").status_code == 204
    assert studio.get(f"/api/projects/{project}").status_code == 404
    assert stranger.get(f"/api/shared/{token}").status_code == 404
