"""What cannot be a CD is told before anything is mastered, in one sentence."""

import pytest

from burnish.deliver.cd.refuse import refuse
from burnish.deliver.wishes import DeliveryWishes
from burnish.errors import SettingError
from burnish.release import Release, Track


def release(n_tracks: int, **more: object) -> Release:
    tracks = tuple(Track(title=f"Song {n}", file=f"{n}.wav", **more) for n in range(n_tracks))
    return Release(title="T", tracks=tracks)


def test_what_fits_is_not_refused() -> None:
    assert refuse(release(99), [30.0] * 99) == ()
    assert refuse(release(12), [240.0, None] * 6) == ()  # not all lengths are known yet
    assert refuse(release(12)) == ()


@pytest.mark.parametrize("n_tracks", [0, 100])
def test_the_number_of_tracks_is_refused_without_any_length(n_tracks: int) -> None:
    with pytest.raises(SettingError, match=f"^{n_tracks} tracks: a CD has 1 to 99$") as caught:
        refuse(release(n_tracks))
    assert caught.value.code == "cd-tracks"


def test_eighty_one_minutes() -> None:
    with pytest.raises(SettingError) as caught:
        refuse(release(18), [81 * 60 / 18 - 34 / 18] * 18)
    assert str(caught.value) == "the disc ends at 81:03:27: must be 79:57:00 at most"


def test_the_limit_to_the_cd_frame() -> None:
    """2 s before, 15 cd_frames early, 75 behind: that much less music."""
    most = (79 * 60 + 57) * 75 - 150 - 15 - 75
    (warned,) = refuse(release(1), [most / 75])
    assert warned.code == "cd-long"
    assert refuse(release(1), [74 * 60 - 150 / 75 - 90 / 75]) == ()
    with pytest.raises(SettingError, match="the disc ends at 79:57:01"):
        refuse(release(1), [(most + 1) / 75])
    less = DeliveryWishes(cd_end_offset_frames=74)
    assert refuse(release(1), [(most + 1) / 75], wishes=less) != ()


def test_trims_and_what_is_hidden_are_counted() -> None:
    cut = release(2, end_s=2.5)
    with pytest.raises(SettingError, match=r"track 2 is 3\.\d\d s long: must be 4 s or more"):
        refuse(cut, [60.0, 60.0])
    assert refuse(cut, [60.0, 60.0], wishes=DeliveryWishes(cd_end_offset_frames=120)) == ()
    first = Track(title="a", file="a.wav", hidden_file="h.wav")
    told = Release(title="T", tracks=(first,))
    assert refuse(told, [60.0]) == ()  # how long it is, nobody knows yet
    with pytest.raises(SettingError, match="the disc ends at 80:"):
        refuse(told, [80 * 60.0])
    with pytest.raises(SettingError, match="the disc ends at 80:"):
        refuse(told, [60.0], 79 * 60.0)


def test_letters_are_warned_of_already() -> None:
    told = release(1).model_copy(update={"title": "Žluťoučký kůň"})
    (warned,) = refuse(told, [60.0])
    assert warned.detail == "disc title “Žluťoučký kůň” is written “Zlutoucký kun”"


def test_texts_that_are_too_long_for_cd_text() -> None:
    told = release(30, message="la " * 200)
    with pytest.raises(SettingError, match=r"the CD-Text takes .* packs: must be 256 at most"):
        refuse(told, [60.0] * 30)
