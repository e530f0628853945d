"""Codec-safe: what comes back from the codecs holds, proved by an encoder that is not ours."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import burnish
from burnish.audio import Audio, AudioSource, OutputFormat, open_source
from burnish.chain.recall import load
from burnish.dsp.truepeak import PAD, true_peak_steps
from burnish.engineer import Taken, Wishes, proved_behind
from burnish.engineer.codec_safe import codecs_of, decoded_ceiling, over_db
from burnish.engineer.session import draft
from burnish.errors import SettingError
from burnish.measure import measure
from burnish.playback import codec
from burnish.processors.limiter import Limiter
from burnish.processors.show import piece
from burnish.report.result import MasterResult
from burnish.targets import deliveries, delivery
from needed import need_tool

Floats = NDArray[np.float64]

RATE_HZ = 44_100
PLAIN: dict[str, Any] = {"style": "pop", "report": False}


@pytest.fixture(scope="module")
def mix() -> Audio:
    """Dense, with much that a codec throws away."""
    samples = 0.3 * piece(RATE_HZ, 6.0)
    hiss = 0.03 * np.random.default_rng(7).standard_normal(samples.shape)
    return Audio(samples + hiss, RATE_HZ)


def limiter(done: MasterResult) -> Limiter:
    last = done.steps[-1].settings
    assert isinstance(last, Limiter)
    return last


def true_peak_dbtp(samples: Floats) -> float:
    padded = np.pad(samples, ((0, 0), (PAD, PAD)))
    return float(20.0 * np.log10(true_peak_steps(padded, 4096, 16).max()))


def test_the_ceiling_is_lowered_until_it_holds(tmp_path: Path, mix: Audio) -> None:
    how: dict[str, Any] = {**PLAIN, "loudness_lufs": -12.0, "ceiling_dbtp": -0.2, "intensity": 1.0}
    plain = burnish.master(mix, tmp_path / "plain.wav", **how)
    assert limiter(plain).ceiling_dbtp > -0.3
    assert not plain.decoded
    assert plain.to_json()["codecs"] == []
    codecs = ("aac-96", "opus-64")
    safe = burnish.master(mix, tmp_path / "safe.wav", codec_safe=codecs, **how)
    assert set(safe.decoded) == set(codecs)
    assert max(safe.decoded.values()) <= 0.0
    lowered_db = -0.2 - limiter(safe).ceiling_dbtp
    assert safe.codec_lowered_db == pytest.approx(lowered_db, abs=0.01)
    assert 0.2 < lowered_db < 4.0
    # It gave away no more than it had to.
    assert max(safe.decoded.values()) > -1.2
    # All of it is told: in the step, in the sheet, in a finding and in JSON.
    step = safe.steps[-1]
    assert step.evidence["codec_lowered_db"] == safe.codec_lowered_db
    assert step.evidence["opus_64_decoded_dbtp"] == round(safe.decoded["opus-64"], 2)
    assert f"{safe.codec_lowered_db:.2f} dB lower for aac-96, opus-64" in step.reason
    assert safe.recall is not None
    assert load(safe.recall).steps[-1] == step
    assert "codec-lowered" in [finding.code for finding in safe.findings]
    told = safe.to_json()
    assert [one["codec"] for one in told["codecs"]] == list(codecs)
    assert told["codec_lowered_db"] == safe.codec_lowered_db
    assert told["target"]["codecs"] == list(codecs)
    # The ceiling asked is still what the file is held to.
    assert safe.target["ceiling_dbtp"] == -0.2


def test_what_holds_is_left_alone(tmp_path: Path, mix: Audio) -> None:
    how: dict[str, Any] = {**PLAIN, "loudness_lufs": -20.0, "ceiling_dbtp": -6.0}
    plain = burnish.master(mix, tmp_path / "plain.wav", **how)
    safe = burnish.master(mix, tmp_path / "safe.wav", codec_safe="mp3-320", **how)
    assert limiter(safe) == limiter(plain)
    assert safe.codec_lowered_db == 0.0
    assert not [finding for finding in safe.findings if finding.code.startswith("codec")]
    assert -9.0 < safe.decoded["mp3-320"] < -4.0
    assert np.array_equal(*(soundfile.read(one.output)[0] for one in (plain, safe)))


def test_a_chain_left_as_written_is_told_and_not_touched(tmp_path: Path, mix: Audio) -> None:
    chain = tmp_path / "mine.yaml"
    chain.write_text(
        "steps:\n  - processor: limiter\n    settings: {input_gain_db: 14, ceiling_dbtp: -0.1}\n"
    )
    done = burnish.master(mix, tmp_path / "out.wav", chain=chain, codec_safe="opus-64", **PLAIN)
    assert limiter(done) == Limiter(input_gain_db=14, ceiling_dbtp=-0.1)
    assert done.decoded["opus-64"] > 0.0
    (finding,) = [one for one in done.findings if one.code == "codec-passed"]
    assert f"{done.decoded['opus-64']:.2f} dBTP behind opus-64, over 0" in finding.title


def ours(name: str) -> tuple[list[str], str]:
    """How the ffmpeg program makes the same, and the file's ending."""
    one = codec(name)
    if one.family == "vorbis":
        return ["-c:a", "libvorbis", "-q:a", str(one.amount)], ".ogg"
    bits = ["-b:a", f"{one.amount}k"]
    if one.family == "aac":  # see codec._OPTIONS
        how = ["-c:a", "aac", "-aac_coder", "fast", "-aac_pns", "0", "-aac_is", "0"]
        return [*how, *bits], ".m4a"
    encoder, ending = {"mp3": ("libmp3lame", ".mp3"), "opus": ("libopus", ".opus")}[one.family]
    return ["-c:a", encoder, *bits], ending


