"""The product vinyl from end to end: headroom, relations, times, rebuilding, findings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sides_made import RATE_HZ, made, order_of, song

from burnish.audio import Audio, AudioSource, OutputFormat, Writer, read
from burnish.chain import Stem
from burnish.chain.recall import load, save
from burnish.deliver.inspection import Inspection, inspect_delivery
from burnish.deliver.order import Master, Order
from burnish.deliver.products import refuse
from burnish.deliver.vinyl.cue_sheet import clock
from burnish.deliver.vinyl.side_file import side_gains_db
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer.vinyl import loud_sections_lufs
from burnish.errors import SettingError
from burnish.finding import Finding
from burnish.master import recall
from burnish.measure import measure
from burnish.release import Fade, Release, Track
from burnish.targets import delivery
from burnish.targets.record import record_of


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> tuple[Order, Path]:
    """Four songs: the second crosses into the first, the third is softer, the last kept."""
    folder = tmp_path_factory.mktemp("vinyl")
    order = order_of(
        folder,
        [
            (song(6.0, -6, 1), 9.0, Track(title="Ebbe")),
            (song(6.0, -12, 2), 15.0, Track(title="Flut", crossfade_s=0.75)),
            (song(5.0, -9, 3), 4.0, Track(title="Ruhe", fade_out=Fade(length_s=0.5), start_s=0.25)),
            (song(5.0, -6, 4), 12.0, Track(title="Wand", gap_s=1.5)),
        ],
        DeliveryWishes(vinyl_inches="7", vinyl_rpm="45", vinyl_sides="1-3,4"),
    )
    kept = Master(order.masters[3].file)
    order = replace(order, masters=(*order.masters[:3], kept))
    made(order, "vinyl", folder / "vinyl")
    return order, folder / "vinyl"


def side(folder: Path, name: str) -> Audio:
    return read(folder / f"{name}.wav")


def loud(samples: np.ndarray) -> float:
    measured = measure(Audio(np.ascontiguousarray(samples), RATE_HZ))
    return loud_sections_lufs(measured.timeline.segment_power)


def test_there_is_a_file_and_two_sheets_for_each_side(album: tuple[Order, Path]) -> None:
    assert sorted(one.name for one in album[1].iterdir()) == [
        "01 Ebbe.vinyl.recall.yaml",
        "02 Flut.vinyl.recall.yaml",
        "03 Ruhe.vinyl.recall.yaml",
        "A cutting sheet.pdf",
        "A cutting sheet.txt",
        "A.wav",
        "B cutting sheet.pdf",
        "B cutting sheet.txt",
        "B.wav",
    ]
    assert (album[1] / "A cutting sheet.pdf").read_bytes().startswith(b"%PDF")


def test_headroom_and_no_brick_wall(album: tuple[Order, Path]) -> None:
    peaks = [measure(album[1] / f"{name}.wav").peaks.true_peak_dbtp for name in "AB"]
    assert max(peaks) == pytest.approx(-3.02, abs=0.02)
    master = measure(album[0].masters[0].file)
    first = side(album[1], "A").samples[:, RATE_HZ : 5 * RATE_HZ]
    opened = measure(Audio(np.ascontiguousarray(first), RATE_HZ))
    assert opened.dynamics.crest_db is not None
    assert master.dynamics.crest_db is not None
    assert opened.dynamics.crest_db > master.dynamics.crest_db + 4


def test_loud_sections_keep_their_relation(album: tuple[Order, Path]) -> None:
    """Within 0.1 LU of the masters, though their limiters worked differently hard."""
    order, folder = album
    samples = side(folder, "A").samples
    # Own samples, without crossfade and fade: 1 s of head; Flut crosses 0.75 s into Ebbe.
    spans = {0: (1.0, 6.25), 1: (7.0, 12.25), 2: (13.25, 17.5)}
    own = {0: (0.0, 5.25), 1: (0.75, 6.0), 2: (0.25, 4.5)}
    there, here = [], []
    for k, (a, b) in spans.items():
        here.append(loud(samples[:, round(a * RATE_HZ) : round(b * RATE_HZ)]))
        c, d = (round(s * RATE_HZ) for s in own[k])
        there.append(loud(read(order.masters[k].file).samples[:, c:d]))
    for k in (1, 2):
        assert here[k] - here[0] == pytest.approx(there[k] - there[0], abs=0.1)


def test_bass_in_the_side_is_down_by_what_the_filter_says(album: tuple[Order, Path]) -> None:
    """60 Hz through a Butterworth high-pass of second order at 150 Hz: -15.99 dB."""
    sheet = load(album[1] / "01 Ebbe.vinyl.recall.yaml")
    gain = sheet.steps[-1].settings.gain_db  # type: ignore[attr-defined]
    mix = read(album[0].masters[0].mix).samples  # type: ignore[arg-type]
    out = side(album[1], "A").samples[:, RATE_HZ:]
    a, b = RATE_HZ, 5 * RATE_HZ
    before, after = (s[0, a:b] - s[1, a:b] for s in (mix, out))
    got_db = 20 * np.log10(after.std() / before.std()) - gain
    subsonic_db = 10 * np.log10(1 + (20 / 60) ** 4)
    wanted_db = 10 * np.log10(1 + (150 / 60) ** 4) + subsonic_db
    assert got_db == pytest.approx(-wanted_db, abs=0.1)
    assert wanted_db == pytest.approx(16.1, abs=0.1)


def test_times_of_the_sheet_are_those_of_the_samples(album: tuple[Order, Path]) -> None:
    text = (album[1] / "A cutting sheet.txt").read_text(encoding="utf-8")
    # 1 s of head; the crossfade is divided in its middle; 1 s of gap; trimmed by 0.25 s.
    starts = (1.0, 1.0 + 6.0 - 0.375, 1.0 + 6.0 - 0.75 + 6.0 + 1.0)
    for cue, start in zip(("A1", "A2", "A3"), starts, strict=True):
        (line,) = [one for one in text.splitlines() if one.startswith(cue)]
        assert line.split()[1] == clock(start)
    samples = side(album[1], "A").samples
    n = samples.shape[1]
    assert n == round((1.0 + 6.0 - 0.75 + 6.0 + 1.0 + 4.75 + 5.0) * RATE_HZ)
    assert not samples[:, :RATE_HZ].any()
    assert samples[:, RATE_HZ : RATE_HZ + 50].any()
    gap = round(12.25 * RATE_HZ), round(13.25 * RATE_HZ)
    assert not samples[:, gap[0] : gap[1]].any()
    assert samples[:, gap[1] : gap[1] + 50].any()
    assert not samples[:, -5 * RATE_HZ :].any()
    assert "File plays    " + clock(n / RATE_HZ) in text
    assert "[no spread: crossfade]" in text
    assert "BH 001 A" in text
    assert "Flat transfer" in text
    assert "Side time     00:17.000" in text


def test_a_premaster_is_rebuilt_from_its_sheet(album: tuple[Order, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.wav"
    recall(album[1] / "01 Ebbe.vinyl.recall.yaml", output=again)
    rebuilt = read(again).samples[:, : 5 * RATE_HZ]
    there = side(album[1], "A").samples[:, RATE_HZ : 6 * RATE_HZ]
    assert np.abs(rebuilt - there).max() < 1e-6


def test_what_is_kept_is_only_turned_down_and_told(album: tuple[Order, Path]) -> None:
    order, folder = album
    master = read(order.masters[3].file).samples
    there = side(folder, "B").samples[:, RATE_HZ:][:, : master.shape[1]]
    gain = there.std() / master.std()
    assert np.abs(there - gain * master).max() < 1e-6
    text = (folder / "B cutting sheet.txt").read_text(encoding="utf-8")
    assert "B1 Wand is as it was mastered" in text
    assert "Flat transfer" not in text


def test_a_kept_brick_wall_is_found(tmp_path: Path) -> None:
    order = order_of(tmp_path, [(song(6.0, 0, 5), 18.0, Track(title="Wand"))])
    order = replace(order, masters=(Master(order.masters[0].file),))
    done = made(order, "vinyl", tmp_path / "vinyl")
    (found,) = [one for one in done.findings if one.code == "vinyl-limited"]
    assert found.severity == "warn"
    assert found.evidence["song"] == "A1"
    assert found.times_s == ((1.0, 7.0),) or found.times_s == ()
    assert any(note.startswith("Track 1: kept as mastered") for note in done.notes)


def test_sides_stand_to_each_other_as_the_table_says() -> None:
    record = record_of(12, 33)
    levels = [record.level_db(60 * minutes) for minutes in (22, 18)]
    assert side_gains_db([0.0, -1.0], levels, -3.0, 0.0) == pytest.approx((-4.02, -2.02))
    assert side_gains_db([-4.0, -12.0], levels, -3.0, 0.0) == pytest.approx((0.98, 2.98))
    assert side_gains_db([float("-inf")], [0.0], -3.0, 0.0) == (0.0,)


def test_rates_that_differ_meet_at_the_lowest(tmp_path: Path) -> None:
    order = order_of(
        tmp_path,
        [
            (song(3.5, -6, 1, 96_000), 6.0, Track(title="One")),
            (song(3.5, -6, 2, 48_000), 6.0, Track(title="Two")),
        ],
        rates_hz=(96_000, 48_000),
    )
    done = made(order, "vinyl", tmp_path / "vinyl")
    sides = [read(tmp_path / "vinyl" / f"{name}.wav") for name in "AB"]
    assert [one.rate_hz for one in sides] == [48_000, 48_000]
    assert [one.samples.shape[1] for one in sides] == [round(9.5 * 48_000)] * 2
    assert any("96000" in note for note in done.notes)
    assert all(measure(one).peaks.true_peak_dbtp <= -3.0 for one in sides)


def test_a_mono_album(tmp_path: Path) -> None:
    mixes = [(song(3.5, -6, k)[:1], 6.0, Track(title=f"{k}")) for k in (1, 2)]
    made(order_of(tmp_path, mixes), "vinyl", tmp_path / "vinyl")
    assert read(tmp_path / "vinyl" / "A.wav").channels == 1


@pytest.mark.parametrize("target", ["vinyl", "cassette"])
def test_gaps_between_songs_are_meant_and_a_hole_in_one_is_not(target: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    songs = [(song(5.0, -6, k), 6.0, Track(title=f"{k}")) for k in (1, 2)]
    wishes = DeliveryWishes(vinyl_sides="1-2", cassette_sides="1-2")
    order = order_of(tmp_path / "in", songs, wishes, gap_s=1.5)
    delivered, folder = made(order, target, tmp_path / "out"), tmp_path / "out"
    (one,) = [file for file in delivered.files if file.kind == "wav-24"]
    assert one.told["gaps_s"] == [[6.0, 7.5]]
    music = read(folder / one.path).samples
    assert not music[:, 6 * RATE_HZ : round(7.49 * RATE_HZ)].any()
    # The songs end and begin hard: it looks as if the sound had dropped out.
    place = delivery(target)
    assert not _dropouts(inspect_delivery(folder, delivered, place, order))
    music[:, 3 * RATE_HZ : 3 * RATE_HZ + 900] = 0.0
    form = OutputFormat(bits="24", dither="none")
    path = folder / one.path
    with Writer(path, form, RATE_HZ, 2, music.shape[1], overwrite=True) as writer:
        writer.write(music)
    (found,) = _dropouts(inspect_delivery(folder, delivered, place, order))
    assert found.evidence["gaps"] == 1
    assert found.times_s[0][0] == pytest.approx(3.0, abs=0.02)


def _dropouts(inspection: Inspection) -> list[Finding]:
    return [found for _, found in inspection.all_findings() if found.code == "dropouts"]


def test_no_scratch_is_left(album: tuple[Order, Path]) -> None:
    assert not [one for one in album[1].iterdir() if one.name.startswith(".")]


def test_a_master_of_stems_is_made_from_its_stems(tmp_path: Path) -> None:
    order = order_of(tmp_path, [(song(4.0, -6, 1), 9.0, Track(title="Ebbe"))])
    whole = made(order, "vinyl", tmp_path / "whole")
    (master,) = order.masters
    assert master.recall is not None
    assert master.mix is not None
    plan = load(master.recall)
    halves = tuple(
        Stem(file=str(master.mix), role=role, gain_db=-6.0205999132796)
        for role in ("drums", "bass")
    )
    sheet = tmp_path / "stems.recall.yaml"
    save(plan.with_(stems=halves), sheet)
    order = replace(order, masters=(Master(master.file, sheet),))
    made(order, "vinyl", tmp_path / "stems")
    one, two = (read(tmp_path / name / "A.wav").samples for name in ("whole", "stems"))
    assert np.abs(one - two).max() < 1e-5
    assert len(whole.files) == 4
    assert load(tmp_path / "stems" / "01 Ebbe.vinyl.recall.yaml").stems == halves


@pytest.mark.parametrize("target", ["vinyl", "cassette"])
def test_wrong_sides_are_told_before_any_work(target: str) -> None:
    release = Release(tracks=tuple(Track(file=f"{k}.wav") for k in (1, 2)))
    info = AudioSource(Audio(np.zeros((2, 100_000)), RATE_HZ)).info
    wishes = DeliveryWishes(vinyl_sides="1", cassette_sides="2,1")
    with pytest.raises(SettingError, match=f"{target}_sides=.*all 2 tracks once and in order"):
        refuse([target], release, [info, info], None, wishes)
    refuse([target], release, [info, info], None, DeliveryWishes())
