import numpy as np
import pytest

from burnish.dsp.fir import OverlapSave, bins_hz, grid_size, linear_phase, minimum_phase, tap_count


def smooth_gain(size: int) -> np.ndarray:
    """6 dB up at 2 kHz of 48 kHz, 6 dB down far below and above: an octave and a half wide."""
    octaves = np.log2(np.maximum(bins_hz(size, 48_000), 1.0) / 2000)
    return np.asarray(10 ** ((12 * np.exp(-((octaves / 1.5) ** 2)) - 6) / 20))


def test_length_spans_the_same_time_at_every_rate() -> None:
    assert tap_count(48_000) == 8193
    assert tap_count(96_000) == 16_385
    assert tap_count(44_100) == 7527
    assert all(tap_count(r) % 2 for r in (8_000, 11_025, 22_050, 88_200, 192_000))


@pytest.mark.parametrize("make", [linear_phase, minimum_phase])
def test_gain_is_met(make) -> None:  # type: ignore[no-untyped-def]
    n_taps = 8193
    gain = smooth_gain(grid_size(n_taps))
    made = np.abs(np.fft.rfft(make(gain, n_taps), grid_size(n_taps)))
    assert np.abs(20 * np.log10(made / gain)).max() < 1e-3


def test_linear_phase_is_symmetrical() -> None:
    taps = linear_phase(smooth_gain(grid_size(1001)), 1001)
    assert np.array_equal(taps, taps[::-1])


def test_minimum_phase_has_no_zero_outside_the_unit_circle() -> None:
    """Its phase is the one its gain asks for: the Hilbert transform of the log gain. And it starts
    at once: the first sample holds as much as any filter of this gain can (exp of the mean log)."""
    n_taps = 8193
    gain = smooth_gain(grid_size(n_taps))
    taps = minimum_phase(gain, n_taps)
    whole = np.concatenate((gain, gain[-2:0:-1]))
    assert taps[0] == pytest.approx(np.exp(np.log(whole).mean()), rel=1e-9)


def test_flat_gain_is_one_tap() -> None:
    flat = np.full(grid_size(101) // 2 + 1, 0.5)
    for make, at in ((linear_phase, 50), (minimum_phase, 0)):
        taps = make(flat, 101)
        assert taps[at] == pytest.approx(0.5)
        assert np.abs(np.delete(taps, at)).max() < 1e-15


@pytest.mark.parametrize("n_taps", [1, 2, 3, 64, 1000, 8193])
def test_overlap_save_is_convolution(n_taps: int) -> None:
    rng = np.random.default_rng(0)
    taps = rng.standard_normal((2, n_taps))
    filters = OverlapSave(taps)
    assert filters.size > 0
    x = rng.standard_normal((2, 3 * filters.size))
    out = np.concatenate([filters.run(part) for part in np.split(x, 3, axis=1)], axis=1)
    for row, h, y in zip(x, taps, out, strict=True):
        n = x.shape[1] + n_taps
        expected = np.fft.irfft(np.fft.rfft(row, 2 * n) * np.fft.rfft(h, 2 * n))[: x.shape[1]]
        assert np.abs(y - expected).max() < 1e-11 * np.sqrt(n_taps) * 10
