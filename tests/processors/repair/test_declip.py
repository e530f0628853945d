"""Declip: what is known stays, what was cut fits the clipping, and it is what was there before."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.processors.base import Identity
from burnish.processors.repair.declip import Declip, thresholds, transform_size
from burnish.processors.show import piece, play
from burnish.units import gain_from_db

Floats = NDArray[np.float64]

RATE_HZ = 44_100
SLACK = 1e-9


def dbfs(threshold: float) -> float:
    return float(20 * np.log10(threshold))


def sdr_db(clean: Floats, other: Floats) -> float:
    return float(10 * np.log10(np.sum(clean**2) / np.sum((clean - other) ** 2)))


def tones(
    frequencies_hz: tuple[float, ...], rate_hz: int = RATE_HZ, seconds: float = 0.5
) -> Floats:
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    waves = [
        np.sin(2 * np.pi * f * t + 0.7 * k) / (1 + 0.3 * k) for k, f in enumerate(frequencies_hz)
    ]
    return np.asarray(sum(waves))[None] * (0.5 / len(waves))


def cut(clean: Floats, drive_db: float) -> tuple[Floats, float]:
    """The sound with its tops cut ``drive_db`` under its peak, and where."""
    threshold = float(np.abs(clean).max()) * gain_from_db(-drive_db)
    return np.clip(clean, -threshold, threshold), threshold


def gain_of_repair_db(clean: Floats, drive_db: float, rate_hz: int = RATE_HZ) -> float:
    clipped, threshold = cut(clean, drive_db)
    mended = play(Declip(thresholds_dbfs=(dbfs(threshold),), most_db=12), clipped, rate_hz)
    return sdr_db(clean, mended) - sdr_db(clean, clipped)


def test_without_thresholds_or_room_it_is_the_identity() -> None:
    for neutral in (Declip(), Declip(thresholds_dbfs=(-3.0,), most_db=0.0), Declip(most_db=12.0)):
        assert isinstance(neutral.start(RATE_HZ, 2), Identity)


@pytest.mark.parametrize("most_db", [1.0, 6.0])
def test_the_result_fits_what_is_known(most_db: float) -> None:
    """Reliable samples keep their bits; cut ones stay out, on their side, and under the cap."""
    clean = 3.0 * piece(RATE_HZ, 1.0)
    ends = np.array([[0.5, -0.3], [0.6, -0.45]])  # up and down of left and right
    clipped = np.clip(clean, ends[:, 1:], ends[:, :1])
    given = tuple(dbfs(abs(end)) for end in ends.flat)
    mended = play(Declip(thresholds_dbfs=given, most_db=most_db), clipped, RATE_HZ)
    for i, (up, down) in enumerate(ends):
        above, below = clipped[i] == up, clipped[i] == down
        assert 0.001 < above.mean() < 0.3
        assert 0.001 < below.mean() < 0.3
        known = ~(above | below)
        assert np.array_equal(mended[i, known], clipped[i, known])
        most = gain_from_db(most_db) * (1 + SLACK)
        assert (mended[i, above] >= up).all()
        assert (mended[i, above] <= up * most).all()
        assert (mended[i, below] <= down).all()
        assert (mended[i, below] >= down * most).all()
    assert sdr_db(clean, mended) > sdr_db(clean, clipped) + 0.4 * most_db


def test_what_lies_far_beyond_the_threshold_was_not_cut_by_it() -> None:
    clean = tones((220.0, 331.0))
    clipped, threshold = cut(clean, 3.0)
    clipped[0, 20_000] = 4.0 * threshold
    mended = play(Declip(thresholds_dbfs=(dbfs(threshold),)), clipped, RATE_HZ)
    assert mended[0, 20_000] == 4.0 * threshold


@pytest.mark.parametrize(("drive_db", "least_db"), [(1.0, 25.0), (3.0, 26.0), (6.0, 22.0)])
def test_a_steady_sine_comes_back(drive_db: float, least_db: float) -> None:
    assert gain_of_repair_db(tones((441.7,), seconds=1.0), drive_db) > least_db


@pytest.mark.parametrize(("drive_db", "least_db"), [(1.0, 25.0), (3.0, 25.0), (6.0, 25.0)])
def test_many_tones_come_back(drive_db: float, least_db: float) -> None:
    chord = tones((110.0, 277.2, 415.3, 830.6, 1567.0, 3140.0))
    assert gain_of_repair_db(chord, drive_db) > least_db


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 96_000, 192_000])
def test_every_rate_mends(rate_hz: int) -> None:
    assert gain_of_repair_db(tones((220.0, 613.0), rate_hz, 0.5), 3.0, rate_hz) > 20.0


def test_turned_down_after_clipping() -> None:
    """A plateau far below full scale is mended as well as one at it."""
    clipped, threshold = cut(tones((220.0, 331.0, 1200.0)), 4.0)
    at_full_scale = play(Declip(thresholds_dbfs=(0.0,)), clipped / threshold, RATE_HZ)
    gain = gain_from_db(-9.5)
    turned_down = play(Declip(thresholds_dbfs=(-9.5,)), clipped / threshold * gain, RATE_HZ)
    assert np.abs(turned_down / gain - at_full_scale).max() < 1e-6
    assert at_full_scale.max() > 1.3


def test_one_two_and_four_thresholds() -> None:
    one = thresholds(Declip(thresholds_dbfs=(-6.0,)), 2)
    assert np.allclose(one, gain_from_db(-6.0))
    two = thresholds(Declip(thresholds_dbfs=(-6.0, -12.0)), 2)
    assert np.allclose(two, [[gain_from_db(-6.0), gain_from_db(-12.0)]] * 2)
    four = thresholds(Declip(thresholds_dbfs=(-1.0, -2.0, -3.0, -4.0)), 2)
    assert np.allclose(20 * np.log10(four), [[-1.0, -2.0], [-3.0, -4.0]], atol=1e-4)
    assert np.allclose(
        20 * np.log10(thresholds(Declip(thresholds_dbfs=(-1, -2, -3, -4)), 1)), [-1, -2], atol=1e-4
    )


@pytest.mark.parametrize("given", [(-61.0,), (25.0,), (-1.0, -2.0, -3.0)])
def test_a_bad_threshold_is_told(given: tuple[float, ...]) -> None:
    with pytest.raises(SettingError, match=r"thresholds_dbfs=.*must be"):
        Declip(thresholds_dbfs=given)


def test_clipped_to_pieces_is_finite_and_bounded() -> None:
    """Nothing but two plateaus: there is nothing to go by, and still it ends, under the cap."""
    square = np.sign(tones((97.0, 613.0)))
    square[square == 0.0] = 1.0
    mended = play(Declip(thresholds_dbfs=(0.0,)), square, RATE_HZ)
    assert np.isfinite(mended).all()
    assert (np.abs(mended) >= 1.0).all()
    assert np.abs(mended).max() <= gain_from_db(9.0) * (1 + SLACK)
    assert (np.sign(mended) == square).all()


def test_the_direct_and_the_iterative_way_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above ``MANY`` cut samples conjugate gradients take over; they come to much the same."""
    clean = tones((110.0, 277.2, 415.3, 1567.0))
    directly = gain_of_repair_db(clean, 3.0)
    monkeypatch.setattr("burnish.processors.repair.declip.MANY", 0)
    assert gain_of_repair_db(clean, 3.0) == pytest.approx(directly, abs=6.0)


def test_sizes_of_transforms() -> None:
    assert [transform_size(n) for n in (1, 7, 97, 4234, 4096)] == [2, 8, 100, 4320, 4096]


@pytest.mark.corpus
@pytest.mark.parametrize(("track", "least_db"), [("01", 9.0), ("03", 6.0), ("14", 10.0)])
def test_real_music_comes_back(corpus: Path, track: str, least_db: float) -> None:
    with soundfile.SoundFile(next((corpus / "tracks").glob(f"{track}_*"))) as file:
        rate_hz = file.samplerate
        file.seek(20 * rate_hz)
        clean = np.ascontiguousarray(file.read(3 * rate_hz, dtype="float64").T)
    assert gain_of_repair_db(clean, 6.0, rate_hz) > least_db
