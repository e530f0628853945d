"""Plug-ins of others: pedalboard's own, and a small VST3 built from ``plugin_of_the_tests.cpp``."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import burnish
from burnish.apps.cli import main
from burnish.audio import OutputFormat
from burnish.chain import InputNote, Plan, Step, play
from burnish.engineer.plugins import noted
from burnish.errors import BurnishError, InputError, SettingError
from burnish.processors import Identity
from burnish.processors.hosted import places, process
from burnish.processors.hosted.plugin import BLOCK, EXAMPLE, Plugin, delay
from burnish.processors.show import piece
from burnish.processors.show import play as played
from burnish.report.dial_in import dial_in
from burnish.report.dial_in_sheet import as_text
from burnish.report.words import moves
from needed import need_module, need_tool

Floats = NDArray[np.float64]
RATE_HZ = 44_100
ROUNDED = 10 ** (-132 / 20)  # 32-bit float on the way in, of the gain, and on the way out


@pytest.fixture(autouse=True, scope="module")
def _pedalboard() -> None:
    need_module("pedalboard")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The VST3 of the tests: "Test Gain", and two for one or two channels only."""
    compiler = need_tool("g++")
    source = Path(__file__).with_name("plugin_of_the_tests.cpp")
    folder = tmp_path_factory.mktemp("vst3") / "TestGain.vst3"
    machine = f"{os.uname().machine}-linux"
    inside = folder / "Contents" / machine
    inside.mkdir(parents=True)
    how = ("-std=c++17", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror")
    subprocess.run([compiler, *how, "-o", inside / "TestGain.so", source], check=True)
    return folder


@pytest.fixture
def allowed(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(places.SAID, str(bundle.parent))
    return bundle


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    yield
    until = time.monotonic() + 10.0  # one that was told to end may take its time on a busy machine
    while hosts() and time.monotonic() < until:
        time.sleep(0.02)
    assert hosts() == []


def hosts(parent: int | None = None) -> list[int]:
    """Processes of plug-ins: ours, or those of a parent; those that are dead do not count."""
    parent = os.getpid() if parent is None else parent
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            state, above = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if b"hosted/host.py" in words and int(above) == parent and state != "Z":
            found.append(int(folder.name))
    return found


def a_gain(bundle: Path, name: str = "Test Gain", **parameters: Any) -> Plugin:
    return Plugin(path=str(bundle), plugin=name, parameters=parameters)


def music(duration_s: float = 1.0, rate_hz: int = RATE_HZ) -> Floats:
    return np.ascontiguousarray(
        0.5 * piece(rate_hz, 2 * duration_s)[:, -int(rate_hz * duration_s) :]
    )


def in_blocks(samples: Floats, block: int) -> Iterator[Floats]:
    for i in range(0, samples.shape[1], block):
        yield np.ascontiguousarray(samples[:, i : i + block])


def through(plugin: Plugin, samples: Floats, block: int = 9999, on: Any = "stereo") -> Floats:
    step = Step(processor="plugin", settings=plugin, on=on)
    made = list(play([step], in_blocks(samples, block), RATE_HZ, len(samples)))
    return np.concatenate((samples[:, :0], *made), axis=1)


def test_none_is_the_identity_bit_for_bit() -> None:
    samples = music(0.1)
    assert isinstance(Plugin().start(RATE_HZ, 2), Identity)
    assert np.array_equal(through(Plugin(), samples), samples)


def test_any_split_gives_the_same_bits_and_each_channel_is_alone() -> None:
    samples = music(0.5)
    samples[1] *= 0.3
    whole = through(EXAMPLE, samples, 10**6)
    assert whole.shape == samples.shape
    assert np.abs(whole - samples).max() > 0.01
    assert np.array_equal(through(EXAMPLE, samples, 17), whole)
    assert np.array_equal(through(EXAMPLE, samples[1:]), whole[1:])
    runner = EXAMPLE.start(RATE_HZ, 2)
    pieces = [runner.process(samples[:, i : i + 1].copy()) for i in range(300)]
    assert np.concatenate(pieces, axis=1).shape == (2, 300)
    runner.close()


@pytest.mark.parametrize("n_samples", [0, 1, BLOCK + 1])
def test_short_streams_and_silence(n_samples: int) -> None:
    out = through(EXAMPLE, np.zeros((2, n_samples)))
    assert out.shape == (2, n_samples)
    assert not out.any()


def test_what_passes_is_rounded_to_32_bit_float() -> None:
    samples = music()
    out = through(Plugin(path="pedalboard:Gain", parameters={"gain_db": 6.0}), samples)
    error = out - 10 ** (6 / 20) * samples
    assert 0 < np.abs(error).max() < ROUNDED * np.abs(out).max()


def test_a_vst3_plays_and_its_latency_is_taken_out(allowed: Path) -> None:
    plugin = a_gain(allowed, gain_db=-6.0, delay_samples=100, told_samples=100)
    known = plugin.known(RATE_HZ, 2)
    assert (known.told_latency, known.late, known.repeats) == (100, 100, True)
    assert (known.manufacturer, known.version) == ("burnish", "1.2.3")
    samples = music()
    out = through(plugin, samples)
    np.testing.assert_allclose(out, 10 ** (-6 / 20) * samples, atol=ROUNDED)
    side = through(plugin, samples, on="side")
    np.testing.assert_allclose(side.sum(axis=0), samples.sum(axis=0), atol=1e-12)


@pytest.mark.parametrize(("late", "told"), [(250, 0), (0, 100), (300, 40)])
def test_a_latency_told_wrong_is_measured(allowed: Path, late: int, told: int) -> None:
    plugin = a_gain(allowed, delay_samples=late, told_samples=told)
    assert plugin.known(RATE_HZ, 2).late == late
    samples = music(0.3)
    np.testing.assert_allclose(through(plugin, samples), samples, atol=ROUNDED)


def test_a_latency_is_taken_as_told_where_that_is_asked(allowed: Path) -> None:
    samples = music(0.3)
    plugin = a_gain(allowed, delay_samples=250).with_(latency="told")
    out = through(plugin, samples)
    np.testing.assert_allclose(out[:, 250:], samples[:, :-250], atol=ROUNDED)


def test_a_filter_and_an_echo_are_no_delay() -> None:
    noise = np.random.default_rng(3).standard_normal((1, 2**16))
    smooth = np.apply_along_axis(np.convolve, 1, noise, np.hanning(40))[:, : noise.shape[1]]
    echo = noise + np.roll(noise, 8000, axis=1)
    gone = np.random.default_rng(4).standard_normal((1, 2**16))
    for heard in (smooth, echo, gone, 0.0 * noise):
        assert delay(heard.astype(np.float32), noise, RATE_HZ) == 0
    for lag in (700, -700):
        assert delay(-np.roll(noise, lag, axis=1).astype(np.float32), noise, RATE_HZ) == lag


def test_a_plugin_of_one_channel_is_run_twice_on_stereo(allowed: Path) -> None:
    samples = music(0.3)
    plugin = a_gain(allowed, "Test Mono", gain_db=-6.0)
    assert plugin.known(RATE_HZ, 2).instances == 2
    np.testing.assert_allclose(through(plugin, samples), 10 ** (-6 / 20) * samples, atol=ROUNDED)


def test_a_plugin_of_two_channels_gets_one_on_both(allowed: Path) -> None:
    samples = music(0.3)
    plugin = a_gain(allowed, "Test Stereo", gain_db=-6.0)
    np.testing.assert_allclose(
        through(plugin, samples[:1]), 10 ** (-6 / 20) * samples[:1], atol=ROUNDED
    )


@pytest.mark.parametrize("rate_hz", [8_000, 384_000])
def test_every_rate(rate_hz: int) -> None:
    out = played(EXAMPLE, music(0.2, rate_hz), rate_hz)
    assert np.isfinite(out).all()
    assert out.any()


def test_state_alone_gives_the_same_bits(allowed: Path) -> None:
    samples = music(0.3)
    plugin = a_gain(allowed, gain_db=-3.3, delay_samples=20)
    with_state = plugin.noted(plugin.known(RATE_HZ, 2))
    assert with_state.state
    bare = with_state.with_(parameters={})
    assert np.array_equal(through(bare, samples), through(plugin, samples))


def test_a_state_that_it_does_not_take_is_said_not_played_without(allowed: Path) -> None:
    broken = base64.b64encode(b"no state of this plug-in").decode()
    with pytest.raises(InputError, match="its state was not taken") as caught:
        a_gain(allowed).with_(state=broken).known(RATE_HZ, 2)
    assert caught.value.code == "plugin-unreadable"
    fresh = a_gain(allowed).noted(a_gain(allowed).known(RATE_HZ, 2))
    assert fresh.known(RATE_HZ, 2)  # a state that changes nothing is one as well


SAVED = """
import sys, pedalboard
plugin = pedalboard.load_plugin(sys.argv[1], plugin_name="Test Gain")
plugin.gain_db = -9.0
open(sys.argv[2], "wb").write(plugin.preset_data)
"""


def test_a_preset_is_begun_from_and_its_state_noted(allowed: Path, tmp_path: Path) -> None:
    file = tmp_path / "soft.vstpreset"
    subprocess.run([sys.executable, "-c", SAVED, allowed, file], check=True)
    plugin = a_gain(allowed).with_(preset=str(file))
    plugin = plugin.noted(plugin.known(RATE_HZ, 2))
    file.unlink()  # the state has it all
    samples = music(0.2)
    np.testing.assert_allclose(through(plugin, samples), 10 ** (-9 / 20) * samples, rtol=0.01)
    with pytest.raises(SettingError, match=r"preset=.*cannot be loaded"):
        plugin.with_(state="").known(RATE_HZ, 2)


def loud_at_the_end() -> Floats:
    samples = music(1.0)
    samples[:, -100] = 0.95
    return samples


@pytest.mark.parametrize(
    ("mode", "code", "words"),
    [
        ("crash", "plugin-crashed", "crashed (SIGSEGV) in its block 11"),
        ("hang", "plugin-hung", "did not answer within 2 s in its block 11; it was ended"),
        ("nan", "plugin-garbage", "gave back samples that are not numbers"),
    ],
)
def test_what_a_plugin_does_to_its_process_is_one_sentence(
    allowed: Path, monkeypatch: pytest.MonkeyPatch, mode: str, code: str, words: str
) -> None:
    plugin = a_gain(allowed, mode=mode)
    plugin.known(RATE_HZ, 2)
    monkeypatch.setattr(process, "BLOCK_S", 2.0)
    with pytest.raises(InputError) as caught:
        through(plugin, loud_at_the_end())
    assert caught.value.code == code
    assert caught.value.sentence == f"plugin {allowed} (Test Gain): {words}"


def test_one_that_is_not_the_same_twice_is_told(allowed: Path) -> None:
    step = Step(processor="plugin", settings=a_gain(allowed, mode="random"))
    done = noted([step], RATE_HZ, 2)
    assert any("not bit for bit" in note for note in done.notes)
    calm = Step(processor="plugin", settings=EXAMPLE)
    assert noted([calm], RATE_HZ, 2).notes == ()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"gain": 3}, "parameters.gain: no such parameter; there are gain_db, delay_samples"),
        ({"gain_db": 30}, "parameters.gain_db=30.0: must be -24 to 24 dB"),
        ({"gain_db": True}, "parameters.gain_db=True: must be -24 to 24 dB"),
        ({"mode": "loud"}, "parameters.mode=loud: must be one of plain, crash, hang, nan, random"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(
    allowed: Path, parameters: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        a_gain(allowed, **parameters).known(RATE_HZ, 2)


def test_another_version_is_refused(allowed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = a_gain(allowed)
    plugin = plugin.noted(plugin.known(RATE_HZ, 2))
    monkeypatch.setenv("TEST_PLUGIN_VERSION", "1.3")
    with pytest.raises(SettingError, match=r"version 1\.3 is installed, 1\.2\.3 was noted"):
        plugin.start(RATE_HZ, 2)
    assert plugin.with_(version="").start(RATE_HZ, 2).close() is None


def test_what_is_no_plugin_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.SAID, str(tmp_path))
    (tmp_path / "no.vst3").write_bytes(b"no")
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        Plugin(path=str(tmp_path / "no.vst3")).known(RATE_HZ, 2)
    assert caught.value.exit_code == 3
    with pytest.raises(InputError, match="no such file"):
        Plugin(path=str(tmp_path / "gone.vst3")).known(RATE_HZ, 2)
    with pytest.raises(InputError, match=r"pedalboard:VST3Plugin: no such one; there are Bitcrush"):
        Plugin(path="pedalboard:VST3Plugin").known(RATE_HZ, 2)
    with pytest.raises(SettingError, match="state"):
        Plugin(path="pedalboard:Gain", state="!")
    with pytest.raises(SettingError, match="state: must be left out"):
        Plugin(path="pedalboard:Gain", state="QUJD").known(RATE_HZ, 2)


STAND_IN = """
import sys
sys.path.insert(0, {folder!r})
import host, numpy as np
class Opened(host.Opened):
    def __init__(self, asked):
        self.channels, self.n = asked["channels"], 0
    def told(self):
        return dict(name="", manufacturer="", version="", latency=0, state="", instances=1)
    def process(self, block):
        self.n += 1
        return {gives}
class Host(host.Host):
    def open(self, asked):
        return Opened(asked)
host.main(Host())
"""


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        ("np.repeat(block, 2, axis=1)", "another number of samples"),
        ("block[:, :0]", "gave no sample within"),
        ("block[:, : 10 if self.n < 99 else 0]", "gives fewer samples than it is given"),
    ],
)
def test_a_wrong_number_of_samples_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gives: str, words: str
) -> None:
    script = tmp_path / "hosted" / "host.py"
    script.parent.mkdir()
    folder = str(Path(process.__file__).parent)
    script.write_text(STAND_IN.format(folder=folder, gives=gives))
    monkeypatch.setattr(process, "HOST", (sys.executable, str(script)))
    plugin = Plugin(path="pedalboard:Gain", parameters={"gain_db": float(len(words))})
    with pytest.raises(InputError, match=words):
        through(plugin, music(2.0))


