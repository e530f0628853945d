"""Sketches: the moves are the master's, the pieces are forgotten in any order."""

import numpy as np

from burnish.audio import Audio, AudioSource, OutputFormat
from burnish.chain import Teller
from burnish.engineer import Wishes, sketch, take_in
from burnish.engineer.session import decided, draft


def test_it_decides_the_same_with_little_memory(monkeypatch) -> None:
    rng = np.random.default_rng(3)
    t = np.arange(5 * 44_100) / 44_100
    beat = 0.3 + 0.7 * np.exp(-6.0 * (t % 0.5))
    sound = 0.1 * beat * np.sin(2 * np.pi * 220 * t) + 0.02 * rng.standard_normal((2, len(t)))
    source = AudioSource(Audio(sound, 44_100))
    taken = take_in(source, Teller(None), Wishes())
    standing = draft(source, taken, Wishes(), OutputFormat())
    lufs = standing.solution.loudness_lufs

    def sketcher() -> sketch.Sketcher:
        return sketch.Sketcher(source, taken.measured, standing.plan, lufs)

    row = [Wishes(low_db=k % 3, width=1.0 + 0.1 * (k % 2), warmth=0.3 * (k % 4)) for k in range(9)]
    roomy = sketcher()
    expected = [roomy.sketch(taken, one).plan for one in row]
    monkeypatch.setattr(sketch, "_MOST_BYTES", 1)
    tight = sketcher()
    assert [tight.sketch(taken, one).plan for one in row] == expected
    for one, plan in zip(row, expected, strict=True):
        moves = decided(source, taken, one).advice.steps
        assert plan.steps[: len(moves)] == moves
