"""A DDP, inspected: verified, its disc held against the Red Book, and the sound of each track."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from burnish.audio import Block, Source, SourceInfo
from burnish.chain import Teller
from burnish.chain.layout import CD_RATE_HZ
from burnish.deliver.cd.disc import Disc
from burnish.deliver.cd.extract_ddp import sound
from burnish.deliver.cd.latin import latin_1
from burnish.deliver.cd.msf import SAMPLES_PER_CD_FRAME, msf
from burnish.deliver.cd.read_ddp import SECTOR_BYTES, Ddp, read_ddp
from burnish.deliver.cd.verify_ddp import verify_ddp
from burnish.deliver.inspection import cd
from burnish.deliver.inspection.file import sound_checks
from burnish.deliver.inspection.listened import log_of, read_log
from burnish.deliver.inspection.record import Check, Inspection, checked, not_asked
from burnish.deliver.inspection.sums import sums_of
from burnish.deliver.inspection.whole import floors_apart, joined, summed_up
from burnish.errors import InputError
from burnish.finding import Finding
from burnish.measure.finished import Finished, examine_finished
from burnish.qc.master import Asked, judged
from burnish.release import Release
from burnish.targets import Delivery, delivery

_SAMPLE_BYTES = SECTOR_BYTES // SAMPLES_PER_CD_FRAME


def is_ddp(folder: Path) -> bool:
    """Whether a folder holds a DDP: its map has the one name that it may have."""
    try:
        return folder.is_dir() and any(one.name.upper() == "DDPMS" for one in folder.iterdir())
    except OSError:  # gone meanwhile, or not ours to read
        return False


def inspect_ddp(
    folder: str | Path,
    place: Delivery | None = None,
    release: Release | None = None,
    tell: Teller | None = None,
) -> Inspection:
    """The twenty checks of a DDP; ``place`` is the CD unless another is given.

    With the ``release`` that it was made of, its codes and texts must be that's. What is no DDP is
    an ``InputError``.
    """
    folder, place, tell = Path(folder), place or delivery("cd"), tell or Teller(None)
    ddp = read_ddp(folder)
    sorted_out = cd.sorted_out(verify_ddp(ddp))
    tracks = _tracks(ddp, place, tell)
    parts = tuple(part for part, _ in tracks)
    checks = summed_up(parts)
    told = f"{len(ddp.disc.tracks)} tracks, {msf(ddp.disc.lead_out_cd_frame)}"
    image = next((piece.path for piece in ddp.image if piece.n_bytes), None)
    sums = sums_of(image) if image is not None else None
    checks[10] = checked(10, sorted_out[10], f"{ddp.level or 'no DDPID'}, {len(ddp.n_bytes)} files")
    checks[14] = joined(
        checks[14], floors_apart([(Path(p.file).name, f) for p, f in tracks if f is not None])
    )
    checks[15] = checked(15, sorted_out[15], told)
    codes = [*sorted_out[16], *(_apart(ddp.disc, release) if release is not None else ())]
    with_isrc = sum(bool(track.isrc) for track in ddp.disc.tracks)
    checks[16] = checked(16, codes, f"EAN {ddp.disc.ean or 'none'}, {with_isrc} ISRCs")
    checks[17] = checked(17, (), told)
    checks[20] = log_of(read_log(folder), image.name if image else "", sums.sha256 if sums else "")
    return Inspection(
        file=str(folder),
        kind="ddp",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=place.name,
        sha256=sums.sha256 if sums else None,
        md5=sums.md5 if sums else None,
        n_bytes=sums.n_bytes if sums else None,
        parts=parts,
    )


class TrackOfDdp(Source):
    """The sound of one track, from its index 01 to the next one's, where it lies in the image."""

    def __init__(self, ddp: Ddp, place: int) -> None:
        self._ddp = ddp
        self._first = ddp.disc.tracks[place].start_cd_frame
        n_cd_frames = ddp.disc.end_cd_frame(place) - self._first
        self.info = SourceInfo(
            path=None,
            format="ddp",
            codec="pcm",
            bits=16,
            is_float=False,
            rate_hz=CD_RATE_HZ,
            channels=2,
            n_samples=max(0, n_cd_frames) * SAMPLES_PER_CD_FRAME,
            called=f"{ddp.folder}: track {place + 1}",
        )

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        first, last = start // SAMPLES_PER_CD_FRAME, -(-stop // SAMPLES_PER_CD_FRAME)
        skip = (start - first * SAMPLES_PER_CD_FRAME) * _SAMPLE_BYTES
        left = (stop - start) * _SAMPLE_BYTES
        held = bytearray()
        for part in sound(self._ddp, self._first + first, self._first + last):
            held += part[skip:]
            skip = max(0, skip - len(part))
            while len(held) >= min(left, block_samples * _SAMPLE_BYTES) > 0:
                n = min(left, block_samples * _SAMPLE_BYTES)
                yield _block(bytes(held[:n]))
                del held[:n]
                left -= n
        if left:
            raise InputError("ddp-image-length", f"{self.info.name}: the image ends inside it")