def by_ffmpeg(master: Path, name: str) -> float:
    """True peak of the master behind a codec; the ffmpeg program encodes and decodes it."""
    how, ending = ours(name)
    packed, back = master.with_name(f"{name}{ending}"), master.with_name(f"{name}.wav")
    for words in (["-i", str(master), *how, str(packed)], ["-i", str(packed), "-c:a", "pcm_f32le"]):
        target = [str(back)] if words[1] == str(packed) else []
        subprocess.run(
            [need_tool("ffmpeg"), "-v", "error", "-nostdin", "-y", *words, *target], check=True
        )
    return true_peak_dbtp(np.ascontiguousarray(soundfile.read(back, always_2d=True)[0].T))


CODECS = ("aac-128", "mp3-128", "opus-128", "vorbis-q6")


@pytest.mark.tool("ffmpeg")
def test_ffmpeg_alone_finds_that_it_holds(tmp_path: Path, mix: Audio) -> None:
    out = tmp_path / "out.wav"
    burnish.master(
        mix, out, codec_safe=CODECS, loudness_lufs=-11.0, ceiling_dbtp=-0.1, intensity=1.0, **PLAIN
    )
    for name in CODECS:
        assert by_ffmpeg(out, name) <= 0.1, name  # other versions of the same encoders


@pytest.mark.corpus
@pytest.mark.tool("ffmpeg")
@pytest.mark.parametrize(
    ("song", "start_s", "loudness_lufs"),
    [("08_morin_on_the_run.ogg", 120, -9.0), ("12_sectoid_war_of_freedom_backing.ogg", 60, -8.0)],
)
def test_loud_music_holds_behind_every_codec(
    corpus: Path, tmp_path: Path, song: str, start_s: int, loudness_lufs: float
) -> None:
    with open_source(corpus / "tracks" / song) as source:
        rate_hz = source.info.rate_hz
        blocks = list(source.blocks(start=start_s * rate_hz, stop=(start_s + 15) * rate_hz))
    part = Audio(np.concatenate(blocks, axis=1), rate_hz)
    out = tmp_path / "out.wav"
    done = burnish.master(part, out, codec_safe=CODECS, loudness_lufs=loudness_lufs, **PLAIN)
    assert max(done.decoded.values()) <= 0.0
    for name in CODECS:
        theirs_dbtp = by_ffmpeg(out, name)
        assert theirs_dbtp <= 0.1, name
        assert theirs_dbtp == pytest.approx(done.decoded[name], abs=0.5), name


