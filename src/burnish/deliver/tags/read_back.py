"""What a delivered file tells, read on another road than it was written, against what it should."""

from collections.abc import Iterator
from pathlib import Path

from burnish.audio.chunks import list_chunks
from burnish.audio.tags import Tags, read_tags
from burnish.deliver.tags.fields import Fields
from burnish.deliver.tags.gains import ReplayGains
from burnish.deliver.tags.homes import HOMES
from burnish.deliver.tags.id3 import id3_texts, people

_ID3 = ("mp3", "aiff", "wav")
_FREE = ("encoder", "mastered_by")


def differences(
    path: str | Path,
    fields: Fields,
    gains: ReplayGains | None = None,
    cover: bool | None = None,
) -> tuple[str, ...]:
    """Where a file's tags are not those that it should have, a sentence each; none: all is right.

    Read by FFmpeg (and by hand where it is silent), never by what wrote them. A WAV is held against
    what its chunks can tell: all of it with an ``id3 `` or an ``iXML`` chunk, else RIFF INFO, and
    without that nothing.
    ``cover``: whether one must be in it, or must not; None: either is fine. What a release does not
    say, encoder and who mastered it, may stand in the file where ``fields`` has nothing of it.
    """
    tags = read_tags(path)
    told = dict(tags.texts)
    wanted = id3_texts(fields) if tags.container in _ID3 else fields.texts()
    names = {home.field for home in HOMES}
    full = True
    if tags.container == "wav":
        chunks = {chunk.name for chunk in list_chunks(path)}
        full = "id3 " in chunks
        if not full:  # INFO knows the track's number alone
            wanted = fields.texts() | {"track": str(fields.track or "")}
            told["track"] = told.get("track", "").split("/")[0]
        if not chunks & {"id3 ", "iXML"}:
            names = {home.field for home in HOMES if home.info and home.field != "engineer"}
            names = names if "LIST" in chunks else set()
    if full and tags.container in _ID3:
        names -= {home.field for home in HOMES if home.id3.startswith("TIPL")}
    said = [*_texts_apart(told, wanted, names)]
    if full and tags.container in _ID3:
        said += _people_apart(tags, fields)
    if full and gains is not None:
        of_file = gains.r128() if _is_opus(path) else gains.replay_gain()
        lower = {name.lower(): text for name, text in of_file.items()}
        said += _texts_apart(told, lower, set(lower))
    if full and cover is not None and cover != tags.has_cover:
        said.append("cover: is missing" if cover else "cover: is there, and must not be")
    return tuple(said)


def _texts_apart(told: dict[str, str], wanted: dict[str, str], names: set[str]) -> Iterator[str]:
    for name in sorted(names):
        have, want = told.get(name, ""), wanted.get(name, "")
        if have == want or (name in _FREE and not want):
            continue
        if not have:
            yield f'{name}: is missing, must say "{want}"'
        elif not want:
            yield f'{name}: says "{have}", must say nothing'
        else:
            yield f'{name}: says "{have}", must say "{want}"'


def _people_apart(tags: Tags, fields: Fields) -> Iterator[str]:
    have = [f"{role}: {name}" for role, name in tags.people]
    want = [f"{role}: {name}" for role, name in people(fields)]
    if not fields.mastered_by:
        have = [one for one in have if not one.startswith("mastering: ")]
    if have != want:
        yield f'people: says "{"; ".join(have)}", must say "{"; ".join(want)}"'


def _is_opus(path: str | Path) -> bool:
    with Path(path).open("rb") as file:
        return b"OpusHead" in file.read(64)
