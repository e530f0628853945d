"""Balance: the ratio that is asked, at the same power."""

import numpy as np
import pytest

from burnish.processors import Identity
from burnish.processors.balance import Balance, gains
from burnish.processors.show import piece, play


@pytest.mark.parametrize("balance_db", [-12.0, -1.5, 0.3, 6.0])
def test_ratio_and_power(balance_db: float) -> None:
    left, right = gains(balance_db)
    assert 20 * np.log10(right / left) == pytest.approx(balance_db)
    assert left**2 + right**2 == pytest.approx(2.0)
    samples = piece(44_100, 1.0)
    samples[1] = samples[0]
    out = play(Balance(balance_db=balance_db), samples, 44_100)
    assert np.sum(out**2) == pytest.approx(np.sum(samples**2))
    assert 10 * np.log10(np.sum(out[1] ** 2) / np.sum(out[0] ** 2)) == pytest.approx(balance_db)


def test_nothing_between_one_channel() -> None:
    assert isinstance(Balance(balance_db=3).start(44_100, 1), Identity)
