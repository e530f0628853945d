"""The order of an album: exact against every order, physics of keys and gaps, what stays joined."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from burnish.apps.cli import main
from burnish.audio import Audio, AudioSource
from burnish.chain.album_sheet import load_album, save_album
from burnish.engineer.album_order import (
    HeardSong,
    arc_of,
    energies,
    fifths_between,
    meeting,
    suggest,
)
from burnish.engineer.order_search import EXACT_UNITS, Costs, cheapest
from burnish.engineer.song_gap import LONGEST_S, SHORTEST_S, gap_between
from burnish.errors import SettingError
from burnish.measure.ends import Ends, ends
from burnish.measure.rhythm import Tempo
from burnish.measure.tonality import NOTES, Key
from burnish.release import Release, Track

RATE_HZ = 8000


def costs_of(n: int, seed: int) -> Costs:
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 3, n)
    return Costs(random.random((n, n)), random.random((n, int(sizes.sum()))), sizes)


def song(key: str = "", bpm: float = 0.0, energy: float = 0.5, **edges: float) -> HeardSong:
    return HeardSong(
        key=Key(key, 1.0, key, 440.0) if key else None,
        tempo=Tempo(bpm, 1.0) if bpm else None,
        ends=Ends(**edges),
        energy=energy,
    )


def album(n: int, **by_number: Track) -> Release:
    tracks = [Track(file=f"{i}.wav", title=f"Song {i}") for i in range(1, n + 1)]
    for name, told in by_number.items():
        i = int(name[1:]) - 1
        tracks[i] = tracks[i].with_(**told.model_dump(exclude_defaults=True))
    return Release(title="Album", tracks=tuple(tracks))


# ---- the search ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("first", "last"), [(None, None), (2, None), (None, 0), (3, 1)])
def test_no_other_order_is_cheaper(seed: int, first: int | None, last: int | None) -> None:
    costs = costs_of(6, seed)
    orders = [
        order
        for order in itertools.permutations(range(6))
        if first in (None, order[0]) and last in (None, order[-1])
    ]
    least = costs.of(np.array(orders)).min()
    found = cheapest(costs, first, last, tuple(range(6)))
    assert found in orders
    assert costs.of(np.array([found]))[0] == pytest.approx(least, abs=1e-9)


def test_long_albums_come_near_it_and_are_the_same_each_time() -> None:
    n = EXACT_UNITS + 6
    costs = costs_of(n, 1)
    found = cheapest(costs, 4, 7, tuple(range(n)))
    assert (found[0], found[-1]) == (4, 7)
    assert sorted(found) == list(range(n))
    assert found == cheapest(costs, 4, 7, tuple(range(n)))
    random = np.random.default_rng(0)
    others = np.array([random.permutation(n) for _ in range(2000)])
    assert costs.of(np.array([found]))[0] < costs.of(others).min()


def test_a_long_chain_is_found_again() -> None:
    n = EXACT_UNITS + 3
    line = np.random.default_rng(3).permutation(n)
    join = np.ones((n, n))
    join[line[:-1], line[1:]] = 0.0
    costs = Costs(join, np.zeros((n, n)), np.ones(n, dtype=np.intp))
    assert costs.of(np.array([cheapest(costs, today=tuple(range(n)))]))[0] <= 1.0


# ---- what a join costs ---------------------------------------------------------------------------


def test_the_circle_of_fifths() -> None:
    assert fifths_between("C major", "G major") == fifths_between("C major", "F major") == 1
    assert fifths_between("A minor", "C major") == 0
    assert fifths_between("C major", "C minor") == 3
    assert fifths_between("B minor", "F minor") == 6
    for a, b in itertools.product(NOTES, repeat=2):
        apart = fifths_between(f"{a} minor", f"{b} minor")
        assert 0 <= apart <= 6
        assert apart == fifths_between(f"{b} minor", f"{a} minor")


def test_half_and_twice_the_tempo_are_nearly_alike() -> None:
    costs = {bpm: meeting(song(bpm=90), song(bpm=bpm)).tempo_cost for bpm in (90, 95, 180, 45, 127)}
    assert costs[90] == 0.0
    assert costs[45] == pytest.approx(costs[180])
    assert 0.0 < costs[180] < 2 * costs[95]
    assert costs[127] == 1.0  # half an octave away


def test_what_is_not_known_costs_the_middle_and_what_is_not_sure_comes_near_it() -> None:
    nothing = meeting(song(), song())
    assert nothing.cost == pytest.approx(0.5)
    unsure = HeardSong(Key("C major", 0.2, "", 440.0), None, Ends(), 0.5)
    assert meeting(unsure, song("F# major")).key_cost == pytest.approx(0.6)


def test_a_jump_in_loudness() -> None:
    def cost(jump: float) -> float:
        return meeting(song(end_lu=-5.0), song(begin_lu=-5.0 + jump)).loudness_cost

    assert cost(2.0) == cost(-2.0) == 0.0
    assert cost(9.0) == cost(-9.0) == 0.5
    assert cost(30.0) == 1.0


def test_the_arc_opens_strong_sinks_and_closes_strong() -> None:
    for n in range(4, 20):
        arc = arc_of(n)
        assert sorted(arc) == pytest.approx(list(np.linspace(0, 1, n)))
        assert arc[0] > 0.5 < arc[-1]
        assert n / 3 <= int(np.argmin(arc)) < n - 1
    assert list(arc_of(1)) == [0.5]


def test_energy_is_a_rank_and_what_is_not_known_is_in_the_middle() -> None:
    assert energies([(1.0, 5.0), (2.0, None), (3.0, 7.0)]) == (0.0, 0.5, 1.0)
    assert energies([(None,)]) == (0.5,)


# ---- the suggestion ------------------------------------------------------------------------------


def test_keys_and_energy_decide_and_the_release_follows() -> None:
    keys = ("C major", "F# major", "G major", "C# major")
    songs = [song(key, 120, e) for key, e in zip(keys, (1.0, 0.0, 0.6667, 0.3333), strict=True)]
    told = suggest(album(4), songs, first=1)
    assert told.order[0] == 1
    assert told.cost < told.cost_today
    assert [track.title for track in told.release.tracks] == [f"Song {i}" for i in told.order]
    assert [(join.before, join.after) for join in told.joins] == list(
        itertools.pairwise(told.order)
    )
    assert all("bpm" in join.sentence for join in told.joins)
    assert told.release.tracks[0].gap_s is None
    assert all(SHORTEST_S <= (t.gap_s or 0.0) <= LONGEST_S for t in told.release.tracks[1:])
    document = told.to_json()
    assert document["order"] == list(told.order)
    assert document["joins"][0]["reason"] == told.joins[0].sentence
    # Suggested again, it stays.
    again = [songs[i - 1] for i in told.order]
    assert suggest(told.release, again, first=1).is_today_s


def test_where_nothing_is_better_today_s_order_stays() -> None:
    told = suggest(album(5), [song() for _ in range(5)])
    assert told.is_today_s
    assert told.cost == told.cost_today
    assert told.notes == ("No order is clearly better than that of today.",) or not told.notes


def test_joined_songs_stay_together() -> None:
    release = album(6, t3=Track(gap_s=0), t4=Track(crossfade_s=2.0), t6=Track(gap_s=1.25))
    random = np.random.default_rng(5)
    for _ in range(5):
        energy = random.permutation(6) / 5
        keys = random.choice(NOTES, 6)
        songs = [song(f"{k} major", 100, e) for k, e in zip(keys, energy, strict=True)]
        told = suggest(release, songs)
        at = told.order.index(2)
        assert told.order[at : at + 3] == (2, 3, 4)
        kinds = {(j.before, j.after): (j.kind, j.gap) for j in told.joins}
        assert kinds[2, 3] == ("gapless", None)
        assert kinds[3, 4] == ("crossfade", None)
        by_title = {track.title: track for track in told.release.tracks}
        assert by_title["Song 3"].gap_s == 0
        assert (by_title["Song 4"].gap_s, by_title["Song 4"].crossfade_s) == (None, 2.0)
        if (5, 6) in kinds:
            assert by_title["Song 6"].gap_s == 1.25  # as it was set


def test_fixed_songs() -> None:
    songs = [song("C major", 100, i / 4) for i in range(5)]
    told = suggest(album(5), songs, first=4, last=1)
    assert (told.order[0], told.order[-1]) == (4, 1)
    joined = album(5, t3=Track(gap_s=0))
    with pytest.raises(SettingError, match="first=3: is joined to others without a gap; take 2"):
        suggest(joined, songs, first=3)
    with pytest.raises(SettingError, match="last=2: is joined to others without a gap; take 3"):
        suggest(joined, songs, last=2)
    with pytest.raises(SettingError, match="first=6: must be 1 to 5"):
        suggest(album(5), songs, first=6)
    with pytest.raises(SettingError, match="cannot be the same"):
        suggest(album(5), songs, first=2, last=2)


def test_what_is_hidden_stays_before_the_first() -> None:
    songs = [song("C major", 100, e) for e in (0.0, 0.5, 1.0)]
    flows = album(3, t1=Track(hidden_file="secret.wav"))
    assert suggest(flows, songs).order[0] == 1
    apart = album(3, t1=Track(hidden_file="secret.wav", gap_s=10))
    told = suggest(apart, songs, first=3)
    assert told.release.tracks[0].hidden_file == "secret.wav"
    assert told.release.tracks[0].gap_s == 10
    assert all(not track.hidden_file for track in told.release.tracks[1:])


# ---- ends and gaps -------------------------------------------------------------------------------


def beats(bpm: float, n: int, tail_s: float, head_s: float = 0.0) -> Audio:
    """Short bursts of noise on every beat, silence before and after."""
    random = np.random.default_rng(1)
    step = round(60.0 / bpm * RATE_HZ)
    burst = random.standard_normal(step) * np.exp(-np.arange(step) / (0.05 * RATE_HZ)) * 0.3
    samples = np.concatenate((np.zeros(round(head_s * RATE_HZ)), np.tile(burst, n)))
    tail = np.zeros(max(0, round(tail_s * RATE_HZ) - step))
    return Audio(np.concatenate((samples, tail))[None], RATE_HZ)


def test_attacks_and_silence_are_found_to_the_5_ms() -> None:
    edges = ends(AudioSource(beats(120, 16, 2.0, head_s=1.0)), -20.0)
    assert edges.head_s == pytest.approx(1.0, abs=0.005)
    assert edges.first_attack_s == pytest.approx(1.0, abs=0.01)
    assert edges.last_attack_s == pytest.approx(2.0, abs=0.015)
    assert 1.3 < edges.tail_s < 1.8
    silence = AudioSource(Audio(np.zeros((2, RATE_HZ)), RATE_HZ))
    assert ends(silence, -20.0) == Ends()
    assert ends(silence, -math.inf) == Ends()


def test_the_loudness_of_an_end_and_its_decay() -> None:
    time_s = np.arange(40 * RATE_HZ) / RATE_HZ
    gain = np.where(time_s < 28, 1.0, 10.0 ** (-(time_s - 28) * 5 / 20))  # 5 dB a second
    tone = np.sin(2 * np.pi * 1000 * time_s) * 0.1 * gain
    loud = 20 * np.log10(0.1) - 3.01 + 0.7 - 0.691  # 1 kHz sine, K-weighting near +0.7 dB
    edges = ends(AudioSource(Audio(tone[None], RATE_HZ)), loud)
    assert edges.begin_lu == pytest.approx(0.0, abs=0.3)
    # From -10 LU at 30 s to -50 LU at 38 s.
    assert edges.decay_s == pytest.approx(8.0, abs=0.2)
    assert edges.tail_s == pytest.approx(2.0, abs=0.2)


def test_the_next_song_comes_in_on_a_beat() -> None:
    one = ends(AudioSource(beats(100, 20, 1.3)), -20.0)
    two = ends(AudioSource(beats(100, 20, 1.0, head_s=0.17)), -20.0)
    gap = gap_between(one, two, Tempo(100.0, 0.9))
    assert SHORTEST_S <= gap.gap_s <= LONGEST_S
    assert one.last_attack_s is not None
    assert two.first_attack_s is not None
    between_s = one.last_attack_s + gap.gap_s + two.first_attack_s
    assert between_s / 0.6 == pytest.approx(gap.beats, abs=1e-3)
    assert gap_between(one, two, Tempo(100.0, 0.1)).beats is None  # not sure of it


def test_the_longer_an_end_rings_the_shorter_the_gap() -> None:
    cold, ring, fade = (Ends(end_lu=-3, decay_s=s) for s in (0.3, 2.0, 9.0))
    gaps = [gap_between(one, Ends(begin_lu=-3), None).gap_s for one in (cold, ring, fade)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > gaps[1] > gaps[2]
    softer = gap_between(cold, Ends(begin_lu=-15), None)
    assert softer.gap_s > gaps[0]
    silent = gap_between(Ends(decay_s=0.3, tail_s=5.0), Ends(), None)
    assert silent.gap_s == SHORTEST_S
    assert silent.heard_s == pytest.approx(5.5)
    assert "hold 5.0 s of silence" in silent.reason


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(2)
    for i, gain in enumerate((0.05, 0.2, 0.1), 1):
        noise = random.standard_normal((4 * RATE_HZ, 2)) * gain
        soundfile.write(tmp_path / f"{i} Song.wav", noise, RATE_HZ, subtype="PCM_16")
    return tmp_path


def test_the_command_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in folder.iterdir())
    assert main(["album", "suggest", str(folder), "--quiet"]) == 0
    told = capsys.readouterr().out
    assert "an order, as a suggestion" in told
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_command_writes_another_album(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    one = folder / "album.yaml"
    tracks = tuple(Track(file=f"{i} Song.wav", title=f"Song {i}") for i in (1, 2, 3))
    save_album(Release(title="Album", tracks=tracks), one)
    as_it_was = one.read_bytes()
    words = ["album", "suggest", str(one), "--json", "--quiet", "--first", "3"]
    assert main([*words, "-o", str(folder / "new.yaml")]) == 0
    document = json.loads(capsys.readouterr().out)
    new = load_album(folder / "new.yaml")
    assert new.tracks[0].title == "Song 3"
    assert [t["title"] for t in document["tracks"]] == [t.title for t in new.tracks]
    assert [j["gap_s"] for j in document["joins"]] == [t.gap_s for t in new.tracks[1:]]
    assert one.read_bytes() == as_it_was
    for output, code in ((one, 5), (folder / "new.yaml", 5), (folder.parent / "x.yaml", 2)):
        assert main([*words, "-o", str(output)]) == code
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["album", "suggest", str(folder / "none.yaml")]) == 3
    assert "there is no such file or folder" in capsys.readouterr().err
