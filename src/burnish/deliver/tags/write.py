"""Tags into a finished file of sound, whatever its container. The sound keeps its bits."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from burnish.audio.staged import output_errors
from burnish.deliver.artwork import Cover
from burnish.deliver.tags.fields import Fields
from burnish.deliver.tags.gains import ReplayGains
from burnish.deliver.tags.homes import HOMES
from burnish.deliver.tags.id3 import id3
from burnish.errors import OutputError

_APPLE = "----:com.apple.iTunes:"
_GAPLESS = f"{_APPLE}iTunSMPB"
"""How many samples an AAC encoder put before and after the music: no tag, part of the sound."""
_FRONT_COVER = 3


def write_tags(
    path: str | Path,
    fields: Fields,
    cover: Cover | None = None,
    gains: ReplayGains | None = None,
) -> None:
    """Write all tags into a FLAC, Ogg Vorbis, Opus, MP3, M4A or AIFF file, in place.

    What stood in its tags goes; the encoder's own notes of delay and padding stay. WAV files get
    theirs as chunks before the samples, when they are written (``wav_chunks``). The file has no
    name that anybody looks for yet: it is changed where it lies, not beside. Raises
    ``OutputError`` where there is no room or no permission.
    """
    import mutagen

    path = Path(path)
    with output_errors(path, path.stat().st_size if path.exists() else 0):
        try:
            _tagged(path, fields, cover, gains)
        except mutagen.MutagenError as error:
            cause = error.args[0] if error.args else None
            if isinstance(cause, OSError):
                raise cause from None
            raise OutputError("output-failed", f"{path}: cannot be tagged: {error}") from None


def _tagged(path: Path, fields: Fields, cover: Cover | None, gains: ReplayGains | None) -> None:
    """The tags of whichever container it is."""
    import mutagen
    from mutagen import aiff, flac, mp3, mp4, oggopus, oggvorbis

    file = mutagen.File(path)
    if isinstance(file, flac.FLAC):
        _flac(file, fields, cover, gains)
    elif isinstance(file, oggvorbis.OggVorbis | oggopus.OggOpus):
        _ogg(file, fields, cover, gains, isinstance(file, oggopus.OggOpus))
    elif isinstance(file, mp3.MP3):
        id3(fields, cover, gains).save(path, v2_version=4, v1=0)
    elif isinstance(file, mp4.MP4):
        _mp4(file, fields, cover, gains)
    elif isinstance(file, aiff.AIFF):
        _aiff(file, fields, cover, gains)
    else:
        raise OutputError("output-failed", f"{path}: no container that takes tags in place")


def vorbis_texts(
    fields: Fields, gains: ReplayGains | None = None, opus: bool = False
) -> dict[str, str]:
    """The Vorbis comments by their names. Opus has gains of its own, and no ReplayGain."""
    texts = fields.texts()
    told = {home.vorbis: texts[home.field] for home in HOMES if home.field in texts}
    if fields.track:
        told["TRACKNUMBER"] = str(fields.track)
        if fields.n_tracks:
            told["TRACKTOTAL"] = str(fields.n_tracks)
    if gains is not None:
        told |= gains.r128() if opus else gains.replay_gain()
    return told


def _picture(cover: Cover) -> Any:
    from mutagen.flac import Picture

    picture = Picture()
    picture.type = _FRONT_COVER
    picture.mime = cover.mime
    picture.width, picture.height, picture.depth = cover.width_px, cover.height_px, 24
    picture.data = cover.data
    return picture


def flac_tags(file: Any, fields: Fields, gains: ReplayGains | None = None) -> None:
    """Put the fields for the tags of a FLAC file that mutagen has open; it is not saved."""
    if file.tags is None:
        file.add_tags()
    file.tags.clear()
    for name, text in vorbis_texts(fields, gains).items():
        file.tags[name] = [text]


def _flac(file: Any, fields: Fields, cover: Cover | None, gains: ReplayGains | None) -> None:
    flac_tags(file, fields, gains)
    file.clear_pictures()
    if cover is not None:
        file.add_picture(_picture(cover))
    file.save()


def _ogg(
    file: Any, fields: Fields, cover: Cover | None, gains: ReplayGains | None, opus: bool
) -> None:
    file.tags.clear()
    for name, text in vorbis_texts(fields, gains, opus).items():
        file.tags[name] = [text]
    if cover is not None:
        block = b64encode(_picture(cover).write()).decode("ascii")
        file.tags["METADATA_BLOCK_PICTURE"] = [block]
    file.save()


def _mp4(file: Any, fields: Fields, cover: Cover | None, gains: ReplayGains | None) -> None:
    from mutagen.mp4 import MP4Cover, MP4FreeForm

    if file.tags is None:
        file.add_tags()
    tags, texts = file.tags, fields.texts()
    kept = tags.get(_GAPLESS)
    tags.clear()
    if kept:
        tags[_GAPLESS] = kept
    for home in HOMES:
        if home.field not in texts:
            continue
        text = texts[home.field]
        if home.mp4.startswith("----:"):
            name = _APPLE + home.mp4.removeprefix("----:")
            tags[name] = [MP4FreeForm(text.encode("utf-8"))]
        elif home.mp4 == "trkn":
            tags["trkn"] = [(fields.track, fields.n_tracks or 0)]
        elif home.mp4 == "rtng":
            tags["rtng"] = [int(text)]
        else:
            tags[home.mp4] = [text]
    for name, text in gains.replay_gain().items() if gains else ():
        tags[_APPLE + name.lower()] = [MP4FreeForm(text.encode("utf-8"))]
    if cover is not None:
        tags["covr"] = [MP4Cover(cover.data, MP4Cover.FORMAT_JPEG)]
    file.save()


def _aiff(file: Any, fields: Fields, cover: Cover | None, gains: ReplayGains | None) -> None:
    if file.tags is None:
        file.add_tags()
    file.tags.clear()
    for element in id3(fields, cover, gains).values():
        file.tags.add(element)
    file.save(v2_version=4)
