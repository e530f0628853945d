"""One file, inspected: its sound, its form, its tags, what codecs make of it, who heard it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from burnish.audio import Source, SourceInfo, open_source
from burnish.chain import Teller
from burnish.deliver.inspection import cd, metadata, sequence
from burnish.deliver.inspection.codecs import Decoded, behind_codecs, heard_behind, loudest_span_s
from burnish.deliver.inspection.form import Held, Ordered, form
from burnish.deliver.inspection.listened import log_of, read_log
from burnish.deliver.inspection.record import (
    Check,
    Inspection,
    checked,
    not_asked,
    still_open,
)
from burnish.deliver.inspection.sums import Summed, Sums, flac_md5, sums_of
from burnish.deliver.inspection.wav import look_at
from burnish.errors import InputError
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.finished import Finished, examine_finished
from burnish.qc.master import CHECKS, Asked, Judged, judged
from burnish.release import Release
from burnish.targets import Delivery

Codecs = Literal["whole", "excerpt", "none"]

NOT_READ = "it cannot be read"


@dataclass(frozen=True)
class Wanted:
    """What a file is inspected for.

    ``ordered`` and ``asked`` have a place of their own; ``place`` puts one into both. ``track``
    counts from 1. ``codecs``: how much of it is sent through those of the place.
    """

    place: Delivery | None = None
    asked: Asked = field(default_factory=Asked)
    ordered: Ordered = field(default_factory=Ordered)
    release: Release | None = None
    track: int | None = None
    codecs: Codecs = "whole"
    threads: bool = True
    """Whether one file may use all processors; without, several are inspected side by side."""
    as_ordered: bool = True
    """Whether the file itself goes to the place; without, another will be made of it."""

    def to(self) -> "Wanted":
        """The same, with the place told to all that ask for it."""
        place = self.place if self.as_ordered else None
        return replace(
            self,
            asked=replace(self.asked, place=self.place),
            ordered=replace(self.ordered, place=place),
        )


def inspect_file(
    path: str | Path,
    place: Delivery | None = None,
    wanted: Wanted | None = None,
    seen: dict[str, Finished] | None = None,
    tell: Teller | None = None,
) -> Inspection:
    """The twenty checks of one sound file, that is to go to ``place``.

    ``seen``: what was examined before, by the MD5 of its samples; files of the same samples are not
    examined again. A file that is missing, or no sound at all, is an ``InputError``; one that
    breaks off inside fails.
    """
    path = Path(path)
    want = replace(wanted or Wanted(), place=place).to()
    tell = tell or Teller(None)
    with ExitStack() as held:
        source = held.enter_context(open_source(path))
        look, flac = look_at(path), flac_md5(path)
        pool = held.enter_context(ThreadPoolExecutor(1))
        sums = pool.submit(sums_of, path, look)
        summed = Summed(source) if flac is not None and source.info.bits in (16, 24) else None
        key = None if seen is None else samples_key(flac, sums.result())
        try:
            finished = None if seen is None or key is None else seen.get(key)
            if finished is not None:
                finished = of_container(finished, source.info)
                for _ in summed.blocks() if summed is not None else ():
                    pass  # decoded all the same: that is one of the checks
            else:
                told = tell.stage("inspect", source)
                finished = examine_finished(summed or source, told, threads=want.threads)
        except InputError as error:
            return _broken(path, want, error, sums.result())
        if seen is not None and key is not None:
            seen.setdefault(key, finished)
        own = Held(path, source.info, look, flac, summed.samples_md5 if summed else None)
        decoded = _codecs(source, finished.measured, want)
    checks = sound_checks(judged(finished, want.asked))
    return put_together(own, want, checks, sums.result(), decoded, finished)


def gaps_of(told: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """The silences that are meant in a file, as its maker or a manifest tells them."""
    try:
        return tuple((float(from_s), float(to_s)) for from_s, to_s in told.get("gaps_s") or ())
    except (TypeError, ValueError):
        return ()


def samples_key(flac: str | None, sums: Sums) -> str | None:
    """The MD5 of a file's samples, where it is known without decoding them."""
    return sums.samples_md5 or (flac if flac is not None and int(flac, 16) else None)


def of_container(finished: Finished, info: SourceInfo) -> Finished:
    """What was found in the same samples, as found in this container."""
    return replace(finished, examined=replace(finished.examined, info=info))


def sound_checks(said: Mapping[int, Judged]) -> dict[int, Check]:
    """The checks of the sound, as they stand in an inspection."""
    return {
        number: checked(number, one.findings, one.told)
        if one.applies
        else not_asked(number, one.told)
        for number, one in said.items()
    }


def put_together(
    own: Held,
    want: Wanted,
    sound: Mapping[int, Check],
    sums: Sums,
    decoded: tuple[Decoded, ...] = (),
    finished: Finished | None = None,
) -> Inspection:
    """All twenty checks of a file whose sound was judged."""
    log = read_log(own.path.parent)
    checks = {
        **sound,
        10: form(own, want.ordered),
        15: cd.of_file(own.info, want.place),
        16: metadata.of_file(own.path, want.release, want.track),
        17: sequence.of_side(own.path.name, own.info.duration_s, want.place),
        18: not_asked(18, "a file by itself"),
        19: behind_codecs(decoded, want.place),
        20: log_of(log, own.path.name, sums.sha256),
    }
    return Inspection(
        file=str(own.path),
        kind="file",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=want.place.name if want.place else None,
        sha256=sums.sha256,
        md5=sums.md5,
        n_bytes=sums.n_bytes,
        info=own.info,
        measured=None if finished is None else finished.measured,
    )


def unreadable(path: Path, place: Delivery | None, error: InputError) -> Inspection:
    """A file in a folder that cannot be opened at all."""
    sums = sums_of(path) if path.is_file() and path.stat().st_size else None
    return _broken(path, Wanted(place=place), error, sums)


def _codecs(source: Source, measured: Measurement, want: Wanted) -> tuple[Decoded, ...]:
    names = want.place.codecs if want.place is not None else ()
    if not names or want.codecs == "none" or source.info.bits is None:
        return ()
    span_s = loudest_span_s(measured) if want.codecs == "excerpt" else None
    return heard_behind(source, names, span_s)


def _broken(path: Path, want: Wanted, error: InputError, sums: Sums | None) -> Inspection:
    failed = Finding(
        "undecodable",
        "fail",
        "It cannot be decoded",
        f"{error.sentence}.",
        "Copy or export it again.",
        about="master",
    )
    sound = {number: not_asked(number, NOT_READ) for number in (*CHECKS, *range(15, 20))}
    checks = {
        **sound,
        10: checked(10, (failed,), NOT_READ),
        20: still_open(20, (), "nobody has signed"),
    }
    return Inspection(
        file=str(path),
        kind="file",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=want.place.name if want.place else None,
        sha256=None if sums is None else sums.sha256,
        md5=None if sums is None else sums.md5,
        n_bytes=None if sums is None else sums.n_bytes,
    )
