"""Check 10: whether a file is what was ordered, and whole: container, bits, rate, length."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.audio import SourceInfo
from burnish.deliver.inspection.record import Check, checked
from burnish.deliver.inspection.wav import EXTENSIBLE, FLOAT, PCM, WavLook
from burnish.finding import Finding, Severity
from burnish.targets import Delivery

LEAST_RATE_HZ, LEAST_BITS = 44_100, 16
"""What any place takes that does not say another."""
_NEAR_S = 0.001  # of a lossy file's length: what its container can tell of it
_CONTAINERS = {"rf64": "wav", "bw64": "wav", "aifc": "aiff"}
_TAGS = {PCM: "PCM (0x0001)", FLOAT: "floats (0x0003)", EXTENSIBLE: "extensible (0xFFFE)"}


@dataclass(frozen=True)
class Ordered:
    """What a file shall be. ``kind`` as ``DeliveredFile.kind``; empty: the place's word counts."""

    place: Delivery | None = None
    kind: str = ""
    rate_hz: int | None = None
    n_samples: int | None = None
    samples_md5: str | None = None
    """What a FLAC must say of its samples: the sum of a WAV of the same."""


@dataclass(frozen=True)
class Held:
    """What a file is, as read back."""

    path: Path
    info: SourceInfo
    wav: WavLook | None = None
    flac_md5: str | None = None
    decoded_md5: str | None = None
    """Of the samples of a FLAC, decoded."""


def kind_of(info: SourceInfo) -> str:
    """The kind of a sound file, as ``DeliveredFile.kind`` begins: wav, flac, mp3, aac, opus ..."""
    if info.codec in ("pcm", "float"):
        return _CONTAINERS.get(info.format, info.format)
    return info.codec


def form(held: Held, ordered: Ordered) -> Check:
    """Check 10."""
    info = held.info
    bits = "" if info.bits is None else ", floats" if info.is_float else f", {info.bits} bits"
    layout = {1: "mono", 2: "stereo"}[info.channels]
    told = f"{kind_of(info)}{bits}, {info.rate_hz / 1000:g} kHz, {layout}"
    found = [*_order(held, ordered), *_remarks(info), *_length(info, ordered)]
    if held.wav is not None:
        found += _wav(held.wav, ordered.place)
    found += _flac(held, ordered)
    return checked(10, found, told)


def _order(held: Held, ordered: Ordered) -> Iterator[Finding]:
    info, place = held.info, ordered.place
    kind = kind_of(info)
    if ordered.kind:
        wanted, _, of_bits = ordered.kind.partition("-")
        if wanted != kind and not (wanted in ("bwf",) and kind == "wav"):
            yield _fail("container", f"It is {kind}, and was to be {wanted}.")
        elif of_bits in ("16", "24") and info.bits is not None and info.bits != int(of_bits):
            yield _fail("bits", f"It has {info.bits} bits, and was to have {of_bits}.")
        elif of_bits == "32f" and not info.is_float:
            yield _fail("bits", "It holds whole numbers, and was to hold floats.")
        if ordered.rate_hz is not None and info.rate_hz != ordered.rate_hz:
            yield _fail("rate", f"It has {info.rate_hz} Hz, and was to have {ordered.rate_hz}.")
        return
    if place is None:
        return
    if place.formats and kind not in place.formats:
        takes = ", ".join(place.formats)
        yield _fail("container", f"It is {kind}; {place.title} takes {takes}.")
        return
    if info.bits is not None and place.bits is not None and info.bits != place.bits:
        yield _fail("bits", f"It has {info.bits} bits; {place.title} takes {place.bits}.")
    elif info.bits is not None and info.bits < LEAST_BITS:
        yield _fail("bits", f"It has {info.bits} bits; {place.title} takes {LEAST_BITS} or more.")
    elif info.is_float and place.bits is None:
        yield _finding(
            "floats", "warn", "Floats", f"{place.title} is sent whole numbers of 16 or 24 bits.",
            "Deliver 24 bits.",
        )  # fmt: skip
    if place.rate_hz is not None and info.rate_hz != place.rate_hz:
        yield _fail("rate", f"It has {info.rate_hz} Hz; {place.title} takes {place.rate_hz}.")
    elif info.rate_hz < LEAST_RATE_HZ:
        yield _fail(
            "rate", f"It has {info.rate_hz} Hz; {place.title} takes {LEAST_RATE_HZ} or more."
        )
    if info.channels == 1 and (place.name == "cd" or place.plain_wav):
        yield _fail("channels", f"It is mono; {place.title} takes stereo.")


