"""The disc as a toc file, from which cdrdao burns it."""

from dataclasses import fields

from burnish.deliver.cd.disc import Disc, Texts
from burnish.deliver.cd.latin import latin_1
from burnish.deliver.cd.msf import msf

_SWAPPED = (".dat", ".bin")  # without header, little-endian: the other way round than cdrdao


def toc(disc: Disc, image: str) -> str:
    """A toc file; ``image`` is the name of a WAV of the whole image, or of a DDP's IMAGE.DAT.

    A burner makes the first two seconds itself, as silence; a longer first pregap is in the toc.
    Letters outside ASCII are written as octal codes of ISO 8859-1, as are quotes and backslashes:
    cdrdao 1.2.4 stumbles over a backslash before a quote.
    """
    used = [
        one.name
        for one in fields(Texts)
        if any(getattr(texts, one.name) for texts in (disc.texts, *(t.texts for t in disc.tracks)))
    ]
    lines = ["CD_DA", ""]
    lines += [f'CATALOG "{disc.ean}"'] if disc.ean else []
    if used:
        lines += ["CD_TEXT {", "  LANGUAGE_MAP { 0 : EN }", *_texts(disc.texts, used), "}"]
    swap = " SWAP" if image.lower().endswith(_SWAPPED) else ""
    for place, track in enumerate(disc.tracks):
        first = max(track.first_cd_frame, 150)
        last = place + 1 == len(disc.tracks)
        end = disc.lead_out_cd_frame if last else disc.tracks[place + 1].first_cd_frame
        copy = "COPY" if track.digital_copy == "permitted" else "NO COPY"
        emphasis = "PRE_EMPHASIS" if track.pre_emphasis else "NO PRE_EMPHASIS"
        channels = "FOUR_CHANNEL_AUDIO" if track.four_channel else "TWO_CHANNEL_AUDIO"
        lines += ["", f"// Track {place + 1}", "TRACK AUDIO", copy, emphasis, channels]
        lines += [f'ISRC "{track.isrc}"'] if track.isrc else []
        if used:
            lines += ["CD_TEXT {", *_texts(track.texts, used), "}"]
        lines.append(f"FILE {_quoted(image)}{swap} {msf(first)} {msf(end - first)}")
        if track.start_cd_frame > first:
            lines.append(f"START {msf(track.start_cd_frame - first)}")
        lines += [f"INDEX {msf(at - track.start_cd_frame)}" for at in track.index_cd_frames]
    return "\n".join(lines) + "\n"


def _texts(texts: Texts, used: list[str]) -> list[str]:
    told = [f"    {name.upper()} {_quoted(getattr(texts, name))}" for name in used]
    return ["  LANGUAGE 0 {", *told, "  }"]


def _quoted(text: str) -> str:
    letters = [
        letter if letter.isascii() and letter not in '"\\' else f"\\{ord(letter):03o}"
        for letter in latin_1(text)
    ]
    return '"' + "".join(letters) + '"'
