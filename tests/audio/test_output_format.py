"""The settings of the file to be written."""

import subprocess
import sys
from typing import get_args

import pytest

from burnish.audio import OutputFormat, container_of
from burnish.audio.output_format import Dither
from burnish.dsp.noise_shape import SHAPES
from burnish.errors import SettingError


def test_the_defaults_are_24_bits_with_flat_dither_at_the_rate_of_the_mix():
    form = OutputFormat()
    assert (form.format, form.bits, form.rate_hz) == ("wav", "24", None)
    assert form.applied_dither == "tpdf"
    assert form.suffix == ".wav"


@pytest.mark.parametrize(("bits", "dither"), [("16", "tpdf"), ("24", "tpdf"), ("32f", "none")])
def test_auto_dithers_whole_numbers_and_never_floats(bits, dither):
    assert OutputFormat(bits=bits).applied_dither == dither


def test_every_shape_is_a_choice():
    assert set(get_args(Dither)) == {"auto", "none", "tpdf", *SHAPES}


def test_bits_may_be_a_number_as_yaml_has_them():
    assert OutputFormat(bits=16).bits == "16"
    assert OutputFormat(**OutputFormat(bits="16").model_dump()).bits == "16"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"bits": "20"}, "bits=20: must be one of 16, 24, 32f"),
        ({"bits": 8}, "bits=8: must be one of 16, 24, 32f"),
        ({"bits": True}, "bits=True: must be one of 16, 24, 32f"),
        ({"format": "mp3"}, "format=mp3: must be one of wav, flac, aiff"),
        ({"rate_hz": 4000}, "rate_hz=4000: must be 8000 to 768000 Hz"),
        ({"dither": "blue"}, "dither=blue: must be one of auto, none, tpdf, simple-2"),
        ({"dither_seed": -1}, "dither_seed=-1: must be 0 to 999999"),
        ({"bits": "32f", "format": "flac"}, "bits=32f: in FLAC must be 16 or 24; or take wav"),
        ({"bits": "32f", "dither": "tpdf"}, "dither=tpdf: with bits=32f must be auto or none"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(settings, sentence):
    with pytest.raises(SettingError, match=sentence.replace("+", r"\+")) as caught:
        OutputFormat(**settings)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("a.wav", "wav"),
        ("A.WAV", "wav"),
        ("a.wave", "wav"),
        ("a.flac", "flac"),
        ("a.aif", "aiff"),
        ("a.AIFF", "aiff"),
        ("a.mp3", None),
        ("wav", None),
    ],
)
def test_the_ending_of_a_name_tells_the_container(name, container):
    assert container_of(name) == container


def test_it_is_loaded_without_any_codec_or_kernel():
    code = (
        "import sys; from burnish.audio import OutputFormat; OutputFormat();"
        "print(sorted({'numba', 'soundfile', 'av', 'soxr', 'scipy'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_wav_is_read_without_any_codec_or_kernel(tmp_path):
    code = (
        "import sys; from burnish.audio import OutputFormat, Writer, read; import numpy as np\n"
        "with Writer(sys.argv[1], OutputFormat(bits='32f'), 44100, 1, 9) as w:\n"
        "    w.write(np.zeros((1, 9)))\n"
        "read(sys.argv[1])\n"
        "print(sorted({'numba', 'soundfile', 'av', 'soxr', 'scipy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out.wav")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
