"""When a recording is from, as its tags say it."""

import re
from datetime import date
from pathlib import Path

_KEYS = ("originaldate", "originalyear", "tdor", "tory", "date", "tdrc", "year", "tyer", "icrd")
"""The first issue before the one that was bought: a reissue is not new music."""

_DAY = re.compile(r"\b(1[89]\d\d|20\d\d)(?:[-/.](\d\d))?(?:[-/.](\d\d))?\b")


def tagged_date(path: str | Path) -> date | None:
    """The day that a sound file's tags name; the middle of a year or month that is all they name.

    None where there is no such tag, or the file cannot be opened.
    """
    import av

    try:
        # By its handle, as in ``decode``: in names FFmpeg sees protocols and picture sequences.
        with (
            Path(path).open("rb") as file,
            av.open(file, options={"protocol_whitelist": "file"}) as held,
        ):
            tags = dict(held.metadata)
            for stream in held.streams.audio[:1]:
                tags = {**stream.metadata, **tags}
    except (OSError, ValueError, av.FFmpegError):
        return None
    lower = {str(key).lower(): str(value) for key, value in tags.items()}
    found = (_DAY.search(lower[key]) for key in _KEYS if key in lower)
    return next((day for one in found if one and (day := _day(one.groups()))), None)


def _day(parts: tuple[str | None, ...]) -> date | None:
    year, month, day = (0 if part is None else int(part) for part in parts)
    try:
        return date(year, month or 7, day or (15 if month else 1))
    except ValueError:
        return date(year, 7, 1)
