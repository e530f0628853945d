"""What only many files together answer: is all there, does it belong together, who heard it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from burnish.deliver.cd.msf import msf
from burnish.deliver.cd.read_ddp import read_ddp
from burnish.deliver.cd.red_book import limits_passed
from burnish.deliver.inspection import metadata, sequence, versions
from burnish.deliver.inspection.record import (
    Check,
    Inspection,
    checked,
    not_asked,
    still_open,
    worst,
)
from burnish.deliver.order import Delivered, Order
from burnish.errors import BurnishError
from burnish.finding import Finding
from burnish.measure.finished import Finished
from burnish.targets import Delivery

HISS_SURE = 0.6
FLOOR_CHANGE_DB = 15.0
"""Between two tracks whose hiss lies bare: more is heard at the join."""
_HEARD_DBFS = -75.0
_OF_SOUND = (*range(1, 10), *range(11, 15), 19)


def summed_up(parts: Sequence[Inspection]) -> dict[int, Check]:
    """Each check of some files as one: as bad as the worst of them, whose words it has."""
    found = {}
    for number in range(1, 21):
        each = [(part, part.checks[number - 1]) for part in parts if part.checks]
        asked = [one for one in each if one[1].outcome != "none"]
        if not asked:
            found[number] = each[0][1] if each else not_asked(number, "no file of sound")
            continue
        outcome = worst(check.outcome for _, check in asked)
        bad = [one for one in asked if one[1].outcome == outcome]
        told = f"{len(asked)} files" if len(asked) > 1 else asked[0][1].told
        if outcome in ("fail", "warn") and len(asked) > 1:
            part, check = bad[0]
            told = f"{len(bad)} of {told}; {Path(part.file).name}: {check.told}"
        found[number] = Check(number, outcome, told)
    return found


def joined(one: Check, findings: Iterable[Finding], told: str = "") -> Check:
    """A summed up check, and what was found of the whole."""
    own = checked(one.number, findings, told or one.told)
    if not own.findings and one.outcome == "none" and not told:
        return one
    return Check(one.number, worst((one.outcome, own.outcome)), own.told, own.findings)


def decoded_peak(kind: str, peak_dbtp: float | None, place: Delivery | None) -> Check:
    """Check 1 of a lossy file: what comes back from it."""
    if peak_dbtp is None:
        return checked(1, (), "silent")
    demanded = place.encoded_ceiling_dbtp if place is not None else None
    limit = 0.0 if demanded is None else demanded
    told = f"{peak_dbtp:.2f} dBTP decoded"
    if peak_dbtp <= limit + 0.05:
        return checked(1, (), told)
    over = Finding(
        "true-peak",
        "warn" if demanded is None else "fail",
        f"Comes back over {limit:g} dBTP",
        f"Decoded, this {kind} has {peak_dbtp:.2f} dBTP: players cut that.",
        f"Encode it {peak_dbtp - limit + 0.05:.1f} dB lower.",
        evidence={"true_peak_dbtp": round(peak_dbtp, 3), "limit_dbtp": limit},
        size=2.0 + peak_dbtp - limit,
        about="master",
    )
    return checked(1, (over,), told)


def told_once(files: Sequence[tuple[str | None, Inspection]]) -> tuple[Inspection, ...]:
    """The inspections of files, what is found in the same sound told of its first one only.

    Each with the name of its sound; None: of nobody else's. How the checks came out stays.
    """
    seen: dict[str, set[tuple[str, str]]] = {}
    parts = []
    for name, part in files:
        if name is None or not part.checks:
            parts.append(part)
            continue
        before = seen.get(name, set())
        seen[name] = before | {(one.code, one.severity) for one in part.findings}
        checks = tuple(
            replace(
                check,
                findings=tuple(f for f in check.findings if (f.code, f.severity) not in before),
            )
            if check.number in _OF_SOUND
            else check
            for check in part.checks
        )
        parts.append(replace(part, checks=checks))
    return tuple(parts)


def of_product(
    folder: Path,
    delivered: Delivered,
    parts: tuple[Inspection, ...],
    place: Delivery,
    order: Order,
    finished: Mapping[str, Finished],
) -> Inspection:
    """A product as a whole, its files inspected."""
    release, checks = order.release, summed_up(parts)
    n_files = f"{len(delivered.files)} files"
    if checks[9].outcome == "pass" and (spread := _spread(parts)):
        checks[9] = replace(checks[9], told=spread)
    checks[10] = joined(checks[10], sequence.all_there(delivered.files, len(release.tracks)))
    checks[14] = joined(checks[14], floors_apart(_by_track(finished)))
    checks[15] = _disc(folder, delivered, place)
    covers = [folder / file.path for file in delivered.files if file.kind == "artwork"]
    about = [
        *metadata.of_release(release),
        *(one for path in covers for one in metadata.cover(path)),
    ]
    checks[16] = joined(checks[16], _new(about, delivered), n_files)
    lengths = list(zip(delivered.files, parts, strict=True))
    checks[17] = sequence.of_product(lengths, release, place, order.wishes)
    checks[18] = versions.of_product(folder, delivered.files)
    checks[20] = still_open(20, (), "nobody has signed")
    return Inspection(
        file=place.name,
        kind="folder",
        checks=tuple(checks[number] for number in range(1, 21)),
        target=place.name,
        parts=parts,
    )


def floors_apart(tracks: Sequence[tuple[str, Finished]]) -> list[Finding]:
    """Noise floors that lie bare, and far from each other (check 14)."""
    bare = [
        (name, one.examined.hiss.a_weighted_dbfs)
        for name, one in tracks
        if one.examined.hiss.confidence >= HISS_SURE
        and math.isfinite(one.examined.hiss.a_weighted_dbfs)
    ]
    if len(bare) < 2:
        return []
    loud, soft = max(bare, key=lambda one: one[1]), min(bare, key=lambda one: one[1])
    if loud[1] < _HEARD_DBFS or loud[1] - soft[1] < FLOOR_CHANGE_DB:
        return []
    return [
        Finding(
            "noise-floors",
            "info",
            "The noise floor changes from track to track",
            f"{loud[0]} has {loud[1]:.0f} dBFS of hiss, {soft[0]} {soft[1]:.0f}.",
            "Fade the noise in and out where the tracks meet, or denoise the noisier one.",
            confidence=0.7,
            evidence={"difference_db": round(loud[1] - soft[1], 1)},
            about="master",
        )
    ]


def _spread(parts: Sequence[Inspection]) -> str:
    """How far apart the tracks are in loudness."""
    each = [part.measured.loudness.integrated_lufs for part in parts if part.measured is not None]
    known = [one for one in each if one is not None and math.isfinite(one)]
    return f"{min(known):.1f} to {max(known):.1f} LUFS" if len(known) > 1 else ""


def _by_track(finished: Mapping[str, Finished]) -> list[tuple[str, Finished]]:
    found: dict[str, Finished] = {}
    for name, one in finished.items():
        found.setdefault(name.split("/", 2)[-1], one)
    return [(f"track {track}", one) for track, one in sorted(found.items())]


def _disc(folder: Path, delivered: Delivered, place: Delivery) -> Check:
    """Check 15. Its maker has verified the DDP; here the limits of the disc are asked again."""
    maps = [file for file in delivered.files if file.path.name.upper() == "DDPMS"]
    if not maps:
        return not_asked(15, "not for a CD" if place.product != "cd" else "no DDP in it")
    try:
        disc = read_ddp((folder / maps[0].path).parent).disc
    except BurnishError as error:
        broken = Finding(
            "ddp-unreadable", "fail", "The DDP cannot be read", f"{error.sentence}.",
            "Make it anew.", about="master",
        )  # fmt: skip
        return checked(15, (broken,), "not readable")
    told = f"{len(disc.tracks)} tracks, {msf(disc.lead_out_cd_frame)}"
    return checked(15, _new(limits_passed(disc), delivered), told)


def _new(findings: Iterable[Finding], delivered: Delivered) -> list[Finding]:
    """What its maker does not tell already."""
    told = {(one.code, one.detail) for one in delivered.findings}
    return [one for one in findings if (one.code, one.detail) not in told]
