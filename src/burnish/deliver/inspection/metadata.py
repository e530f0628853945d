"""Check 16: what files say of themselves, against the release; letters that were garbled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from burnish.audio.tags import read_tags
from burnish.deliver.inspection.record import Check, checked, not_asked
from burnish.errors import BurnishError, SettingError
from burnish.finding import Finding, Severity
from burnish.release import Release, normalised_isrc

KEYS = ("title", "artist", "album", "album_artist", "isrc", "upc")
"""A wrong word in one of these fails; in the others it is warned of."""
_ADVICE = "Correct it in album.yaml or in the file, so that both say the same."

# UTF-8 read as Latin-1 or as the Western Windows set: a lead byte's letter, then one of a
# continuation byte; and what decoders put for what they could not read.
_GARBLED = re.compile("[ÂÃÄÅÎÏÐÑØÙ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ€]|â€|ï»¿|\ufffd")


def garbled(text: str) -> bool:
    """Whether a text looks like UTF-8 that was read as something else.

    >>> garbled("BjÃ¶rk"), garbled("Björk"), garbled("ÎNTRE Ñ")
    (True, False, False)
    """
    return bool(_GARBLED.search(text))


def of_file(path: Path, release: Release | None = None, track: int | None = None) -> Check:
    """Check 16 of one file, that holds this track, counted from 1, of the release."""
    try:
        texts = dict(read_tags(path).texts)
    except BurnishError:
        return not_asked(16, "not readable")
    found = list(_own(texts))
    if release is not None and track and texts:
        from burnish.deliver.tags import differences, fields_of

        fields = fields_of(release, track - 1)
        said = differences(path, fields)
        found += list(told_apart([one for one in said if not _is_own(one, release)]))
        return checked(16, found, f"{len(texts)} fields, as the release says")
    if release is not None and track:
        return checked(16, found, "no tags")
    return checked(16, found, f"{len(texts)} fields" if texts else "no tags")


def told_apart(differences: Sequence[str]) -> Iterator[Finding]:
    """Where tags and release differ: a wrong key word fails, all else is warned of."""
    for one in differences:
        name = one.partition(":")[0]
        wrong = name in KEYS and "is missing" not in one
        yield _said(
            "tag-differs",
            "fail" if wrong else "warn",
            f"The {name.replace('_', ' ')} is not the release's",
            f"{one[:1].upper()}{one[1:]}.",
            _ADVICE,
        )


def of_release(release: Release) -> Iterator[Finding]:
    """Codes that are missing or there twice, garbled letters, fields that shops ask for."""
    seen: dict[str, int] = {}
    without = []
    for number, track in enumerate(release.tracks, 1):
        if track.isrc and track.isrc in seen:
            yield _said(
                "isrc-twice", "fail", "The same ISRC twice",
                f"{track.isrc} is that of tracks {seen[track.isrc]} and {number}.",
                "Each recording has its own: ask the label.",
            )  # fmt: skip
        seen.setdefault(track.isrc, number)
        if not track.isrc:
            without.append(str(number))
        if not track.title:
            yield _said(
                "title-missing", "warn", "A track without a title",
                f"Track {number} has none.", "Give it one in album.yaml.",
            )  # fmt: skip
        yield from _garbled_in(f"Track {number}", track.model_dump())
    if without:
        yield _said(
            "isrc-missing", "info", "Tracks without an ISRC",
            f"Tracks {', '.join(without)}." if len(without) > 1 else f"Track {without[0]}.",
            "Shops and collecting societies ask for one: ask the label.",
        )  # fmt: skip
    if not release.upc:
        yield _said(
            "upc-missing", "info", "No UPC or EAN", "The release has no barcode.",
            "Shops ask for one, or give one: ask the label.",
        )  # fmt: skip
    yield from _garbled_in("The release", release.model_dump(exclude={"tracks"}))


def cover(path: Path) -> Iterator[Finding]:
    """The cover's size, shape and colours."""
    from burnish.deliver.artwork import checked as checked_cover

    try:
        yield from checked_cover(path).findings
    except BurnishError as error:
        yield _said("artwork", "fail", "The cover cannot be used", error.sentence, "Export it new.")


def _is_own(difference: str, release: Release) -> bool:
    """What a container tells by itself: its encoder; the day that a broadcast WAV was made."""
    return difference.startswith("encoder") or (
        difference.startswith("date: says") and not release.date
    )


def _own(texts: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with tags by themselves."""
    yield from _garbled_in("It", texts)
    if isrc := texts.get("isrc"):
        try:
            normalised_isrc(isrc)
        except SettingError as error:
            yield _said(
                "isrc-wrong", "fail", "No valid ISRC", f"{error.sentence}.",
                "Take it from the label's list.",
            )  # fmt: skip


def _garbled_in(whose: str, texts: Mapping[str, object]) -> Iterator[Finding]:
    for name, text in texts.items():
        if isinstance(text, str) and garbled(text):
            yield _said(
                "garbled", "warn", "Garbled letters",
                f"{whose} says {name}={text}.",
                "It looks like UTF-8 that was read as something else: write it again.",
                confidence=0.8,
            )  # fmt: skip


def _said(
    code: str,
    severity: Severity,
    title: str,
    detail: str,
    advice: str,
    confidence: float = 1.0,
) -> Finding:
    return Finding(code, severity, title, detail, advice, confidence, about="master")
