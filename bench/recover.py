"""The recover test: a song and its reference are the same master, so the right answer is known.

    python -m bench.recover --page             every track, two draws: the section of the page
    python -m bench.recover                    the same, printed
    python -m bench.recover --tracks 01 03     some tracks
    python -m bench.recover --json             the rows

Alternate 9 s pieces of a mastered track make a song A and its reference B. A is degraded by a
seeded draw, mastered with B as the reference, and held against the A that it was: in third octaves
of mid and side at equal loudness, in loudness, in crest and in the spread of 400 ms loudness. None
of it is burnish's own measuring.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
from scipy import signal

from bench import metrics
from bench.kept import Kept, together
from bench.limiters import CORPUS, ROOT, make_peers, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

PIECE_S = 9
FADE_S = 0.05
MOST_S = 90  # of each track, from its middle
SEEDS = (1, 2)
TRACKS = ("01", "02", "03", "04", "05", "06", "08", "09", "10", "11", "12", "13", "14", "15")
MEASURES = ("mid_db", "side_db", "loudness_lu", "crest_db", "spread_db")
GOALS = {"mid_db": 1.0, "side_db": 1.2, "loudness_lu": 0.8, "crest_db": 0.75, "spread_db": 0.6}
WORDS = dict(zip(MEASURES, ("mid", "side", "loudness", "crest", "spread"), strict=True))
BESIDE = (("matchering", "by matchering"), ("reference", "B itself"))
CONTENT_DB = -60.0  # third octaves further below the loudest one of the middle hold nothing to hear


# ---- song, reference and what was done to the song -------------------------------------------


def track_path(number):
    """The file of a track by the number that its name begins with."""
    return next((CORPUS / "tracks").glob(f"{number}_*"))


@lru_cache(4)
def halves(number):
    """Song A, reference B and rate: the even and the odd pieces, with crossfades between them."""
    path = track_path(number)
    seconds = soundfile.info(str(path)).duration
    x, rate_hz = read(path, max(0.0, (seconds - MOST_S) / 2), min(seconds, MOST_S))
    size = PIECE_S * rate_hz
    pieces = [x[:, a : a + size] for a in range(0, x.shape[1] - size + 1, size)]
    return _joined(pieces[0::2], rate_hz), _joined(pieces[1::2], rate_hz), rate_hz


def _joined(pieces, rate_hz):
    n = round(FADE_S * rate_hz)
    up = np.sin(np.linspace(0, np.pi / 2, n))
    out = pieces[0]
    for piece in pieces[1:]:
        both = out[:, -n:] * up[::-1] + piece[:, :n] * up
        out = np.concatenate((out[:, :-n], both, piece[:, n:]), axis=1)
    return np.ascontiguousarray(out)


def degraded(a, rate_hz, seed):
    """Song A with another tone, width, dynamics and level: one draw, told by its seed."""
    rng = np.random.default_rng(seed)
    mid, side = (a[0] + a[1]) / 2, (a[0] - a[1]) / 2
    mid, side = (_through(part, _bells(rng, rate_hz)) for part in (mid, side))
    side = side * rng.uniform(0.55, 1.3)
    x = np.stack((mid + side, mid - side))
    x = x * _expansion(x, rate_hz, rng.uniform(1.15, 1.5))
    return x * 10 ** (rng.uniform(-10.0, 2.0) / 20)


def _bells(rng, rate_hz):
    """Five broad bells of 1.5 to 4.5 dB, as second-order sections (RBJ)."""
    sections = []
    for _ in range(5):
        frequency_hz = math.exp(rng.uniform(math.log(40), math.log(min(14_000, 0.4 * rate_hz))))
        gain = 10 ** (rng.choice((-1, 1)) * rng.uniform(1.5, 4.5) / 40)
        w = 2 * math.pi * frequency_hz / rate_hz
        alpha = math.sin(w) / (2 * rng.uniform(0.5, 1.2))
        b = np.array((1 + alpha * gain, -2 * math.cos(w), 1 - alpha * gain))
        a = np.array((1 + alpha / gain, -2 * math.cos(w), 1 - alpha / gain))
        sections.append(np.concatenate((b / a[0], a / a[0])))
    return np.array(sections)


def _through(x, sections):
    return signal.sosfilt(sections, x)


def _expansion(x, rate_hz, ratio):
    """The gain that spreads the 400 ms loudness by ``ratio`` about its median, within 9 dB."""
    hop = round(0.1 * rate_hz)
    loudness = momentary_lufs(x, rate_hz)
    heard = loudness[loudness > loudness.max() - 30]
    change_db = np.clip((ratio - 1) * (loudness - np.median(heard)), -9.0, 9.0)
    at = (np.arange(len(loudness)) + 2) * hop
    return 10 ** (np.interp(np.arange(x.shape[1]), at, change_db) / 20)


# ---- judging -----------------------------------------------------------------------------------


def momentary_lufs(x, rate_hz):
    """Loudness of every 400 ms, 100 ms apart."""
    hop = round(0.1 * rate_hz)
    sections = metrics.k_weighting(rate_hz)
    n = x.shape[1] // hop
    power = sum(
        np.square(signal.sosfilt(sections, c)[: n * hop]).reshape(n, hop).sum(axis=1) for c in x
    )
    sums = np.concatenate(([0.0], np.cumsum(power)))
    return -0.691 + 10 * np.log10(np.maximum((sums[4:] - sums[:-4]) / (4 * hop), 1e-12))


def figures(x, rate_hz):
    """What is compared of one sound."""
    loudness = metrics.integrated_lufs(x, rate_hz)
    moments = momentary_lufs(x, rate_hz)
    mid_db, side_db = (
        metrics.third_octave_db(part[None], rate_hz)[1] - loudness
        for part in ((x[0] + x[1]) / 2, (x[0] - x[1]) / 2)
    )
    return {
        "loudness": loudness,
        "mid": mid_db,
        "side": side_db,
        "spread": float(moments[moments > loudness - 20].std()),
        "crest": _crest_db(x),
    }


def _crest_db(x):
    """The largest sample over the RMS of all of it, channels together."""
    return float(20 * np.log10(np.abs(x).max() / np.sqrt(np.square(x).mean())))


def errors(got, wanted):
    """How far the figures of one sound lie from those of the original, in dB and LU."""
    top = wanted["mid"].max()
    mean = {}
    for part in ("mid", "side"):
        heard = wanted[part] > top + CONTENT_DB
        error = np.abs(got[part] - wanted[part])[heard]
        mean[part] = float(error.mean()) if heard.any() else 0.0
    return {
        "mid_db": mean["mid"],
        "side_db": mean["side"],
        "loudness_lu": abs(got["loudness"] - wanted["loudness"]),
        "crest_db": abs(got["crest"] - wanted["crest"]),
        "spread_db": abs(got["spread"] - wanted["spread"]),
    }


# ---- who masters -------------------------------------------------------------------------------


def burnish(mix, reference, folder, *more):
    """The command line's master of a file with a reference."""
    out = folder / "burnish.wav"
    command = [sys.executable, "-m", "burnish", "master", mix, "-o", out, "--reference", reference]
    # The original reaches full scale; the test asks for it, not for room for a lossy codec.
    command += ["--ceiling-dbtp", "0"]
    subprocess.run(
        [*command, "--no-report", "--quiet", "--overwrite", "--bits", "32f", *more],
        check=True,
    )
    return read(out)[0]


