"""The files of a product, inspected as it is made: every sample set once.

The first file of a track is examined whole. Another set of its samples (other bits, another rate)
is measured, and judged by what was found in the first; other containers of the same samples, which
their maker has proven equal, and lossy files, which he has decoded, are looked at from outside:
header, length, tags, hashes.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from burnish.audio import SourceInfo, open_source
from burnish.chain import Teller
from burnish.chain.layout import CD_RATE_HZ
from burnish.chain.recall import load
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.inspection import whole
from burnish.deliver.inspection.codecs import Decoded, loudest_span_s
from burnish.deliver.inspection.ddp import TrackOfDdp, is_ddp, track_part
from burnish.deliver.inspection.file import (
    Wanted,
    gaps_of,
    inspect_file,
    of_container,
    put_together,
    sound_checks,
    unreadable,
)
from burnish.deliver.inspection.form import Held, Ordered
from burnish.deliver.inspection.look import (
    examine_file,
    examine_track,
    hear_behind,
    measure_file,
    measure_track,
)
from burnish.deliver.inspection.lossy import decoded_peak
from burnish.deliver.inspection.peek import peek
from burnish.deliver.inspection.record import Check, Inspection, not_asked, still_open
from burnish.deliver.inspection.sums import flac_md5, sums_of
from burnish.deliver.inspection.wav import look_at
from burnish.deliver.order import Delivered, DeliveredFile, Order
from burnish.deliver.workers import Workers
from burnish.errors import BurnishError, InputError
from burnish.measure import Measurement
from burnish.measure.finished import Finished
from burnish.qc.master import CHECKS, Asked, judged
from burnish.targets import Delivery

LOSSLESS = ("wav", "flac", "aiff", "alac", "bwf")
LOSSY = ("mp3", "aac", "opus", "vorbis")
_ON_DISC = "/ddp/"  # in the name of a CD's samples: 16 bits


@dataclass
class Known:
    """What is known already, kept from product to product of one order.

    By the name of the samples (``DeliveredFile.samples``): ``measured``, where what ``Pieces``
    measured may be put; ``n_samples``, how many there must be; ``finished`` what was examined, and
    ``samples_md5`` the sum that a FLAC of them must tell. ``decoded`` is by track and codec.
    """

    measured: dict[str, Measurement] = field(default_factory=dict)
    n_samples: dict[str, int] = field(default_factory=dict)
    finished: dict[str, Finished] = field(default_factory=dict)
    samples_md5: dict[str, str] = field(default_factory=dict)
    decoded: dict[tuple[str, str], Decoded] = field(default_factory=dict)

    def sibling(self, samples: str) -> Finished | None:
        """What was examined of the same track at another rate, or at more bits.

        Of fewer bits it would tell that the others are not used; a CD's track is cut elsewhere.
        """
        track, bits = _track_of(samples), _bits_of(samples)
        for name, one in self.finished.items():
            if (
                track
                and _track_of(name) == track
                and bits <= _bits_of(name)
                and _ON_DISC not in name
            ):
                return one
        return None

    def duration_s(self, track: int | None) -> float | None:
        """How long a track is that was cut, or was examined; None: not known."""
        for name, n_samples in self.n_samples.items():
            if _track_of(name) == str(track):
                return n_samples / int(name.partition("/")[0])
        heard = self.sibling(f"/0/{track}")
        return None if heard is None else heard.measured.source.duration_s


def inspect_delivery(
    folder: Path,
    delivered: Delivered,
    place: Delivery,
    order: Order,
    known: Known | None = None,
    tell: Teller | None = None,
    workers: Workers | None = None,
) -> Inspection:
    """Inspect what a maker wrote into ``folder``; its verdict says whether it may go out.

    ``parts`` are the files, in the order of ``delivered.files``: their ``sha256``, ``md5``,
    ``n_bytes``, and of sound ``info`` and ``measured``, are of the bytes as read back, for the
    manifest. Give the same ``known`` for all products of an order: each sample set is examined
    once. ``workers`` do most of it. A file that is missing or unreadable fails.
    """
    workers = workers or Workers()
    work = _Work(folder, place, order, known or Known(), tell or Teller(None), workers)
    files = delivered.files
    firsts, rest = _in_turn(files, work.known)
    found: dict[int, Inspection] = {}
    with ThreadPoolExecutor(workers.at_once) as pool:
        for turn in (firsts, rest):
            done = pool.map(work.told, [files[k] for k in turn])
            found |= dict(zip(turn, done, strict=True))
    parts = whole.told_once(
        [(str(one.track) if one.samples else None, found[k]) for k, one in enumerate(files)]
    )
    return whole.of_product(folder, delivered, parts, place, order, work.known.finished)


def _in_turn(files: Sequence[DeliveredFile], known: Known) -> tuple[list[int], list[int]]:
    """First one file of each track that is not known yet, and a WAV if there is one; then all."""
    firsts: dict[str, int] = {}
    for k, file in enumerate(files):
        track = _track_of(file.samples)
        if not track or known.sibling(file.samples) is not None:
            continue
        if track not in firsts or (_family(file) == "wav" != _family(files[firsts[track]])):
            firsts[track] = k
    return sorted(firsts.values()), [k for k in range(len(files)) if k not in firsts.values()]


@dataclass
class _Work:
    folder: Path
    place: Delivery
    order: Order
    known: Known
    tell: Teller
    workers: Workers

    def told(self, file: DeliveredFile) -> Inspection:
        """One file, named as its folder sees it; the listening log asks for the whole product."""
        one = self._inspected(file)
        if one.checks:
            checks = (*one.checks[:-1], still_open(20, (), "nobody has signed"))
            one = replace(one, checks=checks)
        return replace(one, file=file.path.as_posix())

    def _inspected(self, file: DeliveredFile) -> Inspection:
        """One file, by what it is."""
        path = self.folder / file.path
        try:
            if file.path.name.upper() == "IMAGE.DAT" and is_ddp(path.parent):
                return self._image(path)
            if _family(file) in LOSSLESS:
                return self._lossless(path, file)
            if _family(file) in LOSSY:
                return self._lossy(path, file)
            sums = sums_of(path)
        except InputError as error:
            return unreadable(path, self.place, error)
        return Inspection(
            file=str(path),
            kind="file",
            checks=(),
            target=self.place.name,
            sha256=sums.sha256,
            md5=sums.md5,
            n_bytes=sums.n_bytes,
        )

    def _lossless(self, path: Path, file: DeliveredFile) -> Inspection:
        known, want = self.known, self._want(file)
        finished = known.finished.get(file.samples) if file.samples else None
        if finished is None and not file.samples:
            return inspect_file(path, self.place, want, tell=self.tell)
        if finished is None:
            finished = self._examined(path, file)
        look, flac = look_at(path), flac_md5(path)
        sums = sums_of(path, look)
        if sums.samples_md5 is not None:
            known.samples_md5.setdefault(file.samples, sums.samples_md5)
        want = replace(want, ordered=self._ordered(file))
        own = Held(path, peek(path), look, flac)
        decoded = self._decoded(path, file, finished)
        checks = sound_checks(judged(of_container(finished, own.info), want.asked))
        return put_together(own, want, checks, sums, decoded, finished)

    def _image(self, path: Path) -> Inspection:
        """The image of a DDP: the sound of each track in it."""
        ddp, tracks = read_ddp(path.parent), []

        def heard(k: int) -> Finished:
            look = partial(self.workers.do, tell=self.tell)
            return self._finished(
                f"{CD_RATE_HZ}{_ON_DISC}{k + 1}",
                TrackOfDdp(ddp, k).info,
                lambda _: look(examine_track, path.parent, k),
                lambda: look(measure_track, path.parent, k),
            )

        with ThreadPoolExecutor(self.workers.at_once) as pool:
            all_finished = list(pool.map(heard, range(len(ddp.disc.tracks))))
        for k, finished in enumerate(all_finished):
            asked = self._asked(DeliveredFile(Path(), "ddp", k + 1))
            checks = sound_checks(judged(finished, asked))
            tracks.append(track_part(f"track {k + 1}", checks, self.place, finished))
        sums, checks = sums_of(path), whole.summed_up(tracks)
        return Inspection(
            file=str(path),
            kind="ddp",
            checks=tuple(checks[number] for number in range(1, 21)),
            target=self.place.name,
            sha256=sums.sha256,
            md5=sums.md5,
            n_bytes=sums.n_bytes,
            parts=tuple(tracks),
        )

    def _examined(self, path: Path, file: DeliveredFile) -> Finished:
        with open_source(path) as source:
            info = source.info
        look = partial(self.workers.do, tell=self.tell)
        return self._finished(
            file.samples,
            info,
            lambda measured: look(examine_file, path, measured),
            lambda: look(measure_file, path),
        )

    def _finished(
        self,
        samples: str,
        info: SourceInfo,
        examine: Callable[[Measurement | None], Finished],
        measure: Callable[[], Measurement],
    ) -> Finished:
        """Examine a sample set; where its track is known, only measure it."""
        finished = self.known.finished.get(samples)
        if finished is None:
            measured, sibling = self.known.measured.get(samples), self.known.sibling(samples)
            if sibling is None:
                finished = examine(measured)
            else:
                own = replace(sibling.examined, measured=measured or measure(), info=info)
                finished = replace(sibling, examined=own)
            self.known.finished[samples] = finished
        return finished

    def _decoded(self, path: Path, file: DeliveredFile, finished: Finished) -> tuple[Decoded, ...]:
        """The loudest 12 s behind the place's codecs; of each track once."""
        track, known = _track_of(file.samples), self.known.decoded
        names = [name for name in self.place.codecs if (track, name) not in known]
        if names:
            span_s = loudest_span_s(finished.measured)
            for one in self.workers.do(hear_behind, path, names, span_s, tell=self.tell):
                known[track, one.codec] = one
        return tuple(known[track, name] for name in self.place.codecs)

    def _lossy(self, path: Path, file: DeliveredFile) -> Inspection:
        want = self._want(file)
        told = file.told.get("decoded") or {}
        info = peek(path)
        peak_dbtp = told.get("true_peak_dbtp")
        if told:
            info = replace(info, n_samples=told.get("n_samples", info.n_samples))
        else:
            info, peak_dbtp = decoded_peak(path)
        sums = sums_of(path)
        checks: dict[int, Check] = {
            number: not_asked(number, "the lossless file of it is asked") for number in CHECKS
        }
        checks[1] = whole.decoded_peak(file.kind, peak_dbtp, self.place)
        want = replace(want, ordered=self._ordered(file, info))
        return put_together(Held(path, info), want, checks, sums)

    def _want(self, file: DeliveredFile) -> Wanted:
        return Wanted(
            place=self.place,
            asked=self._asked(file),
            ordered=self._ordered(file),
            release=self.order.release if file.track else None,
            track=file.track or None,
            codecs="excerpt",
            threads=False,
        ).to()

    def _asked(self, file: DeliveredFile) -> Asked:
        """How a track stands among its neighbours, and what it was made for."""
        release, number = self.order.release, file.track
        if not number:
            kept = all(one.recall is None for one in self.order.masters)
            return Asked(self.place, kept=kept, gaps_s=gaps_of(file.told))
        place = number - 1
        kept = self.order.masters[place].recall is None
        last = place == len(release.tracks) - 1
        gap_s = 0.0 if last else release.gap_before_s(place + 1)
        hidden = place == 0 and self.order.hidden is not None
        return Asked(
            self.place,
            ceiling_dbtp=None if kept else self._ceiling_dbtp(place, file),
            kept=kept,
            begins=not hidden if place == 0 else release.gap_before_s(place) > 0.0,
            ends=last or gap_s > 0.0,
            gap_s=gap_s,
        )

    def _ceiling_dbtp(self, place: int, file: DeliveredFile) -> float | None:
        """The one that a master was made for, or the order's, which joins may reach.

        A product with a premaster of its own has its own; a track that was turned, the place's.
        """
        if file.told.get("gain_db"):
            return None
        recall = self.order.masters[place].recall
        if recall is None or self.place.product in ("vinyl", "cassette"):
            return None
        try:
            own = load(recall).target.get("ceiling_dbtp")
        except BurnishError:
            own = None
        return max(self.order.ceiling_dbtp, -99.0 if own is None else float(own))

    def _ordered(self, file: DeliveredFile, info: SourceInfo | None = None) -> Ordered:
        rate = file.samples.partition("/")[0]
        cut_as = "/".join(
            file.samples.split("/")[:3]
        )  # before it was turned, or put on two channels
        wanted = self.known.n_samples.get(cut_as)
        if info is not None and (duration_s := self.known.duration_s(file.track)) is not None:
            wanted = round(duration_s * info.rate_hz)
        return Ordered(
            place=self.place,
            kind=file.kind,
            rate_hz=int(rate) if rate.isdigit() else None,
            n_samples=wanted,
            samples_md5=self.known.samples_md5.get(file.samples) if file.samples else None,
        )


def _family(file: DeliveredFile) -> str:
    return file.kind.partition("-")[0]


def _track_of(samples: str) -> str:
    """The track that samples are of, without rate and bits: "3" of "44100/16/3"."""
    return samples.split("/", 2)[2] if samples.count("/") >= 2 else ""


def _bits_of(samples: str) -> int:
    """The bits of samples: 24 of "44100/24/3"."""
    bits = samples.split("/")[1].removesuffix("f") if samples.count("/") >= 2 else ""
    return int(bits) if bits.isdigit() else 16
