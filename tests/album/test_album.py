"""An album from mixes to masters: one body, resumed where it was, nothing harmed."""

import json
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from small_album import small_album

import burnish
from burnish.audio import open_source
from burnish.chain import Progress
from burnish.errors import InputError, OutputError, SettingError
from burnish.measure.lag import lag
from burnish.report.album_page import album_page
from burnish.report.album_result import AlbumResult

PLAIN: dict[str, Any] = {"style": "pop", "loudness_lufs": -16.0, "report": False}


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """An album.yaml with its three mixes."""
    return small_album(tmp_path)


def mastered(sheet: Path, folder: Path, **more: Any) -> AlbumResult:
    return burnish.album(sheet, folder, **{**PLAIN, **more})


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "masters").glob("*.wav")}


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*")]


def test_the_album_meets_its_loudness_as_one_body_under_one_ceiling(
    sheet: Path, tmp_path: Path
) -> None:
    result = mastered(sheet, tmp_path / "out", report=True)
    assert result.measured.integrated_lufs == pytest.approx(-16.0, abs=0.15)
    for track in result.tracks:
        assert track.after.peaks.true_peak_dbtp <= -1.0
        assert track.master.recall is not None
        assert track.master.recall.is_file()
        assert soundfile.info(track.master.file).subtype == "FLOAT"
    document = json.loads((tmp_path / "out" / "album.json").read_text("utf-8"))
    assert document["album"]["integrated_lufs"] == round(result.measured.integrated_lufs or 0, 3)
    assert [one["title"] for one in document["tracks"]] == ["One", "Deux", "Три"]
    page = (tmp_path / "out" / "album.report.html").read_text("utf-8")
    assert "Три" in page
    assert "(anchor)" in page
    assert not left_over(tmp_path)


def test_an_album_of_one_is_the_track(sheet: Path, tmp_path: Path) -> None:
    alone = sheet.with_name("one.yaml")
    alone.write_text("tracks: [{file: a.wav, title: One}]\n", "utf-8")
    result = mastered(alone, tmp_path / "out")
    single = burnish.master(sheet.with_name("a.wav"), tmp_path / "a.wav", bits="32f", **PLAIN)
    assert result.tracks[0].master.file.read_bytes() == single.output.read_bytes()


def test_a_second_run_renders_nothing_again(sheet: Path, tmp_path: Path) -> None:
    first = mastered(sheet, tmp_path / "out")
    before = times(tmp_path / "out")
    again = mastered(sheet, tmp_path / "out")
    assert times(tmp_path / "out") == before
    assert not any(track.stood for track in first.tracks)
    assert all(track.stood for track in again.tracks)
    for one, other in zip(first.tracks, again.tracks, strict=True):
        assert one.after.loudness == other.after.loudness


def test_titles_and_gaps_may_change_without_another_render(sheet: Path, tmp_path: Path) -> None:
    mastered(sheet, tmp_path / "out")
    before = times(tmp_path / "out")
    text = sheet.read_text("utf-8").replace("Deux", "Zwei").replace("gap_s: 0.5", "gap_s: 1")
    sheet.write_text(text, "utf-8")
    again = mastered(sheet, tmp_path / "out")
    assert times(tmp_path / "out") == before
    assert again.tracks[1].name == "Zwei"


def test_other_settings_ask_for_permission_to_overwrite(sheet: Path, tmp_path: Path) -> None:
    mastered(sheet, tmp_path / "out")
    before = times(tmp_path / "out")
    with pytest.raises(OutputError, match="other settings"):
        mastered(sheet, tmp_path / "out", loudness_lufs=-18.0)
    assert times(tmp_path / "out") == before
    softer = mastered(sheet, tmp_path / "out", loudness_lufs=-18.0, overwrite=True)
    assert softer.measured.integrated_lufs == pytest.approx(-18.0, abs=0.15)


@pytest.mark.parametrize("after_s", [0.0, 3.0, 9.0])
def test_an_interrupted_run_leaves_nothing_half_written_and_goes_on(
    sheet: Path, tmp_path: Path, after_s: float
) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.stage == "master" and progress.audio_s >= after_s:
            raise KeyboardInterrupt

    folder = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        mastered(sheet, folder, progress=interrupt)
    assert not left_over(folder)
    there = times(folder)
    for name in there:
        assert (folder / "masters" / name.replace(".wav", ".recall.yaml")).is_file()
        assert soundfile.info(folder / "masters" / name).frames == 6 * 44_100
    result = mastered(sheet, folder)
    whole = mastered(sheet, tmp_path / "whole")
    for one, other in zip(result.tracks, whole.tracks, strict=True):
        assert one.master.file.read_bytes() == other.master.file.read_bytes()


