"""Places that demand a loudness: each track is turned to it by one gain, and by nothing else."""

from pathlib import Path

import numpy as np
import pytest
from orders import made, order_of, song

from burnish.audio import open_source, read
from burnish.chain import Teller
from burnish.deliver.inspection import Known, inspect_delivery
from burnish.deliver.order import Delivered, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.products import lowest_ceiling
from burnish.measure import measure
from burnish.targets import delivery

RATE = 44_100


def of_kind(delivered: Delivered, kind: str) -> list[Path]:
    return [one.path for one in delivered.files if one.kind == kind]


def fails(
    order: Order, target: str, folder: Path, delivered: Delivered, known: Known | None = None
) -> set[str]:
    inspection = inspect_delivery(folder, delivered, delivery(target), order, known)
    return {one.code for _, one in inspection.all_findings() if one.severity == "fail"}


def two_songs(tmp_path: Path, bits: str = "32f") -> Order:
    sounds = [song(RATE, 150_000, gain=0.6), song(RATE, 160_000, gain=0.05)]
    if bits == "16":
        sounds = [np.rint(sound * 2**15) / 2**15 for sound in sounds]
    return order_of(tmp_path / "in", sounds, [RATE] * 2, bits=bits)


def test_a_podcast_is_made_as_loud_as_it_is_demanded(tmp_path: Path) -> None:
    order = two_songs(tmp_path)
    delivered = made(order, "podcast", tmp_path / "out")
    assert not delivered.findings
    cut = Pieces(order, tmp_path / "again", Teller(None)).cut("32f")
    for file, piece, way in zip(delivered.files, cut, ("down", "up"), strict=False):
        path = tmp_path / "out" / file.path
        measured = measure(path)
        assert measured.loudness.integrated_lufs == pytest.approx(-16.0, abs=0.02)
        gain = 10 ** (file.told["gain_db"] / 20)
        with piece.open() as source:
            before = source.read().samples
        after = read(path).samples
        # the told gain is rounded to 0.01 dB; else there is dither only
        assert np.abs(after - gain * before).max() < 1.2e-3 * np.abs(after).max() + 3 * 2.0**-23
        assert f"turned {way}" in delivered.notes[file.track - 1]
        assert "-16.0 LUFS" in delivered.notes[file.track - 1]
    known = Known(n_samples={"44100/24/1": 150_000, "44100/24/2": 160_000})
    assert fails(order, "podcast", tmp_path / "out", delivered, known) == set()
    known.n_samples["44100/24/2"] += 1
    assert fails(order, "podcast", tmp_path / "out", delivered, known) == {"length"}


def test_sixteen_bits_that_are_turned_go_out_in_twenty_four(tmp_path: Path) -> None:
    delivered = made(two_songs(tmp_path, "16"), "podcast", tmp_path / "out")
    assert len(of_kind(delivered, "wav-24")) == 2
    for path in of_kind(delivered, "wav-24"):
        after = read(tmp_path / "out" / path).samples * 2**15
        assert np.abs(after - np.rint(after)).max() > 0.1


def test_up_it_goes_as_far_as_the_ceiling_and_says_what_is_missing(tmp_path: Path) -> None:
    soft = song(RATE, 150_000, gain=0.02)
    soft[:, 70_000] = 0.7
    order = order_of(tmp_path / "in", [soft], [RATE])
    delivered = made(order, "podcast", tmp_path / "out")
    assert [(one.code, one.severity) for one in delivered.findings] == [("loudness-demand", "fail")]
    assert "no room for more gain" in delivered.findings[0].detail
    measured = measure(tmp_path / "out" / delivered.files[0].path)
    assert measured.peaks.true_peak_dbtp == pytest.approx(-1.0, abs=0.02)
    assert "loudness-missed" in fails(order, "podcast", tmp_path / "out", delivered)


def test_an_audiobook_has_its_rms_under_its_ceiling_as_wav_and_constant_mp3(tmp_path: Path) -> None:
    order = two_songs(tmp_path)
    delivered = made(order, "audiobook", tmp_path / "out")
    assert not delivered.findings
    for path in of_kind(delivered, "wav-24"):
        measured = measure(tmp_path / "out" / path)
        assert measured.dynamics.rms_dbfs == pytest.approx(-20.5, abs=0.02)
        assert measured.peaks.true_peak_dbtp <= -3.0
    for path in of_kind(delivered, "mp3-192"):
        with open_source(tmp_path / "out" / path) as source:
            info = source.info
            assert measure(source).peaks.true_peak_dbtp <= -3.0
        assert (info.codec, info.rate_hz) == ("mp3", RATE)
        n_bytes = (tmp_path / "out" / path).stat().st_size
        assert n_bytes == pytest.approx(info.duration_s * 192_000 / 8, rel=0.05)
    assert len(of_kind(delivered, "mp3-192")) == 2
    # A chord that never stops has no pauses: that, and nothing else, it is told.
    found = fails(order, "audiobook", tmp_path / "out", delivered)
    assert found == {"noise-floor"}


def test_music_is_told_plainly_why_it_is_no_audiobook(tmp_path: Path) -> None:
    order = two_songs(tmp_path)
    delivered = made(order, "audiobook", tmp_path / "out")
    place = delivery("audiobook")
    said = [
        one.detail
        for _, one in inspect_delivery(
            tmp_path / "out", delivered, place, order, Known(), Teller(None)
        ).all_findings()
        if one.code == "noise-floor"
    ]
    assert said
    assert "Music without pauses does not pass" in said[0]


def test_an_mp3_that_comes_back_over_what_is_demanded_is_turned_down(tmp_path: Path) -> None:
    t = np.arange(3 * RATE) / RATE
    beat = np.sin(2 * np.pi * 1000 * t) * (np.sin(2 * np.pi * 2 * t) > 0.93)
    sound = 0.5 * np.stack([beat, beat])
    order = order_of(tmp_path / "in", [sound], [RATE])
    delivered = made(
        order, "audiobook", tmp_path / "out", rms_low_db=-16.0, rms_high_db=-14.0,
        encoded_ceiling_dbtp=-4.0,
    )  # fmt: skip
    (mp3,) = of_kind(delivered, "mp3-192")
    with open_source(tmp_path / "out" / mp3) as source:
        assert measure(source).peaks.true_peak_dbtp <= -4.0
    assert any("came back over -4 dBTP" in note for note in delivered.notes)


def test_what_is_turned_at_its_delivery_asks_no_ceiling_of_the_masters() -> None:
    assert lowest_ceiling(["audiobook", "podcast"]) == 0.0
    assert lowest_ceiling(["audiobook", "tidal"]) == delivery("tidal").ceiling_dbtp
