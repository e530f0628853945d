"""What lies beside the tracks: their metadata, which a plain WAV cannot carry, and the cover."""

import csv
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from burnish import __version__
from burnish.audio.staged import output_errors, write_whole
from burnish.deliver.order import DeliveredFile
from burnish.deliver.streaming.tracks import Album
from burnish.deliver.tags import fields_of

METADATA = "metadata"

_FIRST = ("track", "title", "artist", "isrc", "explicit", "upc", "album", "album_artist")
"""The columns that come first, and are always there."""


def write_sidecar(one: Album, files: Sequence[DeliveredFile]) -> tuple[DeliveredFile, ...]:
    """Write ``metadata.json`` and ``metadata.csv``: all that is told of release and tracks.

    Each track names its files. The CSV has a byte order mark, so that Excel reads its letters.
    """
    release, by = one.order.release, one.order.wishes.mastered_by
    rows = []
    for i in range(len(release.tracks)):
        texts = fields_of(release, i, by).texts()
        texts["track"] = str(i + 1)
        rows.append(
            {
                **{name: texts.get(name, "") for name in _FIRST},
                **texts,
                "files": "; ".join(f.path.as_posix() for f in files if f.track == i + 1),
            }
        )
    document = {
        "burnish": __version__,
        "release": fields_of(release, None, by).texts(),
        "tracks": [_plain(row) for row in rows],
    }
    written = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_whole(written.encode(), one.folder / f"{METADATA}.json")
    columns = list(dict.fromkeys(name for row in rows for name in row if name != "files"))
    table = io.StringIO()
    out = csv.DictWriter(table, [*columns, "files"], restval="", lineterminator="\r\n")
    out.writeheader()
    out.writerows(rows)
    write_whole(table.getvalue().encode("utf-8-sig"), one.folder / f"{METADATA}.csv")
    return tuple(DeliveredFile(Path(f"{METADATA}.{end}"), METADATA) for end in ("json", "csv"))


def write_artwork(one: Album) -> tuple[DeliveredFile, ...]:
    """Copy the cover as it is: nothing is scaled up, and shops scale down by themselves."""
    if one.artwork is None:
        return ()
    name = "cover.png" if one.artwork.kind == "png" else "cover.jpg"
    path = one.folder / name
    with output_errors(path, one.artwork.n_bytes):
        shutil.copyfile(one.artwork.path, path)
    size = [one.artwork.width_px, one.artwork.height_px]
    return (DeliveredFile(Path(name), "artwork", told={"size_px": size}),)


def _plain(row: dict[str, str]) -> dict[str, str | list[str]]:
    """What is told of a track, and its files as a list."""
    told: dict[str, str | list[str]] = {name: text for name, text in row.items() if text}
    return told | {"files": row["files"].split("; ")}
