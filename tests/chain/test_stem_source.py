"""Stems as one source: the sum bit for bit, places, rates, channels; names and lists of stems."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.chain import InputNote, Plan, Stem, Step
from burnish.chain.recall import dump, load, save
from burnish.chain.stem_sheet import guessed_role, named_stems
from burnish.chain.stems import Layout, StemSource
from burnish.errors import InputError, SettingError
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.gain import Gain

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def noises(n_stems: int, n_samples: int, channels: int = 2) -> list[Floats]:
    """Noise on the grid of 24 bits."""
    random = np.random.default_rng(5)
    return [
        np.rint(random.normal(0, 0.1, (channels, n_samples)) * 2**23) / 2**23
        for _ in range(n_stems)
    ]


def source(samples: list[Floats], n_samples: int | None = None, **of_stem: object) -> StemSource:
    """Stems in memory; ``of_stem`` are settings of the first."""
    stems = [Stem(file=f"{k}.wav") for k in range(len(samples))]
    stems[0] = stems[0].with_(**of_stem)
    channels = max(len(one) for one in samples)
    n = max(one.shape[1] for one in samples) if n_samples is None else n_samples
    sources = [AudioSource(Audio(one, RATE_HZ)) for one in samples]
    return StemSource(stems, sources, Layout(RATE_HZ, channels, n))


@pytest.mark.parametrize("n_samples", [1, 2, 65_535, 65_536, 65_537, 150_000])
def test_the_neutral_sum_is_the_sum_bit_for_bit(n_samples: int) -> None:
    samples = noises(4, n_samples)
    with source(samples) as mix:
        assert np.array_equal(
            mix.read().samples, ((samples[0] + samples[1]) + samples[2]) + samples[3]
        )


def test_every_pass_and_every_part_has_the_same_bits() -> None:
    samples = noises(3, 100_000)
    eq = Step(processor="equalizer", settings=Equalizer(bands=(Band(gain_db=1.5),)))
    with source(samples, steps=(eq,), gain_db=-1.0) as mix:
        whole = mix.read().samples
        for size in (17, 4096):
            assert np.array_equal(np.concatenate(list(mix.blocks(size)), axis=1), whole)
        part = np.concatenate(list(mix.blocks(1000, start=12_345, stop=67_890)), axis=1)
        assert np.array_equal(part, whole[:, 12_345:67_890])
    other = source(samples, steps=(eq,), gain_db=-1.0)
    with other:
        assert np.array_equal(other.read().samples, whole)


def test_more_stems_than_fit_in_large_blocks() -> None:
    samples = noises(12, 70_000)
    with source(samples) as mix:
        assert np.abs(mix.read().samples - sum(samples)).max() == 0.0


def test_gain_place_and_steps_are_those_of_the_stem() -> None:
    samples = noises(2, 5000)
    twice = Step(processor="gain", settings=Gain(gain_db=20.0))
    for offset in (700, -700, 0, 4999, 5000, 9000, -6000):
        placed = np.zeros((2, 5000))
        if offset >= 0:
            placed[:, offset:] = samples[0][:, : max(0, 5000 - offset)]
        else:
            placed[:, : max(0, 5000 + offset)] = samples[0][:, -offset:]
        with source(samples, gain_db=20.0, offset_samples=offset, steps=(twice,)) as mix:
            assert np.allclose(mix.read().samples, 100 * placed + samples[1], rtol=1e-13, atol=0)


def test_shorter_stems_end_in_silence() -> None:
    long, short = noises(1, 80_000)[0], noises(1, 300)[0]
    with source([short, long]) as mix:
        expected = long.copy()
        expected[:, :300] += short
        assert np.array_equal(mix.read().samples, expected)


def test_mono_goes_to_both_channels_at_gain_one() -> None:
    mono, stereo = noises(1, 1000, 1)[0], noises(1, 1000)[0]
    with source([mono, stereo]) as mix:
        assert np.array_equal(mix.read().samples, stereo + mono)
    with source([mono, mono]) as mix:
        assert mix.info.channels == 1


def test_another_rate_is_converted() -> None:
    t = np.arange(48_000) / 48_000
    stem = 0.3 * np.sin(2 * np.pi * 997 * t)[None]
    sources = [AudioSource(Audio(stem, 48_000)), AudioSource(Audio(np.zeros((1, 44_100)), 44_100))]
    layout = Layout(44_100, 1, 44_100)
    with StemSource([Stem(file="a"), Stem(file="b")], sources, layout) as mix:
        expected = 0.3 * np.sin(2 * np.pi * 997 * np.arange(44_100) / 44_100)
        assert np.abs(mix.read().samples[0] - expected)[1000:-1000].max() < 1e-6


def test_what_is_known_of_the_sum() -> None:
    with source(noises(2, 100)) as mix:
        assert (mix.info.name, mix.info.path) == ("the sum of the stems", None)
        assert mix.info.is_float  # audio in memory is


def test_a_stem_that_is_no_sound_is_named(tmp_path: Path) -> None:
    bad = np.zeros((2, 100))
    bad[0, 50] = np.nan
    soundfile.write(tmp_path / "bad.wav", bad.T, RATE_HZ, subtype="FLOAT")
    stems = [Stem(file=str(tmp_path / "bad.wav"))]
    with (
        StemSource.open(stems, Layout(RATE_HZ, 2, 100)) as mix,
        pytest.raises(InputError, match=r"bad\.wav: sample 50"),
    ):
        mix.fill()


# Names


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("drums.flac", "drums"), ("Bass.wav", "bass"), ("03 Bass Drum.wav", "kick"),
        ("KickIn.wav", "kick"), ("song_LeadVox_2.wav", "vocals"), ("Lead Vocal.wav", "vocals"),
        ("lead.wav", "other"), ("gtr_L.wav", "guitars"), ("Rhodes.wav", "keys"),
        ("808.wav", "bass"), ("OH.wav", "drums"), ("strings.aif", "strings"),
        ("Vocals Reverb.wav", "effects"), ("mystery.wav", "other"), ("basset.wav", "other"),
    ],
)  # fmt: skip
def test_a_name_tells_the_role(name: str, role: str) -> None:
    assert guessed_role(name) == role


def test_words_name_role_and_file() -> None:
    (one, two), mix = named_stems(["vocals=take=3.wav", Path("drums.wav")])
    assert (one.role, one.file, two.role, mix) == ("vocals", "take=3.wav", "drums", "")
    with pytest.raises(SettingError, match="the role must be one of drums"):
        named_stems(["zither=a.wav"])
    with pytest.raises(SettingError, match="stems: must be given"):
        named_stems([])


LIST = """\
stems:
  - file: d.wav
    role: drums
    group: rhythm
    gain_db: -1
  - file: sub/Bass.wav
    group: rhythm
  - {file: v.wav, role: vocals, offset_samples: 48}