def test_wishes_and_places_name_the_codecs() -> None:
    spotify, apple, book = (delivery(name) for name in ("spotify", "apple-music", "audiobook"))
    assert codecs_of(Wishes(), ()) == ()
    assert codecs_of(Wishes(), (spotify, apple, book)) == ("vorbis-q5", "aac-256", "mp3-192")
    assert codecs_of(Wishes(codec_safe="none"), (spotify,)) == ()
    assert codecs_of(Wishes(codec_safe="mp3-320, opus-128"), (spotify,)) == ("mp3-320", "opus-128")
    assert codecs_of(Wishes(codec_safe=("mp3-320", "mp3-320")), ()) == ("mp3-320",)
    assert Wishes(codec_safe=()).codec_safe == "none"
    assert decoded_ceiling(()) == decoded_ceiling((spotify,)) == 0.0
    assert decoded_ceiling((spotify, book)) == -3.0
    with pytest.raises(SettingError, match="codec=wma-9: must be one of aac-32 to aac-320; mp3"):
        Wishes(codec_safe="aac-256,wma-9")


def test_every_delivery_has_a_codec_for_each_that_it_sends() -> None:
    lossy = {"aac", "mp3", "opus", "vorbis"}
    for name in deliveries():
        place = delivery(name)
        sent = {re.split(r"[ ,]", one)[0] for one in place.reencodes}
        assert {codec(one).family for one in place.codecs} == sent & lossy, name


@pytest.fixture(scope="module")
def drafted(mix: Audio) -> Any:
    source = AudioSource(mix)
    wishes = Wishes(style="pop", loudness_lufs=-14.0, codec_safe="mp3-320")
    measured = measure(source)
    note = burnish.plan(mix, style="pop").input
    return draft(source, Taken(measured, note), wishes, OutputFormat())


def test_what_was_over_is_taken_from_the_ceiling(drafted: Any) -> None:
    was = drafted.solution.limiter
    assert proved_behind(drafted, {"mp3-320": 0.0}) is None
    better = proved_behind(drafted, {"mp3-320": 0.4})
    assert better is not None
    assert over_db({"mp3-320": 0.4, "aac-256": -3.0}, drafted.target) == pytest.approx(0.4)
    now = better.plan.steps[-1].settings
    assert now.ceiling_dbtp == pytest.approx(was.ceiling_dbtp - 0.45)
    assert was.input_gain_db <= now.input_gain_db < was.input_gain_db + 0.45
    assert better.plan.target["ceiling_dbtp"] == drafted.plan.target["ceiling_dbtp"]


def test_what_a_rule_held_back_is_limited_no_more(drafted: Any) -> None:
    stop = burnish.engineer.stop.StoppedBy("punch", 13.0, 12.0, "%", "lost")
    held = replace(drafted, solution=replace(drafted.solution, stopped_by=stop))
    better = proved_behind(held, {"mp3-320": 0.95})
    assert better is not None
    was, now = held.solution.limiter, better.plan.steps[-1].settings
    assert now.input_gain_db == pytest.approx(was.input_gain_db - 1.0)
    assert now.ceiling_dbtp == pytest.approx(was.ceiling_dbtp - 1.0)


def test_a_codec_is_not_obeyed_without_end(drafted: Any) -> None:
    better = proved_behind(drafted, {"mp3-320": 30.0})
    assert better is not None
    ceiling_dbtp = better.plan.steps[-1].settings.ceiling_dbtp
    assert ceiling_dbtp == pytest.approx(drafted.target.ceiling_dbtp - 6.0)
    assert proved_behind(better, {"mp3-320": 24.0}) is None
