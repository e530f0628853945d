"""Agreement with meters that burnish did not write, on real music."""

import ctypes
import math
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, read
from burnish.measure import Measurement, measure
from needed import need_tool

pytestmark = pytest.mark.corpus

Floats = NDArray[np.float64]
EVERY_OTHER = sorted(
    path.name
    for path in (
        Path(os.environ.get("BURNISH_CORPUS", Path(__file__).parents[3] / "shared" / "audio"))
        / "tracks"
    ).glob("*")
)[::2]
"""Of all kinds of music; of each second one `make quality` hears what agrees on the others."""

TRACKS = [
    pytest.param(name, marks=[pytest.mark.long] if k % 2 else [])
    for k, name in enumerate(EVERY_OTHER)
]


@pytest.fixture(scope="module", params=TRACKS or ["none"])
def track(request: pytest.FixtureRequest, corpus: Path) -> Audio:
    return read(corpus / "tracks" / request.param)


@pytest.fixture(scope="module")
def measured(track: Audio) -> Measurement:
    return measure(track)


@pytest.fixture(scope="module")
def libebur128() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libebur128.so.1")
    except OSError:
        message = "libebur128.so.1 is not installed; this test needs it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    library.ebur128_init.restype = ctypes.c_void_p
    library.ebur128_init.argtypes = (ctypes.c_uint, ctypes.c_ulong, ctypes.c_int)
    return library


def test_integrated_agrees_with_libebur128(
    track: Audio, measured: Measurement, libebur128: ctypes.CDLL
) -> None:
    integrated_mode = 1 << 2 | 1
    state = ctypes.c_void_p(libebur128.ebur128_init(track.channels, track.rate_hz, integrated_mode))
    interleaved = np.ascontiguousarray(track.samples.T)
    libebur128.ebur128_add_frames_double(
        state, ctypes.c_void_p(interleaved.ctypes.data), ctypes.c_size_t(track.n_samples)
    )
    answer = ctypes.c_double()
    libebur128.ebur128_loudness_global(state, ctypes.byref(answer))
    libebur128.ebur128_destroy(ctypes.byref(state))
    found = measured.loudness.integrated_lufs
    assert found == pytest.approx(answer.value, abs=0.03)
    assert found == pytest.approx(answer.value, abs=0.001)  # drift alarm


def test_integrated_agrees_with_ffmpeg(track: Audio, measured: Measurement) -> None:
    """ffmpeg prints one digit, so 0.05 is what its rounding leaves of 0.03; the range likewise."""
    layout = "mono" if track.channels == 1 else "stereo"
    done = subprocess.run(
        (
            *(need_tool("ffmpeg"), "-nostdin", "-hide_banner"),
            *("-f", "f64le", "-ar", str(track.rate_hz), "-ac", str(track.channels)),
            *("-channel_layout", layout, "-i", "pipe:0"),
            *("-af", "ebur128=framelog=verbose", "-f", "null", "-"),
        ),
        input=np.ascontiguousarray(track.samples.T).tobytes(),
        capture_output=True,
        check=True,
    )
    summary = done.stderr.decode().rpartition("Summary:")[2].split()
    integrated, reach = (float(summary[summary.index(key) + 1]) for key in ("I:", "LRA:"))
    found = measured.loudness
    assert found.integrated_lufs == pytest.approx(integrated, abs=0.05 + 0.03)
    assert found.range_lu == pytest.approx(reach, abs=0.05 + 0.1)


def long_filter_true_peak(wave: Floats) -> float:
    """The largest magnitude of a long piece of music, interpolated by FFT.

    Chunks of 2**15 samples with a quarter of context on each side are read at 2x; those which
    could hold the maximum (a 2x reading is at most 3.01 dB low), the highest 20 of them, at 32x.
    """
    size, context = 1 << 15, 1 << 13
    inner = size - 2 * context
    padded = np.pad(wave, (context, size))
    chunks = np.lib.stride_tricks.sliding_window_view(padded, size)[::inner][
        : len(wave) // inner + 1
    ]

    def highest(chunk: Floats, factor: int) -> float:
        # A long fade keeps the jump between the chunk's ends from ringing into its middle.
        fade = np.minimum(1.0, np.arange(1, size + 1) / context)
        shape = 0.5 - 0.5 * np.cos(np.pi * np.minimum(fade, fade[::-1]))
        spectrum = np.fft.rfft(chunk * shape)
        dense = np.fft.irfft(spectrum, size * factor) * factor
        return float(np.abs(dense[context * factor : (size - context) * factor]).max())

    at_2x = np.array([highest(chunk, 2) for chunk in chunks])
    order = np.argsort(at_2x)[::-1][:20]
    return max(highest(chunks[k], 32) for k in order if at_2x[k] > 0.7 * at_2x.max())


def test_true_peak_agrees_with_a_long_filter(track: Audio, measured: Measurement) -> None:
    """Within 0.1 dB; what is left is content that the cascade's first stage rolls off."""
    found = measured.peaks
    for wave, at_16x in zip(track.samples, found.channel_true_peak_dbtp, strict=True):
        assert at_16x == pytest.approx(20 * math.log10(long_filter_true_peak(wave)), abs=0.1)
    assert -0.7 < found.true_peak_4x_dbtp - found.true_peak_dbtp < 0.01
