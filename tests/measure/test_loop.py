"""A loop through hardware that is simulated exactly (bench/loop.py): it is found, and undone."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.loop import programme, recorded

from burnish.audio import Audio, AudioSource
from burnish.dsp.between import Between
from burnish.dsp.sync import Layout
from burnish.errors import InputError
from burnish.measure.loop import Loop, find_loop
from burnish.measure.returned import Comparer, Returned, look

Floats = NDArray[np.float64]
SLOW_HZ = 16_000


def sent(rate_hz: int = SLOW_HZ, channels: int = 2, seconds: float = 1.0) -> tuple[Layout, Floats]:
    layout = Layout(rate_hz, channels, round(seconds * rate_hz))
    sound = programme(rate_hz, layout.n_programme, channels)
    return layout, np.concatenate((layout.head(), sound, layout.tail()), axis=1)


def source(samples: Floats, rate_hz: int = SLOW_HZ) -> AudioSource:
    return AudioSource(Audio(samples, rate_hz))


def lined_up(recording: Floats, loop: Loop, layout: Layout) -> Floats:
    begin = loop.delay_samples + loop.speed * layout.programme
    rows = recording[[i - 1 for i in loop.recorded_channels]]
    return Between(loop.speed).read(rows, 0, begin, 0, layout.n_programme)


def residual_db(recording: Floats, loop: Loop, layout: Layout, out: Floats) -> float:
    wanted = out[:, layout.programme : layout.programme + layout.n_programme]
    gains = 10.0 ** (-np.array(loop.gains_db) / 20.0) * np.where(loop.inverted, -1.0, 1.0)
    left = gains[:, None] * lined_up(recording, loop, layout) - wanted
    return float(10.0 * np.log10(np.mean(left**2) / np.mean(wanted**2)))


@pytest.mark.parametrize(
    ("rate_hz", "delay", "ppm", "recorder_hz"),
    [
        (44_100, 0.37, 0.0, 44_100),
        (48_000, 9000.73, 100.0, 48_000),
        (96_000, 4321.09, -37.5, 96_000),
        (48_000, 777.5, 12.3, 44_100),
        (16_000, 5.25, -100.0, 16_000),
        (16_000, 9000.73, 0.0, 16_000),
        (16_000, 123.0, 3.0, 22_050),
    ],
)
def test_delay_and_drift_are_found_and_a_clean_loop_is_undone(
    rate_hz: int, delay: float, ppm: float, recorder_hz: int
) -> None:
    layout, out = sent(rate_hz, 1 if rate_hz > 48_000 else 2, seconds=0.5)
    if recorder_hz < rate_hz:  # what the recorder cannot hold is not sent
        start = layout.programme
        sound = programme(rate_hz, layout.n_programme, layout.channels, 0.44 * recorder_hz)
        out[:, start : start + layout.n_programme] = sound
    recording = recorded(out, delay, ppm, recorder_hz / rate_hz)
    loop = find_loop(source(recording, recorder_hz), layout)
    assert loop.delay_samples == pytest.approx(delay, abs=1e-3)
    assert loop.drift_ppm == pytest.approx(ppm, abs=1e-3)
    assert loop.gain_db == pytest.approx(0.0, abs=1e-6)
    assert residual_db(recording, loop, layout, out) < -110.0


def test_whole_samples_without_drift_keep_their_bits() -> None:
    layout, out = sent()
    recording = np.concatenate((np.zeros((2, 57)), out), axis=1)
    loop = find_loop(source(recording), layout)
    assert (loop.delay_samples, loop.drift_ppm) == (57.0, 0.0)
    wanted = out[:, layout.programme : layout.programme + layout.n_programme]
    assert np.array_equal(lined_up(recording, loop, layout), wanted)


def test_noise_moves_the_delay_by_less_than_a_hundredth() -> None:
    layout, out = sent()
    recording = recorded(out, 300.37, 20.0)
    recording += 1e-3 * np.random.default_rng(4).standard_normal(recording.shape)
    loop = find_loop(source(recording), layout)
    assert abs(loop.delay_samples - 300.37) < 0.01
    assert abs(loop.drift_ppm - 20.0) < 0.1
    assert loop.noise_dbfs == pytest.approx((-60.0, -60.0), abs=0.3)


def test_gain_polarity_and_channels_are_told() -> None:
    layout, out = sent()
    recording = recorded(out, 40.2)[::-1] * np.array([[0.5], [-0.25]])
    loop = find_loop(source(recording), layout)
    assert loop.swapped
    assert loop.inverted == (True, False)  # of what was sent: the left came back in the right
    assert loop.gains_db == pytest.approx((-12.0412, -6.0206), abs=1e-3)
    assert residual_db(recording, loop, layout, out) < -110.0


def transformer(cycles: Floats) -> NDArray[np.complex128]:
    """A high-pass of 15 Hz and a low-pass of 7 kHz, first order each, at 16 kHz."""
    f = 1j * cycles * SLOW_HZ
    return np.asarray((f / (f + 15.0)) / (1.0 + f / 7000.0))


def test_of_a_filter_the_delay_is_that_of_the_bursts_energy() -> None:
    layout, out = sent()
    plain = find_loop(source(recorded(out, 100.0, 30.0)), layout)
    loop = find_loop(source(recorded(out, 100.0, 30.0, response=transformer)), layout)
    # A low-pass of 7 kHz delays what is far below it by 1 / (2 pi 7000) s, 0.36 samples.
    assert 0.1 < loop.delay_samples - plain.delay_samples < 0.37
    assert loop.drift_ppm == pytest.approx(30.0, abs=1e-2)
    assert loop.inverted == (False, False)


def test_mono_and_a_recorder_with_two_channels() -> None:
    layout, out = sent(channels=1)
    recording = np.concatenate((np.zeros_like(out), out))
    loop = find_loop(source(recording), layout)
    assert loop.recorded_channels == (2,)
    assert loop.delay_samples == 0.0


def test_a_recording_that_is_none_is_refused_in_one_sentence() -> None:
    layout, out = sent()
    begin, end = layout.programme, layout.programme + layout.n_programme
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, 6 * SLOW_HZ))
    dead = out.copy()
    dead[1] = 0.0
    cases = {
        "return-late": out[:, begin:],
        "return-early": out[:, :end],
        "return-no-burst": noise,
        "return-silent-channel": dead,
        "return-channels": out[:1],
        "return-length": np.delete(out, np.s_[begin : begin + 3000], axis=1),
    }
    for code, samples in cases.items():
        with pytest.raises(InputError) as caught:
            find_loop(source(np.ascontiguousarray(samples)), layout)
        assert caught.value.code == code
        assert "\n" not in caught.value.sentence
    with pytest.raises(InputError, match="no sync burst"):
        find_loop(source(np.zeros((2, SLOW_HZ))), layout)


def test_the_channel_that_is_told_dead_is_the_dead_one() -> None:
    layout, out = sent()
    left, right = out
    nothing = np.zeros_like(left)
    for channels, word in (
        ((left, nothing), "right"),
        ((nothing, right), "left"),
        ((left, left), "right"),  # the left one's cable was split into both
        ((right, right), "left"),
        ((left + right, nothing), "right"),  # both went into one input
    ):
        with pytest.raises(InputError, match=f"the {word} channel did not come back"):
            find_loop(source(np.stack(channels)), layout)


def test_a_start_or_an_end_between_two_bursts_is_no_dead_channel() -> None:
    layout, out = sent()
    with pytest.raises(InputError, match="starts too late"):
        find_loop(source(out[:, layout.heads[1] - 500 :].copy()), layout)
    with pytest.raises(InputError, match="ends too early"):
        find_loop(source(out[:, : layout.tails[1] - 500].copy()), layout)


def test_of_several_passes_the_last_whole_one_is_taken() -> None:
    layout, out = sent()
    broken = out[:, : layout.programme + 4000]
    gap = np.zeros((2, 9000))
    takes = {
        2: (out, gap, 0.9 * out),
        1: (broken, gap, out),
        -1: (out, gap, 1.1 * broken),  # the first is whole
    }
    for passes, pieces in takes.items():
        recording = np.concatenate(pieces, axis=1)
        loop = find_loop(source(recording), layout)
        before = 0 if passes < 0 else pieces[0].shape[1] + gap.shape[1]
        assert (loop.delay_samples, loop.passes) == (before, abs(passes))
    looped = np.concatenate((out[:, layout.programme + 4000 :], gap, broken), axis=1)
    with pytest.raises(InputError, match="ends too early"):
        find_loop(source(looped), layout)


def test_crosstalk_and_dc_are_told() -> None:
    layout, out = sent()
    assert find_loop(source(out), layout).crosstalk_db < -60.0
    mixed = out + 0.1 * out[::-1] + 0.01
    loop = find_loop(source(mixed), layout)
    assert loop.crosstalk_db == pytest.approx(-20.0, abs=0.2)
    assert loop.dc == pytest.approx((0.01, 0.01), abs=1e-6)
    mono = np.tile(out.mean(axis=0), (2, 1))
    assert find_loop(source(mono), layout).crosstalk_db == pytest.approx(0.0, abs=0.1)


def at_an_uneven_pace(samples: Floats, swing: float, hz: float = 0.6) -> Floats:
    """As a tape plays it: earlier and later by ``swing`` samples."""
    n = np.arange(samples.shape[1])
    places = n + swing * np.sin(2 * np.pi * hz * n / SLOW_HZ)
    return np.stack([np.interp(places, n, row) for row in samples])


def test_a_tape_keeps_its_level_and_its_polarity_and_loses_no_samples() -> None:
    layout, out = sent(seconds=6.0)
    loop = find_loop(source(at_an_uneven_pace(out, 8.0)), layout)
    assert loop.gain_db == pytest.approx(0.0, abs=0.3)
    assert loop.inverted == (False, False)
    assert loop.unsteady_samples > 0.5
    assert find_loop(source(out), layout).unsteady_samples < 1e-6
    there = out[:, layout.programme : layout.programme + layout.n_programme]
    found = compared(at_an_uneven_pace(there, 3.0), there)
    assert found.jumps == ()
    assert found.wander_samples == pytest.approx(3.0, abs=1.0)


def compared(
    back: Floats, there: Floats, noise_dbfs: float = -math.inf, skew_samples: float = 0.0
) -> Returned:
    comparer = Comparer(SLOW_HZ, 2, skew_samples)
    for i in range(0, there.shape[1], 7000):
        comparer.feed(there[:, i : i + 7000], back[:, i : i + 7000])
    return comparer.finish(noise_dbfs)


def test_a_clean_programme_shows_nothing() -> None:
    there = programme(SLOW_HZ, 4 * SLOW_HZ, 2)
    found = compared(0.5 * there, there)
    assert (found.dropouts_s, found.jumps) == ((), ())
    assert found.null_db < -150.0
    assert found.correlation == pytest.approx(1.0)
    assert found.wander_samples == pytest.approx(0.0, abs=1e-6)


def test_a_loop_that_compresses_and_colours_is_no_dropout() -> None:
    there = programme(SLOW_HZ, 4 * SLOW_HZ, 2)
    t = np.arange(there.shape[1]) / SLOW_HZ
    back = np.tanh(3.0 * there) * (1.0 - 0.7 * (np.sin(2 * np.pi * 3 * t) > 0.5))
    found = compared(back, there, noise_dbfs=-80.0)
    assert (found.dropouts_s, found.jumps) == ((), ())


def test_dropouts_are_found_where_they_are() -> None:
    there = programme(SLOW_HZ, 4 * SLOW_HZ, 2)
    back = there + 1e-5 * np.random.default_rng(2).standard_normal(there.shape)
    back[0, 24_000:24_080] *= 1e-3  # 5 ms of one channel
    found = compared(back, there, noise_dbfs=-100.0)
    assert len(found.dropouts_s) == 1
    begin, end = found.dropouts_s[0]
    assert begin == pytest.approx(1.5, abs=0.002)
    assert end == pytest.approx(1.505, abs=0.002)


@pytest.mark.parametrize("samples", [64, -37])
def test_lost_and_doubled_samples_are_found(samples: int) -> None:
    there = programme(SLOW_HZ, 6 * SLOW_HZ, 2)
    place = 50_000
    rest = there[:, place + samples :]
    back = np.concatenate((there[:, :place], rest, np.zeros((2, max(samples, 0)))), axis=1)
    found = compared(np.ascontiguousarray(back[:, : there.shape[1]]), there)
    assert len(found.jumps) == 1
    assert found.jumps[0].samples == pytest.approx(samples, abs=0.1)
    assert found.jumps[0].at_s == pytest.approx(place / SLOW_HZ, abs=0.51)


def test_samples_are_lost_once_though_the_drift_was_misjudged_for_it() -> None:
    layout, out = sent(seconds=6.0)
    place = layout.programme + 50_000
    doubled = np.concatenate((out[:, :place], out[:, place - 60 :]), axis=1)
    loop = find_loop(source(doubled), layout)
    assert loop.drift_ppm > 300.0  # the line through the bursts knows no better
    there = out[:, layout.programme : layout.programme + layout.n_programme]
    found = compared(lined_up(doubled, loop, layout), there)
    assert len(found.jumps) == 1
    assert found.jumps[0].samples == pytest.approx(-60.0, abs=3.0)


def test_a_channel_that_is_late_throughout_lost_nothing() -> None:
    there = programme(SLOW_HZ, 6 * SLOW_HZ, 2)
    there[1] *= np.where(np.arange(there.shape[1]) // 8000 % 2, 3.0, 0.3)  # now the louder, now not
    back = np.stack((there[0], np.roll(there[1], 4)))
    aligned = np.stack((np.roll(back[0], -2), np.roll(back[1], -2)))  # by the mean of both delays
    assert compared(aligned, there, skew_samples=4.0).jumps == ()


def test_another_programme_between_the_bursts_is_known() -> None:
    there, other = (programme(SLOW_HZ, 4 * SLOW_HZ, 2, seed=seed) for seed in (1, 2))
    assert compared(other, there).is_another
    assert compared(1e-6 * other, there).is_another
    assert compared(np.zeros_like(there), there).is_another
    assert not compared(np.tanh(20.0 * there), there).is_another
    assert not compared(np.zeros_like(there), np.zeros_like(there)).is_another


def test_what_is_too_soft_for_its_bits_did_not_drop_out() -> None:
    there = programme(SLOW_HZ, 4 * SLOW_HZ, 2)
    soft = np.round(0.003 * there * 2**15) / 2**15  # recorded 50 dB under what was sent
    frozen_s = look(source(soft), 0, soft.shape[1], (1, 2)).frozen_s
    assert frozen_s
    comparer = Comparer(SLOW_HZ, 2)
    comparer.feed(there, soft / 0.003)
    assert comparer.finish(-30.0, frozen_s, recorded_db=-50.5).dropouts_s == ()
    assert comparer.finish(-30.0, frozen_s).dropouts_s  # as loud as it was sent it could not stand


@pytest.mark.parametrize("ceiling", [0.2, 0.05])
def test_tops_cut_off_and_turned_down_since_are_no_dropouts(ceiling: float) -> None:
    sound = programme(SLOW_HZ, 2 * SLOW_HZ, 2)
    cut = np.clip(sound, -ceiling, ceiling)
    found = look(source(cut), 0, cut.shape[1], (1, 2))
    assert found.clipped_s
    assert found.frozen_s == ()
    assert look(source(sound), 0, cut.shape[1], (1, 2)).clipped_s == ()


def test_full_scale_and_standing_samples_are_seen() -> None:
    sound = programme(SLOW_HZ, 2 * SLOW_HZ, 2)
    sound[1, 8000:8010] = 1.0
    sound[0, 16_000:16_020] = sound[0, 16_000]
    found = look(source(sound), 0, 2 * SLOW_HZ, (1, 2))
    assert found.clipped_s == ((0.5, 8010 / SLOW_HZ),)
    assert len(found.frozen_s) == 1
    assert found.frozen_s[0][0] == pytest.approx(1.0, abs=1e-3)
    assert found.peak_dbfs == 0.0
    assert look(source(2.0 * sound), 0, 2 * SLOW_HZ, (1, 2)).clipped_s == ()  # floats have room
