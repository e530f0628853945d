"""Folders, DDPs, albums, and deliveries as they are made."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from finished_files import RATE_HZ, by_check, master, outcomes, write

import burnish
from burnish.apps.cli import main
from burnish.chain import Teller
from burnish.deliver.cd import Disc, DiscTrack, Texts, write_ddp
from burnish.deliver.inspection import Known, inspect_delivery, inspect_folder
from burnish.deliver.inspection.ddp import inspect_ddp
from burnish.deliver.inspection.metadata import of_release
from burnish.deliver.inspection.sequence import is_programme
from burnish.deliver.inspection.versions import of_pairs, pairs_among
from burnish.deliver.inspection.whole import decoded_peak
from burnish.deliver.order import Delivered, DeliveredFile, Master, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.products import maker_of
from burnish.release import Release, Track
from burnish.targets import delivery

SPOTIFY = delivery("spotify")


# 17: the programme


def test_tracks_are_the_programme_bit_for_bit(tmp_path: Path) -> None:
    cuts = (0, 2 * RATE_HZ + 77, 5 * RATE_HZ, master().shape[1])
    for k in range(3):
        write(tmp_path / f"{k + 1:02d} Song.wav", master()[:, cuts[k] : cuts[k + 1]])
    write(tmp_path / "Side A.wav")
    one = inspect_folder(tmp_path)
    assert one.checks[16].outcome == "pass"
    assert one.checks[16].told.endswith("bit for bit")
    # The joins are none: the songs sound on.
    assert not {"hard-cut", "truncated"} & {finding.code for _, finding in one.all_findings()}
    spoilt = master()[:, cuts[1] : cuts[2]].copy()
    spoilt[0, 1000] += 2.0**-20
    (tmp_path / "02 Song.wav").unlink()
    write(tmp_path / "02 Song.wav", spoilt)
    tracks = sorted(tmp_path.glob("0*.wav"))
    check = is_programme(tracks, tmp_path / "Side A.wav")
    assert (check.outcome, check.findings[0].code) == ("fail", "sequence-differs")


# 18: versions


def test_an_alternate_lies_over_the_main_version(tmp_path: Path) -> None:
    main_version = write(tmp_path / "01 Song.wav")
    alternate = 0.9 * master()
    alternate[:, 3 * RATE_HZ : 4 * RATE_HZ] *= 0.1
    good = write(tmp_path / "01 Song (Instrumental).wav", alternate)
    assert pairs_among(sorted(tmp_path.iterdir())) == [(main_version, good)]
    assert of_pairs([(main_version, good)]).outcome == "pass"
    late = write(tmp_path / "01 Song.clean.wav", np.roll(alternate, 10, axis=1))
    lagging = of_pairs([(main_version, late)])
    assert [one.code for one in lagging.findings] == ["version-lag"]
    assert "10 samples later" in lagging.findings[0].detail
    short = write(tmp_path / "01 Song - TV mix.wav", alternate[:, :-100])
    assert [one.code for one in of_pairs([(main_version, short)]).findings] == ["version-length"]
    assert len(pairs_among(sorted(tmp_path.iterdir()))) == 3


# Folders


def test_the_same_isrc_in_two_songs_fails(tmp_path: Path) -> None:
    import mutagen.flac

    for name in ("01 A", "02 B"):
        tags = mutagen.flac.FLAC(write(tmp_path / f"{name}.flac"))
        tags["TITLE"], tags["ISRC"] = name[3:], "USRC17607839"
        tags.save()
    one = inspect_folder(tmp_path, SPOTIFY)
    assert by_check(one, 16)["isrc-twice"].severity == "fail"
    # the same samples in two files are examined once, and what is found in them is told once
    assert one.parts[0].measured is one.parts[1].measured


def test_a_folder_without_sound_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(burnish.BurnishError):
        burnish.inspect(tmp_path)


def test_a_file_that_cannot_be_read_fails_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "01.wav")
    (tmp_path / "02.wav").write_bytes(b"RIFF no sound")
    one = inspect_folder(tmp_path)
    assert one.verdict == "fail"
    assert by_check(one.parts[1], 10)["undecodable"].severity == "fail"


# The CD


@pytest.fixture(scope="module")
def ddp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc of the clean master, 9 s behind 2 s of silence."""
    folder = tmp_path_factory.mktemp("disc") / "DDP"
    n_cd_frames = -(-master().shape[1] // 588) + 150
    image = np.zeros((2, 588 * n_cd_frames), np.int16)
    image[:, 588 * 150 : 588 * 150 + master().shape[1]] = np.round(master() * 32767.0)
    track = DiscTrack(150, 0, isrc="USRC17607839", texts=Texts("Song"))
    write_ddp(folder, Disc((track,), n_cd_frames, texts=Texts("Album")), iter([image]))
    return folder


def test_a_ddp_passes_with_the_sound_of_its_tracks(ddp: Path) -> None:
    one = burnish.inspect(ddp)
    assert (one.kind, one.verdict, one.target) == ("ddp", "pass", "cd")
    assert one.parts[0].measured is not None
    assert one.parts[0].measured.source.n_samples % 588 == 0
    told = one.to_json()
    assert told["parts"][0]["checks"][0]["told"].startswith("-1.13 dBTP")
    release = Release(
        title="Album", tracks=(Track(file="a.wav", title="Song", isrc="USRC17607839"),)
    )
    assert inspect_ddp(ddp, release=release).verdict == "pass"
    other = release.with_(tracks=(release.tracks[0].with_(isrc="USRC17607840"),))
    assert by_check(inspect_ddp(ddp, release=other), 16)["ddp-differs"].severity == "fail"


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        ("IMAGE.DAT", 10, "ddp-checksum"),
        ("PQDESCR", 10, "ddp-checksum"),
        ("DDPID", 10, "ddp-checksum"),
    ],
)
def test_a_flipped_byte_in_a_ddp_fails(ddp: Path, tmp_path: Path, name, number, code) -> None:
    folder = Path(shutil.copytree(ddp, tmp_path / "DDP"))
    data = bytearray((folder / name).read_bytes())
    data[-9] ^= 1
    (folder / name).write_bytes(data)
    one = inspect_ddp(folder)
    assert one.verdict == "fail"
    assert code in by_check(one, number)


