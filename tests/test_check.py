"""`burnish check`: the record, the JSON, the screen, the exit codes, bad input."""

import json
import math

import numpy as np
import pytest
import soundfile

import burnish
from burnish.apps.cli import main
from burnish.errors import InputError, SettingError
from burnish.finding import Finding
from burnish.report.checked import CheckResult

RATE_HZ = 44_100


def music(seconds=12.0, seed=3):
    """Two nearly alike channels of falling noise with beats, peaks at -6 dBFS."""
    random = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    hz = np.fft.rfftfreq(n, 1.0 / RATE_HZ)
    shape = 1.0 / np.sqrt(np.maximum(hz, 40.0)) / (1.0 + hz / 6000.0)
    white = np.fft.rfft(random.standard_normal((2, n)), axis=1)
    middle, side = np.fft.irfft(white * shape * (hz > 35.0), n)
    t = np.arange(n) / RATE_HZ
    beats = 0.3 + np.exp(-9.0 * (t % 0.5)) + 1.5 * np.exp(-70.0 * (t % 0.5))
    samples = np.stack((middle + 0.35 * side, middle - 0.35 * side)) * beats
    return 0.5 * samples / np.abs(samples).max()


def written(folder, samples, name="mix.wav", rate_hz=RATE_HZ):
    path = folder / name
    soundfile.write(path, samples.T, rate_hz, subtype="PCM_24")
    return path


def turned(samples):
    return samples * [[1.0], [-1.0]]


def a_finding(code="mud", severity="warn", size=2.0, confidence=0.5, **more):
    return Finding(
        code, severity, code.title(), "Detail.", "Advice.", confidence, size=size, **more
    )


def a_result(*findings):
    measured = burnish.measure(burnish.Audio(music(1.0), RATE_HZ))
    return CheckResult("mix.wav", "warn", findings, "pop", 0.4, measured)


def test_the_json_is_the_contracts(tmp_path, capsys):
    path = written(tmp_path, turned(music()))
    assert main(["check", str(path), "--json", "--quiet"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(path)
    assert told["verdict"] == "fail"
    keys = {
        *("code", "severity", "title", "detail", "advice", "confidence"),
        *("times_s", "frequency_hz", "evidence"),
    }
    assert all(keys <= set(one) for one in told["findings"])
    assert told["findings"][0]["code"] == "polarity"


def test_several_files_are_an_array_and_a_fault_does_not_stop_the_others(tmp_path, capsys):
    good = written(tmp_path, music())
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    words = ["check", str(tmp_path / "broken.wav"), str(good), "--json", "--quiet"]
    assert main(words) == 3
    captured = capsys.readouterr()
    assert [one["file"] for one in json.loads(captured.out)] == [str(good)]
    assert "broken.wav" in captured.err


def test_python_and_the_command_line_say_the_same(tmp_path, capsys):
    path = written(tmp_path, music() * [[0.6], [1.0]])
    main(["check", str(path), "--json", "--quiet"])
    assert burnish.check(path).to_json() == json.loads(capsys.readouterr().out)


def test_a_warning_passes_a_shell(tmp_path, capsys):
    path = written(tmp_path, music() * [[0.5], [1.0]])
    assert main(["check", str(path), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "Leans to the right" in said
    assert "to mend" in said.splitlines()[0]


def test_a_reference_is_what_is_normal(tmp_path):
    wide = music() * [[0.5], [1.0]]
    path = written(tmp_path, music())
    result = burnish.check(path, reference=written(tmp_path, wide, "reference.wav"))
    assert result.normal == "the reference"
    assert result.style_confidence is None
    same = burnish.check(path, reference=path)
    assert not [one for one in same.findings if one.code in ("dull", "bright", "thin", "boom")]


def test_a_profile_is_a_style(tmp_path):
    paths = [written(tmp_path, music(seed=k), f"{k}.wav") for k in range(3)]
    burnish.learn(paths, tmp_path / "own.yaml")
    assert burnish.check(paths[0], style=str(tmp_path / "own.yaml")).normal == "own.yaml"


@pytest.mark.parametrize(
    ("samples", "code"),
    [(np.zeros((2, RATE_HZ)), "input-silent"), (music(1.0)[:, :9000], "input-too-short")],
)
def test_what_has_no_loudness_is_said_in_one_sentence(samples, code, tmp_path, capsys):
    assert main(["check", str(written(tmp_path, samples)), "--quiet"]) == 3
    err = capsys.readouterr().err
    assert err.startswith(f"burnish: {code}: ")
    assert err.count("\n") == 1


def test_wrong_words_are_told_before_any_work(tmp_path):
    path = written(tmp_path, music(1.0))
    with pytest.raises(SettingError, match="polka"):
        burnish.check(path, style="polka")
    with pytest.raises(InputError, match="gone"):
        burnish.check(path, reference=tmp_path / "gone.wav")


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_mono_have_an_answer(rate_hz, channels):
    samples = music(6.0)[:channels]
    result = burnish.check(burnish.Audio(samples, rate_hz))
    assert result.verdict in ("pass", "warn", "fail")
    json.dumps(result.to_json(), allow_nan=False)


def test_the_shortest_that_can_be_measured_is_checked():
    result = burnish.check(burnish.Audio(music(0.5), RATE_HZ))
    assert all(math.isfinite(one.size) for one in result.findings)


def test_the_weightiest_come_first_and_information_fills_up():
    many = [a_finding(f"w{k}") for k in range(9)]
    infos = [a_finding(f"i{k}", "info", 1.0) for k in range(9)]
    facts = [a_finding("tempo", "info", 0.1)]
    assert len(a_result(*many, *infos).first) == 7
    first = a_result(*many[:2], *infos, *facts).first
    assert [one.severity for one in first] == ["warn"] * 2 + ["info"] * 3
    assert "tempo" not in [one.code for one in a_result(*infos[:1], *facts).first]


def test_no_file_is_written(tmp_path):
    path = written(tmp_path, music(2.0))
    burnish.check(path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.corpus
def test_the_clean_corpus_hears_no_more_than_one_warning_a_track(corpus):
    tracks = ("tracks/08_morin_on_the_run.ogg", "tracks/15_lmms_alf42red_mauiwowi.flac")
    warned = [
        [one.code for one in burnish.check(corpus / track).findings if one.severity != "info"]
        for track in tracks
    ]
    assert sum(map(len, warned)) <= len(tracks)
