"""What is asked of a delivery, on top of what its target demands. Settings only."""

from burnish.settings import Settings, setting


class DeliveryWishes(Settings):
    """What a person asked of the files that go out. Left at their defaults, the target decides."""

    rate_hz: int | None = setting(
        None,
        low=44_100,
        high=192_000,
        unit="Hz",
        help="Rate of streaming and download files; empty: the lowest of the tracks' own.",
    )
    replay_gain: bool = setting(
        False, help="Write ReplayGain 2 tags, and R128 gains in Opus files."
    )
    mastered_by: str = setting("", scale="text", help="Who mastered it, for sheets and tags.")
    client: str = setting("", scale="text", help="Who it is made for, for the sheets.")
