"""Cut the example of `burnish demo` from the corpus's own song: verse into chorus, 16 bits, FLAC.

    python tools/make_example.py CORPUS/stems/song1/mix_unmastered.flac \\
        src/burnish/apps/cli/example/song1_excerpt.flac

The song runs at 120 beats a minute in four, so bars are 2 s; bars 8 to 18 are the end of the verse
and the chorus.
"""

import sys

import numpy as np
import soundfile

START_S, END_S = 16.0, 36.0
FADE_IN_S, FADE_OUT_S = 0.005, 0.4


def main(source: str, out: str) -> None:
    samples, rate_hz = soundfile.read(source, always_2d=True)
    piece = samples[int(START_S * rate_hz) : int(END_S * rate_hz)].copy()
    for fade_s, end in ((FADE_IN_S, 1), (FADE_OUT_S, -1)):
        n_samples = int(fade_s * rate_hz)
        piece[::end][:n_samples] *= np.sin(np.linspace(0, np.pi / 2, n_samples))[:, None] ** 2
    random = np.random.default_rng(20261120)
    dither = random.random(piece.shape) - random.random(piece.shape)
    words = np.round(piece * 32768 + dither).astype(np.int16)
    soundfile.write(out, words, rate_hz, subtype="PCM_16", compression_level=1.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
