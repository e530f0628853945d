"""Order: what every product of a release is made from. Data only.

A maker of a product (``cd``, ``vinyl``, ``download`` ...) is a function of the same form, see
``Maker``: it writes its files into an empty folder and says what it wrote. Who calls it reads every
file back, runs the quality control, writes the manifest, and only then gives the folder its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.chain import Teller
from burnish.deliver.wishes import DeliveryWishes
from burnish.finding import Finding
from burnish.release import Release
from burnish.targets import Delivery

if TYPE_CHECKING:
    from burnish.deliver.pieces import Pieces


@dataclass(frozen=True)
class Master:
    """One track as mastered: before trims, fades and gaps, which the sequence makes."""

    file: Path
    """A WAV of 32-bit floats, or the file itself of a track that is kept as it is."""
    recall: Path | None = None
    """Its recall sheet; None: it was kept as it is."""
    mix: Path | None = None
    """The mix it was made from; None: it was kept as it is, or made from stems."""
    versions: Mapping[str, Path] = field(default_factory=dict)
    """The masters of its alternates, by their labels."""


@dataclass(frozen=True)
class Order:
    """A release with its masters, and what is asked of the files."""

    release: Release
    masters: tuple[Master, ...]
    """One for each track, in order."""
    ceiling_dbtp: float
    """True peak that the masters keep; a crossfade or another rate may not pass it either."""
    hidden: Master | None = None
    """What is hidden before the first track."""
    artwork: Path | None = None
    wishes: DeliveryWishes = field(default_factory=DeliveryWishes)
    sheet: Path | None = None
    """The album.yaml that it was read from."""
    signature: Path | None = None
    """The album's signature, by which a later track can be mastered into it."""
    made: str = ""
    """When, as 2026-11-21T18:30:00Z; the same in every file."""


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a product, as its maker tells of it; the manifest adds what it measures."""

    path: Path
    """Seen from the product's folder."""
    kind: str
    """"wav-24", "flac-16", "mp3-320", "ddp", "cue", "pq-sheet", "artwork", "recall" ..."""
    track: int | None = None
    """The track that it holds, from 1; 0: what is hidden before the first; None: none of them."""
    samples: str = ""
    """Names its samples, as "44100/16/3": lossless files of one name hold the same bits, which
    their maker has proven by decoding them. Empty: not known to be those of another."""
    told: dict[str, Any] = field(default_factory=dict)
    """What else to tell of it: side, encoder, decoded true peak ..."""


@dataclass(frozen=True)
class Delivered:
    """A product as its maker wrote it."""

    files: tuple[DeliveredFile, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    """Decisions, in a sentence each: what was converted, left out, turned down, and why."""
    checklist: tuple[str, ...] = ()
    """What a person has still to do: listen to the reference, fill in the label code ..."""


Maker = Callable[[Order, Delivery, Path, "Pieces", Teller], Delivered]
"""(order, target, empty folder, the tracks cut and quantised, progress) -> what was written.

What cannot be delivered at all (81 minutes on a CD) is a ``SettingError`` in one sentence.
"""


def now() -> str:
    """The moment as an order tells it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