def _remarks(info: SourceInfo) -> Iterator[Finding]:
    for remark in info.remarks:
        yield _finding(
            "damaged", "fail", "The file is damaged", f"{remark[:1].upper()}{remark[1:]}.",
            "Export or copy it again.",
        )  # fmt: skip


def _length(info: SourceInfo, ordered: Ordered) -> Iterator[Finding]:
    wanted = ordered.n_samples
    if wanted is None or info.n_samples == wanted:
        return
    off_s = abs(info.n_samples - wanted) / info.rate_hz
    if info.bits is None and off_s <= _NEAR_S:
        return
    yield _finding(
        "length",
        "fail",
        "Not as long as its track",
        f"It holds {info.n_samples} samples, its track {wanted}.",
        "Render or encode it again.",
        evidence={"n_samples": info.n_samples, "wanted": wanted},
    )


def _wav(look: WavLook, place: Delivery | None) -> Iterator[Finding]:
    for fault in look.faults:
        yield _finding(
            "wav-header", "fail", "The header is wrong", f"{fault[:1].upper()}{fault[1:]}.",
            "Export it again; players that are strict refuse it.",
        )  # fmt: skip
    plain = place is not None and place.plain_wav
    whose = place.title if place is not None else ""
    if look.tag != PCM and (plain or look.tag not in (FLOAT,)):
        tag = _TAGS.get(look.tag, f"0x{look.tag:04X}")
        yield _finding(
            "wav-tag",
            "fail" if plain else "info",
            f"The format tag is {tag}",
            f"{whose} takes the tag of plain PCM, 0x0001, and nothing else."
            if plain
            else "Some shops take the tag of plain PCM, 0x0001, and nothing else.",
            "Write it as plain WAV of 16 or 24 bits.",
        )
    if look.behind:
        names = ", ".join(name.strip() for name in look.behind)
        yield _finding(
            "wav-behind-data",
            "fail" if plain else "info",
            "Something stands behind the sound",
            f"Chunks behind data: {names}." + (f" {whose} takes nothing there." if plain else ""),
            "Write the tags before the sound, or leave them out.",
            evidence={"chunks": names},
        )


def _flac(held: Held, ordered: Ordered) -> Iterator[Finding]:
    told = held.flac_md5
    if told is None:
        return
    if not int(told, 16):
        yield _finding(
            "flac-no-md5", "warn", "The FLAC has no MD5 of its samples",
            "Nobody can prove that it holds what was packed.", "Pack it again.",
        )  # fmt: skip
        return
    for other, what in (
        (held.decoded_md5, "its samples have"),
        (ordered.samples_md5, "the WAV of the same samples has"),
    ):
        if other is not None and other != told:
            yield _finding(
                "flac-md5", "fail", "The FLAC does not hold what it says",
                f"Its header tells the MD5 {told}, {what} {other}.", "Pack it again.",
            )  # fmt: skip


def _fail(what: str, detail: str) -> Finding:
    titles = {
        "container": "Not the container that was ordered",
        "bits": "Not the bits that were ordered",
        "rate": "Not the rate that was ordered",
        "channels": "Not the channels that were ordered",
    }
    return _finding(f"format-{what}", "fail", titles[what], detail, "Deliver it as ordered.")


def _finding(
    code: str,
    severity: Severity,
    title: str,
    detail: str,
    advice: str,
    **more: dict[str, int | str],
) -> Finding:
    return Finding(code, severity, title, detail, advice, about="master", **more)  # type: ignore[arg-type]
