"""Joins: a piece around each join of a programme, to be heard before anything goes out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from burnish.audio import OutputFormat, Source, Writer, write_whole
from burnish.chain import Teller
from burnish.chain.layout import Layout, Placed
from burnish.deliver.folder import new_folder
from burnish.deliver.names import file_name, safe
from burnish.deliver.order import Order
from burnish.deliver.pieces import Pieces

BESIDE_S = 10.0
LIST = "joins.json"

HIDDEN = "hidden"
_LONGEST_TITLE = 60


@dataclass(frozen=True)
class JoinPreview:
    """A piece around one join. Seconds in the file, but for ``programme_s``.

    ``left_ends_s`` is where the song before is over, ``right_begins_s`` where the next is first
    heard: a crossfade lies between them, the other way round, and silence as they stand.
    ``at_s`` is where a player's display changes.
    """

    file: str
    before: int
    """Its number, from 1; 0: what is hidden before the first."""
    after: int
    join: str
    at_s: float
    left_ends_s: float
    right_begins_s: float
    duration_s: float
    programme_s: float
    """Where in the programme the piece begins."""


def join_files(order: Order, folder: Path, scratch: Path, tell: Teller) -> tuple[Path, ...]:
    """``preview_joins`` of an order's programme at the release's rate, in a folder of their own.

    An earlier ``folder`` of previews is replaced; one that holds other things is an
    ``OutputError``.
    """
    titles = [track.full_title or Path(track.file).stem for track in order.release.tracks]
    with (
        Pieces(order, scratch, tell).sequence() as programme,
        new_folder(folder, lambda there: (there / LIST).is_file()) as staged,
    ):
        told = preview_joins(programme.source, programme.layout, staged, titles)
        document = {"joins": [asdict(one) for one in told]}
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        write_whole(text.encode(), staged / LIST)
    return tuple(folder / one.file for one in told)


def preview_joins(
    source: Source,
    layout: Layout,
    folder: Path,
    titles: Sequence[str],
    seconds: float = BESIDE_S,
) -> tuple[JoinPreview, ...]:
    """Write a 24-bit WAV for each join of a programme: so many seconds of what is on both sides.

    ``01-02 Title - Title.wav`` holds ``seconds`` before the first song ends (or the crossfade
    begins), the join as it is, and ``seconds`` after the second begins (or the crossfade ends);
    less where a song is shorter. The samples are those of the programme, dithered where they are
    not whole numbers of 24 bits. ``folder`` must be there.
    """
    told = []
    for number, before, after in _pairs(layout):
        name = _name(number, titles)
        start = max(0, min(before.finish, after.begin) - round(seconds * layout.rate_hz))
        end = max(before.finish, after.begin) + round(seconds * layout.rate_hz)
        end = min(end, layout.n_samples)
        _write(folder / name, source, start, end)
        told.append(
            JoinPreview(
                file=name,
                before=number - 1,
                after=number,
                join=after.join,
                at_s=(after.start - start) / layout.rate_hz,
                left_ends_s=(before.finish - start) / layout.rate_hz,
                right_begins_s=(after.begin - start) / layout.rate_hz,
                duration_s=(end - start) / layout.rate_hz,
                programme_s=start / layout.rate_hz,
            )
        )
    return tuple(told)


def _pairs(layout: Layout) -> Iterator[tuple[int, Placed, Placed]]:
    """The number of each song that follows another, from 1, and both."""
    before = layout.hidden
    for number, track in enumerate(layout.tracks, 1):
        if before is not None:
            yield number, before, track
        before = track


def _name(number: int, titles: Sequence[str]) -> str:
    left = titles[number - 2] if number > 1 else HIDDEN
    names = [
        safe(title)[:_LONGEST_TITLE].strip() or "Untitled" for title in (left, titles[number - 1])
    ]
    return file_name(None, f"{number - 1:02d}-{number:02d} {' - '.join(names)}", ".wav", set())


def _write(path: Path, source: Source, start: int, end: int) -> None:
    info = source.info
    whole = info.bits is not None and not info.is_float and info.bits <= 24
    form = OutputFormat(format="wav", bits="24", dither="none" if whole else "tpdf")
    with Writer(path, form, info.rate_hz, info.channels, end - start) as writer:
        for block in source.blocks(start=start, stop=end):
            writer.write(block)
