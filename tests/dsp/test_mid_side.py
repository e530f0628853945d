import numpy as np

from burnish.dsp.mid_side import to_left_right, to_mid_side


def test_there_and_back() -> None:
    stereo = np.random.default_rng(0).standard_normal((2, 1000))
    assert np.abs(to_left_right(to_mid_side(stereo)) - stereo).max() < 1e-15


def test_mono_has_no_side_and_comes_back_bit_for_bit() -> None:
    mono = np.tile(np.random.default_rng(0).standard_normal(1000), (2, 1))
    parts = to_mid_side(mono)
    assert np.array_equal(parts[0], mono[0])
    assert not parts[1].any()
    assert np.array_equal(to_left_right(parts), mono)


def test_input_is_not_changed() -> None:
    stereo = np.ones((2, 10))
    to_mid_side(stereo)
    assert np.array_equal(stereo, np.ones((2, 10)))
