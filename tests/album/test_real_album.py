"""Six songs of different kinds and rates as one album, delivered to every target there is."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

import burnish
from burnish.audio import open_source
from burnish.report.album_result import AlbumResult
from burnish.targets import deliveries

pytestmark = pytest.mark.corpus

SECONDS = 11.0
NOT_THESE = ("hi-res", "audiobook", "versions")
"""They take songs of 88.2 kHz and more, speech between silences, alternates."""

ALIKE = ("amazon", "apple-music", "bandcamp", "deezer", "soundcloud", "tidal", "youtube")
"""Services that get what spotify gets: for ``make quality``."""

SHEET = """\
title: Überfahrt – Ταξίδι
artist: Verschiedene, разные
label: Burnish
catalogue_number: BRN-001
upc: 036000291452
date: 2026-11-21
genre: Rock
copyright: 2026 Burnish
phonographic_copyright: 2026 Burnish
artwork: cover.png
tracks:
  - file: folk.wav
    title: Let’s Go
    isrc: USRC17600001
    hidden_file: whale.wav
    gap_s: 2
    fade_in: {length_s: 0.2}
    fade_out: {length_s: 4, curve: exponential}
  - {file: one.wav, title: Часть I, isrc: USRC17600002, fade_in: {length_s: 0.1}}
  - {file: two.wav, title: Часть II, isrc: USRC17600003, gap_s: 0, fade_out: {length_s: 4}}
  - {file: jazz.wav, title: 夜の雰囲気, isrc: USRC17600004, fade_in: {length_s: 0.1}}
  - {file: electronic.wav, title: Último Paso, isrc: USRC17600005, crossfade_s: 3,
     fade_out: {length_s: 5, curve: exponential}}
  - {file: strings.wav, title: "Magyar tánc, 5. szám", isrc: USRC17600006, gap_s: 1.5,
     fade_in: {length_s: 0.1, curve: linear}, fade_out: {length_s: 4, curve: exponential}}
"""


def excerpt(path: Path, start_s: float) -> tuple[np.ndarray, int]:
    with open_source(path) as source:
        rate_hz = source.info.rate_hz
        a = round(start_s * rate_hz)
        blocks = source.blocks(start=a, stop=a + round(SECONDS * rate_hz))
        return np.concatenate(list(blocks), axis=1), rate_hz


def write(path: Path, samples: np.ndarray, rate_hz: int) -> None:
    soundfile.write(path, samples.T, rate_hz, subtype="PCM_24")


@pytest.fixture(scope="module")
def sheet(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from PIL import Image

    folder = tmp_path_factory.mktemp("real")
    tracks = corpus / "tracks"
    write(folder / "folk.wav", *excerpt(tracks / "01_karissa_lets_go_fishin.ogg", 40))
    rock, rate_hz = excerpt(corpus / "stems" / "song1" / "mix_unmastered.flac", 10)
    middle = rock.shape[1] // 2 + 123
    write(folder / "one.wav", rock[:, :middle], rate_hz)  # 48 kHz, cut in the middle of a bar
    write(folder / "two.wav", rock[:, middle:], rate_hz)
    jazz, rate_hz = excerpt(tracks / "02_macleod_vibe_ace.ogg", 20)
    write(folder / "jazz.wav", jazz.mean(axis=0, keepdims=True), rate_hz)
    write(folder / "electronic.wav", *excerpt(tracks / "14_lmms_saber_final_step.flac", 25))
    strings, rate_hz = excerpt(tracks / "03_usarmystrings_hungarian5.ogg", 5)
    write(folder / "strings.wav", soxr.resample(strings.T, rate_hz, 96_000, "VHQ").T, 96_000)
    write(folder / "whale.wav", *excerpt(tracks / "50_nps_humpback.ogg", 10))
    ramp = np.linspace(0, 255, 3000).astype(np.uint8)
    picture = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], np.uint8(90)), axis=-1)
    Image.fromarray(np.ascontiguousarray(picture)).save(folder / "cover.png")
    path = folder / "album.yaml"
    path.write_text(SHEET, "utf-8")
    return path


@pytest.fixture(
    scope="module", params=["each kind", pytest.param("every target", marks=pytest.mark.long)]
)
def album(
    request: pytest.FixtureRequest, sheet: Path, tmp_path_factory: pytest.TempPathFactory
) -> AlbumResult:
    """Everything that a release of these mixed rates can be."""
    left = NOT_THESE if request.param == "every target" else (*NOT_THESE, *ALIKE)
    targets = [name for name in deliveries() if name not in left]
    return burnish.album(
        sheet, tmp_path_factory.mktemp("out") / "album", to=targets, preview_joins=True
    )


def test_every_target_is_delivered_and_nothing_fails(album: AlbumResult) -> None:
    assert len(album.outgoing) >= len(deliveries()) - len(NOT_THESE) - len(ALIKE)
    for one in album.outgoing:
        assert one.manifest is not None
        fails = [(file, f.code) for file, f in one.manifest.inspection.all_findings()
                 if f.severity == "fail"]  # fmt: skip
        assert not fails, (one.target, fails)
        assert one.passed
        assert one.folder.name == one.target


def test_the_tracks_come_nearer_in_every_measure(album: AlbumResult) -> None:
    for spread in album.coherence.spreads:
        assert spread.improved, spread
    assert album.coherence.improved


def test_the_tracks_of_each_lossless_set_are_the_programme_bit_for_bit(
    album: AlbumResult,
) -> None:
    """Files of 24 and 16 bits, each kind for itself: alike where they hold the same samples."""
    found = 0
    for one in album.outgoing:
        assert one.manifest is not None
        sets: dict[str, list[Path]] = {}
        for note in one.manifest.files:
            if note.file.track and note.file.samples and note.format is not None:
                sets.setdefault(note.file.kind, []).append(one.folder / note.file.path)
        for kind, paths in sets.items():
            if len(paths) != 6:
                continue
            whole = np.concatenate([soundfile.read(p, dtype="int32")[0] for p in paths]) \
                if kind.split("-")[0] in ("wav", "flac", "aiff", "bwf") else None  # fmt: skip
            if whole is None:
                continue
            found += 1
            # Track two goes on in track three: the wave is no more broken there than elsewhere.
            n = sum(soundfile.info(p).frames for p in paths[:2])
            step = np.abs(whole[n].astype(float) - whole[n - 1]).max()
            around = np.abs(np.diff(whole[n - 2000 : n + 2000].astype(float), axis=0)).max()
            assert step <= around
    assert found >= 3


def test_the_manifests_tell_every_file(album: AlbumResult) -> None:
    for one in album.outgoing:
        document = json.loads((one.folder / "manifest.json").read_text("utf-8"))
        there = {p.relative_to(one.folder).as_posix() for p in one.folder.rglob("*") if p.is_file()}
        told = {note["path"] for note in document["files"]}
        assert there - told == {"manifest.json", "CHECKLIST.txt"}
        assert document["release"]["tracks"][3]["title"] == "夜の雰囲気"


def test_the_joins_can_be_heard(album: AlbumResult) -> None:
    assert len(album.joins) == 6  # with the one of what is hidden
    assert all(path.is_file() for path in album.joins)