# Releases and deliveries


def test_what_a_release_lacks_is_told() -> None:
    tracks = tuple(Track(file=f"{k}.wav", title="AÃ¶", isrc="USRC17607839") for k in range(2))
    found = {one.code: one.severity for one in of_release(Release(title="T", tracks=tracks))}
    assert found == {"isrc-twice": "fail", "garbled": "warn", "upc-missing": "info"}


def order_in(folder: Path, **track: object) -> Order:
    """Two songs of the clean master, one second apart."""
    masters = [Master(write(folder / f"{k}.wav"), folder / "a.recall.yaml") for k in range(2)]
    tracks = tuple(
        Track(file=f"{k}.wav", title=f"Söng {k}", isrc=f"USRC1760783{k}", gap_s=k or None, **track)
        for k in range(2)
    )
    release = Release(title="Ünder", artist="A", upc="036000291452", tracks=tracks)
    return Order(release, tuple(masters), -1.0)


def made(order: Order, folder: Path, target: str) -> tuple[Path, Delivered, Pieces]:
    """The product of an order, as its maker leaves it."""
    place, staged = delivery(target), folder / target
    staged.mkdir()
    pieces = Pieces(order, folder / "scratch", Teller(None))
    return staged, maker_of(place)(order, place, staged, pieces, Teller(None)), pieces


