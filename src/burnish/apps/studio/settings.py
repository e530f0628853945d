"""What the studio is started with: where it listens, what it keeps, and how much it takes."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from burnish.settings import Settings, setting

MIB = 2**20
Folder = Annotated[str, Field(min_length=1)]


class StudioSettings(Settings):
    """Where the studio listens, what it keeps where, and how much it takes from outside."""

    host: str = setting(
        "127.0.0.1", scale="text", help="Address to listen on; any but this machine's own demands "
        "a password."
    )  # fmt: skip
    port: int = setting(8765, low=0, high=65_535, help="Port to listen on; 0: a free one.")
    names: tuple[str, ...] = setting(
        (), help="Names under which it may be called beside its address, as studio.example.org."
    )
    token: str = setting(
        "", scale="text", help="The key in the address that is printed; empty: a new one."
    )
    password_hash: str = setting(
        "", scale="text", help="Argon2 hash of the password; empty: there is none."
    )
    data: str = setting("", scale="text", help="Folder that keeps everything; must be given.")
    database: str = setting(
        "", scale="text", help="URL of a database; empty: SQLite in the data folder."
    )
    proxies: tuple[str, ...] = setting(
        (), help="Addresses of proxies before it, which are believed who comes and by what."
    )
    folders: tuple[Folder, ...] = setting((), help="Folders whose mixes may be picked.")
    workers: int = setting(2, low=1, high=64, help="Jobs that are done at the same time.")
    upload_mib: int = setting(2048, low=1, high=1_048_576, unit="MiB", help="Largest upload.")
    upload_mib_per_s: float = setting(
        0.0, low=0, high=100_000, unit="MiB/s", help="Fastest that one upload is taken; 0: any."
    )
    duration_s: float = setting(
        7200.0, low=1, high=86_400, unit="s", help="Longest sound that is taken."
    )
    rate_hz: int = setting(
        384_000, low=8_000, high=768_000, unit="Hz", help="Highest sample rate that is taken."
    )
    quota_mib: int = setting(
        0, low=0, high=1_000_000_000, unit="MiB", help="Of all that is kept, decoded sound too; "
        "0: no limit."
    )  # fmt: skip
    job_memory_mib: int = setting(
        6144, low=256, high=1_048_576, unit="MiB", help="Memory of one job."
    )
    job_time_s: float = setting(3600.0, low=1, high=604_800, unit="s", help="Time of one job.")
    read_time_s: float = setting(
        300.0, low=1, high=86_400, unit="s", help="Time to read and decode one upload."
    )
    requests_per_s: float = setting(
        100.0, low=1, high=100_000, help="Requests that one address may make, in the long run."
    )
    waiting_jobs: int = setting(200, low=1, high=100_000, help="Jobs that may wait.")

    @field_validator("folders", "names", "proxies", mode="before")
    @classmethod
    def _a_path_is_a_name(cls, given: Any) -> Any:
        many = (given,) if isinstance(given, str | Path) else given
        return tuple(map(str, many)) if isinstance(many, list | tuple) else many

    @property
    def is_private(self) -> bool:
        """Whether it can be reached from this machine only."""
        return is_loopback(self.host)

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data)


def is_loopback(host: str) -> bool:
    """Whether this address or name is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Whether this is an address and not a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