groups:
  - name: rhythm
    gain_db: 0.5
mix: mix.wav
"""


def test_a_list_of_stems_has_roles_gains_and_groups(tmp_path: Path) -> None:
    path = tmp_path / "song.yaml"
    path.write_text(LIST)
    stems, mix = named_stems([path])
    assert [stem.file for stem in stems] == [
        str(tmp_path / name) for name in ("d.wav", "sub/Bass.wav", "v.wav")
    ]
    assert [stem.role for stem in stems] == ["drums", "bass", "vocals"]
    assert [stem.gain_db for stem in stems] == [-0.5, 0.5, 0.0]
    assert stems[2].offset_samples == 48
    assert mix == str(tmp_path / "mix.wav")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gain_db: -1", "gain_db: 90", "song.yaml:5: gain_db=90: must be -60 to 24 dB"),
        ("role: drums", "role: zither", "song.yaml:3: role=zither: must be one of drums"),
        ("file: d.wav", "fil: d.wav", "song.yaml:2: file: must be given"),
        ("name: rhythm", "name: other", "group=rhythm: must be one of other"),
        ("mix:", "mixx:", "song.yaml:12: mixx: no such setting"),
        (LIST, "- a", "song.yaml:1: this is not a list of stems"),
        (LIST, "stems: []", "stems: must hold one or more"),
    ],
)
def test_a_fault_in_the_list_has_its_line(old: str, new: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "song.yaml"
    path.write_text(LIST.replace(old, new))
    with pytest.raises(SettingError, match=r"song\.yaml") as caught:
        named_stems([path])
    assert words in caught.value.sentence


def test_a_list_stands_alone(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="names all stems by itself"):
        named_stems(["a.yaml", "b.wav"])


# Sheets


@pytest.fixture
def plan() -> Plan:
    return Plan(input=InputNote(rate_hz=RATE_HZ, channels=2, n_samples=5), output={})


def test_a_sheet_of_stems_comes_back_as_it_was(plan: Plan, tmp_path: Path) -> None:
    gain = Step(processor="gain", settings=Gain(gain_db=1.0), reason="why", evidence={"a_db": 1.5})
    stems = (
        Stem(file="a.wav", role="bass", steps=(gain,), offset_samples=-3, notes=("late",)),
        Stem(file="b.wav", gain_db=0.1),
    )
    path = tmp_path / "a.recall.yaml"
    save(plan.with_(stems=stems), path)
    assert load(path) == plan.with_(stems=stems)
    path.write_text(path.read_text().replace("gain_db: 1.0", "gain_db: 99"))
    with pytest.raises(SettingError, match="gain_db=99: must be -60 to 40 dB"):
        load(path)


def test_a_sheet_without_stems_has_the_form_that_it_had(plan: Plan) -> None:
    assert "stems" not in dump(plan)
