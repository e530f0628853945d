"""The blind test's arithmetic, against scipy and by asking often."""

import pytest


def test_the_probability_is_the_binomial_one(page) -> None:
    from scipy.stats import binom

    cases = [(0, 0), (0, 5), (5, 5), (7, 9), (12, 16), (60, 100), (1040, 2000), (2000, 2000)]
    given = page.evaluate(
        """async (cases) => {
          const { guessed } = await import("/static/abx.js");
          return cases.map(([right, trials]) => guessed(right, trials));
        }""",
        cases,
    )
    expected = [binom.sf(right - 1, trials, 0.5) if trials else 1.0 for right, trials in cases]
    assert given == pytest.approx(expected, rel=1e-9)


def test_who_hears_it_is_right_and_who_guesses_is_right_half_the_time(page) -> None:
    knows, guesses, xs, shown = page.evaluate(
        """async () => {
          const { Abx } = await import("/static/abx.js");
          const [knows, guesses] = [new Abx("mix", "master"), new Abx("mix", "master")];
          let xs = 0;
          for (let k = 0; k < 1000; k++) {
            xs += knows.sound("x") === "mix" ? 1 : 0;
            knows.answer(knows.sound("x") === "mix" ? "a" : "b");
            guesses.answer("a");
          }
          return [knows.right, guesses.right, xs, JSON.stringify(new Abx("p", "q"))];
        }"""
    )
    assert knows == 1000
    # Six standard deviations to either side.
    assert 405 < guesses < 595
    assert 405 < xs < 595
    assert '"x"' not in shown  # X cannot be read from it


def test_shuffling_keeps_all_and_prefers_none(page) -> None:
    firsts = page.evaluate(
        """async () => {
          const { shuffled } = await import("/static/abx.js");
          const firsts = { a: 0, b: 0, c: 0 };
          for (let k = 0; k < 3000; k++) {
            const order = shuffled(["a", "b", "c"]);
            if ([...order].sort().join("") !== "abc") throw new Error(order);
            firsts[order[0]] += 1;
          }
          return firsts;
        }"""
    )
    assert all(845 < count < 1155 for count in firsts.values())