_MATCHERING = """
import sys
import matchering
matchering.process(
    target=sys.argv[1], reference=sys.argv[2], results=[matchering.pcm24(sys.argv[3])]
)
"""


def matchering(mix, reference, folder):
    """matchering 2.0.6 at its defaults."""
    make_peers()
    out = folder / "matchering.wav"
    python = ROOT / ".venv-peers" / "bin" / "python"
    subprocess.run(
        [python, "-W", "ignore", "-c", _MATCHERING, mix, reference, out],
        check=True,
        capture_output=True,
    )
    y, _ = read(out)
    return y


WHO = {"burnish": burnish, "matchering": matchering}


def row(number, seed, who, kept=None):
    """The errors of one track and draw: before, of the reference itself, and of each who."""
    a, b, rate_hz = halves(number)
    x = degraded(a, rate_hz, seed)
    wanted = figures(a, rate_hz)
    told = {
        "before": errors(figures(x, rate_hz), wanted),
        "reference": errors(figures(b, rate_hz), wanted),
    }

    def mastered(one):
        return errors(figures(WHO[one](mix, reference, folder), rate_hz), wanted)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mix, reference = folder / "mix.wav", folder / "reference.wav"
        soundfile.write(mix, x.T, rate_hz, "FLOAT")
        soundfile.write(reference, b.T, rate_hz, "FLOAT")
        for one in who:
            if one == "burnish" or kept is None:
                told[one] = mastered(one)
            else:
                told[one] = kept.of(f"{one} | {number} | {seed}", lambda one=one: mastered(one))
    return told


def judge(tracks=TRACKS, seeds=SEEDS, who=tuple(WHO), say=lambda _: None):
    """{(track, seed): what row() gives}, the peers' figures from build/bench/ where they hold."""
    parts = (halves, _joined, degraded, _bells, _through, _expansion, momentary_lufs, figures)
    more = (_crest_db, errors, matchering, metrics.integrated_lufs, metrics.third_octave_db)
    fixed = (_MATCHERING, PIECE_S, FADE_S, MOST_S, CONTENT_DB)
    kept = Kept("recover", *parts, *more, *fixed)

    def judge_row(key):
        number, seed = key
        told = row(number, seed * 1000 + int(number), who, kept)
        say(f"{number}/{seed}")
        return told

    keys = [(number, seed) for number in tracks for seed in seeds]
    return dict(zip(keys, together(judge_row, keys), strict=True))


