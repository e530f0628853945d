"""The cue sheet of an image, or of a file for each track, with CD-Text and codes."""

from collections.abc import Sequence

from burnish.deliver.cd.disc import Disc, Texts
from burnish.deliver.cd.latin import latin_1
from burnish.deliver.cd.msf import msf

_WORDS = (("TITLE", "title"), ("PERFORMER", "performer"), ("SONGWRITER", "songwriter"))
_REMARKS = (("COMPOSER", "composer"), ("ARRANGER", "arranger"), ("MESSAGE", "message"))
_KINDS = {".wav": "WAVE", ".flac": "WAVE", ".aiff": "AIFF", ".aif": "AIFF"}


def cue_sheet(disc: Disc, files: Sequence[tuple[str, int]]) -> str:
    """A cue sheet; ``files`` are names, each with the cd_frame of the disc at which it begins.

    Times count from the beginning of their file. A mark before the first file is left out. Where a
    track's pause lies in the file before its own, index 00 stands there, as most programs write
    it. Letters are those of ISO 8859-1, lines end in CR LF; keep it in that encoding.
    """
    lines = [f"CATALOG {disc.ean}"] if disc.ean else []
    lines += _texts(disc.texts)
    starts = sorted(files, key=lambda file: file[1])
    current = -1
    for number, track in enumerate(disc.tracks, 1):
        marks = [(index, at) for index, at in track.marks if at >= starts[0][1]]
        wanted = _file_at(starts, marks[0][1])
        if wanted != current:
            lines.append(_file(starts[wanted][0]))
            current = wanted
        lines.append(f"  TRACK {number:02d} AUDIO")
        lines += ["    " + line for line in _texts(track.texts)]
        flags = [
            word
            for word, holds in (
                ("DCP", track.digital_copy == "permitted"),
                ("4CH", track.four_channel),
                ("PRE", track.pre_emphasis),
                ("SCMS", track.digital_copy == "once"),
            )
            if holds
        ]
        lines += [f"    FLAGS {' '.join(flags)}"] if flags else []
        lines += [f"    ISRC {track.isrc}"] if track.isrc else []
        for index, at in marks:
            wanted = _file_at(starts, at)
            if wanted != current:
                lines.append(_file(starts[wanted][0]))
                current = wanted
            lines.append(f"    INDEX {index:02d} {msf(at - starts[current][1])}")
    return "".join(line + "\r\n" for line in lines)


def _file_at(starts: Sequence[tuple[str, int]], at: int) -> int:
    return max(place for place, (_, start) in enumerate(starts) if start <= at)


def _file(name: str) -> str:
    dot = name.rfind(".")
    kind = _KINDS.get(name[dot:].lower(), "BINARY") if dot >= 0 else "BINARY"
    return f"FILE {_quoted(name)} {kind}"


def _texts(texts: Texts) -> list[str]:
    words = [(word, getattr(texts, name)) for word, name in _WORDS]
    words += [(f"REM {word}", getattr(texts, name)) for word, name in _REMARKS]
    return [f"{word} {_quoted(text)}" for word, text in words if text]


def _quoted(text: str) -> str:
    """In quotes; a cue sheet has no way to write one inside."""
    return '"' + latin_1(text).replace('"', "'") + '"'
