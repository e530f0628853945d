"""Reading any DDP of an audio CD. Written apart from the writer, from the same public tables.

It takes what real writers differ in: blanks or zeros before numbers, any file names that the map
tells, capitals or not, an image in several pieces, a first pregap that is not in it, one lead-out
or two, ISRCs on any packet of a track, CD-Text in three forms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from burnish.deliver.cd.disc import Disc, DiscTrack, Texts
from burnish.deliver.cd.read_cdtext import ReadCdText, read_cd_text
from burnish.deliver.cd.read_pq import LEAD_IN, LEAD_OUT, Mark, read_pq
from burnish.errors import InputError
from burnish.release import DigitalCopy

SECTOR_BYTES = 2352
_MOST_SMALL_BYTES = 1 << 20  # no map, PQ or CD-Text is larger


@dataclass(frozen=True)
class Stream:
    """One packet of the map. ``length`` is in sectors for D streams, else in bytes."""

    kind: str
    length: int
    start: int | None
    subcode: str
    mode: str
    storage: str
    pregap: int | None
    file: str

    @property
    def is_audio(self) -> bool:
        """Whether it is sound."""
        return self.kind == "D0"


@dataclass(frozen=True)
class Piece:
    """A file of the image: where it lies, how long it should be and how long it is, in bytes."""

    path: Path
    wanted_bytes: int
    n_bytes: int | None
    """None: there is no such file."""


@dataclass(frozen=True)
class Ddp:
    """A DDP as it was read."""

    folder: Path
    level: str
    ean: str
    master_id: str
    streams: tuple[Stream, ...]
    marks: tuple[Mark, ...]
    cd_text: ReadCdText | None
    image: tuple[Piece, ...]
    n_bytes: Mapping[str, int]
    """How long the files are, by the names that the map gives them; not those that are missing."""
    disc: Disc

    @property
    def image_starts_cd_frame(self) -> int:
        """What the image's first sector is called: 0, or 150 where the first pregap is left out."""
        return self._first_gap if self._missing == self._first_gap else 0

    @property
    def n_image_cd_frames(self) -> int:
        """Sectors of the image, by the map."""
        return sum(piece.wanted_bytes for piece in self.image) // SECTOR_BYTES

    @property
    def _missing(self) -> int:
        return self.disc.lead_out_cd_frame - self.n_image_cd_frames

    @property
    def _first_gap(self) -> int:
        return self.disc.tracks[0].start_cd_frame


def read_ddp(folder: str | Path) -> Ddp:
    """Read the small files of a DDP, and look how long the image is.

    What cannot be read at all is an ``InputError``; what is wrong, but can be read, is for
    ``verify_ddp`` to tell.
    """
    path = Path(folder)
    names = _names(path)
    if "ddpms" not in names:
        raise InputError("ddp-none", f"{folder}: is no DDP: it holds no DDPMS")
    streams = _streams(_small(names["ddpms"]))
    level, ean, master_id = _identifier(names)
    pq = [one for one in streams if one.subcode.startswith("PQ")]
    if not pq:
        raise InputError("ddp-map", f"{folder}: its map tells of no PQ descriptor")
    audio = [one for one in streams if one.is_audio]
    if not audio:
        raise InputError("ddp-map", f"{folder}: its map tells of no sound")
    for one in audio:
        if one.mode not in ("DA", ""):
            raise InputError("ddp-map", f"{folder}: {one.file} is data ({one.mode}), no sound")
    marks = read_pq(_small(_named(pq[0].file, names, path)), pq[0].file)
    text = next((one for one in streams if one.subcode.startswith("CDTEXT")), None)
    cd_text = read_cd_text(_small(_named(text.file, names, path))) if text else None
    return Ddp(
        folder=path,
        level=level,
        ean=ean,
        master_id=master_id,
        streams=streams,
        marks=marks,
        cd_text=cd_text,
        image=tuple(_piece(one, names, path) for one in audio),
        n_bytes={
            one.file: names[one.file.lower()].stat().st_size
            for one in streams
            if one.file.lower() in names
        },
        disc=_disc(marks, cd_text, ean, master_id, path),
    )


def _names(path: Path) -> dict[str, Path]:
    """The files there are, by their name in small letters."""
    try:
        return {one.name.lower(): one for one in sorted(path.iterdir()) if one.is_file()}
    except FileNotFoundError:
        raise InputError("ddp-none", f"{path}: there is no such folder") from None
    except NotADirectoryError:
        raise InputError("ddp-none", f"{path}: is a file; name the folder of a DDP") from None
    except OSError as error:
        raise InputError("ddp-none", f"{path}: cannot be read: {error.strerror}") from None


