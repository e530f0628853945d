"""Bad input: one clear sentence and the contract's exit code, or a good master. Never a traceback,
never a damaged or half-written file.

One table; each case makes its file and says which ends are right.
"""

import ctypes
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from burnish.apps.cli import main
from pieces import made_once

RATE_HZ = 44100
Samples = NDArray[np.float64]
Case = Callable[[Path], Path]


@made_once
def music(duration_s: float = 2.0, rate_hz: int = RATE_HZ, gain_db: float = -18.0) -> Samples:
    """Something that stands for a mix: chords, a beat and some air, two different channels."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    random = np.random.default_rng(7)
    chord = sum(np.sin(2 * np.pi * hz * time_s) / hz**0.5 for hz in (55, 110, 165, 220, 330, 880))
    beat = np.exp(-12 * (time_s % 0.5)) * np.sin(2 * np.pi * 60 * time_s)
    air = random.standard_normal((2, len(time_s))) * 0.02 * np.exp(-30 * (time_s % 0.25))
    mix = np.stack([chord, np.roll(chord, 40)]) * 0.6 + beat + air
    return 10 ** (gain_db / 20) * mix / np.sqrt(np.mean(mix**2))


def write(path: Path, samples: Samples, rate_hz: int = RATE_HZ, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, samples.T, rate_hz, subtype=subtype)
    return path


def a_mix(folder: Path) -> Path:
    return write(folder / "mix.wav", music())


def changed(change: Callable[[Samples], Any], subtype: str = "FLOAT") -> Case:
    """A case whose file is the music, changed."""

    def make(folder: Path) -> Path:
        samples = music()
        given = change(samples)
        return write(folder / "mix.wav", samples if given is None else given, subtype=subtype)

    return make


def put(samples: Samples, at: tuple[int, int], value: float) -> None:
    samples[at] = value


def folder_named_wav(folder: Path) -> Path:
    (folder / "mix.wav").mkdir()
    return folder / "mix.wav"


def raw(data: bytes, name: str = "mix.wav") -> Case:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def cut(name: str, part: float) -> Case:
    """A file that ends in the middle."""

    def make(folder: Path) -> Path:
        path = write(folder / name, music(), subtype="PCM_16")
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])
        return path

    return make


def promises_more(folder: Path) -> Path:
    """A header whose data chunk is said to be ten times what is there."""
    path = write(folder / "mix.wav", music(), subtype="PCM_16")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    (size,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, size * 10)
    path.write_bytes(data)
    return path


def limited(folder: Path) -> Path:
    return write(folder / "mix.wav", np.clip(music(3.0, gain_db=-3.0) * 1.6, -1, 1))


def named(name: str) -> Case:
    return lambda folder: write(folder / name, music())


def rated(rate_hz: int, duration_s: float) -> Case:
    return lambda folder: write(folder / "mix.wav", music(duration_s, rate_hz), rate_hz)


NO_SAMPLES = np.zeros((2, 0))
SQUARE = np.sign(np.sin(2 * np.pi * 100 * np.arange(2 * RATE_HZ) / RATE_HZ) + 1e-9)
GOOD = 0
UNUSABLE = 3

# name -> (how the file is made, the ends that are right, words that the sentence holds)
CASES: dict[str, tuple[Case, set[int], str]] = {
    "missing": (lambda folder: folder / "none.wav", {UNUSABLE}, "none.wav"),
    "a folder": (folder_named_wav, {UNUSABLE}, "folder"),
    "0 bytes": (raw(b""), {UNUSABLE}, "empty"),
    "text named .wav": (raw(b"these are the words of a song\n" * 40), {UNUSABLE}, "mix.wav"),
    "noise named .flac": (raw(bytes(range(256)) * 64, "mix.flac"), {UNUSABLE}, "mix.flac"),
    "a header alone": (raw(b"RIFF\x24\0\0\0WAVE"), {UNUSABLE}, "mix.wav"),
    "truncated wav": (cut("mix.wav", 0.6), {GOOD}, ""),
    "truncated flac": (cut("mix.flac", 0.6), {GOOD, UNUSABLE}, "mix.flac"),
    "header promises more": (promises_more, {GOOD}, ""),
    "0 samples": (lambda f: write(f / "mix.wav", NO_SAMPLES), {UNUSABLE}, "mix.wav"),
    "1 sample": (lambda f: write(f / "mix.wav", music()[:, :1]), {GOOD, UNUSABLE}, "mix.wav"),
    "50 ms": (lambda f: write(f / "mix.wav", music(0.05)), {GOOD, UNUSABLE}, "mix.wav"),
    "silence": (changed(lambda x: x * 0), {UNUSABLE}, "silen"),
    "one silent channel": (changed(lambda x: x.__imul__([[1.0], [0.0]])), {GOOD}, ""),
    "NaN": (changed(lambda x: put(x, (1, 30000), np.nan)), {UNUSABLE}, "finite"),
    "Inf": (changed(lambda x: put(x, (0, 30000), -np.inf)), {UNUSABLE}, "finite"),
    "anti-phase": (changed(lambda x: np.stack([x[0], -x[0]])), {GOOD}, ""),
    "DC only": (changed(lambda x: x * 0 + 0.25), {GOOD, UNUSABLE}, "mix.wav"),
    "full-scale square": (lambda f: write(f / "mix.wav", np.stack([SQUARE] * 2)), {GOOD}, ""),
    "float at +20 dBFS": (changed(lambda x: x * 10 / np.abs(x).max()), {GOOD}, ""),
    "limited at -5 LUFS": (limited, {GOOD}, ""),
    "6 channels": (changed(lambda x: np.concatenate([x] * 3)), {UNUSABLE}, "channels"),
    "mono": (changed(lambda x: x[:1].copy()), {GOOD}, ""),
    "8 kHz": (rated(8000, 2.0), {GOOD}, ""),
    "384 kHz": (rated(384_000, 1.0), {GOOD}, ""),
    "8 bits": (changed(lambda x: None, subtype="PCM_U8"), {GOOD}, ""),
    "spaces and marks": (named(" odd [name] 100% #1 'q' \"d\" & co.wav"), {GOOD}, ""),
    "a leading dash": (named("-loud.wav"), {GOOD}, ""),
    "Unicode": (named("Ünï – 音楽 – موسيقى 🎚.wav"), {GOOD}, ""),
    "a line's end in the name": (named("two\nlines.wav"), {GOOD}, ""),
    "a very long name": (named("n" * 251 + ".wav"), {GOOD, 5}, "name"),
    "a long name": (named("n" * 220 + ".wav"), {GOOD}, ""),
    "two dots": (named("mix.final.v2.wav"), {GOOD}, ""),
}


def run(words: list[str | Path], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert "report" not in err or code != 1, err
    return code, out, err


def is_one_sentence(err: str, words: str) -> bool:
    lines = err.splitlines()
    return len(lines) == 1 and lines[0].startswith("burnish: ") and words.lower() in err.lower()


def assert_good(master: Path, mix: Path) -> None:
    made, rate_hz = soundfile.read(master, always_2d=True)
    assert np.isfinite(made).all()
    assert np.abs(made).max() <= 1.0
    assert soundfile.info(master).subtype == "PCM_24"
    given = soundfile.info(mix)
    assert rate_hz == given.samplerate
    assert made.shape[1] == given.channels


@pytest.mark.parametrize("name", CASES)
def test_a_good_master_or_one_clear_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, ends, words = CASES[name]
    mix = make(tmp_path)
    there = sorted(tmp_path.iterdir())
    before = mix.read_bytes() if mix.is_file() else b""
    out = tmp_path / "out"
    out.mkdir()
    # The mix's own long name is a case; for the others the output is told.
    code, _, err = run(["master", "--quiet", "-o", out / "m.wav", "--", mix], capsys)
    assert code in ends, err
    if code == 0:
        assert_good(out / "m.wav", mix)
        assert err == ""
        assert sorted(path.name for path in out.iterdir()) == [
            "m.recall.yaml",
            "m.report.html",
            "m.wav",
        ]
    else:
        assert is_one_sentence(err, words), err
        assert list(out.iterdir()) == []
    assert sorted(path for path in tmp_path.iterdir() if path != out) == there
    assert mix.is_dir() or not mix.exists() or mix.read_bytes() == before, "the mix was changed"


@pytest.mark.parametrize("name", ["missing", "a folder", "0 bytes", "NaN", "6 channels", "silence"])
def test_measure_has_the_same_ends(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, _, words = CASES[name]
    code, out, err = run(["measure", "--quiet", "--json", make(tmp_path)], capsys)
    if name == "silence":  # silence can be measured; it cannot be mastered
        assert code == 0
        assert '"integrated_lufs_is_silence": true' in out
    else:
        assert code == 3
        assert is_one_sentence(err, words), err
        assert out == ""


def test_default_names_beside_the_mix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mix = write(tmp_path / "My song.v2.wav", music())
    assert run(["master", "--quiet", mix], capsys)[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "My song.v2.master.recall.yaml",
        "My song.v2.master.report.html",
        "My song.v2.master.wav",
        "My song.v2.wav",
    ]


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_output_equals_input(
    overwrite: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mix = a_mix(tmp_path)
    before = mix.read_bytes()
    link = tmp_path / "link.wav"
    link.symlink_to(mix)
    hard = tmp_path / "hard.wav"
    os.link(mix, hard)
    for same in (mix, tmp_path / "." / "mix.wav", link, hard):
        code, _, err = run(["master", "--quiet", mix, "-o", same, *overwrite], capsys)
        assert code in (2, 5)
        assert is_one_sentence(err, "")
        assert mix.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("taken", ["m.wav", "m.recall.yaml", "m.report.html"])
def test_output_exists(taken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mix = a_mix(tmp_path)
    (tmp_path / taken).write_text("mine")
    words: list[str | Path] = ["master", "--quiet", mix, "-o", tmp_path / "m.wav"]
    code, _, err = run(words, capsys)
    assert code == 5
    assert is_one_sentence(err, taken)
    assert (tmp_path / taken).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2
    assert run([*words, "--overwrite"], capsys)[0] == 0
    assert len(list(tmp_path.iterdir())) == 4
    assert_good(tmp_path / "m.wav", mix)


def test_output_folder_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mix = a_mix(tmp_path)
    code, _, err = run(["master", "--quiet", mix, "-o", tmp_path / "no" / "m.wav"], capsys)
    assert code == 5
    assert is_one_sentence(err, "no")
    code, _, err = run(["master", "--quiet", mix, "-o", mix / "m.wav"], capsys)
    assert code == 5
    assert list(tmp_path.iterdir()) == [mix]


def test_output_is_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mix = a_mix(tmp_path)
    (tmp_path / "m.wav").mkdir()
    code, _, err = run(["master", "--quiet", mix, "-o", tmp_path / "m.wav", "--overwrite"], capsys)
    assert code == 5
    assert is_one_sentence(err, "m.wav")


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (["--loudness-lufs", "-2"], "loudness_lufs=-2: must be -40 to -4 LUFS or max"),
        (["--style", "polka"], "style=polka: must be one of ambient"),
        (["--for", "napster"], "=napster: must be one of amazon"),
        (["--bits", "12"], "bits=12: must be one of"),
        (["--width", "wide"], "'--width'"),
        (["--frobnicate"], "No such option: --frobnicate"),
        (["second.wav"], "unexpected extra argument"),
    ],
)
def test_wrong_usage(
    words: list[str], say: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mix = a_mix(tmp_path)
    code, _, err = run(["master", "--quiet", mix, *words], capsys)
    assert code == 2
    assert is_one_sentence(err, say), err
    assert list(tmp_path.iterdir()) == [mix]


# --- in a process of its own ---------------------------------------------------------------------


def process(words: list[str | Path], **how: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "burnish", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,
    )


def interruptible() -> None:
    """A suite that a shell runs in the background ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def bound_by_permissions() -> None:
    """Let root be stopped by a file's mode: drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_no_permission(tmp_path: Path) -> None:
    how = {"preexec_fn": bound_by_permissions} if os.geteuid() == 0 else {}
    mix = a_mix(tmp_path)
    mix.chmod(0)
    done = process(["master", "--quiet", mix, "-o", tmp_path / "m.wav"], **how)
    _, err = done.communicate(timeout=60)
    assert done.returncode == 3, err
    assert is_one_sentence(err, "permission"), err
    mix.chmod(0o644)
    (tmp_path / "locked").mkdir(mode=0o555)
    done = process(["master", "--quiet", mix, "-o", tmp_path / "locked" / "m.wav"], **how)
    _, err = done.communicate(timeout=60)
    assert done.returncode == 5, err
    assert is_one_sentence(err, "may not be written"), err


def test_disk_full(tmp_path: Path) -> None:
    """A disk of 200 KiB, and a master of about 500."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small disk that this test fills")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk to fill here: {mounted.stderr.strip()}")
    try:
        mix = a_mix(tmp_path)
        done = process(["master", "--quiet", mix, "-o", disk / "m.wav"])
        _, err = done.communicate(timeout=120)
        assert done.returncode == 5, err
        assert is_one_sentence(err, "no room"), err
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    ("stage", "how"),
    [
        ("start", signal.SIGINT),
        ("decide", signal.SIGTERM),
        ("render", signal.SIGINT),
        ("render", signal.SIGKILL),
        ("prove", signal.SIGTERM),
        ("prove", signal.SIGKILL),
    ],
)
def test_killed_half_way(stage: str, how: signal.Signals, tmp_path: Path) -> None:
    """Whenever it comes, what stands under the master's names is whole or is not there."""
    mix = write(tmp_path / "mix.wav", np.tile(music(5.0), 12))
    out = tmp_path / "out"
    out.mkdir()
    work = process(
        ["master", mix, "-o", out / "m.wav"], stdin=subprocess.DEVNULL, preexec_fn=interruptible
    )
    assert work.stderr is not None
    before = {"decide": "measure", "render": "decide", "prove": "render"}
    if stage in before:  # a stage's line comes when the next one begins
        while not work.stderr.readline().startswith(before[stage]):
            assert work.poll() is None
    else:
        time.sleep(0.3)
    work.send_signal(how)
    _, err = work.communicate(timeout=60)
    left = sorted(path.name for path in out.iterdir())
    assert "Traceback" not in err
    if stage in ("start", "decide", "render"):
        assert [name for name in left if name.startswith("m.")] == []
    if (out / "m.wav").exists():
        assert_good(out / "m.wav", mix)
    if how is not signal.SIGKILL:
        # Before Python has begun to listen, the system ends the process by itself.
        assert work.returncode in ((130, -how) if stage == "start" else (130,)), err
        assert [name for name in left if name.startswith(".")] == []
        if work.returncode == 130:
            assert err.splitlines()[-1].startswith("burnish: interrupted: ")