def test_a_delivery_is_inspected_with_little_work(tmp_path: Path, monkeypatch) -> None:
    order = order_in(tmp_path)
    staged, delivered, pieces = made(order, tmp_path, "spotify")
    examined: list[str] = []
    from burnish.deliver.inspection import delivery as room

    real = room.examine_file
    monkeypatch.setattr(room, "examine_file", lambda p, *a: examined.append(p.name) or real(p, *a))
    known = Known(n_samples=pieces.n_samples())
    one = inspect_delivery(staged, delivered, SPOTIFY, order, known)
    assert one.verdict == "pass", list(one.all_findings())
    assert len(examined) == 2  # two tracks, though each is there as FLAC and as WAV
    assert len(one.parts) == len(delivered.files)
    for file, part in zip(delivered.files, one.parts, strict=True):
        assert part.file == file.path.as_posix()
        assert all((part.sha256, part.md5, part.n_bytes))
        assert (part.measured is not None) == file.kind.startswith(("wav", "flac"))
    assert outcomes(one)[20] == "open"
    assert outcomes(one)[17] == "pass"
    inspect_delivery(staged, delivered, SPOTIFY, order, known)
    assert len(examined) == 2
    # A WAV with something behind its sound, a file that is gone, another track's tags.
    wav = next(f for f in delivered.files if f.kind.startswith("wav"))
    data = (staged / wav.path).read_bytes()
    (staged / wav.path).write_bytes(data + b"id3 \4\0\0\0abcd")
    again = inspect_delivery(staged, delivered, SPOTIFY, order, known)
    part = again.parts[delivered.files.index(wav)]
    assert {"wav-behind-data", "wav-header"} <= set(by_check(part, 10))
    assert again.verdict == "fail"
    (staged / wav.path).write_bytes(data)
    lacking = replace(delivered, files=tuple(f for f in delivered.files if f is not wav))
    gone = inspect_delivery(staged, lacking, SPOTIFY, order, known)
    assert by_check(gone, 10)["track-missing"].severity == "fail"
    swapped = order.release.with_(tracks=tuple(reversed(order.release.tracks)))
    wrong = inspect_delivery(staged, delivered, SPOTIFY, replace(order, release=swapped), known)
    assert outcomes(wrong)[16] == "fail"


def test_a_lossy_file_is_as_long_as_its_track(tmp_path: Path) -> None:
    import soundfile

    order = order_in(tmp_path)
    write(tmp_path / "a.wav")
    soundfile.write(tmp_path / "a.mp3", master().T, RATE_HZ)
    n, first = master().shape[1], DeliveredFile(Path("a.wav"), "wav-24", 1, f"{RATE_HZ}/24/1")
    for short, outcome in ((0, "pass"), (500, "fail")):
        told = {"decoded": {"n_samples": n - short, "true_peak_dbtp": -1.5}}
        files = (first, DeliveredFile(Path("a.mp3"), "mp3-320", 1, told=told))
        one = inspect_delivery(tmp_path, Delivered(files), delivery("download"), order)
        assert outcomes(one.parts[1])[10] == outcome


def test_a_gap_that_got_lost_fails(tmp_path: Path) -> None:
    order = order_in(tmp_path)
    staged, delivered, _ = made(order, tmp_path, "spotify")
    longer = tuple(
        track.with_(gap_s=5.0 * k or None) for k, track in enumerate(order.release.tracks)
    )
    told = replace(order, release=order.release.with_(tracks=longer))
    one = inspect_delivery(staged, delivered, SPOTIFY, told)
    assert by_check(one, 17)["gap-short"].severity == "fail"


def test_lossy_files_are_judged_by_what_comes_back() -> None:
    assert decoded_peak("mp3-320", -0.4, None).outcome == "pass"
    assert decoded_peak("mp3-320", 0.4, delivery("download")).outcome == "warn"
    assert decoded_peak("mp3-128", -0.5, delivery("podcast")).outcome == "fail"


