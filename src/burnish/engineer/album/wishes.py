"""What a person asks of an album as a whole, on top of what is asked of its tracks."""

from typing import Literal

from burnish.settings import Settings, setting

Mode = Literal["album", "track", "loudest"]


class AlbumWishes(Settings):
    """What the tracks shall have in common. Left at their defaults, the engineer decides."""

    loudness_mode: Mode = setting(
        "album",
        help="What meets the loudness: the whole album, each track for itself, or the loudest.",
    )
    anchor: int | None = setting(
        None, low=1, high=99, help="Number of the track that the others follow; empty: chosen."
    )
    coherence: float = setting(
        0.5,
        low=0,
        high=1,
        help="How far tracks move toward the anchor in tone, width and dynamics: 0 not at all.",
    )
