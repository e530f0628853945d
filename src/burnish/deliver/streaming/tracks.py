"""The tracks of a release as files of some kinds: encoded, tagged, and proven as they lie there.

Lossless files are decoded and compared sample by sample. Lossy ones are decoded once: they must be
as long as their track to the sample, and stay under a ceiling, full scale or what the place demands
of them. Where one does not, all files of that kind are encoded again, turned down alike: how loud
the tracks are to each other stays. Opus has a gain in its head for that, which every player
applies, and is not encoded again. An AAC in which single frames came back far too loud is first
encoded again by itself, without TNS, which spoils them.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from burnish.audio.output_format import Bits
from burnish.audio.staged import output_errors
from burnish.chain import Teller
from burnish.deliver.artwork import Artwork, Cover, checked, embedded
from burnish.deliver.encode import Kind, kind
from burnish.deliver.names import file_name
from burnish.deliver.order import DeliveredFile, Order
from burnish.deliver.pieces import Piece, Pieces
from burnish.deliver.streaming.making import Made, Making, excerpt_peak_dbtp, make_file
from burnish.deliver.streaming.side_by_side import side_by_side
from burnish.deliver.tags import ReplayGains, fields_of
from burnish.errors import OutputError
from burnish.finding import Finding

_ROUNDS = 6  # of turning down: a codec's peaks do not follow the gain to the last tenth
_MARGIN_DB = 0.1  # so that the rest of the tracks seldom asks for more
_SPOILED_DB = 1.0  # over the masters' ceiling: no codec of so many bits does that but by a fault
_EXCERPT_S = 6
_SHARES = {"encode": (0.0, 0.85), "prove": (0.85, 1.0)}
_COSTS = {"mp3": 3.8, "aac": 3.9, "opus": 5.2, "vorbis": 3.8, "alac": 2.6, "flac": 1.2}
"""CPU seconds for four minutes: the long ones are begun first."""
_ENCODERS = {
    "mp3": "LAME 3.100, quality 5",
    "aac": "FFmpeg's AAC-LC",
    "opus": "libopus",
    "vorbis": "libvorbis",
}


@dataclass(frozen=True)
class Files:
    """What was written, and what there is to tell of it."""

    files: tuple[DeliveredFile, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Job:
    """One track as one kind of file."""

    piece: Piece
    kind: Kind
    path: Path
    stereo: bool
    ceiling_dbtp: float
    plain: bool = False
    """Whether an AAC is made without TNS."""
    asked_db: float | None = None
    """The gain that it was last made with; None: not yet."""
    made: Made | None = None

    def is_done(self, gain_db: float) -> bool:
        """Whether it is made, with this gain."""
        return self.asked_db == gain_db

    @property
    def true_peak_dbtp(self) -> float:
        """What comes back; -inf where nothing was decoded."""
        decoded = None if self.made is None else self.made.decoded
        return -np.inf if decoded is None else decoded.true_peak_dbtp

    @property
    def excess_db(self) -> float:
        """How far it comes back over the ceiling; below 0: not."""
        return self.true_peak_dbtp - self.ceiling_dbtp

    @property
    def cost(self) -> float:
        return _COSTS.get(self.kind.family, 0.2) * self.piece.n_samples / self.piece.rate_hz / 240

    @property
    def samples(self) -> str:
        return self.piece.samples + ("/stereo" if self.stereo else "")


@dataclass(frozen=True)
class Album:
    """What the makers of files share: an order, its pieces, the cover, and who is told."""

    order: Order
    pieces: Pieces
    folder: Path
    tell: Teller
    artwork: Artwork | None = None
    cover: Cover | None = None
    findings: tuple[Finding, ...] = field(default=())
    gains_db: tuple[float, ...] = ()
    """What each track is turned by before it is rounded; empty: nothing."""

    def cut(self, bits: Bits, rate_hz: int) -> tuple[Piece, ...]:
        """The tracks that files are made of."""
        return self.pieces.turned(bits, self.gains_db, rate_hz)

    def gains(self, track: int, gain_db: float = 0.0) -> ReplayGains | None:
        """ReplayGain of a track, from 1, where it was asked for; of files turned by ``gain_db``."""
        if not self.order.wishes.replay_gain:
            return None
        one, album = self.pieces.measured()[track - 1], self.pieces.album()
        own = (one.loudness.integrated_lufs, one.peaks.true_peak_dbtp)
        if any(self.gains_db):  # each by another gain: they are no album any more
            return ReplayGains(*own).behind(gain_db)
        return ReplayGains(*own, album.integrated_lufs, album.true_peak_dbtp).behind(gain_db)


def album(order: Order, folder: Path, pieces: Pieces, tell: Teller) -> Album:
    """Gather what the makers share; the cover is checked, and made small for the tags."""
    if order.artwork is None:
        return Album(order, pieces, folder, tell)
    artwork = checked(order.artwork)
    return Album(order, pieces, folder, tell, artwork, embedded(artwork), artwork.findings)


def write_tracks(
    one: Album,
    names: Sequence[str],
    rate_hz: int | None = None,
    stereo: bool = False,
    ceiling_dbtp: float = 0.0,
) -> Files:
    """Write every track as a file of each kind, at ``rate_hz`` (None: the release's own).

    Files of one kind lie in the folder itself, those of several in a folder for each kind. WAVs
    are plain: no chunk but the sound. With ``stereo`` a mono release is written on both channels.
    Where all tracks are files of 16 bits as they are, 24-bit kinds become 16-bit ones. What comes
    back from a codec stays under ``ceiling_dbtp``: at full scale, a player need not clip.
    """
    rate_hz = rate_hz or one.pieces.rate_hz
    kinds, notes = _kinds(one, names, rate_hz)
    jobs = list(_jobs(one, kinds, rate_hz, stereo, ceiling_dbtp))
    with output_errors(one.folder, 0):
        for job in jobs:
            job.path.parent.mkdir(parents=True, exist_ok=True)
    gains_db = dict.fromkeys(kinds, 0.0)
    # The loudest track goes ahead, so that the rest is seldom done twice.
    left = [job for job in jobs if job.kind.is_lossless] + _pilots(jobs)
    ahead = True
    for _ in range(_ROUNDS):
        _work(one, left, gains_db)
        if spoiled := [job for job in jobs if _is_spoiled(one, job)]:
            for job in spoiled:
                job.plain = True
            _work(one, spoiled, gains_db)
        gains_db |= _lowered(jobs, gains_db)
        if ahead:
            gains_db |= _lower_still(one, jobs, gains_db)
            ahead = False
        left = [job for job in jobs if not job.is_done(gains_db[job.kind])]
        if not left:
            break
    notes += [_turned_down(kind, db, ceiling_dbtp) for kind, db in gains_db.items() if db]
    loud = tuple(_still_over(job) for job in jobs if job.excess_db > 0.0)
    files = tuple(_told(one, job) for job in jobs)
    return Files(files, loud, tuple(notes))


def _kinds(one: Album, names: Sequence[str], rate_hz: int) -> tuple[list[Kind], list[str]]:
    kinds = [kind(name) for name in names]
    of_24 = any(one.bits == "24" for one in kinds)
    if not of_24 or any(one.gains_db) or not is_16_bit(one.pieces, rate_hz):
        return kinds, []
    kept = [kind(k.name.replace("-24", "-16")) for k in kinds]
    said = "All tracks are files of 16 bits as they are: nothing was padded to 24."
    return list(dict.fromkeys(kept)), [said]


def is_16_bit(pieces: Pieces, rate_hz: int | None = None) -> bool:
    """Whether every track keeps the samples of a 16-bit file."""
    order = pieces.order
    with pieces.sequence(rate_hz) as programme:
        kept = programme.kept
    n_songs = len(order.masters) + (order.hidden is not None)
    return len(kept) == n_songs and all(one.bits <= 16 for one in kept)


def _jobs(
    one: Album, kinds: Sequence[Kind], rate_hz: int, stereo: bool, ceiling_dbtp: float
) -> Iterator[_Job]:
    tracks = one.order.release.tracks
    for each in kinds:
        folder = one.folder / each.name if len(kinds) > 1 else one.folder
        taken: set[str] = set()
        for piece in one.cut(each.bits or "24", rate_hz):
            title = tracks[piece.number - 1].full_title
            name = file_name(piece.number, title, each.suffix, taken)
            both = stereo and piece.channels == 1
            yield _Job(piece, each, folder / name, both, ceiling_dbtp)


def _work(one: Album, jobs: Sequence[_Job], gains_db: dict[Kind, float]) -> None:
    """Do all of it, side by side; an error in one ends the others."""
    if one.order.wishes.replay_gain:
        one.gains(1)  # measured before the threads begin
    todo = [(job.cost, partial(_do, one, job, gains_db[job.kind])) for job in jobs]
    side_by_side(one.tell, "encode", todo, _SHARES, one.pieces.workers.at_once)


def _do(one: Album, job: _Job, gain_db: float, tell: Teller) -> None:
    """Encode, tag and prove one file; or copy it, where another product has it."""
    job.asked_db = gain_db
    if job.kind.family == "wav" and not job.stereo:
        copied(job.piece.path, job.path)
        return
    known = f"{job.kind.name} {job.samples}"  # lossless; no two products want the same lossy ones
    if (there := one.pieces.finished.get(known)) is not None:
        copied(there, job.path)
        return
    job.made = one.pieces.workers.do(make_file, _making(one, job, gain_db), tell=tell)
    if job.kind.is_lossless:
        _keep(one.pieces, known, job.path)


def _making(one: Album, job: _Job, gain_db: float) -> Making:
    piece, release = job.piece, one.order.release
    around: tuple[Piece, ...] = (piece,)
    if job.kind.rate_hz(piece.rate_hz) != piece.rate_hz and not piece.gain_db:
        # Where its neighbours were turned by other gains there is no seam to keep.
        around = one.pieces.cut("24", piece.rate_hz, hidden=True)
    return Making(
        path=job.path,
        kind=job.kind,
        around=around,
        place=around.index(piece),
        stereo=job.stereo,
        fields=fields_of(release, piece.number - 1, one.order.wishes.mastered_by),
        cover=one.cover,
        gains=one.gains(piece.number, piece.gain_db),
        gain_db=gain_db,
        plain=job.plain,
        encoded=job.made.encoded if job.made and job.kind.family == "opus" else None,
    )


def copied(file: Path, path: Path) -> None:
    """Byte for byte, and looked at again: a plain WAV is the piece itself."""
    with output_errors(path, file.stat().st_size):
        shutil.copyfile(file, path)
    if not filecmp.cmp(file, path, shallow=False):
        raise OutputError("output-unproven", f"{path}: differs from what was copied into it")


def _keep(pieces: Pieces, known: str, path: Path) -> None:
    """Another name for the file, in the scratch folder; where there can be none, it is not kept."""
    folder = pieces.scratch / "finished"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / f"{known.replace('/', '-').replace(' ', '-')}{path.suffix}"
    with suppress(OSError):
        os.link(path, link)
        pieces.finished[known] = link


def _pilots(jobs: Sequence[_Job]) -> list[_Job]:
    """The lossy files of the track of most power."""
    pieces = {job.piece.number: job.piece for job in jobs if not job.kind.is_lossless}
    if not pieces:
        return []
    loudest = max(pieces, key=lambda number: _power(pieces[number]))
    return [job for job in jobs if not job.kind.is_lossless and job.piece.number == loudest]


def _power(piece: Piece) -> float:
    with piece.open() as source:
        return sum(float(np.vdot(block, block)) for block in source.blocks()) / piece.n_samples


def _is_spoiled(one: Album, job: _Job) -> bool:
    """Whether single frames of an AAC came back far louder than any master is."""
    most_dbtp = max(job.ceiling_dbtp, one.order.ceiling_dbtp + _SPOILED_DB)
    return job.kind.family == "aac" and not job.plain and job.true_peak_dbtp > most_dbtp


def _lower_still(
    one: Album, jobs: Sequence[_Job], gains_db: dict[Kind, float]
) -> dict[Kind, float]:
    """What the loudest excerpts of all other tracks ask for, of the kinds that are turned down."""
    left = [
        job
        for job in jobs
        if gains_db[job.kind] and job.asked_db is None and job.kind.family != "opus"
    ]
    worst: dict[Kind, float] = {}

    def hear(job: _Job, tell: Teller) -> None:
        peak_dbtp = one.pieces.workers.do(
            excerpt_peak_dbtp, _making(one, job, 0.0), one.pieces.scratch, _EXCERPT_S, tell=tell
        )
        worst[job.kind] = max(worst.get(job.kind, -np.inf), peak_dbtp - job.ceiling_dbtp)

    todo = [(job.cost, partial(hear, job)) for job in left]
    side_by_side(one.tell, "encode", todo, _SHARES, one.pieces.workers.at_once)
    return {
        kind: min(gains_db[kind], round(-excess_db - _MARGIN_DB, 2))
        for kind, excess_db in worst.items()
    }


def _lowered(jobs: Sequence[_Job], gains_db: dict[Kind, float]) -> dict[Kind, float]:
    """The kinds of which a file came back over the ceiling, and the gain that they shall have."""
    worst: dict[Kind, float] = {}
    for job in jobs:
        if job.asked_db == gains_db[job.kind]:
            worst[job.kind] = max(worst.get(job.kind, 0.0), job.excess_db)
    return {
        kind: round(gains_db[kind] - excess_db - _MARGIN_DB, 2)
        for kind, excess_db in worst.items()
        if excess_db > 0.0
    }


def _turned_down(kind: Kind, gain_db: float, ceiling_dbtp: float) -> str:
    return (
        f"{kind.title}: decoded, the loudest track came back over {_named(ceiling_dbtp)}, so all "
        f"tracks were turned down by {-gain_db:.2f} dB. The masters are as they were."
    )


def _named(ceiling_dbtp: float) -> str:
    return f"{ceiling_dbtp:g} dBTP" if ceiling_dbtp else "full scale"


def _still_over(job: _Job) -> Finding:
    peak_dbtp = job.true_peak_dbtp
    return Finding(
        code="codec-peak",
        severity="warn",
        title=f"A lossy file still comes back over {_named(job.ceiling_dbtp)}",
        detail=f"{job.path.name}: {peak_dbtp:+.2f} dBTP after decoding.",
        advice="Lower the ceiling of the masters by as much.",
        evidence={"true_peak_dbtp": round(peak_dbtp, 2)},
        about="master",
    )


def _told(one: Album, job: _Job) -> DeliveredFile:
    told: dict[str, Any] = {}
    if job.piece.gain_db:
        told = {"gain_db": round(job.piece.gain_db, 2)}
    if job.made is not None and (decoded := job.made.decoded) is not None:
        told = {
            "encoder": _ENCODERS[job.kind.family] + (", without TNS" if job.plain else ""),
            "gain_db": round(job.piece.gain_db + job.made.encoded.gain_db, 3),
            "decoded": {
                "n_samples": decoded.n_samples,
                "true_peak_dbtp": _rounded(decoded.true_peak_dbtp),
                "integrated_lufs": _rounded(decoded.integrated_lufs),
            },
        }
    return DeliveredFile(
        path=job.path.relative_to(one.folder),
        kind=job.kind.name,
        track=job.piece.number,
        samples=job.samples if job.kind.is_lossless else "",
        told=told,
    )


def _rounded(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None
