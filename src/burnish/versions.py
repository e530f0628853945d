"""Versions: alternates of a song (instrumental, clean, a cappella) through the plan of its master.

Each goes through the same steps at the same settings, so that one can be cut against another. What
works by what it hears (compressors, the limiter) hears the alternate: it is what it is, and its
loudness its own.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from burnish.audio import Source, file_sha256, open_source, same_file
from burnish.chain import Plan, Progress, Stem, Teller, Told
from burnish.chain.recall import save
from burnish.chain.stems import Layout, StemSource
from burnish.deliver import Outputs, read_back, write
from burnish.deliver.masters import version_of
from burnish.dsp.resample import resampled_length
from burnish.engineer import take_in
from burnish.errors import OutputError, SettingError
from burnish.finding import Finding
from burnish.measure.lag import lag
from burnish.release import SongTags, checked_versions
from burnish.report.findings import findings_of
from burnish.report.version import Version

__all__ = [
    "Progress",
    "Record",
    "Version",
    "check_files",
    "check_outputs",
    "master_versions",
    "named_versions",
]

LITTLE_S = 0.1
"""Files that differ by less were bounced with other tails: it is mended, and noted in the sheet."""

_SILENT = 1e-3  # -60 dBFS
_OWN_TARGETS = ("loudness_lufs", "stopped_by", "passed_by", "tradeoff")
"""What was aimed at with the main version, and does not hold for another."""


class Record(Protocol):
    """Knows files by what they were made from, so that nothing is rendered twice."""

    def stands(self, file: Path, key: str) -> bool:
        """Whether this file is there, whole, and made from what ``key`` names."""

    def keep(self, file: Path, key: str) -> None:
        """Note what a file was made from, now that it is whole."""


def named_versions(words: Sequence[str]) -> dict[str, str]:
    """``LABEL=FILE,LABEL=FILE``, in one word or several, as labels and files.

    >>> named_versions(["instrumental=a, b.wav,clean=c.wav", "live=d.wav"])
    {'instrumental': 'a, b.wav', 'clean': 'c.wav', 'live': 'd.wav'}
    """
    found: dict[str, str] = {}
    for word in words:
        for one in re.split(r",(?=[A-Za-z0-9-]+=)", word):
            label, equals, file = one.partition("=")
            if not equals or not file:
                raise SettingError(
                    "version-label",
                    f"versions={one}: must be LABEL=FILE, as in clean=song_clean.wav",
                )
            if label in found:
                raise SettingError("version-twice", f"versions={label}: is there twice")
            found[label] = file
    return checked_versions(found)


def check_files(versions: Mapping[str, str | Path], mix: Path | None = None) -> None:
    """Refuse, before any work is done, what no version can be made of.

    That is a file that is missing, no sound, the mix itself, or there twice.
    """
    known = [] if mix is None else [mix]
    for label, file in checked_versions(versions).items():
        open_source(file).close()
        if any(same_file(Path(file), one) for one in known):
            raise SettingError(
                "version-file", f"versions={label}={file}: must be a file of its own"
            )
        known.append(Path(file))


def check_outputs(
    versions: Mapping[str, str | Path], mix: Path | None, master: Path, overwrite: bool = False
) -> None:
    """Raise the ``OutputError`` of what would be written where something is, or over an input."""
    files = [Path(file) for file in versions.values()]
    for file in files:
        if same_file(file, master):
            raise OutputError("output-is-input", f"{master}: is a version; it is never overwritten")
    for label in versions:
        for one in files:
            _outputs(label, master).refuse_to_harm(one, overwrite, "a version")
        _outputs(label, master).refuse_to_harm(mix, overwrite)


def master_versions(
    versions: Mapping[str, str | Path],
    plan: Plan,
    master: str | Path,
    *,
    progress: Told | None = None,
    overwrite: bool = False,
    record: Record | None = None,
) -> tuple[Version, ...]:
    """Render alternates through the main version's ``plan``; each with its own recall sheet.

    ``versions`` are files by their labels; ``master`` is the main version's master as it was
    written: ``song.wav`` gives ``song.instrumental.wav`` beside it. Each is as long as the main
    version: one that is shorter is followed by silence, of a longer one the silent tail is cut. A
    length that differs by more than 0.1 s, a version that does not lie over the main one sample by
    sample, and a true peak over the ceiling are findings. Another rate is converted. What a
    ``record`` knows to be made from the same is not rendered again.
    """
    master, tell = Path(master), Teller(progress)
    check_files(versions)
    if record is None:
        check_outputs(versions, None, master, overwrite)
    made = []
    with open_source(master) as main:
        for label, file in checked_versions(versions).items():
            with _opened(Path(file), label, plan) as opened:
                made.append(
                    _written(opened, _outputs(label, master), main, tell, overwrite, record)
                )
    return tuple(made)


def _outputs(label: str, master: Path) -> Outputs:
    named = version_of(master, label)
    return Outputs(named, named.with_name(f"{named.stem}.recall.yaml"), None)


@dataclass(frozen=True)
class _Opened:
    """An alternate as it goes into the plan: as long, and at the rate, of the main version."""

    label: str
    file: Path
    source: Source
    plan: Plan
    findings: tuple[Finding, ...]


@contextmanager
def _opened(file: Path, label: str, plan: Plan) -> Iterator[_Opened]:
    main = plan.input
    notes = [f"{label}: the plan of the main version, {Path(main.file).name or 'its mix'}."]
    findings: list[Finding] = []
    target = {key: value for key, value in plan.target.items() if key not in _OWN_TARGETS}
    with open_source(file) as source:
        info = source.info
        length = resampled_length(info.n_samples, info.rate_hz, main.rate_hz)
        channels = max(main.channels, info.channels)
        longer_s = (length - main.n_samples) / main.rate_hz
        cut = longer_s > 0 and _is_silent_from(source, main.n_samples / main.rate_hz)
        if longer_s:
            said = _length_said(longer_s, cut)
            notes.append(f"{file.name} {said}.")
            if abs(longer_s) > LITTLE_S or (longer_s > 0 and not cut):
                findings.append(_other_length(label, file, longer_s, said))
        n_samples = length if longer_s > 0 and not cut else main.n_samples
        tags = _tags(plan.tags, label)
        played = plan.with_(stems=(), target=target, notes=tuple(notes), tags=tags)
        if (info.rate_hz, info.channels, length) == (main.rate_hz, channels, n_samples):
            yield _Opened(label, file, source, played, tuple(findings))
            return
    # One stem of a sum is brought to its rate, channels and length; a sheet of stems recalls it.
    stem = Stem(file=str(file), sha256=file_sha256(file))
    with StemSource.open((stem,), Layout(main.rate_hz, channels, n_samples)) as fitted:
        yield _Opened(label, file, fitted, played.with_(stems=(stem,)), tuple(findings))


def _tags(tags: SongTags, label: str) -> SongTags:
    """Another recording: its name is added to the title, and the ISRC is not its own."""
    title = tags.title and f"{tags.title} ({label.capitalize()})"
    return tags.with_(title=title, isrc="")


def _is_silent_from(source: Source, start_s: float) -> bool:
    start = math.ceil(start_s * source.info.rate_hz)
    return all(float(abs(block).max()) < _SILENT for block in source.blocks(start=start))


def _length_said(longer_s: float, cut: bool) -> str:
    if longer_s < 0:
        return f"is {-longer_s:.3f} s shorter; silence follows it"
    if cut:
        return f"is {longer_s:.3f} s longer; its silent tail is cut"
    return f"is {longer_s:.3f} s longer, with sound in it; it keeps its length"


def _written(
    opened: _Opened,
    outputs: Outputs,
    main: Source,
    tell: Teller,
    overwrite: bool,
    record: Record | None,
) -> Version:
    source, info = opened.source, opened.source.info
    taken = take_in(source, tell)
    plan = opened.plan.with_(input=taken.note)
    if outputs.recall is None:
        raise ValueError("outputs: a version has its sheet")
    key = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()
    if record is None or not record.stands(outputs.master, key):
        write(source, plan, outputs.master, overwrite or record is not None, tell)
        save(plan, outputs.recall, overwrite or record is not None)
        if record is not None:
            record.keep(outputs.master, key)
    after = read_back(outputs.master, tell)
    found = tuple(
        replace(one, title=f"{opened.label}: {one.title}")
        for one in findings_of(plan, taken.measured, after, info)
    )
    with open_source(outputs.master) as alternate:
        lies = lag(main, alternate)
    version = Version(
        label=opened.label,
        file=opened.file,
        output=outputs.master,
        recall=outputs.recall,
        plan=plan,
        before=taken.measured,
        after=after,
        lag=lies,
        findings=(*opened.findings, *found),
    )
    return replace(version, findings=(*version.findings, *_not_lying(version)))


def _other_length(label: str, file: Path, longer_s: float, said: str) -> Finding:
    return Finding(
        "version-length",
        "warn",
        f"{label}: not as long as the main version",
        f"{file.name} {said}.",
        "Bounce both from the same start to the same end.",
        evidence={"longer_s": round(longer_s, 4)},
        about="master",
    )


def _not_lying(version: Version) -> Iterator[Finding]:
    """What is to be said where an alternate does not lie over the main version."""
    label, name, lies = version.label, version.file.name, version.lag
    if lies.samples is None:
        yield Finding(
            "version-other",
            "warn",
            f"{label}: not found to lie over the main version",
            f"{name} shares no samples with it, as far as can be heard, nor 1 s to either side.",
            "Listen whether it is the same take, from the same start.",
            confidence=0.7,
            evidence={"sureness": round(lies.sureness, 1)},
            about="master",
        )
        return
    rate_hz, moves = version.after.source.rate_hz, lies.moves_samples or 0
    if abs(lies.samples) > lies.within or abs(moves) > 1:
        where = "after" if lies.samples > 0 else "before"
        drift = f", and drifts by {abs(moves)} samples on its way" if moves else ""
        yield Finding(
            "version-lag",
            "warn",
            f"{label}: does not lie over the main version",
            f"{name} is {abs(lies.samples)} samples ({1000 * abs(lies.samples) / rate_hz:.1f} ms) "
            f"{where} it{drift}.",
            "Bounce both from the same start, with the same plug-in delay compensation.",
            evidence={"lag_samples": lies.samples, "moves_samples": moves},
            about="master",
        )
    if lies.inverted:
        yield Finding(
            "version-turned",
            "warn",
            f"{label}: its polarity is turned",
            f"{name} is the main version's opposite in what both share.",
            "Bounce it again: one would cancel against the other.",
            about="master",
        )
