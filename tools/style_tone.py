"""Print the [tone] table of a style that is told as offsets on another style's curve.

    python tools/style_tone.py pop 3:40:80 -1:250:600 1:8000:20000

Each offset is dB:from_hz:to_hz. The base curve is drawn in twelfth octaves through the nine bands,
the offsets are added, and the energy is gathered again in the bands, so that 3 dB over half a band
does not become 3 dB over all of it. The result is set against the mean of 0.8 to 2.5 kHz like every
tone. The corridor keeps the base's quartiles and gets 0.5 dB wider on each side, for an opinion.

    python tools/style_tone.py speech

prints the same from the long-term average speech spectrum of Byrne et al., JASA 96(4), 1994,
table II (both sexes, twelve languages, third octaves at 70 dB SPL), with corridors of 4 dB.
"""

import sys

import numpy as np

from burnish.targets import BAND_EDGES_HZ, Tone, style

WIDER_DB = 0.5
SPEECH_DB = 4.0
LTASS_HZ = 1000.0 * 2.0 ** (np.arange(-12, 13) / 3.0)
# fmt: off
LTASS_DB = np.array([
    38.6, 43.5, 54.4, 57.7, 56.8, 60.2, 60.3, 59.0, 62.1, 62.1, 60.5, 56.8, 53.7,  # 63 Hz to 1 kHz
    53.0, 52.0, 48.7, 48.1, 46.8, 45.6, 44.5, 44.3, 43.7, 43.4, 41.3, 40.7,  # 1.25 to 16 kHz
])
# fmt: on

EDGES = np.log2(np.array(BAND_EDGES_HZ))
GRID = np.arange(EDGES[0], EDGES[-1], 1.0 / 48.0) + 1.0 / 96.0
BAND = np.searchsorted(EDGES, GRID, side="right") - 1


def gathered(curve_db: np.ndarray) -> np.ndarray:
    """Per-octave level of each band, relative to the mean of 0.8 to 2.5 kHz (bands 4 and 5)."""
    power = 10.0 ** (curve_db / 10.0)
    bands = np.array([10.0 * np.log10(power[i == BAND].mean()) for i in range(len(EDGES) - 1)])
    return bands - bands[3:5].mean()


def shifted(base: Tone, offsets: list[tuple[float, float, float]]) -> np.ndarray:
    """How far each band's median moves."""
    centres = (EDGES[:-1] + EDGES[1:]) / 2.0
    curve = np.interp(GRID, centres, base.median_db)
    bent = curve.copy()
    for gain_db, low_hz, high_hz in offsets:
        bent[(np.log2(low_hz) <= GRID) & (np.log2(high_hz) > GRID)] += gain_db
    return gathered(bent) - gathered(curve)


def row(values: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:.1f}" for value in np.round(values, 1) + 0.0) + "]"


def main(words: list[str]) -> None:
    if words == ["speech"]:
        median = gathered(np.interp(GRID, np.log2(LTASS_HZ), LTASS_DB))
        low, high = median - SPEECH_DB, median + SPEECH_DB
    else:
        base = style(words[0])
        offsets = [tuple(float(part) for part in word.split(":")) for word in words[1:]]
        move = shifted(base.tone, offsets)
        median = np.array(base.tone.median_db) + move
        low = np.array(base.tone.q25_db) + move - WIDER_DB
        high = np.array(base.tone.q75_db) + move + WIDER_DB
    print(f"median_db = {row(median)}\nq25_db = {row(low)}\nq75_db = {row(high)}")


if __name__ == "__main__":
    main(sys.argv[1:])