def test_a_master_that_was_damaged_is_made_again(sheet: Path, tmp_path: Path) -> None:
    first = mastered(sheet, tmp_path / "out")
    one = first.tracks[0].master.file
    whole = one.read_bytes()
    one.write_bytes(whole[:-1000])
    with pytest.raises(OutputError, match="overwrite"):
        mastered(sheet, tmp_path / "out")
    mastered(sheet, tmp_path / "out", overwrite=True)
    assert one.read_bytes() == whole


def test_a_folder_with_other_things_is_left_alone(sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "masters").mkdir(parents=True)
    (tmp_path / "out" / "masters" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds other things"):
        mastered(sheet, tmp_path / "out", overwrite=True)
    assert [path.name for path in (tmp_path / "out").rglob("*.*")] == ["mine.txt"]


def test_a_kept_track_is_its_own_master(sheet: Path, tmp_path: Path) -> None:
    text = sheet.read_text("utf-8").replace("gap_s: 0.5", "gap_s: 0.5, keep_as_is: true")
    sheet.write_text(text, "utf-8")
    result = mastered(sheet, tmp_path / "out")
    kept = result.tracks[1]
    assert kept.result is None
    assert kept.master.file == sheet.with_name("b.wav")
    assert kept.master.recall is None


def test_two_mixes_of_one_name_have_two_masters(sheet: Path, tmp_path: Path) -> None:
    other = sheet.parent / "live"
    other.mkdir()
    (other / "a.wav").write_bytes(sheet.with_name("c.wav").read_bytes())
    text = "tracks: [{file: a.wav, title: One}, {file: live/a.wav, title: Two}]\n"
    sheet.write_text(text, "utf-8")
    result = mastered(sheet, tmp_path / "out")
    names = [track.master.file.name for track in result.tracks]
    assert names == ["a.master.wav", "a 2.master.wav"]


def test_a_signature_takes_a_bonus_track_into_the_album(sheet: Path, tmp_path: Path) -> None:
    first = mastered(sheet, tmp_path / "out", to=["archive"])
    assert first.signature is not None
    archive = first.outgoing[0].folder
    assert (archive / "album.signature.yaml").read_bytes() == first.signature.read_bytes()
    assert (archive / "album.yaml").read_bytes() == sheet.read_bytes()
    bonus = sheet.with_name("bonus.yaml")
    bonus.write_text("tracks: [{file: b.wav, title: Bonus}]\n", "utf-8")
    later = burnish.album(
        bonus, tmp_path / "bonus", style="pop", report=False, signature=first.signature
    )
    assert later.plan.anchor is None
    in_album = first.tracks[1].after.loudness.integrated_lufs
    assert later.tracks[0].after.loudness.integrated_lufs == pytest.approx(in_album, abs=0.3)


def test_what_is_hidden_is_mastered_too(sheet: Path, tmp_path: Path) -> None:
    text = sheet.read_text("utf-8").replace(
        "isrc: USRC17607839", "isrc: USRC17607839, hidden_file: h.wav, gap_s: 1"
    )
    sheet.write_text(text, "utf-8")
    (sheet.with_name("h.wav")).write_bytes(sheet.with_name("b.wav").read_bytes())
    result = mastered(sheet, tmp_path / "out")
    assert [track.number for track in result.tracks] == [1, 2, 3, 0]
    assert result.tracks[3].master.file.name == "h.master.wav"
    assert result.tracks[3].after.peaks.true_peak_dbtp <= -1.0


def test_faults_are_said_before_any_work(sheet: Path, tmp_path: Path) -> None:
    text = sheet.read_text("utf-8")
    sheet.write_text(text.replace("crossfade_s: 1.0", "crossfade_s: 9.0"), "utf-8")
    with pytest.raises(SettingError, match=r"album\.yaml.*crossfade_s=9"):
        mastered(sheet, tmp_path / "out")
    sheet.write_text(text.replace("c.wav", "d.wav"), "utf-8")
    with pytest.raises(InputError, match=r"album\.yaml:8.*d\.wav: there is no such file"):
        mastered(sheet, tmp_path / "out")
    silent = np.zeros((44_100 * 6, 2))
    soundfile.write(sheet.with_name("d.wav"), silent, 44_100)
    with pytest.raises(InputError, match="silent"):
        mastered(sheet, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_alternates_follow_the_plan_of_their_track(sheet: Path, tmp_path: Path) -> None:
    mix, rate_hz = soundfile.read(sheet.with_name("a.wav"))
    soundfile.write(sheet.with_name("a instrumental.wav"), 0.7 * mix, rate_hz, subtype="PCM_24")
    text = sheet.read_text("utf-8").replace(
        "title: One,", "title: One, versions: {instrumental: a instrumental.wav},"
    )
    sheet.write_text(text, "utf-8")
    result = mastered(sheet, tmp_path / "out")
    track = result.tracks[0]
    (version,) = track.versions
    assert version.output == tmp_path / "out" / "masters" / "a.master.instrumental.wav"
    assert track.result is not None
    assert version.plan.steps == track.result.plan.steps
    assert version.lag.samples == 0
    assert version.after.source.n_samples == track.after.source.n_samples
    before = times(tmp_path / "out")
    assert before.keys() == {f"{n}.wav" for n in ("a.master", "a.master.instrumental",
                                                  "b.master", "c.master")}  # fmt: skip
    again = mastered(sheet, tmp_path / "out")
    assert times(tmp_path / "out") == before
    assert again.tracks[0].versions[0].lag.samples == 0
    document = json.loads((tmp_path / "out" / "album.json").read_text("utf-8"))
    assert document["tracks"][0]["versions"][0]["label"] == "instrumental"
    sheet.with_name("a instrumental.wav").unlink()
    with pytest.raises(
        InputError, match=r"instrumental=a instrumental\.wav: there is no such file"
    ):
        mastered(sheet, tmp_path / "out")


def test_alternates_go_out_cut_as_their_tracks_are(sheet: Path, tmp_path: Path) -> None:
    """Trims, fades and a crossfade: the alternate is as long, and lies beneath it."""
    mix, rate_hz = soundfile.read(sheet.with_name("b.wav"))
    name = sheet.with_name("b inst.wav")
    soundfile.write(name, 0.7 * mix[: -rate_hz // 20], rate_hz, subtype="PCM_24")
    told = "title: Deux, versions: {instrumental: b inst.wav}, start_s: 0.5, fade_in: {length_s: 1}"
    sheet.write_text(sheet.read_text("utf-8").replace("title: Deux", told), "utf-8")
    folder = tmp_path / "out"
    result = mastered(sheet, folder, to=["versions"])
    (made,) = result.outgoing
    assert made.passed
    assert made.manifest is not None
    product = folder / "versions"
    names = ["01 One.wav", "02 Deux (instrumental).wav", "02 Deux.wav", "03 Три.wav"]
    assert sorted(path.name for path in product.glob("*.wav")) == names
    main, other = (product / names[2], product / names[1])
    with open_source(main) as one, open_source(other) as two:
        assert one.info.n_samples == two.info.n_samples
        assert lag(one, two).samples == 0
    document = json.loads((product / "manifest.json").read_text("utf-8"))
    (check,) = [one for one in document["checks"] if one["number"] == 18]
    assert check["outcome"] == "pass"
    again = burnish.deliver(sheet, folder, to=["versions"], overwrite=True)
    assert again.outgoing[0].passed
    # The album's page tells all of a product that a second run found there and left alone.
    assert again.outgoing[0].manifest is None
    page = album_page(replace(result, outgoing=again.outgoing))
    for told in ("was there already", *(one["sha256"] for one in document["files"])):
        assert told in page
    assert all(escape(f"To do: {todo}") in page for todo in document["checklist"])
    (product / "manifest.json").write_text(json.dumps({**document, "notes": 1}), "utf-8")
    assert "its manifest was changed" in album_page(replace(result, outgoing=again.outgoing))
    name.write_bytes(sheet.with_name("b.wav").read_bytes())
    with pytest.raises(InputError, match="was made before"):
        burnish.deliver(sheet, folder, to=["versions"])


def test_without_alternates_there_are_no_versions(sheet: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no track has any"):
        mastered(sheet, tmp_path / "out", to=["versions"])
    assert not (tmp_path / "out").exists()
