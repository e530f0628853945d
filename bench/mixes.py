"""Long mixes for the speed runs, made from the corpus: the same bits every time.

python -m bench.mixes OUT.wav MINUTES
"""

import sys
from pathlib import Path

import numpy as np
import soundfile

from bench import metrics
from bench.limiters import CORPUS, read

RATE_HZ = 44100
PART_S = 30
MIX_LUFS = -18.0  # where mixes stand; the mix of the peers' table read -17.8

# 44.1 kHz music of the corpus with 30 s to take from each: file, first second.
PARTS = (
    ("tracks/08_morin_on_the_run.ogg", 60),
    ("tracks/14_lmms_saber_final_step.flac", 20),
    ("tracks/01_karissa_lets_go_fishin.ogg", 40),
    ("tracks/15_lmms_alf42red_mauiwowi.flac", 10),
    ("tracks/12_sectoid_war_of_freedom_backing.ogg", 60),
    ("tracks/10_vanethian_theme.ogg", 90),
    ("tracks/09_crystan_battlescape01.ogg", 100),
    ("tracks/02_macleod_vibe_ace.ogg", 20),
)


def write_mix(path, minutes):
    """Write a 24-bit stereo mix of whole minutes: parts of 30 s at -18 LUFS with 50 ms fades."""
    fade = np.minimum(1.0, np.arange(PART_S * RATE_HZ) / (0.05 * RATE_HZ))
    fade = np.minimum(fade, fade[::-1])
    parts = []
    for name, start_s in PARTS[: minutes * 60 // PART_S]:
        x, rate_hz = read(CORPUS / name, start_s, PART_S)
        if rate_hz != RATE_HZ or x.shape != (2, PART_S * RATE_HZ):
            raise ValueError(f"{name}: must be 44.1 kHz stereo, 30 s from {start_s} s")
        x = x * 10 ** ((MIX_LUFS - metrics.integrated_lufs(x, rate_hz)) / 20) * fade
        largest = np.abs(x).max()
        parts.append(x.T * min(1.0, 0.98 / largest))
    with soundfile.SoundFile(path, "w", RATE_HZ, 2, "PCM_24", format="WAV") as file:
        for k in range(minutes * 60 // PART_S):
            file.write(parts[k % len(parts)])


if __name__ == "__main__":
    write_mix(Path(sys.argv[1]), int(sys.argv[2]))
