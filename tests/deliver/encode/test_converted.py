"""Tracks at a codec's rate: one after the other they are the whole, converted at once."""

import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from burnish.audio import Audio, AudioSource
from burnish.deliver.encode import ConvertedTrack, encode, kind, prove_decoded, turn_opus
from burnish.dsp.resample import Resampler
from needed import need_tool


@pytest.mark.parametrize(
    ("rate_hz", "out_hz"), [(44_100, 48_000), (96_000, 48_000), (88_200, 44_100)]
)
def test_no_seam_where_tracks_meet(rate_hz: int, out_hz: int) -> None:
    random = np.random.default_rng(3)
    lengths = [20_001, 100, 45_678, 30_000]
    whole = 0.3 * random.standard_normal((2, sum(lengths)))
    resampler = Resampler(rate_hz, out_hz, 2)
    wanted = np.concatenate((resampler.process(whole), resampler.finish()), axis=1)
    edges = np.cumsum([0, *lengths])
    sources = [
        AudioSource(Audio(np.ascontiguousarray(whole[:, a:b]), rate_hz)) for a, b in pairwise(edges)
    ]
    tracks = [ConvertedTrack(sources, k, out_hz) for k in range(4)]
    found = np.concatenate([track.read().samples for track in tracks], axis=1)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() < 1e-9
    blocks = list(tracks[2].blocks(1000))
    assert {block.shape[1] for block in blocks[:-1]} == {1000}
    assert np.array_equal(np.concatenate(blocks, axis=1), tracks[2].read().samples)
    part = np.concatenate(list(tracks[2].blocks(700, 5000, 9000)), axis=1)
    assert np.abs(part - tracks[2].read().samples[:, 5000:9000]).max() < 1e-9


def test_an_opus_file_is_turned_in_its_head_and_every_decoder_obeys(tmp_path: Path) -> None:
    sound = 0.5 * np.sin(np.arange(48_000) * 0.05)[None].repeat(2, axis=0)
    out = tmp_path / "out.opus"
    encoded = encode(AudioSource(Audio(sound, 48_000)), out, kind("opus-160"))
    n_bytes = out.stat().st_size
    before, loud = prove_decoded(encoded), soundfile.read(out)[0]
    assert turn_opus(out, -3.0001) == -769 / 256
    after, soft = prove_decoded(encoded), soundfile.read(out)[0]
    assert after.true_peak_dbtp - before.true_peak_dbtp == pytest.approx(-769 / 256, abs=2e-3)
    assert np.std(soft) / np.std(loud) == pytest.approx(10 ** (-769 / 256 / 20), rel=1e-3)
    assert out.stat().st_size == n_bytes
    told = subprocess.run([need_tool("opusinfo"), out], capture_output=True, text=True, check=True)
    assert "Playback gain: -3.00" in told.stdout
    assert "WARNING" not in told.stdout.upper()
    with pytest.raises(ValueError, match="no Opus"):
        turn_opus(Path(__file__), -1.0)
