"""The limiter: never over, never below what is needed, clean on a tone, short on a transient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.dsp.sliding import FIXED_POINT, box, closing, sliding_max
from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.processors.base import Block
from burnish.processors.limiter import Limiter
from burnish.processors.limiter_stage import Stage, ease

RATE_HZ = 44100


def limited(x: Block, limiter: Limiter, rate_hz: int = RATE_HZ) -> Block:
    """The whole, lined up with its input."""
    runner = limiter.start(rate_hz, len(x))
    flushed = np.pad(x, ((0, 0), (0, runner.latency)))
    return runner.process(flushed)[:, runner.latency :]


def true_peak_db(x: Block) -> float:
    padded = np.pad(x, ((0, 0), (PAD, PAD)))
    return float(20 * np.log10(true_peak_steps(padded, x.shape[1], 16).max()))


def drums(duration_s: float = 2.0, rate_hz: int = RATE_HZ) -> Block:
    """Kicks, hats and a bed of pink-like noise: 14 dB of crest, different on both sides."""
    random = np.random.default_rng(3)
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    kick = np.exp(-18 * (t % 0.5)) * np.sin(2 * np.pi * 55 * t)
    hat = np.exp(-120 * (t % 0.125)) * random.standard_normal((2, len(t)))
    bed = np.cumsum(random.standard_normal((2, len(t))), axis=1)
    bed -= np.convolve(bed.mean(axis=0), np.ones(2000) / 2000, "same")
    return 0.7 * kick + 0.15 * hat + 0.1 * bed / np.abs(bed).max()


def thd_n_db(y: Block, frequency_hz: float, rate_hz: int) -> float:
    """What is not the tone, against the tone, over the middle second."""
    tone = y[0, rate_hz : 2 * rate_hz]
    t = np.arange(rate_hz) / rate_hz
    basis = np.stack([np.sin(2 * np.pi * frequency_hz * t), np.cos(2 * np.pi * frequency_hz * t)]).T
    weights = np.linalg.lstsq(basis, tone, rcond=None)[0]
    rest = tone - basis @ weights
    return float(10 * np.log10((rest**2).mean() / ((basis @ weights) ** 2).mean()))


@pytest.mark.parametrize("drive_db", [0.0, 6.0, 14.0, 24.0])
@pytest.mark.parametrize("character", ["transparent", "punchy", "aggressive"])
def test_no_true_peak_passes_the_ceiling(drive_db: float, character: str) -> None:
    limiter = Limiter(input_gain_db=drive_db, character=character, ceiling_dbtp=-1.0)
    assert true_peak_db(limited(drums(), limiter)) <= -1.0 + 0.01


@pytest.mark.parametrize("rate_hz", [8000, 44100, 48000, 96000, 192000])
def test_the_ceiling_holds_at_every_rate(rate_hz: int) -> None:
    y = limited(drums(1.0, rate_hz), Limiter(input_gain_db=9.0), rate_hz)
    assert true_peak_db(y) <= -1.0 + 0.01


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(0, 30),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0.2, 10),
    st.floats(2, 40),
    st.floats(0, 300),
)
def test_no_sample_passes_whatever_the_settings(
    seed: int,
    drive: float,
    link: float,
    link_release: float,
    attack: float,
    hold: float,
    rel: float,
) -> None:
    random = np.random.default_rng(seed)
    x = random.standard_normal((2, 6000)) * random.exponential(0.3, 6000)
    limiter = Limiter(
        input_gain_db=drive,
        attack_ms=attack,
        hold_ms=hold,
        release_ms=rel,
        link_transients=link,
        link_release=link_release,
    )
    y = limited(x, limiter)
    assert np.abs(y).max() <= 10 ** (-1 / 20) * (1 + 1e-9)


def test_below_the_ceiling_nothing_is_touched() -> None:
    x = 0.5 * drums()
    assert np.array_equal(limited(x, Limiter()), x)


def test_after_a_loud_place_the_sound_is_itself_again() -> None:
    x = 0.3 * drums(4.0)
    x[:, 44_200:44_600] *= 8
    y = limited(x, Limiter())
    assert not np.array_equal(y[:, 44_000:45_000], x[:, 44_000:45_000])
    assert np.array_equal(y[:, 80_000:], x[:, 80_000:])


@pytest.mark.parametrize(
    ("frequency_hz", "most_db", "exact_db"),
    [(40, -60, -120.9), (60, -60, -117.8), (100, -60, -108.6), (1000, -100, -102.4)],
)
def test_a_steady_tone_stays_clean(frequency_hz: float, most_db: float, exact_db: float) -> None:
    """6 dB over the ceiling: at most -60 dB at 60 Hz and -100 dB at 1 kHz; drift alarm at 6 dB."""
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    x = 10 ** (5 / 20) * np.sin(2 * np.pi * frequency_hz * t)[None].repeat(2, axis=0)
    measured = thd_n_db(limited(x, Limiter()), frequency_hz, RATE_HZ)
    assert measured <= most_db
    assert measured == pytest.approx(exact_db, abs=6.0)


def test_a_shorter_hold_lets_the_gain_follow_the_bass() -> None:
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    x = 10 ** (5 / 20) * np.sin(2 * np.pi * 40 * t)[None]
    assert thd_n_db(limited(x, Limiter(hold_ms=5)), 40, RATE_HZ) > -50


def test_the_bass_gives_first() -> None:
    """A hat over a loud kick: with the bass giving, the hat keeps its level; without, it drops."""
    t = np.arange(RATE_HZ) / RATE_HZ
    kick = 1.5 * np.sin(2 * np.pi * 60 * t) * np.exp(-10 * t)
    hat = 0.1 * np.sin(2 * np.pi * 8000 * t)
    x = (kick + hat)[None]

    def hat_db(low_first_db: float) -> float:
        limiter = Limiter(low_first_db=low_first_db, low_lasting_db=low_first_db, release_ms=0)
        y = limited(x, limiter)[0, 150:650]
        window = np.hanning(len(y))
        at = np.exp(-2j * np.pi * 8000 * t[150:650])
        return float(20 * np.log10(abs((y * window * at).sum()) / window.sum() * 2 / 0.1))

    assert hat_db(12.0) > -0.2
    assert hat_db(0.0) < -1.5


def test_equal_roads() -> None:
    x = drums(0.6)
    limiter = Limiter(input_gain_db=9.0)
    whole = limiter.start(RATE_HZ, 2).process(x)
    for size in (17, 4096, 16_384, 16_385):
        runner = limiter.start(RATE_HZ, 2)
        parts = [runner.process(x[:, i : i + size]) for i in range(0, x.shape[1], size)]
        assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_unlinked_channels_are_each_alone() -> None:
    x = drums(0.6)
    limiter = Limiter(input_gain_db=9.0, link_transients=0.0, link_release=0.0)
    both = limited(x, limiter)
    for channel in range(2):
        assert np.array_equal(
            both[channel : channel + 1], limited(x[channel : channel + 1], limiter)
        )
    assert not np.array_equal(both[0], both[1])


def test_linked_channels_keep_the_picture() -> None:
    """A loud left channel lowers a soft right one by the same gain, so nothing moves."""
    x = np.stack([np.ones(20_000), np.full(20_000, 0.25)]) * np.sin(np.arange(20_000) * 0.05)
    y = limited(2.0 * x, Limiter(link_transients=1.0, low_first_db=0.0))
    loud = np.abs(y[0]) > 0.1
    assert np.allclose(y[1][loud] / y[0][loud], 0.25, atol=1e-9)


def test_silence_and_nothing() -> None:
    assert not limited(np.zeros((2, 30_000)), Limiter(input_gain_db=20)).any()
    for n_samples in (0, 1, 2):
        assert limited(np.ones((2, n_samples)), Limiter()).shape == (2, n_samples)


# ---- the pieces of an envelope, each alone


def test_sliding_max_is_the_maximum_ahead() -> None:
    values = np.random.default_rng(1).random((2, 60))
    for ahead in (0, 1, 2, 3, 7, 12):
        expected = [values[:, k : k + ahead + 1].max(axis=1) for k in range(60 - ahead)]
        assert np.array_equal(sliding_max(values, ahead), np.array(expected).T)


def test_closing_fills_gaps_and_nothing_else() -> None:
    values = np.zeros((1, 40))
    values[0, [10, 14, 30]] = 1.0, 0.6, 0.8
    filled = closing(values, 5)[0]  # entry k stands for values[k + 5]
    assert filled[10 - 5] == 1.0
    assert np.all(filled[11 - 5 : 15 - 5] == 0.6)  # joined at the height of the lower
    assert filled[9 - 5] == 0.0
    assert filled[15 - 5] == 0.0
    assert filled[30 - 5] == 0.8
    assert filled[29 - 5] == filled[31 - 5] == 0.0  # a single one stays single


def test_box_sums_exactly() -> None:
    values = np.ceil(np.random.default_rng(2).random((1, 5000)) * FIXED_POINT).astype(np.int64)
    total = box(values, 7)
    assert total[0, 4000] == sum(int(v) for v in values[0, 4000:4007])
    assert total.shape == (1, 4994)


def test_release_is_ten_times_slower_for_what_lasts() -> None:
    def steps_to_fall(lasting: int) -> int:
        wide = np.zeros((1, lasting + 4000))
        wide[0, :lasting] = 0.5
        out = np.zeros_like(wide)
        ease(wide, 100.0, 1000.0, 1.0, np.zeros((2, 1)), out)
        return int(np.argmax(out[0, lasting:] < 0.5 / np.e))

    assert steps_to_fall(2) == pytest.approx(10, abs=3)
    assert steps_to_fall(20_000) == pytest.approx(100, rel=0.1)


def test_a_stage_is_never_above_what_is_required() -> None:
    """By construction: the share at every sample is at least what the sample asks for."""
    random = np.random.default_rng(4)
    stage = Stage(1, 8, ceiling=0.5, factor=1, gap=3, attack=9)
    x = random.standard_normal((1, 8 * 2048)) * random.exponential(0.3, 8 * 2048)
    out = np.concatenate([stage.run(x), stage.run(np.zeros_like(x))], axis=1)
    assert np.abs(out).max() <= 0.5 * (1 + 1e-12)


def test_what_is_just_under_the_ceiling_at_8x_is_told_to_the_stage_that_looks_at_16x() -> None:
    """It once was told as its largest sample, far under the ceiling, and so passed by."""
    ceiling = 0.5
    stage = Stage(1, 8, ceiling=ceiling, factor=8, attack=2)
    n = np.arange(8 * 2048)
    x = (0.99 * ceiling * np.sin(np.pi / 2 * n + np.pi / 4))[None]  # its samples are 3 dB lower
    stage.run(x)
    stage.run(x)
    assert stage.left_over.max() == pytest.approx(0.99 * ceiling, rel=0.01)
