"""Units of work: what is done as one, and what a whole manifest of them comes to."""

import hashlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.apps.batch.names import KeyList, Keys, bare, key_of, slot
from burnish.apps.batch.works import Do


@dataclass(frozen=True, slots=True)
class Unit:
    """What is done as one: a song, or an album of several rows.

    ``release`` is what an album of rows is told of itself and its tracks; their files are the
    ``inputs``, in that order. ``identity`` is a key of all that is asked.
    """

    rows: tuple[int, ...]
    do: Do
    inputs: tuple[str, ...]
    output: str
    settings: Mapping[str, Any]
    album: str = ""
    release: Mapping[str, Any] | None = None
    slot: str = ""
    identity: int = 0

    def keys(self, place: int = 0) -> tuple[int, int]:
        """Of one of the rows: a key of where its output goes, and one of all that it asks."""
        first = slot(bare(self.output) or self.inputs[0])
        if place == 0:
            return first, self.identity
        return key_of(f"{first}:{place}"), key_of(f"{self.identity}:{place}")


@dataclass(frozen=True)
class Checked:
    """What a manifest comes to: its rows and units, and of each row three numbers.

    Those are, in the order of the first: a key of where its output goes, a key of all that it
    asks, and its number. That is twenty bytes a row.
    """

    rows: int
    units: int
    slots: Keys = field(repr=False)
    identities: Keys = field(repr=False)
    numbers: NDArray[np.uint32] = field(repr=False)

    def places(self, slots: Keys) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where the outputs of these keys stand, and which of them are asked for at all."""
        at = np.minimum(np.searchsorted(self.slots, slots), len(self.slots) - 1)
        return at, self.slots[at] == slots

    @property
    def fingerprint(self) -> str:
        """One name for all that is asked, in whatever order."""
        return hashlib.sha256(np.sort(self.identities).tobytes()).hexdigest()[:32]


class Gathered:
    """The keys of every row, gathered."""

    def __init__(self) -> None:
        self._slots, self._identities, self._numbers = KeyList(), KeyList(), array("I")

    def add(self, unit: Unit) -> None:
        """Take those of its rows."""
        for place, number in enumerate(unit.rows):
            slot_key, identity = unit.keys(place)
            self._slots.add(slot_key)
            self._identities.add(identity)
            self._numbers.append(number)

    def checked(self, rows: int, units: int) -> Checked:
        """All of them, in the order of where outputs go."""
        slots = self._slots.array()
        order = np.argsort(slots)
        numbers = np.array(self._numbers, dtype=np.uint32)
        return Checked(rows, units, slots[order], self._identities.array()[order], numbers[order])
