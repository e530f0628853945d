"""The signature of an album: saved, read back, and a track that joins later."""

from pathlib import Path

import pytest
from albums import NOTE, gained, heard, mastered_to, song, surveyed

from burnish.audio import AudioSource, OutputFormat
from burnish.chain import Teller
from burnish.engineer import Taken, Wishes, draft, take_in
from burnish.engineer.album import (
    AlbumWishes,
    Signature,
    body_for,
    bonus,
    load_signature,
    loud_lufs,
    save_signature,
    signature_of,
    survey,
)
from burnish.engineer.album.signature import dump
from burnish.errors import InputError, OutputError, SettingError


def made() -> Signature:
    master = mastered_to(heard("pop", 4, 9.0), -11.0)
    plan = survey([surveyed(1, master)], Wishes(), AlbumWishes(coherence=0.4))
    return signature_of(master, plan, "Blue Hour: 1999")


def test_it_tells_what_the_master_measures() -> None:
    one, master = made(), mastered_to(heard("pop", 4, 9.0), -11.0)
    assert one.name == "Blue Hour: 1999"
    assert one.anchor == "Song 1"
    assert one.coherence == 0.4
    assert one.loudness_lufs == -11.0
    assert one.loud_lufs == pytest.approx(loud_lufs(master), abs=0.001)
    assert one.portrait.range_lu == pytest.approx(master.loudness.range_lu, abs=0.001)
    assert one.portrait.plr_db == pytest.approx(master.dynamics.plr_db, abs=0.001)
    assert len(one.portrait.loud.mid_db) == 30
    assert len(one.portrait.bands_side_to_mid_db) == 9


def test_what_is_saved_is_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "album.signature.yaml"
    save_signature(made(), path)
    assert load_signature(path) == made()
    with pytest.raises(OutputError):
        save_signature(made(), path)
    save_signature(made(), path, overwrite=True)
    assert all(len(line) < 400 for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    ("old", "new", "line_of", "sentence"),
    [
        ("coherence: 0.4", "coherence: 4", "coherence", "coherence=4: must be 0 to 1"),
        ("signature: 1", "signature: 2", "signature", "comes from a newer burnish"),
        ("ceiling_dbtp: -1.0", "ceiling_dbtp: 3.0", "ceiling_dbtp", "must be -20 to 0 dBTP"),
        ("  rate_hz: 44100", "  rate_hz: 0", "  rate_hz", "rate_hz=0: must be 1 to"),
    ],
)
def test_a_fault_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line_of: str, sentence: str
) -> None:
    path = tmp_path / "s.yaml"
    text = dump(made())
    assert text.count(f"\n{old}\n") == 1
    text = text.replace(f"\n{old}\n", f"\n{new}\n")
    path.write_text(text, encoding="utf-8")
    line = 1 + next(k for k, row in enumerate(text.splitlines()) if row.startswith(f"{line_of}:"))
    with pytest.raises(SettingError) as caught:
        load_signature(path)
    assert caught.value.sentence.startswith(f"{path}:{line}: ")
    assert sentence in caught.value.sentence


def test_a_file_that_is_not_there_is_told_before_any_work(tmp_path: Path) -> None:
    wishes = Wishes(signature=tmp_path / "none.yaml")
    with pytest.raises(InputError):
        take_in(AudioSource(song()), Teller(None), wishes)


def test_a_bonus_track_joins_the_album_as_the_music_asks() -> None:
    mix = heard("rock", 8)
    body = bonus(Taken(mix, NOTE), Wishes(), made())
    plan = survey([surveyed(1, mix)], Wishes(), AlbumWishes(), made())
    assert plan.anchor is None
    assert plan.reason == "The signature of Blue Hour: 1999 leads, taken from Song 1."
    relative_lu = plan.tracks[0].relative_lu
    stands = body.loudness_lufs + loud_lufs(mix) - mix.loudness.integrated_lufs
    assert stands == pytest.approx(made().loud_lufs + relative_lu, abs=0.001)
    assert body.signature == made()
    assert body.share == 0.4
    assert body.ceiling_dbtp == made().ceiling_dbtp


def test_a_loudness_that_is_asked_of_a_bonus_track_is_its_own() -> None:
    for lufs in (-9.0, -20.0):
        body = bonus(Taken(heard("rock", 8), NOTE), Wishes(loudness_lufs=lufs), made())
        assert body.loudness_lufs == lufs


def test_draft_finds_the_album_in_what_was_taken_in(tmp_path: Path) -> None:
    """As ``burnish master bonus.wav --signature FILE`` does."""
    path = tmp_path / "s.yaml"
    save_signature(made(), path)
    source, wishes = AudioSource(song("rock", 8)), Wishes(signature=path)
    taken = take_in(source, Teller(None), wishes)
    assert taken.signature == made()
    plan = draft(source, taken, wishes, OutputFormat()).plan
    expected = bonus(taken, wishes, made())
    assert plan.target["loudness_lufs"] == pytest.approx(expected.loudness_lufs, abs=0.001)
    assert "against the anchor's" in plan.target["sources"]["loudness"]
    same = Wishes()
    alone = draft(source, take_in(source, Teller(None), same), same, OutputFormat()).plan
    assert plan != alone


def test_an_album_after_an_album_has_no_anchor_of_its_own() -> None:
    tracks = [surveyed(1, heard("rock", 8)), surveyed(2, gained(heard("jazz", 5), -7.0))]
    plan = survey(tracks, Wishes(), AlbumWishes(), made())
    assert plan.anchor is None
    for k, one in enumerate(plan.tracks):
        body = body_for(plan, k, made())
        stands = body.loudness_lufs + one.over_lu
        assert stands == pytest.approx(made().loud_lufs + one.relative_lu, abs=0.001)
    with pytest.raises(SettingError, match="must be left out where a signature leads"):
        survey(tracks, Wishes(), AlbumWishes(anchor=1), made())