def test_a_kept_master_warns_and_does_not_fail(tmp_path: Path) -> None:
    loud = master() * 10.0 ** (2.0 / 20.0) / 0.7
    path = write(tmp_path / "0.wav", np.clip(loud, -1.0, 1.0))
    release = Release(title="T", tracks=(Track(file="0.wav", title="S", keep_as_is=True),))
    order = Order(release, (Master(path),), -1.0)
    shutil.copy(path, tmp_path / "1.wav")
    files = (DeliveredFile(Path("1.wav"), "wav-24", 1, "44100/24/1"),)
    one = inspect_delivery(tmp_path, Delivered(files), SPOTIFY, order)
    assert outcomes(one)[1] == outcomes(one)[2] == "warn"
    mine = replace(order, masters=(Master(path, tmp_path / "r.yaml"),))
    assert inspect_delivery(tmp_path, Delivered(files), SPOTIFY, mine).verdict == "fail"


def test_a_master_is_held_to_the_ceiling_it_was_made_for(tmp_path: Path, monkeypatch) -> None:
    from burnish.deliver.inspection import delivery as room

    order = order_in(tmp_path)
    write(tmp_path / "a.wav", master() * 10.0 ** (0.7 / 20.0))  # -0.45 dBTP
    files = (DeliveredFile(Path("a.wav"), "wav-24", 1, f"{RATE_HZ}/24/1"),)
    for made_for, outcome in ((-0.3, "warn"), (-1.0, "fail")):
        target = SimpleNamespace(target={"ceiling_dbtp": made_for})
        monkeypatch.setattr(room, "load", lambda sheet, target=target: target)
        one = inspect_delivery(tmp_path, Delivered(files), SPOTIFY, order)
        assert outcomes(one.parts[0])[1] == outcome


def test_an_album_is_inspected_before_and_after(tmp_path: Path) -> None:
    order = order_in(tmp_path)
    from burnish.chain.album_sheet import save_album

    save_album(order.release, tmp_path / "album.yaml")
    before = burnish.inspect(tmp_path / "album.yaml", for_="cd")
    assert (before.kind, before.verdict) == ("album", "pass")
    assert outcomes(before)[15] == "pass"
    burnish.deliver(tmp_path / "album.yaml", tmp_path / "out", to=["spotify"])
    after = burnish.inspect(tmp_path / "out")
    assert (after.kind, after.verdict) == ("album", "pass")
    listed = tmp_path / "out" / "spotify"
    wav = next(listed.rglob("*.wav"))
    wav.write_bytes(wav.read_bytes() + b"\0")
    spoilt = inspect_folder(listed)
    assert by_check(spoilt, 10)["file-changed"].severity == "fail"
    wav.unlink()
    assert "file-missing" in by_check(inspect_folder(listed), 10)


# The command


