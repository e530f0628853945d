"""Where the noise is alone: a stretch of the recording, or a file of it, as a person says it."""

import re
from pathlib import Path

from burnish.audio import Source, open_source
from burnish.errors import SettingError
from burnish.measure.hiss import Hiss, noise_profile

_TIME = r"(?:(\d+):)?(\d+(?:\.\d+)?)"
_STRETCH = re.compile(rf"{_TIME}\s*-\s*{_TIME}")


def noise_of(words: str, source: Source) -> Hiss:
    """The noise of ``0:02-0:05`` (or ``2-5``, in seconds) of the source, or of a file.

    What is neither is a ``SettingError``; a stretch outside the sound, or a file that cannot be
    read, an ``InputError``.
    """
    if stretch := _STRETCH.fullmatch(words.strip()):
        first, start, second, end = stretch.groups()
        start_s = 60 * int(first or 0) + float(start)
        end_s = 60 * int(second or 0) + float(end)
        return noise_profile(source, start_s, end_s)
    if not Path(words).exists():
        raise SettingError(
            "setting-range",
            f"noise_profile={words}: must be START-END, as 0:02-0:05, or a file of noise alone",
        )
    with open_source(words) as file:
        return noise_profile(file, 0.0, file.info.duration_s)
