"""The product cassette: sides, length of tape, level, and the list for the J-card."""

from pathlib import Path

import pytest
from sides_made import RATE_HZ, made, order_of, song

from burnish.audio import read
from burnish.chain.recall import load
from burnish.deliver.cassette.maker import c_length
from burnish.deliver.vinyl.sides import Side
from burnish.deliver.wishes import DeliveryWishes
from burnish.measure import measure
from burnish.processors.limiter import Limiter
from burnish.release import Track


def test_a_cassette(tmp_path: Path) -> None:
    order = order_of(
        tmp_path,
        [(song(4.0, -6, k), 9.0, Track(title=f"Lied {k}")) for k in (1, 2, 3)],
        DeliveryWishes(cassette_type="II"),
    )
    done = made(order, "cassette", tmp_path / "cassette")
    folder = tmp_path / "cassette"
    first, second = (read(folder / f"{name}.wav") for name in "AB")
    assert first.samples.shape[1] == round((1 + 4 + 1 + 4) * RATE_HZ)  # A is the longer side
    assert second.samples.shape[1] == round((1 + 4) * RATE_HZ)
    assert not first.samples[:, :RATE_HZ].any()
    peaks = [measure(one).peaks.true_peak_dbtp for one in (first, second)]
    assert all(-3.0 <= peak <= -1.0 for peak in peaks)
    sheet = load(folder / "01 Lied 1.cassette.recall.yaml")
    assert isinstance(sheet.steps[-1].settings, Limiter)
    text = (folder / "A j-card list.txt").read_text(encoding="utf-8")
    assert "C2, type II" in text
    assert (folder / "B j-card list.pdf").read_bytes().startswith(b"%PDF")
    assert not [one for one in done.findings if one.severity == "fail"]


@pytest.mark.parametrize(
    ("longest_s", "minutes"), [(21.5 * 60 - 1, 44), (30 * 60 - 1, 61), (29.4 * 60, 60)]
)
def test_tape_is_twice_the_longest_side_and_a_minute_or_two(longest_s: float, minutes: int) -> None:
    sides = (Side("A", 0, 1, longest_s), Side("B", 1, 2, longest_s - 100))
    assert c_length(sides) == minutes
