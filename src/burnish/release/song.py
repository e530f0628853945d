"""SongTags: what a single master tells of itself, where there is no release around it."""

from pydantic import field_validator

from burnish.release.codes import normalised_isrc
from burnish.settings import Settings, setting


class SongTags(Settings):
    """Told in the file of a master; what is empty is not told. An album has its ``Release``."""

    title: str = setting("", scale="text", help="Title, told in the master's tags.")
    artist: str = setting("", scale="text", help="Who performs it.")
    album: str = setting("", scale="text", help="Album that it is on.")
    date: str = setting("", scale="text", help="When it comes out: a year, or a day.")
    genre: str = setting("", scale="text", help="Its genre.")
    composer: str = setting("", scale="text", help="Who wrote the music.")
    copyright: str = setting("", scale="text", help="The (C) line: year and owner of the work.")
    isrc: str = setting("", scale="text", help="Code of the recording, 12 characters.")

    @field_validator("isrc")
    @classmethod
    def _isrc(cls, given: str) -> str:
        return normalised_isrc(given) if given else ""

    @property
    def told(self) -> dict[str, str]:
        """What is not empty, by its name."""
        return {name: text for name, text in self.model_dump().items() if text}