def _block(data: bytes) -> Block:
    whole = np.frombuffer(data, dtype="<i2").reshape(-1, 2).T
    return np.ascontiguousarray(whole * 2.0**-15)


def _tracks(ddp: Ddp, place: Delivery, tell: Teller) -> list[tuple[Inspection, Finished | None]]:
    found: list[tuple[Inspection, Finished | None]] = []
    tracks = ddp.disc.tracks
    for k, track in enumerate(tracks):
        following = tracks[k + 1] if k + 1 < len(tracks) else None
        paused = following is None or following.pregap_cd_frame is not None
        gap = 0
        if following is not None and following.pregap_cd_frame is not None:
            gap = following.start_cd_frame - following.pregap_cd_frame
        asked = Asked(
            place,
            begins=k == 0 or track.pregap_cd_frame is not None,
            ends=paused,
            gap_s=gap / 75.0,
        )
        source = TrackOfDdp(ddp, k)
        name = str(ddp.folder / f"track {k + 1}")
        try:
            finished = examine_finished(source, tell.stage("inspect", source))
        except InputError:
            found.append((track_part(name, {}, place, None), None))
            continue
        checks = sound_checks(judged(finished, asked))
        found.append((track_part(name, checks, place, finished), finished))
    return found


def track_part(
    name: str, checks: dict[int, Check], place: Delivery, finished: Finished | None
) -> Inspection:
    """One track of a DDP, its sound judged."""
    all_ = [
        checks.get(number) or not_asked(number, "of the DDP as a whole") for number in range(1, 21)
    ]
    return Inspection(
        file=name,
        kind="file",
        checks=tuple(all_),
        target=place.name,
        info=None if finished is None else finished.examined.info,
        measured=None if finished is None else finished.measured,
    )


def _apart(disc: Disc, release: Release) -> Iterator[Finding]:
    """Where the disc says otherwise than the release."""
    pairs = [("EAN", disc.ean, release.upc), ("title", disc.texts.title, latin_1(release.title))]
    if len(disc.tracks) != len(release.tracks):
        pairs.append(("number of tracks", str(len(disc.tracks)), str(len(release.tracks))))
    for number, (track, meant) in enumerate(zip(disc.tracks, release.tracks, strict=False), 1):
        pairs.append((f"ISRC of track {number}", track.isrc, meant.isrc))
        pairs.append((f"title of track {number}", track.texts.title, latin_1(meant.full_title)))
    for name, got, wanted in pairs:
        if got != wanted and (got or "title" not in name):
            yield Finding(
                "ddp-differs", "fail" if wanted else "warn", f"The {name} is not the release's",
                f'It is "{got}", the release says "{wanted}".', "Ask which is right.",
                about="master",
            )  # fmt: skip
