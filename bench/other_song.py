"""The other-song table: one song mastered with another as its reference, beside matchering.

    python -m bench.other_song                   every pair
    python -m bench.other_song --only 08         the pairs whose names hold this text
    python -m bench.other_song --notes           and what burnish's plans say of the references

Nobody knows the right answer here. Where the two songs are alike, the master is to come at least as
near to the reference as matchering's, in third octaves of mid and side at equal loudness. Where
they are not, bending one into the other does harm; then the plan has to say that it held back.
Loudness is to be the reference's. matchering's figures are kept in build/bench/ (bench/kept.py).
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

from bench import metrics, recover
from bench.kept import Kept, together
from bench.limiters import CORPUS, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

RATE_HZ = 44_100  # of all of them: third octaves of another rate have other bins
MISS_LU = 0.05
HELD_BACK = ("another kind of music", "mono or nearly", "not followed")
# Mix, reference, and whether they are of a kind: said beforehand, by ear and genre.
PAIRS = (
    ("song1", "08", True),  # pop/rock
    ("01", "08", True),  # folk pop, pop/rock: both sung
    ("15", "02", True),  # chill electronic, jazz electronic
    ("14", "09", True),  # electronic, industrial
    ("06", "10", True),  # light orchestral, cinematic orchestral
    ("13", "12", True),  # guitars, the band without them
    ("08", "12", True),  # pop/rock, metal
    ("04", "12", False),  # solo piano, metal
    ("03", "14", False),  # strings, electronic drums
    ("10", "11", False),  # orchestral, dense electronic
)


@lru_cache(4)
def song(number):
    """Samples of a track by its number, or of the mix of song1, at 44.1 kHz."""
    if number == "song1":
        x, rate_hz = read(CORPUS / "stems" / "song1" / "mix_unmastered.flac")
        divisor = math.gcd(rate_hz, RATE_HZ)
        return signal.resample_poly(x, RATE_HZ // divisor, rate_hz // divisor, axis=1)
    return read(recover.track_path(number))[0]


def heard(y, reference):
    """How far a master is from the reference: mid and side in dB, loudness in LU with its sign."""
    got, wanted = recover.figures(y, RATE_HZ), recover.figures(reference, RATE_HZ)
    errors = recover.errors(got, wanted)
    return {
        "mid_db": errors["mid_db"],
        "side_db": errors["side_db"],
        "loudness_lu": got["loudness"] - wanted["loudness"],
    }


def by_matchering(mix, reference):
    """matchering's figures for a pair."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        y = recover.matchering(*write(folder, mix, reference), folder)
    return heard(y, song(reference))


