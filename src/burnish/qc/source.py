"""Source: what a file was before: a lossy codec, a lower rate, fewer bits."""

from collections.abc import Iterator

from burnish.finding import Finding
from burnish.measure.examine import Examination
from burnish.measure.resolution import Cliff
from burnish.qc.grade import severity_of
from burnish.qc.places import hertz
from burnish.targets import Style

DROP_DB, STEADY = 22.0, 0.8  # of a cliff that no instrument makes
CODECS = ((16_900.0, 0.85, 2.2), (19_300.0, 0.75, 1.9), (20_700.0, 0.5, 1.2))
"""Cutoff up to which a codec is so sure, and so bad: about 128, 192 and 256 to 320 kbit/s."""
OLD_RATES_HZ = (22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
WEAK_DROP_DB = 12.0


def source(examined: Examination, style: Style) -> Iterator[Finding]:
    """All that the file does not say of itself, and that it is lossy, where it is."""
    if examined.info.bits is None:
        yield _is_lossy(examined)
        return
    cliff = examined.resolution.cliff
    rate_hz = examined.measured.source.rate_hz
    raised = _raised(examined, cliff)
    if raised is not None:
        yield raised
    elif cliff is not None and rate_hz >= 40_000:
        yield from _lossy(cliff)
    yield from _padded(examined)


def _is_lossy(examined: Examination) -> Finding:
    kind = examined.info.codec or examined.info.format
    return Finding(
        code="lossy-source",
        severity="info",
        title=f"A lossy file ({kind})",
        detail=f"The mix came as {kind}: what the codec left out cannot be brought back.",
        advice="Send the mix as WAV or FLAC in 24 bits if there is one.",
        confidence=1.0,
        evidence={"codec": kind},
        size=1.0,
    )


def _lossy(cliff: Cliff) -> Iterator[Finding]:
    if cliff.drop_db < DROP_DB or cliff.steady < STEADY:
        return
    for most_hz, sure, size in CODECS:
        if cliff.cutoff_hz <= most_hz:
            yield Finding(
                code="lossy-source",
                severity=severity_of(size),
                title="This was an MP3 or the like before",
                detail=(
                    f"The spectrum breaks off at {hertz(cliff.cutoff_hz)}, by "
                    f"{cliff.drop_db:.0f} dB, at the same place in {100 * cliff.steady:.0f} % of "
                    "its windows."
                ),
                advice="Send the mix as it left the mixer: a WAV made from an MP3 is still one.",
                confidence=sure * cliff.steady,
                frequency_hz=round(cliff.cutoff_hz),
                evidence={
                    "cutoff_hz": round(cliff.cutoff_hz),
                    "drop_db": round(cliff.drop_db, 1),
                    "steady": round(cliff.steady, 3),
                },
                size=size,
            )
            return


def _raised(examined: Examination, cliff: Cliff | None) -> Finding | None:
    """A sound that was brought to a higher rate: nothing above half of the old one."""
    rate_hz = examined.measured.source.rate_hz
    top_hz = examined.resolution.top_hz
    steep = (
        cliff.cutoff_hz
        if cliff is not None and cliff.steady >= STEADY and cliff.drop_db >= WEAK_DROP_DB
        else None
    )
    for old_hz in OLD_RATES_HZ:
        half_hz = 0.5 * old_hz
        if old_hz > 0.55 * rate_hz:
            break
        near = steep is not None and 0.9 * half_hz <= steep <= 1.02 * half_hz
        empty = top_hz is not None and 0.0 < top_hz <= 1.02 * half_hz and rate_hz >= 64_000
        if near or empty:
            return Finding(
                code="upsampled",
                severity="info",
                title=f"Nothing above {hertz(half_hz)}",
                detail=(
                    f"This file has {rate_hz / 1000:g} kHz, but its sound ends where one of "
                    f"{old_hz / 1000:g} kHz would."
                ),
                advice="Send the session's own rate; a higher one made of it only makes it larger.",
                confidence=0.9 if near else 0.6,
                frequency_hz=round(half_hz),
                evidence={"rate_hz": rate_hz, "old_rate_hz": old_hz},
                size=1.3,
            )
    return None


def _padded(examined: Examination) -> Iterator[Finding]:
    """Bits that are never set."""
    info, found = examined.info, examined.resolution
    used = [bits for bits in found.bits if bits]
    if not used or len(used) < len([bits for bits in found.bits if bits != 0]):
        return
    stored = 32 if info.is_float else info.bits
    most = max(used)
    scaled = found.step_bits is not None and found.step_bits < most - 1.5
    told = round(found.step_bits) if scaled and found.step_bits is not None else most
    if stored is None or told >= (24 if info.is_float else stored):
        return
    kind = "floats" if info.is_float else f"{stored} bits"
    yield Finding(
        code="padded-bits",
        severity="info",
        title=f"{told} bits in {kind}",
        detail=(
            f"Its values lie {2.0 ** (stored - told):.0f} steps apart: "
            f"{told} bits that were turned down and stored in {kind}."
            if scaled and not info.is_float
            else f"What is stored in {kind} needs only {told} bits."
        ),
        advice="Export in the bits the session has, 24 or float, without going through fewer.",
        confidence=0.8 if scaled else 0.98,
        evidence={"stored_bits": stored, "used_bits": told, "is_float": info.is_float},
        size=1.3,
    )
