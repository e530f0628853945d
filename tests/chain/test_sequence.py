"""The sequence: sample-exact joins, tracks that add up to the programme, fades in dB."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, Source
from burnish.chain.layout import SAMPLES_PER_CD_FRAME
from burnish.chain.sequence import SequenceSource
from burnish.dsp.resample import Resampler
from burnish.errors import SettingError
from burnish.release import Fade, Release, Track

RATE_HZ = 8000


def noise(n_samples: int, seed: int = 0, channels: int = 2, rate_hz: int = RATE_HZ) -> AudioSource:
    random = np.random.default_rng(seed)
    return AudioSource(Audio(random.standard_normal((channels, n_samples)) * 0.1, rate_hz))


def release(*tracks: Track, gap_s: float = 0.0) -> Release:
    named = (t if t.file else t.with_(file=f"{i}.wav") for i, t in enumerate(tracks))
    return Release(tracks=tuple(named), gap_s=gap_s)


def heard(source: Source, block_samples: int = 65_536) -> NDArray[np.float64]:
    blocks = list(source.blocks(block_samples))
    return np.concatenate(blocks, axis=1)


def samples_of(*sources: AudioSource) -> list[NDArray[np.float64]]:
    return [source.audio.samples for source in sources]


def test_nothing_asked_is_plain_concatenation_bit_for_bit() -> None:
    sources = [noise(n, seed=n) for n in (1000, 1, 2345, 8)]
    programme = SequenceSource(release(*[Track()] * 4), sources)
    assert np.array_equal(heard(programme), np.concatenate(samples_of(*sources), axis=1))
    assert [track.join for track in programme.layout.tracks] == ["first"] + ["gapless"] * 3
    for track, source in zip(programme.tracks(), sources, strict=True):
        assert np.array_equal(track.read().samples, source.audio.samples)


def test_trims_and_gaps_are_exact_to_the_sample() -> None:
    one, two = noise(4000, 1), noise(4000, 2)
    told = release(Track(start_s=0.1, end_s=0.4), Track(gap_s=0.25, start_s=0.125))
    programme = SequenceSource(told, [one, two])
    a, b = samples_of(one, two)
    expected = [a[:, 800:3200], np.zeros((2, 2000)), b[:, 1000:]]
    assert np.array_equal(heard(programme), np.concatenate(expected, axis=1))
    first, second = programme.layout.tracks
    assert (first.start, first.finish, first.end) == (0, 2400, 4400)  # the gap is the first one's
    assert (second.start, second.begin, second.end, second.join) == (4400, 4400, 7400, "gap")
    assert (first.pause, second.pause) == (0, 2400)


def test_the_album_s_gap_holds_where_a_track_says_nothing() -> None:
    sources = [noise(800, n) for n in range(4)]
    told = release(Track(), Track(), Track(gap_s=0.0), Track(crossfade_s=0.05), gap_s=0.5)
    layout = SequenceSource(told, sources).layout
    assert [one.start - one.pause for one in layout.tracks] == [0, 4000, 0, 0]
    assert [one.join for one in layout.tracks] == ["first", "gap", "gapless", "crossfade"]


@pytest.mark.parametrize("curve", ["linear", "s-curve"])
def test_a_crossfade_of_the_same_signal_keeps_every_bit(curve: str) -> None:
    whole = noise(6000, 3)
    told = release(Track(file="a", end_s=0.5), Track(file="b", start_s=0.25, crossfade_s=0.25,
                                                     crossfade_curve=curve))  # fmt: skip
    assert np.array_equal(heard(SequenceSource(told, [whole, whole])), whole.audio.samples)


def test_an_equal_power_crossfade_keeps_the_power_of_unlike_noise() -> None:
    n = 100_000
    told = release(Track(), Track(crossfade_s=10.0))
    programme = SequenceSource(told, [noise(n, 1, rate_hz=10_000), noise(n, 2, rate_hz=10_000)])
    assert programme.info.n_samples == n  # crossed from end to end
    power = (heard(programme) ** 2).reshape(2, 10, -1).mean(axis=(0, 2))
    assert np.abs(10 * np.log10(power / 0.01)).max() < 0.1


def test_a_crossfade_is_divided_in_its_middle_and_can_be_a_plain_sum() -> None:
    one, two = noise(3000, 1), noise(3000, 2)
    told = release(Track(), Track(crossfade_s=0.125, crossfade_curve="none"))
    programme = SequenceSource(told, [one, two])
    a, b = samples_of(one, two)
    assert np.array_equal(heard(programme)[:, 2000:3000], a[:, 2000:] + b[:, :1000])
    second = programme.layout.tracks[1]
    assert (second.begin, second.start, second.join) == (2000, 2500, "crossfade")


@pytest.mark.parametrize(
    ("curve", "middle_db"),
    [("linear", -6.02), ("equal-power", -3.01), ("s-curve", -6.02), ("exponential", -30.27)],
)
def test_the_curves_of_fades(curve: str, middle_db: float) -> None:
    ones = AudioSource(Audio(np.ones((1, 8000)), RATE_HZ))
    fade = Fade(length_s=0.25, curve=curve)
    gains = heard(SequenceSource(release(Track(fade_in=fade, fade_out=fade)), [ones]))[0]
    rise, fall = gains[:2000], gains[-2000:]
    assert 20 * np.log10(rise[1000]) == pytest.approx(middle_db, abs=0.03)
    assert np.array_equal(rise, fall[::-1])  # the mirror, bit for bit
    assert (np.diff(rise) > 0).all()
    assert rise[0] < 1e-3
    assert 0.998 < rise[-1] < 1
    assert (gains[2000:-2000] == 1).all()
    if curve == "exponential":  # 60 dB over its length: 15 dB a quarter, where it is straight
        assert 20 * np.log10(rise[1999] / rise[1499]) == pytest.approx(15, abs=0.1)


def test_mono_goes_to_both_channels_as_it_is() -> None:
    mono, stereo = noise(500, 1, channels=1), noise(500, 2)
    programme = SequenceSource(release(Track(), Track()), [mono, stereo])
    assert np.array_equal(heard(programme)[:, :500], np.repeat(mono.audio.samples, 2, axis=0))
    only = SequenceSource(release(Track(), Track(crossfade_s=0.01)), [mono, mono])
    assert only.info.channels == 1


def test_another_rate_is_converted_as_a_whole_before_it_is_cut() -> None:
    one, two = noise(4000, 1, rate_hz=16_000), noise(6000, 2, rate_hz=8_000)
    told = release(Track(), Track(start_s=0.25, end_s=0.5))
    programme = SequenceSource(told, [one, two])
    assert programme.info.rate_hz == 16_000
    resampler = Resampler(8_000, 16_000, 2)
    converted = [resampler.process(two.audio.samples), resampler.finish()]
    cut = np.concatenate(converted, axis=1)[:, 4000:8000]
    assert np.array_equal(heard(programme), np.concatenate([one.audio.samples, cut], axis=1))
    lower = SequenceSource(told, [one, two], rate_hz=8_000)
    assert lower.layout.tracks[1].begin == 2000


def test_what_is_hidden_comes_before_the_first_track() -> None:
    hidden, one = noise(1000, 1), noise(1000, 2)
    told = release(Track(gap_s=0.1, hidden_file="secret.wav"))
    programme = SequenceSource(told, [one], hidden)
    layout = programme.layout
    assert layout.hidden is not None
    assert (layout.hidden.start, layout.hidden.finish, layout.tracks[0].start) == (0, 1000, 1800)
    before = programme.hidden()
    assert before is not None
    parts = [heard(before), heard(programme.track(0))]
    assert np.array_equal(np.concatenate(parts, axis=1), heard(programme))


def test_index_marks_lie_in_the_programme() -> None:
    told = release(Track(), Track(gap_s=0.5, index_s=(0.125, 0.25)))
    layout = SequenceSource(told, [noise(4000), noise(4000)]).layout
    assert layout.tracks[1].marks == (9000, 10_000)


def test_starts_snap_to_cd_frames_and_nothing_is_padded_in_a_join() -> None:
    rate_hz = 44_100
    lengths = (30_000, 25_001, 27_777, 40_000)
    sources = [noise(n, n, rate_hz=rate_hz) for n in lengths]
    told = release(
        Track(), Track(gap_s=0.1, index_s=(0.2,)), Track(gap_s=0.0), Track(crossfade_s=0.2)
    )
    programme = SequenceSource(told, sources, cd_frames=True)
    layout = programme.layout
    places = [p for one in layout.tracks for p in (one.start, one.end, one.pause, *one.marks)]
    assert not any(place % SAMPLES_PER_CD_FRAME for place in places)
    _, gap, gapless, crossed = layout.tracks
    assert 4410 <= gap.start - 30_000 < 4410 + SAMPLES_PER_CD_FRAME
    assert gap.begin == gap.start
    assert 0 <= gap.pause - 30_000 < SAMPLES_PER_CD_FRAME
    assert gapless.begin == gap.finish  # not a sample between them
    assert 0 <= gapless.begin - gapless.start < SAMPLES_PER_CD_FRAME
    assert crossed.begin == gapless.finish - 8820
    assert 0 <= crossed.begin + 4410 - crossed.start < SAMPLES_PER_CD_FRAME
    played = heard(programme)
    assert np.array_equal(played[:, gap.begin : gap.finish], sources[1].audio.samples)
    assert not played[:, crossed.finish :].any()  # padded at the very end only
    assert layout.n_samples == crossed.end
    assert np.array_equal(np.concatenate([heard(t) for t in programme.tracks()], axis=1), played)


def test_cd_frames_need_the_cd_s_rate_and_tracks_of_one() -> None:
    with pytest.raises(SettingError, match="rate_hz=8000: must be 44100 Hz"):
        SequenceSource(release(Track()), [noise(100)], cd_frames=True)
    short = [noise(n, rate_hz=44_100) for n in (5000, 100, 100, 5000)]
    with pytest.raises(SettingError, match="track 2: is shorter than one cd_frame"):
        SequenceSource(release(*[Track()] * 4), short, cd_frames=True)


@pytest.mark.parametrize(
    ("tracks", "sentence"),
    [
        ((Track(), Track(crossfade_s=0.6)), "track 2: crossfade_s=0.6: is longer than track 1"),
        (
            (Track(), Track(crossfade_s=0.3), Track(crossfade_s=0.3)),
            "track 3: crossfade_s=0.3: meets the one before",
        ),
        ((Track(end_s=0.7),), "track 1: end_s=0.7: its file plays only 0.500 s"),
        ((Track(start_s=0.5),), "track 1: start_s=0.5: its file plays only 0.500 s"),
        ((Track(fade_in=Fade(length_s=0.3), fade_out=Fade(length_s=0.3)),), "its fades take 0.6 s"),
        ((Track(index_s=(0.2, 0.6)),), "index_s=0.6: must be after 0.2 and before 0.500 s"),
        ((Track(index_s=(0.2, 0.20001)),), "its marks must lie apart"),
        ((Track(end_s=0.00001),), "holds no samples between its trims"),
    ],
)
def test_what_does_not_fit_is_told_with_its_track(tracks: tuple[Track, ...], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence.replace(".", r"\.")):
        SequenceSource(release(*tracks), [noise(4000, n) for n in range(len(tracks))])


CURVES = ["linear", "equal-power", "exponential", "s-curve"]


@st.composite
def albums(draw: st.DrawFn) -> tuple[Release, list[Source], Source | None, bool]:
    """Two to four short songs with whatever joins, fades, trims, channels and rates."""
    cd_frames = draw(st.booleans())
    tracks: list[Track] = []
    sources: list[Source] = []
    hidden = noise(700, 99, rate_hz=44_100) if draw(st.booleans()) else None
    for i in range(draw(st.integers(2, 4))):
        rate_hz = draw(st.sampled_from([44_100, 44_100, 22_050]))
        n = draw(st.integers(6000, 9000)) * rate_hz // 44_100
        sources.append(noise(n, i, draw(st.sampled_from([1, 2])), rate_hz))
        join = draw(st.sampled_from(["gap", "gapless", "crossfade"]))
        tracks.append(
            Track(
                start_s=draw(st.sampled_from([0.0, 0.001])),
                fade_in=Fade(
                    length_s=draw(st.floats(0, 0.05)), curve=draw(st.sampled_from(CURVES))
                ),
                fade_out=Fade(length_s=draw(st.floats(0, 0.05))),
                gap_s=draw(st.floats(0, 0.1)) if join == "gap" and (i or hidden) else 0.0,
                crossfade_s=draw(st.floats(0, 0.06)) if join == "crossfade" and i else 0.0,
                crossfade_curve=draw(st.sampled_from([*CURVES, "none"])),
            )
        )
    if hidden is not None:
        tracks[0] = tracks[0].with_(hidden_file="hidden.wav")
    return release(*tracks), sources, hidden, cd_frames


@settings(max_examples=40, deadline=None)
@given(albums(), st.integers(1, 5000), st.floats(0, 1))
def test_tracks_are_the_programme_and_blocks_change_no_bit(
    album: tuple[Release, list[Source], Source | None, bool], block: int, where: float
) -> None:
    told, sources, hidden, cd_frames = album
    programme = SequenceSource(told, sources, hidden, rate_hz=44_100, cd_frames=cd_frames)
    whole = heard(programme)
    assert whole.shape == (programme.info.channels, programme.info.n_samples)
    assert np.isfinite(whole).all()
    before = programme.hidden()
    parts = [*([before] if before is not None else []), *programme.tracks()]
    assert np.array_equal(np.concatenate([heard(part) for part in parts], axis=1), whole)
    assert np.array_equal(heard(programme, block), whole)
    start = int(where * (whole.shape[1] - 1))
    some = np.concatenate(list(programme.blocks(17, start, start + 500)), axis=1)
    assert np.array_equal(some, whole[:, start : start + 500])
    edges = [one.start for one in programme.layout.tracks] + [programme.info.n_samples]
    assert all(a < b for a, b in itertools.pairwise(edges))


def test_single_samples_and_passes_side_by_side() -> None:
    told = release(Track(), Track(crossfade_s=0.02), Track(gap_s=0.01))
    programme = SequenceSource(told, [noise(400, n) for n in range(3)])
    whole = heard(programme)
    assert np.array_equal(heard(programme, 1), whole)
    pairs = zip(programme.blocks(64), programme.blocks(64), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


class Counted(Source):
    """A long source without samples in memory, which knows how many blocks are out."""

    def __init__(self, n_samples: int, seen: list[int]) -> None:
        self.info = replace(noise(1).info, n_samples=n_samples, rate_hz=44_100, is_float=False)
        self._seen = seen

    def _read(self, block_samples: int, start: int, stop: int):  # type: ignore[no-untyped-def]
        for at in range(start, stop, block_samples):
            n = min(block_samples, stop - at)
            self._seen.append(n)
            yield np.full((2, n), 0.25)


def test_memory_does_not_grow_with_length() -> None:
    """One hour: at the end of a track no more than it has given out is read, and little ahead."""
    seen: list[int] = []
    programme = SequenceSource(
        release(Track(), Track(crossfade_s=30.0)),
        [Counted(30 * 60 * 44_100, seen), Counted(30 * 60 * 44_100, seen)],
    )
    given_out = 0
    for block in programme.blocks():
        given_out += block.shape[1]
        ahead = sum(seen) - given_out
        assert ahead <= 30 * 44_100 + 3 * 65_536  # what two share is read twice
    assert given_out == programme.info.n_samples


def test_whole_numbers_stay_whole_numbers_where_nothing_is_mixed() -> None:
    def of_bits(bits: int, seen: Sequence[int] = ()) -> Source:
        source = noise(1000)
        source.info = replace(source.info, bits=bits, is_float=False, codec="pcm")
        return source

    plain = SequenceSource(release(Track(), Track(gap_s=0.1)), [of_bits(16), of_bits(24)])
    assert (plain.info.bits, plain.info.is_float) == (24, False)
    faded = SequenceSource(release(Track(fade_in=Fade(length_s=0.01))), [of_bits(16)])
    assert faded.info.is_float