def test_the_command_says_it_in_json_and_ends_with_4(tmp_path: Path, capsys) -> None:
    good, bad = (
        write(tmp_path / "good.wav"),
        write(tmp_path / "bad.wav", np.clip(4 * master(), -1, 1)),
    )
    assert (
        main(["qc", str(good), "--json", "--quiet", "--heard-by", "Ana", "--note", "0:01 ok"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "pass"
    assert document["checks"][19]["outcome"] == "pass"
    page = tmp_path / "page.html"
    words = ["qc", str(good), str(bad), "--for", "cd", "--json", "--quiet", "-o", str(page)]
    assert main(words) == 4
    documents = json.loads(capsys.readouterr().out)
    assert [one["verdict"] for one in documents] == ["fail", "fail"]  # 24 bits for a CD; clipped
    assert "Clipped at full scale" in page.read_text("utf-8")
    assert main(["qc", str(bad), "--quiet", "--all"]) == 4
    assert "must not go out" in capsys.readouterr().out
    assert main(["qc", str(good), "--note", "x"]) == 2
    assert main(["qc", str(tmp_path / "none.wav")]) == 3


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("track", "style"),
    [("04_helland_leaving_millie.mp3", "folk"), ("12_sectoid_war_of_freedom_backing.ogg", "metal")],
)
def test_what_burnish_masters_passes(corpus: Path, tmp_path: Path, track: str, style: str) -> None:
    with burnish.audio.open_source(corpus / "tracks" / track) as source:
        start = 40 * source.info.rate_hz
        excerpt = np.concatenate(
            list(source.blocks(start=start, stop=start + 15 * source.info.rate_hz)), axis=1
        )
    mix = write(tmp_path / "mix.wav", 0.7 * excerpt / np.abs(excerpt).max())
    burnish.master(mix, tmp_path / "master.wav", style=style, for_=["spotify"], report=False)
    one = burnish.inspect(tmp_path / "master.wav", for_="spotify")
    assert one.verdict != "fail", [finding.detail for _, finding in one.all_findings()]
    assert {1: "pass", 2: "pass", 9: "pass", 10: "pass"}.items() <= outcomes(one).items()


def test_what_was_found_of_fewer_bits_or_on_a_disc_is_not_said_of_others() -> None:
    known = Known()
    known.finished["44100/ddp/1"] = known.finished["44100/16/2"] = object()  # type: ignore[assignment]
    assert known.sibling("44100/24/1") is None
    assert known.sibling("44100/24/2") is None
    assert known.sibling("48000/16/2") is not None
    known.n_samples["44100/24/1"] = 88_200
    assert known.duration_s(1) == 2.0


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was delivered to Spotify: FLACs, WAVs, metadata, a manifest."""
    folder = tmp_path_factory.mktemp("sent")
    order = order_in(folder)
    from burnish.chain.album_sheet import save_album

    save_album(order.release, folder / "album.yaml")
    burnish.deliver(folder / "album.yaml", folder / "out", to=["spotify"])
    return folder / "out" / "spotify"


def codes_of(folder: Path) -> set[str]:
    return {one.code for _, one in inspect_folder(folder).all_findings()}


def test_a_flipped_byte_in_any_kind_of_file_of_a_delivery_is_found(
    product: Path, tmp_path: Path
) -> None:
    clean = inspect_folder(product)
    assert clean.verdict == "pass", list(clean.all_findings())
    files = sorted(one for one in product.rglob("*") if one.is_file())
    assert len(files) == 8
    known = codes_of(product)
    names = [file.relative_to(product) for file in files]
    manifest = next(name for name in names if name.name == "manifest.json")
    kinds = {name.suffix: name for name in names if name != manifest}  # one of each
    for flipped, codes in (
        (kinds.values(), {"checklist-changed", "file-changed"}),
        ([manifest], {"manifest-changed"}),
    ):
        shutil.rmtree(tmp_path / "sent", ignore_errors=True)
        sent = shutil.copytree(product, tmp_path / "sent")
        for name in flipped:
            data = bytearray((sent / name).read_bytes())
            data[len(data) // 2] ^= 1
            (sent / name).write_bytes(data)
        found = list(inspect_folder(sent).all_findings())
        assert codes <= {one.code for _, one in found} - known
        told = " ".join(f"{file} {one.detail}" for file, one in found if one.code in codes)
        for name in flipped:
            assert name.name in told


def test_a_manifest_is_found_changed_wherever_it_is(product: Path, tmp_path: Path) -> None:
    from burnish.deliver.inspection.folder import read_manifest

    data = (product / "manifest.json").read_bytes()
    (tmp_path / "manifest.json").write_bytes(data)
    assert not read_manifest(tmp_path).broken
    for at in (*range(0, len(data), 97), *range(len(data) - 90, len(data))):
        (tmp_path / "manifest.json").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert read_manifest(tmp_path).broken, at
    (tmp_path / "manifest.json").write_text('{"name": "somebody else\'s"}')
    assert not read_manifest(tmp_path).broken


def test_a_file_too_many_or_too_few_is_found(product: Path, tmp_path: Path) -> None:
    there = shutil.copytree(product, tmp_path / "sent")
    (there / "notes.txt").write_text("hello")
    (there / ".DS_Store").write_text("hello")
    extra = by_check(inspect_folder(there), 10)
    assert set(extra) == {"file-not-listed"}
    assert "notes.txt" in extra["file-not-listed"].detail
    (there / "metadata.csv").unlink()
    one = inspect_folder(there)
    assert one.verdict == "fail"
    assert by_check(one, 10)["file-missing"].severity == "fail"
