"""The match on real music, where the right answer is known: a song and another half of it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio
from burnish.engineer.match import Aspects, Wanted
from burnish.engineer.match import dynamics as of_dynamics
from burnish.engineer.match import tone as of_tone
from burnish.engineer.portrait import portrait
from burnish.measure import measure
from burnish.processors.match_eq import MatchEq
from burnish.targets import THIRDS_HZ

Floats = NDArray[np.float64]

pytestmark = pytest.mark.corpus


def halves(path: Path) -> tuple[Floats, Floats, int]:
    """The even and the odd 9 s of a track."""
    import soundfile

    x, rate_hz = soundfile.read(str(path), stop=90 * 44_100, always_2d=True)
    size = 9 * rate_hz
    pieces = [x[a : a + size].T for a in range(0, len(x) - size + 1, size)]
    return np.concatenate(pieces[::2], axis=1), np.concatenate(pieces[1::2], axis=1), rate_hz


def curved(x: Floats, rate_hz: int, mid_db: Floats, side_db: Floats) -> Floats:
    """The sound with these third-octave gains on middle and side, without phase."""
    hz = np.fft.rfftfreq(x.shape[1], 1 / rate_hz)
    at = np.log(np.maximum(hz, 1.0))
    parts = []
    for part, gains in ((x[0] + x[1], mid_db), (x[0] - x[1], side_db)):
        gain = 10 ** (np.interp(at, np.log(THIRDS_HZ), gains) / 20)
        parts.append(np.fft.irfft(np.fft.rfft(part) * gain, x.shape[1]) / 2)
    return np.stack((parts[0] + parts[1], parts[0] - parts[1]))


@pytest.mark.parametrize("number", ["01", "05", "11", "15"])
def test_it_finds_what_was_done_to_a_song(corpus: Path, number: str) -> None:
    path = next((corpus / "tracks").glob(f"{number}_*"))
    a, b, rate_hz = halves(path)
    rng = np.random.default_rng(int(number))
    places = np.arange(len(THIRDS_HZ))
    bent = [
        sum(
            rng.choice((-1, 1))
            * rng.uniform(1.5, 4.0)
            * np.exp(-0.5 * ((places - rng.uniform(3, 26)) / rng.uniform(2.0, 4.0)) ** 2)
            for _ in range(4)
        )
        for _ in range(2)
    ]
    x = curved(a, rate_hz, bent[0], bent[1] - 3.0)
    mix, aim = (portrait(measure(Audio(np.ascontiguousarray(one), rate_hz))) for one in (x, b))
    eq = of_tone.advise(mix, Wanted(aim, Aspects()), 1.0).steps[0].settings
    assert isinstance(eq, MatchEq)
    inside = slice(3, 28)  # 50 Hz to 12.5 kHz
    gains = np.array(eq.gains_db), np.array(eq.side_gains_db)
    # Of both only what they are against the middle's own mean: the rest is the master's loudness.
    offset = (gains[0] + bent[0])[inside].mean()
    left = [
        np.abs(g + d - offset)[inside].mean()
        for g, d in zip(gains, (bent[0], bent[1] - 3.0), strict=True)
    ]
    before = [
        np.abs(bent[0] - bent[0][inside].mean())[inside].mean(),
        np.abs(bent[1] - 3.0)[inside].mean(),
    ]
    assert left[0] < min(1.0, 0.7 * before[0])
    assert left[1] < min(1.3, 0.5 * before[1])


def test_the_other_half_of_a_dense_song_asks_for_nothing(corpus: Path) -> None:
    a, b, rate_hz = halves(next((corpus / "tracks").glob("11_*")))
    mix, aim = (portrait(measure(Audio(one, rate_hz))) for one in (a, b))
    wanted = Wanted(aim, Aspects())
    assert of_dynamics.advise(mix, wanted, 1.0).steps == ()
    for step in of_tone.advise(mix, wanted, 1.0).steps:
        assert isinstance(step.settings, MatchEq)
        assert np.abs(step.settings.gains_db).mean() < 0.3
