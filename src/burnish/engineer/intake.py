"""Intake: the mix opened, measured and noted; what cannot be mastered ends here."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from burnish.audio import Audio, AudioSource, Source, SourceInfo, file_sha256, open_source
from burnish.chain import InputNote, Plan, Teller
from burnish.chain.outside import near
from burnish.chain.stems import Layout, StemSource
from burnish.engineer.album.signature import Signature, load_signature
from burnish.engineer.match import Reference, References
from burnish.engineer.wishes import Wishes
from burnish.errors import InputError, SettingError
from burnish.measure import Measurement, measure
from burnish.measure.examine import Examination, examine

Mix = str | Path | Audio


@dataclass(frozen=True)
class Taken:
    """What is known of a mix before anything is decided."""

    measured: Measurement
    note: InputNote
    references: tuple[Reference, ...] = ()
    examined: Examination | None = None
    """What a closer look found; None where nothing is to be decided."""
    signature: Signature | None = None
    """The album that it shall join, where the wishes name one."""


def opened(mix: Mix) -> Source:
    """The mix as a source: a file by its path, or audio in memory."""
    return AudioSource(mix) if isinstance(mix, Audio) else open_source(mix)


@contextmanager
def mix_of(plan: Plan, sheet: Path, mix: Mix | None = None) -> Iterator[Source]:
    """What a sheet is played over: the mix that it names, or ``mix``; or the sum of its stems.

    A file that is not where the sheet says is looked for beside it. A mix beside stems, or none at
    all, is a ``SettingError``.
    """
    if plan.stems:
        if mix is not None:
            raise SettingError(
                "recall-stems", f"{sheet}: is made of stems, which it names; leave the mix out"
            )
        stems = tuple(stem.with_(file=str(near(stem.file, sheet))) for stem in plan.stems)
        note = plan.input
        with StemSource.open(stems, Layout(note.rate_hz, note.channels, note.n_samples)) as summed:
            yield summed
        return
    if mix is None and not plan.input.file:
        raise SettingError("mix-missing", f"{sheet}: names no mix; give it one")
    with opened(near(plan.input.file, sheet) if mix is None else mix) as source:
        yield source


def take_in(source: Source, tell: Teller, wishes: Wishes | None = None) -> Taken:
    """Measure the mix, and meanwhile take its fingerprint and measure the wishes' references.

    With wishes it is examined too, as something is to be decided. Too short to have a loudness, or
    silent: an ``InputError``.
    """
    info = source.info
    joins = load_signature(wishes.signature) if wishes is not None and wishes.signature else None
    with ThreadPoolExecutor(1) as aside, References(wishes or Wishes()) as references:
        sha256 = aside.submit(file_sha256, info.path) if info.path is not None else None
        told = tell.stage("measure", source)
        examined = None if wishes is None else examine(source, told)
        measured = measure(source, told) if examined is None else examined.measured
        digest = "" if sha256 is None else sha256.result()
        drawn = references.result(measured)
    refuse_unheard(measured, info)
    return Taken(measured, note_of(source, digest), drawn, examined, joins)


def note_of(source: Source, sha256: str) -> InputNote:
    """What a plan remembers of the file it was made for."""
    info = source.info
    return InputNote(
        file="" if info.path is None else str(info.path),
        sha256=sha256,
        rate_hz=info.rate_hz,
        channels=info.channels,
        n_samples=info.n_samples,
    )


def refuse_unheard(measured: Measurement, info: SourceInfo, what: str = "input") -> None:
    """Raise an ``InputError`` for what has no loudness: under 0.4 s, or silence."""
    loudness_lufs = measured.loudness.integrated_lufs
    who = info.name if what == "input" else f"{what} {info.name}"
    if loudness_lufs is None:
        raise InputError(
            f"{what}-too-short",
            f"{who}: lasts {info.duration_s:.3f} s; must be 0.4 s or more to be measured",
        )
    if loudness_lufs == float("-inf"):
        raise InputError(f"{what}-silent", f"{who}: is silent (nothing above -70 LUFS)")
