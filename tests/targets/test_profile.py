"""A profile: figures over many tracks, whatever the order; its file; what it is used as."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from burnish.errors import SettingError
from burnish.targets import N_BANDS, style
from burnish.targets.portrait import Portrait, Section
from burnish.targets.profile import FIGURES, N_FIGURES, SHOWN, Profile, Track, summary
from burnish.targets.profile_file import load_profile, rounded, text_of
from burnish.targets.profile_use import as_style, nearest, portrait

PLAUSIBLE = {
    "loudness_lufs": -9.0, "loud_lufs": -8.5, "range_lu": 6.0, "plr_db": 9.0, "psr_p5_db": 8.0,
    "crest_400ms_db": 10.0, "sharpness_db": 2.5, "movement_db": 2.0, "swing_db": 1.5,
    "side_to_mid_db": -9.0, "rate_hz": 44100, "duration_s": 200.0,
    "loud_share": 0.8, "loud_over_db": 0.6, "quiet_share": 0.2, "quiet_over_db": -5.0,
}  # fmt: skip


def track(k: int, draw: np.random.Generator, day: str | None = None, **figures: float) -> Track:
    values: list[float | None] = []
    for name, count in FIGURES.items():
        if name == "cutoff_hz":
            values.append(None)
            continue
        middle = figures.get(name, PLAUSIBLE.get(name, -12.0))
        fixed = name in ("rate_hz", "duration_s", "loud_share", "quiet_share") or name in figures
        spread = 0.0 if fixed else 1.0
        values += [rounded(float(v)) for v in middle + spread * draw.standard_normal(count)]
    return Track(f"{k:02d}.wav", f"{k:064x}", tuple(values), day, "tag" if day else None)


@pytest.fixture
def tracks() -> list[Track]:
    draw = np.random.default_rng(11)
    return [track(k, draw) for k in range(20)]


def test_percentiles_of_equal_weights_are_numpys() -> None:
    draw = np.random.default_rng(2)
    for n in (1, 2, 3, 17, 100):
        values = draw.standard_normal(n).tolist()
        found = summary([*values, None], [0.7] * (n + 1))
        assert found is not None
        assert found.n == n
        assert found.percentiles == pytest.approx(np.percentile(values, SHOWN), abs=1e-12)
        assert found.mean == pytest.approx(np.mean(values))
        assert found.sd == pytest.approx(np.std(values))
    assert summary([None, None], [1, 1]) is None


def test_a_weight_of_three_is_nearly_three_tracks() -> None:
    values = list(range(50))
    weights = [3.0 if v >= 25 else 1.0 for v in values]
    one = summary(values, weights)
    many = summary([v for v, w in zip(values, weights, strict=True) for _ in range(int(w))],
                   [1.0] * 100)  # fmt: skip
    assert one is not None
    assert many is not None
    assert one.mean == pytest.approx(many.mean)
    assert one.percentiles == pytest.approx(many.percentiles, abs=0.7)


def test_order_does_not_matter_to_the_byte(tracks: list[Track]) -> None:
    straight = text_of(Profile.of("p", tracks))
    assert text_of(Profile.of("p", tracks[::-1])) == straight
    shuffled = [tracks[k] for k in np.random.default_rng(4).permutation(len(tracks))]
    assert text_of(Profile.of("q", shuffled + tracks[:3])) == straight


def test_learned_later_is_as_learned_at_once(tracks: list[Track], tmp_path: Path) -> None:
    first = tmp_path / "first.yaml"
    first.write_text(text_of(Profile.of("first", tracks[5:])))
    later = Profile.of("all", [*load_profile(first).tracks, *tracks[:9]])
    assert text_of(later) == text_of(Profile.of("all", tracks))


def test_the_same_sound_counts_once(tracks: list[Track]) -> None:
    copy = replace(tracks[3], name="aaa copy.wav")
    flac = replace(tracks[4], name="other.flac", sha256="f" * 64, date="2001-01-01",
                   date_from="tag")  # fmt: skip
    found = Profile.of("p", [*tracks, copy, flac])
    assert len(found.tracks) == len(tracks)
    names = {one.name for one in found.tracks}
    assert "03.wav" in names  # the first by name, whichever came first
    assert "other.flac" in names  # its date is known
    assert text_of(Profile.of("p", [flac, copy, *tracks])) == text_of(found)


def test_a_half_life_halves(tracks: list[Track]) -> None:
    days = ("2020-01-01", "2019-01-01", "2017-01-01")
    dated = [replace(t, date=d, date_from="tag") for t, d in zip(tracks, days, strict=False)]
    found = Profile.of("p", dated, 365.0)
    by_name = dict(zip((t.name for t in found.tracks), found.weights, strict=True))
    assert by_name["00.wav"] == 1.0
    assert by_name["01.wav"] == pytest.approx(0.5)
    assert by_name["02.wav"] == pytest.approx(0.5**3)
    weights = np.array(list(by_name.values()))
    assert found.effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    values = [t.one("loudness_lufs") for t in found.tracks]
    mean = found.one("loudness_lufs")
    assert mean is not None
    assert mean.mean == pytest.approx(np.average(values, weights=found.weights))
    assert Profile.of("p", dated).weights == (1.0, 1.0, 1.0)


def test_a_stranger_is_named_and_nobody_else(tracks: list[Track]) -> None:
    draw = np.random.default_rng(5)
    odd = track(99, draw, loud_mid_db=-40.0, bands_db=8.0, loudness_lufs=-30.0, range_lu=20.0,
                plr_db=25.0, side_to_mid_db=-60.0, swing_db=9.0, movement_db=9.0,
                bands_movement_db=20.0, loud_side_db=-70.0)  # fmt: skip
    found = Profile.of("p", [*tracks, odd])
    assert [one.name for one in found.outliers] == ["99.wav"]
    assert Profile.of("p", tracks).outliers == ()
    assert Profile.of("p", [*tracks[:3], odd]).outliers == ()  # no crowd to stand apart from


def test_its_file_gives_it_back(tracks: list[Track], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    dated = [replace(one, date="2011-05-06", date_from="file") for one in tracks]
    whole = Profile.of("mine", dated, 300.0)
    path.write_text(text_of(whole))
    assert load_profile(path) == whole
    assert path.stat().st_size < len(tracks) * 2500 + 20_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a profile"),
        ("hello: 1", "is not a profile"),
        ("- a\n- [", "not readable as YAML, line"),
        ("profile: 9\ntracks: []", "reads format 1"),
        ("profile: 1\ntracks: []", "one or more"),
        ("profile: 1\ntracks: 3", "one or more"),
        ("profile: 1\ntracks: [3]", "track 1: must have"),
        ("profile: 1\ntracks: [{name: a, sha256: b}]", "track 1: values: must be text"),
        ("profile: 1\ntracks: [{name: a, sha256: b, values: 1 2 3}]", "are 3"),
        (f"profile: 1\ntracks: [{{name: a, sha256: b, values: {'x ' * N_FIGURES}}}]", "numbers"),
        (f"profile: 1\ntracks: [{{name: a, sha256: b, values: {'nan ' * N_FIGURES}}}]", "numbers"),
        ("profile: 1\nhalf_life_days: -3\ntracks: [1]", "must be over 0"),
        ("\x00\x01", "YAML"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_clear_sentence(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(SettingError, match=said) as caught:
        load_profile(path)
    assert str(path) in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no such profile"):
        load_profile(tmp_path / "none.yaml")
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(SettingError, match="not text"):
        load_profile(tmp_path / "x.yaml")
    with pytest.raises(SettingError):
        style(str(tmp_path / "none.yaml"))


def test_its_portrait_is_its_medians(tracks: list[Track]) -> None:
    found = Profile.of("mine", tracks)
    drawn = portrait(found)
    for name in ("range_lu", "plr_db", "swing_db"):
        assert getattr(drawn, name) == pytest.approx(np.median([t.one(name) for t in tracks]))
    rows = np.array([t.get("loud_mid_db") for t in tracks])
    assert drawn.loud.mid_db == pytest.approx(np.median(rows, axis=0))
    low, high = np.percentile(rows, (25, 75), axis=0)
    assert drawn.loud.mid_spread_db == pytest.approx((high - low) / 1.349)
    assert drawn.sounds == pytest.approx(20)
    assert drawn.quiet is not None
    # The error shrinks with the root of the number of tracks.
    few = portrait(Profile.of("few", tracks[:5])).loud.mid_error_db
    assert few[0] is not None
    assert drawn.loud.mid_error_db[0] is not None
    assert few[0] > drawn.loud.mid_error_db[0]


def mix_like(drawn: Portrait, shift_db: float) -> Portrait:
    loud: Section = drawn.loud
    moved = tuple(None if v is None else v + shift_db for v in loud.mid_db)
    return drawn.with_(loud=loud.with_(mid_db=moved), range_lu=(drawn.range_lu or 0) + shift_db)


def test_inside_the_quartiles_nothing_pulls(tracks: list[Track]) -> None:
    found = Profile.of("mine", tracks)
    rows = np.array([t.get("loud_mid_db") for t in tracks])
    low, high = np.percentile(rows, (25, 75), axis=0)
    inside = mix_like(portrait(found), 0.1)
    assert nearest(found, inside).loud.mid_db == inside.loud.mid_db
    assert nearest(found, inside).range_lu == inside.range_lu
    assert nearest(found, mix_like(inside, 30.0)).loud.mid_db == pytest.approx(high)
    assert nearest(found, mix_like(inside, -30.0)).loud.mid_db == pytest.approx(low)
    # Loudness is the records' own; a mix's peaks are led to the middle, never to more.
    quiet = inside.with_(loudness_lufs=-25.0, plr_db=18.0)
    median = np.median([t.one("plr_db") for t in tracks])
    assert nearest(found, quiet).plr_db == pytest.approx(median)
    assert nearest(found, quiet).loudness_lufs == portrait(found).loudness_lufs


def test_what_most_tracks_lack_is_not_known(tracks: list[Track]) -> None:
    first = sum(FIGURES[name] for name in list(FIGURES)[: list(FIGURES).index("loud_side_db")])
    mono = [
        replace(t, values=(*t.values[:first], *(None,) * 30, *t.values[first + 30 :]))
        for t in tracks
    ]
    drawn = portrait(Profile.of("mono", [*mono[:15], *tracks[15:]]))
    assert drawn.near_mono
    assert all(v is None for v in drawn.loud.side_db)
    assert not portrait(Profile.of("p", tracks)).near_mono


def test_a_style_of_ones_own(tracks: list[Track], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text_of(Profile.of("mine", tracks)))
    own = style(str(path))
    assert own.name == "mine.yaml"
    rows = np.array([t.get("bands_db") for t in tracks])
    assert own.tone.median_db == pytest.approx(np.median(rows, axis=0), abs=0.006)
    assert own.tone.q25_db == pytest.approx(np.percentile(rows, 25, axis=0), abs=0.006)
    assert len(own.stereo.band_median_db) == N_BANDS
    lufs = [t.one("loudness_lufs") for t in tracks]
    assert own.loudness.aim_lufs == pytest.approx(np.median(lufs), abs=0.006)
    assert own.floors.plr_db == pytest.approx(
        np.percentile([t.one("plr_db") for t in tracks], 10), abs=0.006
    )
    assert own.floors.loud_plr_db < own.floors.plr_db
    assert own.tone.confidence == "medium"
    assert "20 tracks" in own.tone.source


def test_one_track_makes_a_corridor_of_a_decibel(tracks: list[Track]) -> None:
    own = as_style(Profile.of("one", tracks[:1]))
    widths = np.array(own.tone.q75_db) - np.array(own.tone.q25_db)
    assert widths == pytest.approx(2.0)
    assert own.tone.confidence == "low"


def test_rounding_is_idempotent() -> None:
    draw = np.random.default_rng(6)
    for value in draw.uniform(-120, 120, 200):
        once = rounded(float(value))
        assert once is not None
        assert rounded(once) == once
        assert abs(once - value) <= 0.0051
        assert float(f"{once:g}") == once
    assert rounded(-math.inf) is None
    assert rounded(44100.0) == 44100.0
