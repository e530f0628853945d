"""Out through hardware and back, by files: send, a simulated loop, return, recall."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.loop import programme, recorded

from burnish.apps.cli.entry import run
from burnish.audio import OutputFormat, file_sha256, open_source, read
from burnish.chain import InputNote, Plan, Stem, Step
from burnish.chain.outside import beginning_at, hardware_of, next_outside
from burnish.chain.recall import load, save
from burnish.errors import InputError, OutputError, SettingError
from burnish.hardware import send, take_back
from burnish.master import recall
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.hardware import Hardware
from burnish.processors.limiter import Limiter

Floats = NDArray[np.float64]
RATE_HZ = 16_000


@dataclass(frozen=True)
class Desk:
    """A mix, its recall sheet, what was sent, and what came back."""

    folder: Path
    sheet: Path
    sent: Path
    returned: Path


def written(path: Path, samples: Floats, rate_hz: int = RATE_HZ, kind: str = "FLOAT") -> Path:
    soundfile.write(path, samples.T, rate_hz, subtype=kind)
    return path


def plan_of(mix: Path, *before: Step) -> Plan:
    with open_source(mix) as source:
        info = source.info
        note = InputNote(
            file=str(mix),
            sha256=file_sha256(mix),
            rate_hz=info.rate_hz,
            channels=info.channels,
            n_samples=info.n_samples,
        )
    bands = (Band(kind="bell", frequency_hz=1000, gain_db=2.0, q=1.0),)
    steps = (
        Step(processor="equalizer", settings=Equalizer(bands=bands)),
        *before,
        Step(processor="limiter", settings=Limiter(input_gain_db=3.0, ceiling_dbtp=-1.5)),
    )
    target = {"style": "pop", "loudness_lufs": -16.0, "ceiling_dbtp": -1.5}
    return Plan(input=note, output=OutputFormat(bits="32f"), steps=steps, target=target)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    mix = written(folder / "mix.wav", programme(RATE_HZ, 2 * RATE_HZ, 2))
    sheet = folder / "mix.recall.yaml"
    save(plan_of(mix), sheet)
    sent = folder / "out.wav"
    send(sheet, sent, device="Passive EQ", note="3 dB at 60 Hz")
    out = read(sent).samples
    recording = -0.5 * recorded(out, 1234.37, 42.0)[::-1]
    return Desk(folder, sheet, sent, written(folder / "out back.wav", recording))


def master_without(desk: Desk, output: Path) -> Floats:
    """What the plan without the loop would give, played as it is."""
    recall(desk.sheet, output=output)
    return read(output).samples


def test_a_clean_loop_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    back = take_back(desk.returned, tmp_path / "m.wav", as_planned=True, report=False)
    assert back.master is not None
    assert back.check.loop.swapped
    assert back.check.loop.inverted == (True, True)
    assert back.check.loop.delay_samples == pytest.approx(1234.37, abs=0.01)
    there, here = master_without(desk, tmp_path / "n.wav"), read(back.master.output).samples
    assert 10.0 * np.log10(np.mean((here - there) ** 2) / np.mean(there**2)) < -100.0
    assert back.check.verdict == "warn"  # the channels are exchanged


def test_the_sheet_gives_the_same_bits_wherever_the_recording_lies(
    desk: Desk, tmp_path: Path
) -> None:
    back = take_back(desk.returned, tmp_path / "m.wav", report=False)
    assert back.master is not None
    assert back.master.recall is not None
    again = recall(back.master.recall, output=tmp_path / "again.wav")
    assert again.output.read_bytes() == back.master.output.read_bytes()
    plan = load(back.master.recall)
    out = next_outside(plan.steps)
    assert out is not None
    place, found = out.place, out.hardware
    away = plan.steps[place].with_(settings=found.with_(returned="/gone/" + desk.returned.name))
    steps = (*plan.steps[:place], away, *plan.steps[place + 1 :])
    (desk.folder / "moved").mkdir()
    desk.returned.rename(desk.folder / "moved" / desk.returned.name)
    try:
        save(plan.with_(steps=steps), desk.folder / "moved" / "m.recall.yaml")
        moved = recall(desk.folder / "moved" / "m.recall.yaml", output=tmp_path / "moved.wav")
    finally:
        (desk.folder / "moved" / desk.returned.name).rename(desk.returned)
    assert moved.output.read_bytes() == back.master.output.read_bytes()


def test_loudness_is_found_anew_and_the_ceiling_holds(desk: Desk, tmp_path: Path) -> None:
    louder = written(tmp_path / "louder.wav", np.tanh(3.0 * read(desk.returned).samples))
    plan = desk.folder / "out.send.yaml"
    back = take_back(louder, tmp_path / "m.wav", plan=plan, as_recorded=True, report=False)
    assert back.master is not None
    assert back.master.after.loudness.integrated_lufs == pytest.approx(-16.0, abs=0.05)
    assert back.master.after.peaks.true_peak_dbtp <= -1.5
    planned = take_back(
        louder, tmp_path / "p.wav", plan=plan, as_recorded=True, as_planned=True, report=False
    )
    assert planned.master is not None
    assert planned.master.plan.steps[-1].settings == load(plan).steps[-1].settings
    assert planned.master.after.peaks.true_peak_dbtp <= -1.5
    asked = take_back(louder, tmp_path / "a.wav", plan=plan, loudness_lufs=-20.0, report=False)
    assert asked.master is not None
    assert asked.master.after.loudness.integrated_lufs == pytest.approx(-20.0, abs=0.05)


def test_only_the_side_goes_out_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    sent = send(desk.sheet, tmp_path / "side.wav", on="side", trim_db=-6.0)
    assert sent.channels == 1
    out = read(sent.output).samples
    back = written(tmp_path / "side back.wav", recorded(out, 77.5))
    result = take_back(back, tmp_path / "m.wav", as_planned=True, report=False)
    assert result.master is not None
    there = master_without(desk, tmp_path / "n.wav")
    left = read(result.master.output).samples - there
    assert 10.0 * np.log10(np.mean(left**2) / np.mean(there**2)) < -100.0


def test_a_mono_mix_and_whole_samples_keep_their_bits(tmp_path: Path) -> None:
    mix = written(tmp_path / "mono.wav", programme(RATE_HZ, RATE_HZ, 1))
    save(plan_of(mix), tmp_path / "mono.recall.yaml")
    sent = send(tmp_path / "mono.recall.yaml", tmp_path / "out.wav")
    out = read(sent.output).samples
    late = written(tmp_path / "back.wav", np.concatenate((np.zeros((1, 500)), out), axis=1))
    # Floats of 32 bits went out: what came back is as near as these are.
    result = take_back(late, tmp_path / "m.wav", as_planned=True, report=False)
    assert result.master is not None
    plain = recall(tmp_path / "mono.recall.yaml", output=tmp_path / "n.wav")
    left = read(result.master.output).samples - read(plain.output).samples
    assert np.abs(left).max() < 1e-6


def test_what_has_changed_since_it_was_sent_is_refused(desk: Desk, tmp_path: Path) -> None:
    plan = load(desk.folder / "out.send.yaml")
    first = plan.steps[0].with_(settings=Equalizer(bands=(Band(frequency_hz=1000, gain_db=1.0),)))
    save(plan.with_(steps=(first, *plan.steps[1:])), tmp_path / "changed.send.yaml")
    with pytest.raises(SettingError, match=r"Send it again") as caught:
        take_back(desk.returned, tmp_path / "m.wav", plan=tmp_path / "changed.send.yaml")
    assert caught.value.code == "hardware-stale"
    assert not (tmp_path / "m.wav").exists()


def test_without_a_recording_it_is_not_played(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="burnish send") as caught:
        recall(desk.folder / "out.send.yaml", output=tmp_path / "m.wav")
    assert caught.value.code == "hardware-not-returned"
    with pytest.raises(InputError, match="is not there"):
        Hardware(returned=str(tmp_path / "none.wav")).start(RATE_HZ, 2)
    with pytest.raises(InputError, match="another recording"):
        Hardware(returned=str(desk.returned), sha256="0" * 64).start(RATE_HZ, 2)
    with pytest.raises(SettingError, match="recorded_channels"):
        Hardware(returned=str(desk.returned), recorded_channels=(1, 3)).start(RATE_HZ, 2)


def test_what_would_clip_is_said(desk: Desk, tmp_path: Path) -> None:
    hot = written(tmp_path / "hot.wav", 2.6 * programme(RATE_HZ, RATE_HZ, 2))
    save(plan_of(hot), tmp_path / "hot.recall.yaml")
    with pytest.raises(InputError, match=r"would clip.*--trim-db") as caught:
        send(tmp_path / "hot.recall.yaml", tmp_path / "out.wav")
    assert caught.value.code == "send-clips"
    assert not (tmp_path / "out.wav").exists()
    trim_db = float(caught.value.sentence.partition("--trim-db ")[2].partition(" ")[0])
    assert send(tmp_path / "hot.recall.yaml", tmp_path / "out.wav", trim_db=trim_db)


def test_where_the_step_stands(desk: Desk, tmp_path: Path) -> None:
    assert [s.processor for s in load(desk.folder / "out.send.yaml").steps] == [
        "equalizer",
        "hardware",
        "limiter",
    ]
    first = send(desk.sheet, tmp_path / "first.wav", before="equalizer")
    assert load(first.sheet).steps[0].processor == "hardware"
    with pytest.raises(SettingError, match="must be a step of the plan: equalizer, limiter"):
        send(desk.sheet, tmp_path / "x.wav", before="reverb")
    late = load(desk.sheet)
    steps = (*late.steps, Step(processor="hardware", settings=Hardware()))
    save(late.with_(steps=steps), tmp_path / "late.recall.yaml")
    with pytest.raises(SettingError, match="before the last limiter"):
        send(tmp_path / "late.recall.yaml", tmp_path / "x.wav")


def test_a_chain_file_goes_out_with_its_mix(desk: Desk, tmp_path: Path) -> None:
    chain = tmp_path / "chain.yaml"
    chain.write_text("steps:\n  - {processor: hardware, on: mid, settings: {device: Valves}}\n")
    with pytest.raises(SettingError, match="is this a sheet"):
        send(chain, tmp_path / "out.wav")
    sent = send(chain, tmp_path / "out.wav", desk.folder / "mix.wav")
    assert (sent.device, sent.channels) == ("Valves", 1)
    result = take_back(sent.output, tmp_path / "m.wav", loudness_lufs=-18.0, report=False)
    assert result.master is not None
    assert [s.processor for s in result.master.plan.steps] == ["hardware", "limiter"]
    assert result.master.after.loudness.integrated_lufs == pytest.approx(-18.0, abs=0.05)


def test_a_return_that_is_flawed_is_told_and_ends_with_4(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = read(desk.returned).samples.copy()
    samples[:, 80_000:80_100] = 0.0
    samples[1, 85_000:85_010] = 1.0
    bad = written(tmp_path / "bad.wav", samples)
    plan = str(desk.folder / "out.send.yaml")
    assert run(["return", str(bad), "--plan", plan, "--json", "--quiet"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "fail"
    codes = {one["code"] for one in told["findings"]}
    assert {"hardware-dropout", "hardware-clipped", "hardware-swapped"} <= codes
    assert told["delay_samples"] == pytest.approx(1234.37, abs=0.01)
    assert "master" not in told


def test_the_commands(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.wav"
    words = ["send", str(desk.sheet), "-o", str(out), "--bits", "24", "--json", "--quiet"]
    assert run(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sheet"] == str(tmp_path / "o.send.yaml")
    assert told["before"] == "limiter"
    assert soundfile.info(out).subtype == "PCM_24"
    assert run(words) == 5  # it is there already
    assert run(["send", str(desk.sheet)]) == 2
    assert run(["send", str(tmp_path / "none.yaml"), "-o", str(out)]) == 3
    assert run(["send", str(desk.sheet), "-o", str(tmp_path / "p.mp3")]) == 2
    assert run(["return", str(tmp_path / "none.wav"), "--plan", str(desk.sheet)]) == 2
    assert run(["return", str(out), "--plan", str(tmp_path / "o.send.yaml"), "--as-planned",
                "--loudness-lufs", "-9"]) == 2  # fmt: skip
    capsys.readouterr()
    # A digital loop: the file itself came back.
    assert run(["return", str(out), "-o", str(tmp_path / "m.wav"), "--no-report", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["delay_samples"], told["drift_ppm"]) == (0.0, 0.0)
    assert told["verdict"] == "pass"
    assert told["master"]["steps"][1]["settings"]["returned"] == str(out)
    assert run(["return", str(out), "-o", str(out), "--overwrite"]) == 5


def test_the_sheet_of_a_recording_is_found_beside_it(desk: Desk, tmp_path: Path) -> None:
    for name in ("a", "b"):
        send(desk.sheet, tmp_path / f"{name}.wav")
    back = written(tmp_path / "b back.wav", read(tmp_path / "b.wav").samples)
    assert take_back(back).check.verdict == "pass"
    lost = written(tmp_path / "lost.wav", read(tmp_path / "b.wav").samples)
    with pytest.raises(SettingError, match=r"there are a\.send\.yaml, b\.send\.yaml"):
        take_back(lost)


def test_the_mix_is_never_overwritten(desk: Desk) -> None:
    with pytest.raises(OutputError, match="never overwritten"):
        send(desk.sheet, desk.folder / "mix.wav", overwrite=True)


def test_a_stem_is_never_overwritten(desk: Desk, tmp_path: Path) -> None:
    """`send` looked at the mix alone: with stems it wrote over one where it was allowed to."""
    stem = written(tmp_path / "drums.wav", read(desk.folder / "mix.wav").samples)
    sheet = tmp_path / "stems.recall.yaml"
    save(plan_of(stem).with_(stems=(Stem(file=str(stem)),)), sheet)
    kept = stem.read_bytes()
    with pytest.raises(OutputError, match="is a stem itself"):
        send(sheet, stem, overwrite=True)
    assert stem.read_bytes() == kept


@pytest.mark.parametrize("block", [1000, 4096])
def test_blocks_of_any_size_give_the_same_bits(desk: Desk, block: int) -> None:
    plan = desk.folder / "out.send.yaml"
    found = hardware_of(load(plan).steps[1])
    assert found is not None
    played = found.with_(
        returned=str(desk.returned), delay_samples=1234.37, drift_ppm=42.0, sent_dbfs=()
    )
    n = found.n_samples
    whole = played.start(RATE_HZ, 2).process(np.zeros((2, n)))
    runner = played.start(RATE_HZ, 2)
    pieces = [runner.process(np.zeros((2, min(block, n - i)))) for i in range(0, n, block)]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)
    (step,) = beginning_at((Step(processor="hardware", settings=played),), 12_345)
    assert hardware_of(step) == played.with_(first_sample=12_345)  # as codecs are tried on parts
    later = played.with_(first_sample=12_345).start(RATE_HZ, 2).process(np.zeros((2, 1000)))
    assert np.array_equal(later, whole[:, 12_345:13_345])
