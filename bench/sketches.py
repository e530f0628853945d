"""Sketches: how near to the full master it is what is heard at once of a wish.

    python -m bench.sketches [--seconds 60] [--no-page]

Three songs of the corpus, each wish alone on top of its first master: the plans of the sketch and
of the full master, both rendered whole. No goals: what a sketch leaves out is told, not hidden.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from bench.limiters import CORPUS, read
from bench.metrics import integrated_lufs
from bench.page import circumstances, write_section
from burnish.chain import Teller
from burnish.chain.render import render
from burnish.engineer import Wishes, opened, take_in
from burnish.engineer.sketch import Sketcher
from burnish.master import master

SONGS = {
    "01_karissa_lets_go_fishin.ogg": 30,
    "08_morin_on_the_run.ogg": 30,
    "02_macleod_vibe_ace.ogg": 30,
}
WISHES = (
    {"low_db": 2.0},
    {"high_db": 1.5, "mid_db": -1.0},
    {"width": 1.4},
    {"warmth": 0.6},
    {"intensity": 0.2},
    {"intensity": 0.9},
    {"loudness_lufs": -16.0},
    {"loudness_lufs": -11.0},
    {"style": "jazz"},
    {"style": "metal"},
)


def compared(mix, folder):
    """For each wish how much louder the sketch is, and the rest at matched loudness in dB."""
    plain = {"report": False, "listening": False, "overwrite": True}
    standing = master(mix, folder / "standing.wav", **plain)
    with opened(mix) as source:
        taken = take_in(source, Teller(None), Wishes())
        loudness = standing.after.loudness.integrated_lufs
        sketcher = Sketcher(source, taken.measured, standing.plan, loudness)
        info = source.info
        for wishes in WISHES:
            steps = sketcher.sketch(taken, Wishes(**wishes)).plan.steps
            blocks = list(render(steps, source.blocks(), info.rate_hz, info.channels))
            quick = np.concatenate(blocks, axis=1)
            full = master(mix, folder / "full.wav", **plain, **wishes)
            written, rate_hz = read(folder / "full.wav")
            more_lu = integrated_lufs(quick, rate_hz) - full.after.loudness.integrated_lufs
            rest = quick * 10 ** (-more_lu / 20) - written
            yield wishes, more_lu, 10 * np.log10((rest**2).mean() / (written**2).mean() + 1e-15)


def main():
    """Run, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--no-page", action="store_true")
    asked = parser.parse_args()
    rows, all_lu, all_db = [], [], []
    for name, start_s in SONGS.items():
        with tempfile.TemporaryDirectory() as folder:
            mix = Path(folder, "mix.wav")
            samples, rate_hz = read(CORPUS / "tracks" / name, start_s, asked.seconds)
            soundfile.write(mix, samples.T, rate_hz, "PCM_24")
            for wishes, more_lu, rest_db in compared(mix, Path(folder)):
                said = ", ".join(f"{key} {value}" for key, value in wishes.items())
                rows.append(
                    f"| {name.partition('.')[0]} | {said} | {more_lu:+.2f} | {rest_db:.0f} |"
                )
                all_lu.append(abs(more_lu))
                all_db.append(rest_db)
    text = [
        "## Sketches",
        "",
        circumstances(),
        "",
        "What is heard at once of a wish, against the full master of it: the loudness that is "
        f"missed is {np.median(all_lu):.2f} LU in the median, {np.percentile(all_lu, 90):.2f} in "
        f"nine of ten, {max(all_lu):.2f} at most; at matched loudness the difference is "
        f"{np.median(all_db):.0f} dB in the median, {max(all_db):.0f} dB at most.",
        "",
        "| song | wish | louder by, LU | difference, dB |",
        "|-|-|-|-|",
        *rows,
    ]
    print("\n".join(text))
    if not asked.no_page:
        write_section("Sketches", "\n".join(text))


if __name__ == "__main__":
    sys.exit(main())
