"""The tags of a single master, into its file while it is written: before it has its name."""

from collections.abc import Callable
from io import BufferedRandom
from typing import Any

from burnish.audio import OutputFormat
from burnish.deliver.tags.fields import Fields
from burnish.deliver.tags.wav import aiff_chunks, wav_chunks
from burnish.deliver.tags.write import flac_tags
from burnish.release import SongTags


def tagging(tags: SongTags, form: OutputFormat) -> dict[str, Any]:
    """What the ``Writer`` is to be given so that the file tells these: nothing for no tags."""
    if not tags.told:
        return {}
    told: dict[str, Any] = dict(tags.told)
    fields = Fields(**told)
    if form.format == "flac":
        return {"finish": _into_flac(fields)}
    return {"chunks": (wav_chunks if form.format == "wav" else aiff_chunks)(fields)}


def _into_flac(fields: Fields) -> Callable[[BufferedRandom], None]:
    def finish(file: BufferedRandom) -> None:
        from mutagen.flac import FLAC

        file.seek(0)
        tagged = FLAC(file)
        flac_tags(tagged, fields)
        file.seek(0)
        tagged.save(file)

    return finish