def test_who_stops_early_leaves_no_process(allowed: Path) -> None:
    step = Step(processor="plugin", settings=a_gain(allowed))
    stream = play([step], in_blocks(music(), 9999), RATE_HZ, 2)
    next(stream)
    assert len(hosts()) == 1
    stream.close()  # type: ignore[attr-defined]
    runner = a_gain(allowed).start(RATE_HZ, 2)
    del runner  # never played


KILLED = """
import sys, numpy as np
from burnish.processors.hosted.plugin import Plugin
plugin = Plugin(path=sys.argv[1], plugin="Test Gain", parameters={"mode": "hang"})
runner = plugin.start(44100, 2)
print("begun", flush=True)
runner.process(np.ones((2, 9999)))
"""


def test_a_hung_one_ends_with_who_started_it_however_that_ends(allowed: Path) -> None:
    ours = subprocess.Popen([sys.executable, "-c", KILLED, allowed], stdout=subprocess.PIPE)
    assert ours.stdout is not None
    assert ours.stdout.readline() == b"begun\n"
    left = hosts(ours.pid)
    assert len(left) == 1
    time.sleep(0.3)  # it hangs by now
    os.kill(ours.pid, signal.SIGKILL)
    ours.wait()
    ours.stdout.close()
    until = time.monotonic() + 20
    while Path(f"/proc/{left[0]}").exists() and time.monotonic() < until:
        if (Path(f"/proc/{left[0]}") / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break  # in a container nobody may reap it
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{left[0]}").exists()


def test_a_report_says_it_in_a_line() -> None:
    parameters = {"gain_db": -6.0, "mode": "plain", "fast": True}
    plugin = Plugin(path="/a/Test.vst3", parameters=parameters, version="1.2", state="AAAA")
    said = moves(Step(processor="plugin", settings=plugin, on="side"))
    assert said == ("side only: Test 1.2, gain -6 dB, mode plain, fast yes, with its saved state")
    assert moves(Step(processor="plugin")) == "neutral"
    step = Step(processor="plugin", settings=plugin)
    note = InputNote(rate_hz=44100, channels=2, n_samples=1)
    sheet = as_text(dial_in(Plan(input=note, output=OutputFormat(), steps=(step,)), "a"))
    assert "Test 1.2" in sheet
    assert "-6 dB" in sheet
    assert "AAAA" not in sheet


# Where from


def test_only_what_is_installed_or_allowed_is_loaded(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(places.SAID, raising=False)
    plugin = a_gain(bundle)
    with pytest.raises(SettingError, match="--allow-plugins") as caught:
        plugin.start(RATE_HZ, 2)
    assert caught.value.code == "plugin-refused"
    (tmp_path / "ours").mkdir()
    monkeypatch.setenv(places.SAID, str(tmp_path / "ours"))
    (tmp_path / "ours" / "link.vst3").symlink_to(bundle)
    for path in (tmp_path / "ours" / "link.vst3", tmp_path / "ours" / ".." / bundle):
        with pytest.raises(SettingError, match="lies in no folder"):
            places.found(str(path))
    places.allow(bundle.parent)
    assert places.found(str(bundle)) == str(bundle.resolve())
    monkeypatch.setenv(places.SAID, "none")
    for path in ("pedalboard:Gain", str(bundle)):
        with pytest.raises(SettingError, match="no plug-in is loaded here"):
            places.found(path)


def test_jobs_and_the_studio_load_none_unless_they_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from burnish.apps.jobs.setup import Setup

    need_module("fastapi")
    from burnish.apps.studio.kinds import plan_of

    note = {"rate_hz": 44100, "channels": 2, "n_samples": 1}
    monkeypatch.delenv(places.SAID, raising=False)
    assert Setup().environment()[places.SAID] == "none"
    for name in ("plugin", "hardware"):
        plan = {"input": note, "output": {}, "steps": [{"processor": name}]}
        with pytest.raises(SettingError, match=f"processor={name}: .*the studio plays none"):
            plan_of(plan)
    monkeypatch.setenv(places.SAID, "system")
    assert Setup().environment()[places.SAID] == "system"
    plan["steps"] = [{"processor": "plugin", "settings": {"path": "pedalboard:Gain"}}]
    assert isinstance(plan_of(plan), Plan)


def test_pedalboard_is_imported_by_the_host_alone() -> None:
    played(EXAMPLE, music(0.1), RATE_HZ)
    assert "pedalboard" not in sys.modules
    ours = Path(burnish.__file__).parent
    named = {p.name for p in ours.rglob("*.py") if "import pedalboard" in p.read_text("utf-8")}
    assert named == {"host.py"}


# The command line


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import soundfile

    path = tmp_path_factory.mktemp("mix") / "mix.wav"
    samples = music(2.0)
    samples[:, -5000] = 0.95
    soundfile.write(path, samples.T, RATE_HZ, subtype="PCM_24")
    return path


def chain_file(folder: Path, bundle: Path, **parameters: Any) -> str:
    steps = [
        {"processor": "plugin", "settings": a_gain(bundle, **parameters).model_dump()},
        {"processor": "limiter", "settings": {"ceiling_dbtp": -1.5}},
    ]
    path = folder / "chain.yaml"
    path.write_text(json.dumps({"steps": steps}))  # JSON is YAML
    return str(path)


def test_master_and_recall_give_the_same_bits_and_ask_for_leave(
    bundle: Path,
    mix: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(places.SAID, "")
    chain = chain_file(tmp_path, bundle, gain_db=-2.0, delay_samples=90)
    out, sheet, again = (tmp_path / n for n in ("a.wav", "a.recall.yaml", "b.wav"))
    words = ["master", str(mix), "-o", str(out), "--chain", chain, "--quiet", "--no-listening"]
    assert main(words) == 2
    assert "plugin-refused" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["chain.yaml"]
    assert main([*words, "--allow-plugins", str(bundle.parent)]) == 0
    told = sheet.read_text()
    assert "version: 1.2.3" in told
    assert "90 samples (2.0 ms) later than it tells" in told
    monkeypatch.setenv(places.SAID, "")
    assert main(["recall", str(sheet), "-o", str(again), "--quiet"]) == 2
    assert "plugin-refused" in capsys.readouterr().err
    assert not again.exists()
    allow = ["--allow-plugins", str(bundle.parent)]
    assert main(["recall", str(sheet), "-o", str(again), "--quiet", *allow]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_a_crash_ends_the_master_and_leaves_nothing(
    allowed: Path, mix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = chain_file(tmp_path, allowed, mode="crash")
    out = tmp_path / "a.wav"
    assert main(["master", str(mix), "-o", str(out), "--chain", chain, "--quiet"]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"burnish: plugin-crashed: plugin {allowed} (Test Gain): crashed (SIGSE")
    assert said.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["chain.yaml"]


def test_list_tells_plugins_and_their_parameters(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Good.vst3").symlink_to(bundle)
    (tmp_path / "no.vst3").write_bytes(b"no")
    assert main(["list", "plugins", str(tmp_path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == ["Test Gain", "Test Mono", "Test Stereo", None]
    assert "cannot be loaded" in rows[3]["fault"]
    assert main(["list", "plugins", str(bundle), "--json"]) == 0
    one = json.loads(capsys.readouterr().out)[0]
    gain = next(p for p in one["parameters"] if p["name"] == "gain_db")
    assert (gain["low"], gain["high"], gain["unit"], gain["value"]) == (-24, 24, "dB", 0)
    assert main(["list", "plugins", "pedalboard:Compressor"]) == 0
    assert "threshold_db" in capsys.readouterr().out
    assert main(["list", "plugins", str(tmp_path / "none.vst3")]) == 3
    assert main(["list", "plugins", "pedalboard:Nothing"]) == 3


def test_without_pedalboard_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pedalboard.py").write_text("raise ImportError('No module named pedalboard')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(BurnishError, match=r"install burnish\[plugins\]") as caught:
        Plugin(path="pedalboard:Gain", parameters={"gain_db": 0.5}).known(RATE_HZ, 2)
    assert caught.value.exit_code == 2
