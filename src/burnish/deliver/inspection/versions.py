"""Check 18: alternates lie sample for sample over the main version, and are as long."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.audio import open_source
from burnish.deliver.inspection.record import Check, checked, not_asked
from burnish.deliver.order import DeliveredFile
from burnish.finding import Finding, Severity
from burnish.measure.lag import lag

WORDS = (
    "instrumental", "clean", "explicit", "tv", "tv mix", "tv track", "a cappella", "acapella",
    "a capella", "radio edit", "vocal up", "vocal down", "karaoke", "backing track",
)  # fmt: skip
"""What stands in brackets, or behind a hyphen, at the end of an alternate's name."""
_LOSSLESS = ("wav", "flac", "aiff", "alac", "bwf")


def of_product(folder: Path, files: Sequence[DeliveredFile]) -> Check:
    """Check 18 of a product: files that tell of which ``version`` they are, against the main."""
    mains: dict[tuple[str, int | None], DeliveredFile] = {
        (one.kind, one.track): one for one in files if one.track and not _of(one)
    }
    pairs = [
        (folder / main.path, folder / one.path)
        for one in files
        if _of(one) and one.kind.split("-")[0] in _LOSSLESS
        if (main := mains.get((one.kind, one.track))) is not None
    ]
    return of_pairs(pairs)


def of_pairs(pairs: Sequence[tuple[Path, Path]]) -> Check:
    """Check 18 of main versions and their alternates."""
    if not pairs:
        return not_asked(18, "there are no alternates")
    found = [one for main, other in pairs for one in compared(main, other)]
    return checked(18, found, f"{len(pairs)} alternate{'s' * (len(pairs) > 1)}")


def pairs_among(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """(main, alternate) by their names: "01 Song.wav" and "01 Song (Instrumental).wav".

    "song.instrumental.wav", as `burnish master --versions` names them, and a hyphen do as well.
    """
    mains = {(_plain(path.stem), path.suffix.lower()): path for path in paths}
    found = []
    for path in paths:
        named = re.fullmatch(r"(.+?)\s*(?:[(\[]([^()\[\]]+)[)\]]|[-_.]\s*([^-_.]+))", path.stem)
        if not named or _plain(named[2] or named[3]) not in WORDS:
            continue
        main = mains.get((_plain(named[1]), path.suffix.lower()))
        if main is not None and main != path:
            found.append((main, path))
    return found


def compared(main: Path, other: Path) -> Iterator[Finding]:
    """Length and lag of an alternate."""
    with open_source(main) as a, open_source(other) as b:
        if a.info.rate_hz != b.info.rate_hz:
            yield _said(
                "version-rate", "fail", "An alternate has another rate",
                f"{other.name} has {b.info.rate_hz} Hz, {main.name} {a.info.rate_hz}.",
                "Render it at the same rate.",
            )  # fmt: skip
            return
        if a.info.n_samples != b.info.n_samples:
            off = b.info.n_samples - a.info.n_samples
            yield _said(
                "version-length", "warn", "An alternate is not as long",
                f"{other.name} is {abs(off)} samples {'longer' if off > 0 else 'shorter'} than "
                f"{main.name}.", "Render both from the same start to the same end.",
            )  # fmt: skip
        lies = lag(a, b)
        if lies.samples is None:
            yield _said(
                "version-other", "info", "An alternate that may be another performance",
                f"{other.name} has too little in common with {main.name} to tell how it lies.",
                "Listen to both.", 0.6,
            )  # fmt: skip
        elif lies.samples or lies.moves_samples:
            late = "later" if lies.samples > 0 else "earlier"
            yield _said(
                "version-lag", "warn", "An alternate lies beside the main version",
                f"{other.name} comes {abs(lies.samples)} samples {late} than {main.name}"
                + (f", and drifts by {lies.moves_samples}." if lies.moves_samples else "."),
                "Render both from the same start.", 0.9,
            )  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())


def _of(file: DeliveredFile) -> str:
    return str(file.told.get("version", ""))


def _said(
    code: str, severity: Severity, title: str, detail: str, advice: str, confidence: float = 1.0
) -> Finding:
    return Finding(code, severity, title, detail, advice, confidence, about="master")