def _small(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_SMALL_BYTES + 1)
    except OSError as error:
        raise InputError("ddp-file", f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > _MOST_SMALL_BYTES:
        raise InputError("ddp-file", f"{path}: too large for what the map calls it")
    return data


def _named(file: str, names: dict[str, Path], folder: Path) -> Path:
    if file.lower() not in names:
        raise InputError("ddp-file-missing", f"{folder}: {file}, which its map names, is missing")
    return names[file.lower()]


def _identifier(names: dict[str, Path]) -> tuple[str, str, str]:
    """Level, EAN and master ID; empty where there is no DDPID, which ``verify_ddp`` tells."""
    if "ddpid" not in names:
        return "", "", ""
    text = _small(names["ddpid"]).decode("latin-1")
    return text[:8].strip(), text[8:21].strip(" \0"), text[38:86].strip(" \0")


def _streams(data: bytes) -> tuple[Stream, ...]:
    text = data.rstrip(b"\r\n\x1a\0").decode("latin-1")
    if not text or -len(text) % 128 > 32:  # a writer may leave out the last blanks
        raise InputError("ddp-map", f"DDPMS: {len(text)} bytes: must be whole packets of 128")
    return tuple(_stream(text[at : at + 128], at // 128) for at in range(0, len(text), 128))


def _stream(packet: str, number: int) -> Stream:
    where = f"DDPMS: packet {number}"
    if not packet.startswith("VVVM"):
        raise InputError("ddp-map", f"{where} begins with {packet[:4]!r}: must be VVVM")
    file = packet[74:91].rstrip(" \0")
    if not file or "/" in file or "\\" in file or file in (".", ".."):
        raise InputError("ddp-map", f"{where} names no file of this folder: {file!r}")
    return Stream(
        kind=packet[4:6],
        length=_number(packet[14:22], where, "length") or 0,
        start=_number(packet[22:30], where, "start"),
        subcode=packet[30:38].strip(),
        mode=packet[38:40].strip(),
        storage=packet[40:41].strip(),
        pregap=_number(packet[46:50], where, "pregap"),
        file=file,
    )


def _number(text: str, where: str, what: str) -> int | None:
    text = text.strip(" \0")
    if text and not re.fullmatch("[0-9]+", text):
        raise InputError("ddp-map", f"{where}: {what} {text!r} is no number")
    return int(text) if text else None


def _piece(stream: Stream, names: dict[str, Path], folder: Path) -> Piece:
    path = names.get(stream.file.lower())
    n_bytes = path.stat().st_size if path else None
    return Piece(path or folder / stream.file, stream.length * SECTOR_BYTES, n_bytes)


def _disc(
    marks: Sequence[Mark], text: ReadCdText | None, ean: str, master_id: str, folder: Path
) -> Disc:
    """The disc that the marks tell of, in the order in which they stand."""
    ends = [mark for mark in marks if mark.track == LEAD_OUT]
    body = [mark for mark in marks if mark.track not in (LEAD_IN, LEAD_OUT)]
    if not ends:
        raise InputError("ddp-pq", f"{folder}: its PQ descriptor has no lead-out")
    if not body:
        raise InputError("ddp-pq", f"{folder}: its PQ descriptor has no track")
    cuts = [0, *(at for at, (a, b) in enumerate(pairwise(body), 1) if a.track != b.track)]
    groups = [body[start:end] for start, end in pairwise([*cuts, len(body)])]
    codes = [ean, *(mark.ean for mark in marks)]
    return Disc(
        tracks=tuple(_track(group, text, folder) for group in groups),
        lead_out_cd_frame=ends[0].at_cd_frame,
        ean=_ean_13(next(filter(None, codes), "")),
        master_id=master_id,
        texts=_texts(text, 0),
        genre_code=text.genre_code if text else None,
        genre=text.text("genre", 0) if text else "",
        disc_id=text.text("disc_id", 0) if text else "",
    )


def _track(group: Sequence[Mark], text: ReadCdText | None, folder: Path) -> DiscTrack:
    places = {mark.index: mark.at_cd_frame for mark in group}
    number = group[0].track
    if 1 not in places:
        raise InputError("ddp-pq", f"{folder}: track {number} has no index 01")
    once: DigitalCopy = "once" if any(mark.scms for mark in group) else "prohibited"
    return DiscTrack(
        start_cd_frame=places[1],
        pregap_cd_frame=places.get(0),
        index_cd_frames=tuple(mark.at_cd_frame for mark in group if mark.index > 1),
        isrc=next((mark.isrc for mark in group if mark.isrc), ""),
        pre_emphasis=group[0].pre_emphasis,
        digital_copy="permitted" if group[0].copy_permitted else once,
        four_channel=group[0].four_channel,
        texts=_texts(text, number),
    )


def _ean_13(code: str) -> str:
    """A UPC of twelve digits, as some write it, as the EAN that it is; all zeros is none."""
    if not code.strip("0"):
        return ""
    return "0" + code if re.fullmatch("[0-9]{12}", code) else code


def _texts(text: ReadCdText | None, track: int) -> Texts:
    if text is None:
        return Texts()
    names = ("title", "performer", "songwriter", "composer", "arranger", "message")
    return Texts(*(text.text(name, track) for name in names))
