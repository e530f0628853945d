"""Services: what a streaming service does to the loudness of a master, by its published rule.

A service knows a master's loudness and plays it at its own: what is louder is turned down, and what
is quieter is turned up by some, by as much as its peaks leave room for, or into a limiter. The
facts stand in ``targets/delivery/*.toml``, with their source and date.
"""

import math
from dataclasses import dataclass
from typing import Literal

from burnish.errors import SettingError
from burnish.processors.compressor import Compressor
from burnish.targets.model import Confidence, Delivery, PlaybackMode
from burnish.targets.shelf import deliveries, delivery

Limit = Literal["down", "peaks", "loudness", "none"]

LIMITER_ATTACK_MS, LIMITER_RELEASE_MS = 5.0, 100.0
"""Of the player that turns up into a limiter, as it is published."""


@dataclass(frozen=True)
class Service:
    """One way in which a service plays music."""

    name: str
    title: str
    loudness_lufs: float | None
    """What it plays at; None: it leaves the loudness alone."""
    scope: str
    turns_up: bool | None
    """None: sources disagree; then it is taken as not turning up."""
    turns_up_to_db: float | None
    limits: bool
    source: str
    date: str
    confidence: Confidence


@dataclass(frozen=True)
class Turned:
    """What becomes of one master there."""

    service: Service
    gain_db: float
    """What it is turned by; 0: it is left alone."""
    loudness_lufs: float | None
    """How loud it is then; behind a limiter as measured, where it was played."""
    true_peak_dbtp: float
    limited_db: float
    """How far its peaks go into the player's limiter; 0: there is none, or it rests."""
    missing_lu: float
    """How much quieter than the service's own loudness it stays."""

    @property
    def words(self) -> str:
        """What happens, in one sentence."""
        one, gain = self.service, abs(self.gain_db)
        if one.loudness_lufs is None:
            return "plays it as it is"
        if self.gain_db <= -0.05:
            return f"turns it down by {gain:.1f} dB"
        if self.limited_db > 0.0:
            taken = f"which takes up to {self.limited_db:.1f} dB of its peaks"
            return f"turns it up by {gain:.1f} dB into a limiter, {taken}"
        if self.gain_db >= 0.05:
            rest = f"; its peaks hold back {self.missing_lu:.1f} dB more" if self._held else ""
            return f"turns it up by {gain:.1f} dB{rest}"
        if self._held and one.turns_up:
            return f"would turn it up by {self.missing_lu:.1f} dB, but its peaks leave no room"
        if self._held and one.turns_up is None:
            return f"leaves it, {self.missing_lu:.1f} dB under the others, or turns it up a little"
        if self._held:
            return f"leaves it, {self.missing_lu:.1f} dB under the others"
        return "plays it as it is"

    @property
    def _held(self) -> bool:
        return self.missing_lu >= 0.1


def services() -> tuple[str, ...]:
    """Names of all ways to play of all services, each service's own first."""
    return tuple(one.name for name in deliveries() for one in _of(delivery(name)))


def service(name: str) -> Service:
    """The service of that name: ``spotify``, ``spotify-loud``, ``tidal`` ..."""
    for place in deliveries():
        for one in _of(delivery(place)):
            if one.name == name:
                return one
    raise SettingError("service-unknown", f"service={name}: must be one of {', '.join(services())}")


def _of(place: Delivery) -> tuple[Service, ...]:
    if place.loudness_is == "demand" or place.product != "service":
        return ()
    modes = (_service(mode, f"{place.name}-{mode.name}", mode.limits) for mode in place.modes)
    return (_service(place, place.name, limits=False), *modes)


def _service(rule: Delivery | PlaybackMode, name: str, limits: bool) -> Service:
    return Service(
        name=name,
        title=rule.title,
        loudness_lufs=rule.loudness_lufs,
        scope=rule.scope,
        turns_up=rule.turns_up,
        turns_up_to_db=rule.turns_up_to_db,
        limits=limits,
        source=rule.source,
        date=rule.date,
        confidence=rule.confidence,
    )


def turned(
    one: Service,
    integrated_lufs: float | None,
    true_peak_dbtp: float,
    album_lufs: float | None = None,
) -> Turned:
    """What the service does to a master of this loudness and true peak.

    ``album_lufs`` is the loudness of its album, where it is played as part of one: a service that
    levels whole albums turns every song of it by the same. Silence is left alone.
    """
    known = album_lufs if album_lufs is not None and one.scope == "album" else integrated_lufs
    wanted = gain_db = limited = 0.0
    if one.loudness_lufs is not None and known is not None and math.isfinite(known):
        wanted = gain_db = one.loudness_lufs - known
    if wanted > 0.0:
        room = -math.inf if one.turns_up_to_db is None else one.turns_up_to_db - true_peak_dbtp
        if not one.turns_up:
            gain_db = 0.0
        elif one.limits:
            limited = max(0.0, wanted - room)
        elif one.turns_up_to_db is not None:
            gain_db = max(0.0, min(wanted, room))
    loudness = None if integrated_lufs is None else integrated_lufs + gain_db
    return Turned(one, gain_db, loudness, true_peak_dbtp + gain_db, limited, wanted - gain_db)


def limiter_of(one: Service) -> Compressor:
    """The limiter of a player that turns up into one."""
    return Compressor(
        threshold_db=one.turns_up_to_db or 0.0,
        ratio=20.0,
        knee_db=0.0,
        attack_ms=LIMITER_ATTACK_MS,
        release_ms=LIMITER_RELEASE_MS,
        auto_release=0.0,
        detector_high_pass_hz=0.0,
    )
