"""Named: the places that were asked for by name: devices, services and codecs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from burnish.errors import SettingError
from burnish.playback.codec import Codec, codec
from burnish.playback.devices import Device, device, devices
from burnish.playback.services import Service, service, services
from burnish.targets.shelf import deliveries, delivery

DEVICES = ("phone", "laptop", "earbuds", "car", "bluetooth-speaker", "club", "mono")
CODECS = ("aac-256", "mp3-128", "opus-128", "vorbis-q5")
"""Taken where nothing is asked for, and all services."""

FAMILIES = ("aac", "mp3", "opus", "vorbis")
GROUPS = ("all", "devices", "services", "codecs")


@dataclass(frozen=True)
class Places:
    """Where a sound is taken to."""

    devices: tuple[Device, ...]
    services: tuple[Service, ...]
    codecs: tuple[Codec, ...]


def places(names: Sequence[str]) -> Places:
    """The places of these names, each once; none: the usual ones.

    A name is that of a device, a service or a codec, the path of a device's TOML file, or a group:
    all, devices, services, codecs.
    """
    if not names:
        return _places((*DEVICES, *services(), *CODECS))
    wanted: list[str] = []
    for name in names:
        wanted += _of_group(name) if name in GROUPS else [name]
    return _places(dict.fromkeys(wanted))


def is_place(name: str) -> bool:
    """Whether this is the name of a place, and not that of a sound file."""
    if name.lower().endswith(".toml") or name in (*GROUPS, *devices(), *services()):
        return True
    return name.partition("-")[0] in FAMILIES and "." not in name


def _of_group(name: str) -> list[str]:
    sent = {one for place in deliveries() for one in delivery(place).codecs}
    groups: dict[str, Sequence[str]] = {
        "devices": devices(),
        "services": services(),
        "codecs": sorted(sent | {"mp3-320"}),
    }
    return (
        [*groups[name]] if name in groups else [one for group in groups.values() for one in group]
    )


def _places(names: Iterable[str]) -> Places:
    found_devices, found_services, found_codecs = [], [], []
    for name in names:
        if name in devices() or name.lower().endswith(".toml"):
            found_devices.append(device(name))
        elif name in services():
            found_services.append(service(name))
        elif name.partition("-")[0] in FAMILIES:
            found_codecs.append(codec(name))
        else:
            known = "; ".join(", ".join(row) for row in (devices(), services()))
            raise SettingError(
                "place-unknown",
                f"on={name}: must be one of {known}; a codec such as aac-256, mp3-320, opus-128 "
                f"or vorbis-q5; a device's .toml; or {', '.join(GROUPS)}",
            )
    taken = [one.name for one in found_devices]
    for one in found_devices:
        if taken.count(one.name) > 1:
            raise SettingError("place-twice", f"on={one.name}: two devices have this name")
    return Places(tuple(found_devices), tuple(found_services), tuple(found_codecs))