# ---- the page ----------------------------------------------------------------------------------


def worse(rows, name):
    """Figures that came out worse than before: all of them, and those that miss their goal too."""
    all_of_them = [
        (f"{track}/{seed} {WORDS[m]}", told[name][m] > GOALS[m])
        for (track, seed), told in rows.items()
        for m in MEASURES
        if told[name][m] > told["before"][m]
    ]
    return [one for one, _ in all_of_them], [one for one, over in all_of_them if over]


def mean(rows, name, measure):
    """Mean of a measure over the rows."""
    return float(np.mean([told[name][measure] for told in rows.values()]))


def goals(rows):
    """The means, and what came out worse than before."""
    found = []
    for m in MEASURES:
        value = mean(rows, "burnish", m)
        others = ", ".join(f"{mean(rows, who, m):.2f} {word}" for who, word in BESIDE)
        goal = f"at most {GOALS[m]:.2f} ({others})"
        unit = "LU" if m.endswith("lu") else "dB"
        title = f"recover, {WORDS[m]}: mean error"
        found.append(Goal(title, f"{value:.2f} {unit}", goal, round(value, 2) <= GOALS[m]))
    everything, over = worse(rows, "burnish")
    text = "; ".join(over) or "none"
    n = len(rows) * len(MEASURES)
    title = f"recover: worse than before and over its goal (worse at all: {len(everything)} of {n})"
    return [*found, Goal(title, text, "none", not over)]


def as_markdown(rows):
    """A row a track, its draws averaged; then the means."""
    names = ("before", "matchering", "burnish", "reference")
    heads = " | ".join(f"{WORDS[m]} {'LU' if m.endswith('lu') else 'dB'}" for m in MEASURES)
    lines = [f"| track | {heads} |", "|-" * (1 + len(MEASURES)) + "|"]

    def line(title, of):
        cells = (" / ".join(f"{mean(of, name, m):.2f}" for name in names) for m in MEASURES)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")

    for number in dict.fromkeys(track for track, _ in rows):
        of = {key: told for key, told in rows.items() if key[0] == number}
        line(track_path(number).stem, of)
    line("**mean**", rows)
    return "\n".join(lines)


def section(say=lambda _: None):
    """The text for the page, and its goals."""
    return as_section(judge(say=say))


def as_section(rows):
    """The text for the page of these rows, and their goals."""
    found = goals(rows)
    text = f"""## Recover

{circumstances()}

Alternate {PIECE_S} s pieces of a track make a song A and its reference B. A is degraded by a seeded
draw: five broad bells of 1.5 to 4.5 dB on mid and five on side, side gain 0.55 to 1.3, upward
expansion 1.15 to 1.5, -10 to +2 dB; {len(SEEDS)} draws a track. It is mastered with B and held
against the A that it was: mean error of the third octaves of mid and side at equal loudness (those
within {-CONTENT_DB:.0f} dB of the loudest), error of integrated loudness, of the crest of the whole
(peak over RMS) and of the spread of 400 ms loudness (down to 20 LU under the integrated one).
burnish is asked for a ceiling of 0 dBTP, as the originals reach full scale. Each cell: before /
matchering / burnish / B itself.

{as_markdown(rows)}

{goals_table(found)}
"""
    return text, found


def table(rows):
    """The means as text, the goals, and how often a measure came out worse than before."""
    names = list(next(iter(rows.values())))
    lines = [f"{'':12}" + "".join(f"{m:>13}" for m in MEASURES)]
    for name in names:
        lines += [f"{name:12}" + "".join(f"{mean(rows, name, m):13.2f}" for m in MEASURES)]
    lines.append(f"{'goal':12}" + "".join(f"{GOALS[m]:13.2f}" for m in MEASURES))
    for name in names[2:]:
        everything, over = worse(rows, name)
        lines.append(f"{name}: worse than before: {', '.join(everything) or 'none'}")
        lines.append(f"{name}: and over the goal: {', '.join(over) or 'none'}")
    return "\n".join(lines)


def main():
    """Write the section of the page, or print some rows; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", nargs="+", default=TRACKS)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--who", nargs="*", default=list(WHO))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--page", action="store_true", help="write the section of the page")
    asked = parser.parse_args()
    rows = judge(
        asked.tracks, asked.seeds, asked.who, lambda text: print(text, file=sys.stderr, flush=True)
    )
    if asked.json:
        print(json.dumps({f"{t}/{s}": told for (t, s), told in rows.items()}, indent=1))
    elif asked.page:
        text, found = as_section(rows)
        write_section("recover", text)
        sys.exit(exit_code(found))
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
