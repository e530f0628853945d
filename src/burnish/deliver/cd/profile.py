"""Where writers of DDP differ, and which of them we write like."""

from dataclasses import dataclass

from burnish.errors import SettingError


@dataclass(frozen=True)
class Profile:
    """One way of writing what every reader takes.

    ``zero_padded``: numbers as ``00000900`` instead of blanks before them. ``stream_start``: what
    stands for the first sector of the image. ``scrambled``: a field that readers pass over.
    """

    name: str
    pq_name: str
    zero_padded: bool
    stream_start: str
    scrambled: str
    isrc_on_every_packet: bool = False


PROFILES = {
    one.name: one
    for one in (
        Profile("recommended", "PQDESCR", True, "00000000", "0"),
        Profile("cue2ddp", "SD", False, "", "1"),
    )
}
"""``recommended`` is what most commercial writers agree on; ``cue2ddp`` is byte for byte what that
free program writes, which is how the layout was proven."""


def profile_named(name: str) -> Profile:
    """The profile of that name; an unknown one is a ``SettingError``."""
    if name not in PROFILES:
        raise SettingError("ddp-profile", f"profile={name}: must be one of {', '.join(PROFILES)}")
    return PROFILES[name]
