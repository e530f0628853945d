"""An album of twelve songs, mastered and delivered by one command: how long, how much memory.

    python -m bench.album [--tracks 12] [--minutes 4] [--keep DIR] [--no-page]

Mastering as one body, all digital formats (targets streaming and download) and the DDP of a CD,
with every file read back and its quality control. Exit 1 when a goal is missed.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from bench import metrics
from bench.limiters import CORPUS, read
from bench.mixes import MIX_LUFS, PART_S, PARTS, RATE_HZ
from bench.page import Goal, circumstances, exit_code, goals_table, write_section
from bench.speed import BURNISH, run

TARGETS = ("streaming", "download", "cd")
REAL_TIME, MEMORY_MIB = 15.0, 700.0


def write_album(folder, n_tracks, minutes):
    """Write mixes and their album.yaml: each song of two parts of the corpus in turn."""
    parts = []
    fade = np.minimum(1.0, np.arange(PART_S * RATE_HZ) / (0.05 * RATE_HZ))
    fade = np.minimum(fade, fade[::-1])
    for name, start_s in PARTS:
        x, _ = read(CORPUS / name, start_s, PART_S)
        x = x * 10 ** ((MIX_LUFS - metrics.integrated_lufs(x, RATE_HZ)) / 20) * fade
        parts.append(x.T * min(1.0, 0.98 / np.abs(x).max()))
    lines = ["title: Twelve", "artist: The Corpus", "upc: 036000291452", "tracks:"]
    for i in range(n_tracks):
        file = folder / f"{i + 1:02d}.wav"
        with soundfile.SoundFile(file, "w", RATE_HZ, 2, "PCM_24", format="WAV") as written:
            for k in range(minutes * 60 // PART_S):
                written.write(parts[(i + k % 2) % len(parts)])
        join = {3: ", crossfade_s: 4", 6: ", gap_s: 0"}.get(i, "")
        isrc = f"USRC176{i:05d}"
        lines.append(f"  - {{file: {file.name}, title: Song {i + 1}, isrc: {isrc}{join}}}")
    sheet = folder / "album.yaml"
    sheet.write_text("\n".join(lines) + "\n", "utf-8")
    return sheet


def measured(folder, n_tracks, minutes, say):
    """Run the command once; return its run, and what it says of itself."""
    sheet = write_album(folder, n_tracks, minutes)
    say(f"an album of {n_tracks} x {minutes} minutes")
    to = [word for target in TARGETS for word in ("--to", target)]
    once = run([BURNISH, "album", sheet, "-o", folder / "out", "--quiet", *to])
    result = json.loads((folder / "out" / "album.json").read_text("utf-8"))
    return once, result


def section(once, result, n_tracks, minutes):
    """The section of the page, and its goals."""
    sound_s = n_tracks * minutes * 60
    n_files = sum(len(one["manifest"]["files"]) for one in result["deliveries"])
    passed = all(one["passed"] for one in result["deliveries"])
    times = sound_s / once.wall_s
    goals = [
        Goal("times real time", f"{times:.1f}", f"{REAL_TIME:g} or more", times >= REAL_TIME),
        Goal("memory", f"{once.peak_mib:.0f} MiB", f"{MEMORY_MIB:g} MiB or less",
             once.peak_mib <= MEMORY_MIB),
        Goal("quality control", "passed" if passed else "failed", "passed", passed),
    ]  # fmt: skip
    text = [
        "## Album",
        "",
        circumstances(),
        "",
        f"{n_tracks} songs of {minutes} minutes to masters, {', '.join(TARGETS)}: {n_files} files, "
        f"each read back; {once.wall_s:.0f} s of wall time, {once.cpu_s:.0f} s of processor time; "
        "both, and the memory, of all its processes together.",
        "",
        goals_table(goals),
    ]
    return "\n".join(text), goals


def main():
    """Run, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=12)
    parser.add_argument("--minutes", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="a folder to keep it in")
    parser.add_argument("--no-page", action="store_true")
    asked = parser.parse_args()
    with contextlib.ExitStack() as held:
        if asked.keep is None:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        else:
            folder = asked.keep
            folder.mkdir(parents=True, exist_ok=True)
        once, result = measured(folder, asked.tracks, asked.minutes, print)
    text, goals = section(once, result, asked.tracks, asked.minutes)
    print(text)
    if not asked.no_page:
        write_section("Album", text)
    return exit_code(goals)


if __name__ == "__main__":
    sys.exit(main())