def by_burnish(mix, reference):
    """burnish's figures for a pair, what stopped it, and what its plan says of the reference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write(folder, mix, reference)
        out = folder / "burnish.wav"
        command = [sys.executable, "-m", "burnish", "master", paths[0], "-o", out]
        command += ["--reference", paths[1], "--bits", "32f", "--no-report", "--quiet", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return None
        told = json.loads(done.stdout)
        y, _ = read(out)
    return heard(y, song(reference)) | {
        "stopped_by": (told["stopped_by"] or {}).get("rule", ""),
        "guards": guards(told),
    }


def write(folder, mix, reference):
    """Both songs as files of float samples, so that each decoder hears the same."""
    paths = folder / "mix.wav", folder / "reference.wav"
    for path, number in zip(paths, (mix, reference), strict=True):
        soundfile.write(path, song(number).T, RATE_HZ, "FLOAT")
    return paths


def guards(told):
    """What the plan says of not following its reference in tone or width."""
    return [note for note in told["notes"] if any(words in note for words in HELD_BACK)]


def judge(pairs=PAIRS, say=lambda _: None):
    """{(mix, reference): {"before", "matchering", "burnish", "alike"}}."""
    parts = (
        song,
        heard,
        by_matchering,
        write,
        recover.figures,
        recover.errors,
        recover.momentary_lufs,
    )
    more = (metrics.third_octave_db, metrics.integrated_lufs, metrics.k_weighting)
    kept = Kept("other_song", *parts, *more, recover.CONTENT_DB)

    def judge_pair(pair):
        mix, reference, alike = pair
        row = {
            "alike": alike,
            "before": heard(song(mix), song(reference)),
            "matchering": kept.of(f"{mix} {reference}", lambda: by_matchering(mix, reference)),
            "burnish": by_burnish(mix, reference),
        }
        say(as_markdown({pair[:2]: row}).splitlines()[-1])
        return row

    return {pair[:2]: row for pair, row in zip(pairs, together(judge_pair, pairs), strict=True)}


# ---- the page ----------------------------------------------------------------------------------


def near(row, part):
    """Whether burnish is at most as far from the reference as matchering, as it is printed."""
    return round(row["burnish"][part], 2) <= round(row["matchering"][part], 2)


def as_markdown(rows):
    """All pairs: before / matchering / burnish, and whether a guard was at work."""
    lines = ["| mix, reference | kind | mid dB | side dB | loudness LU | stopped by | plan says |"]
    lines.append("|-|-|-|-|-|-|-|")
    for (mix, reference), row in rows.items():
        kind = "alike" if row["alike"] else "unlike"
        who = ("before", "matchering", "burnish")
        if row["burnish"] is None:
            lines.append(f"| {mix}, {reference} | {kind} | **no master** | | | | |")
            continue
        cells = [" / ".join(f"{row[one][m]:.2f}" for one in who) for m in ("mid_db", "side_db")]
        cells.append(" / ".join(f"{row[one]['loudness_lu']:+.2f}" for one in who))
        said = "held back" if row["burnish"]["guards"] else ""
        cells += [row["burnish"]["stopped_by"], said]
        lines.append(f"| {mix}, {reference} | {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def goals(rows):
    """Alike pairs as near as matchering comes, unlike pairs told, loudness the reference's."""
    made = {pair: row for pair, row in rows.items() if row["burnish"] is not None}
    found = [Goal("masters made", f"{len(made)} of {len(rows)}", "all", len(made) == len(rows))]
    alike = {pair: row for pair, row in made.items() if row["alike"]}
    for part, word in (("mid_db", "mid"), ("side_db", "side")):
        far = [pair for pair, row in alike.items() if not near(row, part)]
        untold = [pair for pair in far if not alike[pair]["burnish"]["guards"]]
        means = [
            np.mean([row[who][part] for row in alike.values()] or [np.nan])
            for who in ("burnish", "matchering")
        ]
        text = f"{means[0]:.2f} dB"
        goal = f"at most {means[1]:.2f}, matchering's"
        passed = bool(alike) and means[0] <= means[1]
        found.append(Goal(f"alike pairs, {word}: mean error to the reference", text, goal, passed))
        text = f"{len(far)} of {len(alike)}, {len(untold)} of them without a word in the plan"
        title = f"alike pairs, {word}: further from the reference than matchering"
        found.append(Goal(title, text, "none without a word", not untold))
    unlike = [row for row in made.values() if not row["alike"]]
    told = sum(bool(row["burnish"]["guards"]) for row in unlike)
    text = f"{told} of {len(unlike)}"
    found.append(Goal("unlike pairs: the plan says so", text, "all", told == len(unlike)))
    worse = [
        f"{mix}, {reference}"
        for (mix, reference), row in made.items()
        if any(row["burnish"][m] > row["before"][m] + 0.05 for m in ("mid_db", "side_db"))
    ]
    text = "; ".join(worse) or "none"
    found.append(Goal("tone further from the reference than before", text, "none", not worse))
    free = [row["burnish"] for row in made.values() if not row["burnish"]["stopped_by"]]
    miss = max((abs(one["loudness_lu"]) for one in free), default=0.0)
    title = f"largest loudness miss of the {len(free)} that nothing stopped"
    found.append(Goal(title, f"{miss:.3f} LU", f"at most {MISS_LU} LU", miss <= MISS_LU))
    return found


def section(say=lambda _: None):
    """The text for the page, and its goals."""
    return as_section(judge(say=say))


def as_section(rows):
    """The text for the page of these pairs, and their goals."""
    found = goals(rows)
    text = f"""## Other song

{circumstances()}

One song mastered with another as its reference. Each cell: before / matchering / burnish, held
against the reference: mean error of the third octaves of mid and of side at equal loudness, and
loudness over the reference's. That a pair is unlike was said beforehand. Held back: the plan has a
note on what of the reference it did not follow, and why. libsonare takes no reference for stereo.

{as_markdown(rows)}

{goals_table(found)}
"""
    return text, found


def main():
    """Write the section of the page, or print some pairs; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="pairs whose names hold this text, e.g. 08")
    parser.add_argument("--no-page", action="store_true", help="print only")
    parser.add_argument("--notes", action="store_true")
    asked = parser.parse_args()
    pairs = tuple(pair for pair in PAIRS if any(asked.only in name for name in pair[:2]))
    rows = judge(pairs, lambda text: print(text, file=sys.stderr, flush=True))
    text, found = as_section(rows)
    if asked.no_page or len(pairs) < len(PAIRS):
        print(text)
    else:
        write_section("other-song", text)
    for (mix, reference), row in rows.items() if asked.notes else ():
        for note in row["burnish"]["guards"] if row["burnish"] else ():
            print(f"{mix}, {reference}: {note}")
    sys.exit(exit_code(found))


if __name__ == "__main__":
    main()
