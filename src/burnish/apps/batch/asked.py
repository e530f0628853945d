"""What a batch is started with, beside the settings of its rows."""

from typing import Any

from burnish.apps.batch.works import Do
from burnish.settings import Settings, setting


class BatchSettings(Settings):
    """How a batch runs: who works, what one row may take, and how often it is tried."""

    do: Do = setting("master", help="What is done with each row.")
    scheduler: str = setting(
        "", scale="text", help="A Dask scheduler, tcp://HOST:PORT; empty: this machine."
    )
    workers: int | None = setting(
        None, low=1, high=4096, help="Rows at a time on this machine; empty: as it bears."
    )
    retries: int = setting(
        3, low=0, high=100, help="Further tries of a row that failed for what may pass."
    )
    time_limit_s: float = setting(
        3600.0, low=0.1, high=604_800, unit="s", help="Time that one row may take."
    )
    memory_limit_mib: int = setting(
        6144, low=16, high=1_048_576, unit="MiB", help="Memory that one row may take."
    )
    scratch: str = setting(
        "", scale="text", help="Folder where a worker keeps what is elsewhere; empty: its own."
    )
    scratch_mib: int | None = setting(
        None, low=16, high=1_000_000_000, unit="MiB", help="Most that is kept there."
    )
    backoff_s: float = setting(
        1.0, low=0, high=600, unit="s", help="Wait before a second try; doubled for each more."
    )
    patience_s: float = setting(
        300.0, low=0, high=86_400, unit="s", help="Time that a lost scheduler or place is waited "
        "for."
    )  # fmt: skip
    part_rows: int = setting(500, low=1, high=100_000, help="Rows' ends in one part of the state.")
    part_s: float = setting(
        5.0, low=0, high=3600, unit="s", help="Time until a part is written all the same."
    )
    storage: dict[str, dict[str, Any]] = setting(
        {}, help="Options of fsspec by protocol: {s3: {endpoint_url: ...}}."
    )
