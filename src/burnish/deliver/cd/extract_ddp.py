"""The sound of a DDP as WAV: a file for each track, or one of the whole image, with a cue sheet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.audio.headers import wav_header
from burnish.audio.staged import output_errors
from burnish.deliver.cd.cue import cue_sheet
from burnish.deliver.cd.disc import FIRST_PREGAP_CD_FRAMES
from burnish.deliver.cd.latin import ascii_only
from burnish.deliver.cd.read_ddp import SECTOR_BYTES, Ddp
from burnish.deliver.folder import new_folder
from burnish.errors import InputError

IMAGE, SHEET, HIDDEN = "image.wav", "disc.cue", "00 hidden.wav"
_RATE_HZ = 44_100
_PART_BYTES = 1 << 20


@dataclass(frozen=True)
class Extracted:
    """What was written: the folder, and the names in it, the cue sheet last."""

    folder: Path
    files: tuple[str, ...]


@dataclass(frozen=True)
class _Cut:
    """One WAV: from where to where, in cd_frames of the disc."""

    name: str
    start_cd_frame: int
    end_cd_frame: int


def extract_ddp(
    ddp: Ddp, folder: str | Path, *, one_file: bool = False, overwrite: bool = False
) -> Extracted:
    """Write the DDP's sound to ``folder``, bit for bit, and a cue sheet beside it.

    A track's file goes from its index 01 to the next one's, so the files behind each other are the
    disc; the first pregap is a file of its own, ``00 hidden.wav``, where it holds sound or is
    longer than two seconds. ``one_file``: the whole image as one file, the first pregap in it.

    Raises ``InputError`` where the image is missing or too short, ``OutputError``.
    """
    for piece in ddp.image:
        if piece.n_bytes is None:
            raise InputError("ddp-file-missing", f"{piece.path}: is missing: no sound to extract")
        if piece.n_bytes < piece.wanted_bytes:
            raise InputError(
                "ddp-image-length",
                f"{piece.path}: is cut off: {piece.n_bytes} bytes of {piece.wanted_bytes}",
            )
    start, end = ddp.image_starts_cd_frame, ddp.disc.lead_out_cd_frame
    if start + ddp.n_image_cd_frames < end:
        raise InputError("ddp-lead-out", f"{ddp.folder}: its lead-out stands behind its image")
    starts = [track.start_cd_frame for track in ddp.disc.tracks]
    if not start <= starts[0] or any(b <= a for a, b in zip(starts, [*starts[1:], end])):  # noqa: B905
        raise InputError("cd-order", f"{ddp.folder}: its marks are out of order")
    cuts = [_Cut(IMAGE, start, end)] if one_file else _tracks(ddp)
    n_bytes = (end - start) * SECTOR_BYTES + 44 * len(cuts) + 4096
    path = Path(folder)
    with new_folder(path, _is_ours if overwrite else None, n_bytes) as staged:
        for cut in cuts:
            with output_errors(path / cut.name, n_bytes), (staged / cut.name).open("xb") as file:
                size = cut.end_cd_frame - cut.start_cd_frame
                file.write(wav_header(_RATE_HZ, 2, 2, False, size * SECTOR_BYTES // 4, {}))
                for part in sound(ddp, cut.start_cd_frame, cut.end_cd_frame):
                    file.write(part)
        files = [(cut.name, cut.start_cd_frame) for cut in cuts]
        sheet = cue_sheet(ddp.disc, files).encode("latin-1")
        with output_errors(path / SHEET, n_bytes):
            (staged / SHEET).write_bytes(sheet)
    return Extracted(path, (*(cut.name for cut in cuts), SHEET))


def _tracks(ddp: Ddp) -> list[_Cut]:
    disc = ddp.disc
    before = _Cut(HIDDEN, ddp.image_starts_cd_frame, disc.tracks[0].start_cd_frame)
    longer = before.end_cd_frame > FIRST_PREGAP_CD_FRAMES
    cuts = [before] if longer or _holds_sound(ddp, before) else []
    for place, track in enumerate(disc.tracks):
        title = re.sub(r'[^ -~]|[/\\:*?"<>|]', "_", ascii_only(track.texts.title))[:100].strip(" .")
        title = title if re.search("[0-9A-Za-z]", title) else ""
        name = f"{place + 1:02d} {title}".strip() + ".wav"
        cuts.append(_Cut(name, track.start_cd_frame, disc.end_cd_frame(place)))
    return cuts


def _holds_sound(ddp: Ddp, cut: _Cut) -> bool:
    return any(any(part) for part in sound(ddp, cut.start_cd_frame, cut.end_cd_frame))


def sound(ddp: Ddp, start_cd_frame: int, end_cd_frame: int) -> Iterator[bytes]:
    """The bytes of a stretch of the disc, out of as many pieces as the image has."""
    at = (start_cd_frame - ddp.image_starts_cd_frame) * SECTOR_BYTES
    left = (end_cd_frame - start_cd_frame) * SECTOR_BYTES
    for piece in ddp.image:
        if at >= piece.wanted_bytes:
            at -= piece.wanted_bytes
            continue
        with piece.path.open("rb") as file:
            file.seek(at)
            here = min(left, piece.wanted_bytes - at)
            left -= here
            while here > 0 and (part := file.read(min(here, _PART_BYTES))):
                here -= len(part)
                yield part
        at = 0


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds a cue sheet, the files that it names, and nothing else."""
    names = {one.name for one in folder.iterdir()}
    if SHEET not in names:
        return False
    told = re.findall('^FILE "(.+)" WAVE', (folder / SHEET).read_text("latin-1"), re.MULTILINE)
    return names <= {SHEET, *told}
