"""What a run tells while it goes on, for a terminal, a log, metrics or a report."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from burnish.apps.batch.records import Head, Record
from burnish.apps.batch.unit import Unit
from burnish.apps.jobs import Failure

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Began:
    """A run has begun: what it is, how many rows are done already, and who works."""

    head: Head
    workers: int
    where: str


@dataclass(frozen=True)
class Ended:
    """A unit has ended for good: a record for each of its rows; how many units are under way."""

    records: tuple[Record, ...]
    under_way: int


@dataclass(frozen=True)
class TriedAgain:
    """A unit failed for what may pass, and is tried again after ``wait_s``."""

    unit: Unit
    failure: Failure
    attempts: int
    wait_s: float


@dataclass(frozen=True)
class Waits:
    """Nothing goes on: the workers, or the place of the state, cannot be reached. Or again."""

    lost: bool
    why: str


@dataclass(frozen=True)
class Finished:
    """The run is over, or has been stopped; the sums of ``Ledger.results``."""

    sums: dict[str, Any]
    stopped: str = ""


Event = Began | Ended | TriedAgain | Waits | Finished
Observer = Callable[[Event], None]


def tell(observers: Sequence[Observer], event: Event) -> None:
    """Tell them all; a fault of one of them is not the run's."""
    for one in observers:
        try:
            one(event)
        except Exception:  # noqa: BLE001  who looks on does no harm
            _log.exception("an observer of the batch failed")
