"""The PQ sheet: what a plant and a client read beside the master, as text."""

from collections.abc import Mapping, Sequence

from burnish.deliver.cd.ddp import WrittenFile
from burnish.deliver.cd.disc import Disc, Texts
from burnish.deliver.cd.msf import msf

_COPY = {"prohibited": "no", "permitted": "yes", "once": "once"}


def pq_sheet(
    disc: Disc, files: Sequence[WrittenFile] = (), about: Mapping[str, str] | None = None
) -> str:
    """A sheet of every mark with pauses, lengths, codes and flags.

    ``files`` are those of the DDP, told with their MD5. ``about`` is more for the head, as
    ``{"Client": "..."}``.
    """
    head = {
        "Title": disc.texts.title,
        "Artist": disc.texts.performer,
        "UPC/EAN": disc.ean,
        "Master ID": disc.master_id,
        **(about or {}),
        "Tracks": str(len(disc.tracks)),
        "Total time": msf(disc.lead_out_cd_frame),
        "CD-Text": "yes" if _has_texts(disc) else "no",
    }
    lines = ["PQ SHEET", ""]
    lines += [f"{name:<11}{text}" for name, text in head.items() if text]
    lines += ["", "Tr Ix Start     Length    ISRC          Copy  Emph  Title"]
    for place, track in enumerate(disc.tracks):
        for index, at in track.marks:
            title = track.texts.title if index == 1 else "(pause)" if index == 0 else ""
            length = {0: track.start_cd_frame - at, 1: disc.end_cd_frame(place) - at}.get(index)
            cells = [
                f"{place + 1:02d} {index:02d} {msf(at)}",
                "" if length is None else msf(length),
                track.isrc if index == 1 else "",
                _COPY[track.digital_copy] if index == 1 else "",
                ("yes" if track.pre_emphasis else "no") if index == 1 else "",
                title,
            ]
            form = "{:<16}{:<10}{:<14}{:<6}{:<6}{}"
            lines.append(form.format(*cells).rstrip())
    lines.append(f"AA 01 {msf(disc.lead_out_cd_frame)}  lead-out")
    if files:
        lines += ["", "MD5", *(f"{one.md5}  {one.name} ({one.n_bytes} bytes)" for one in files)]
    lines += [
        "",
        "Times are minutes, seconds and cd_frames (75 in a second); 00:00:00 is where the pause",
        "before track 1 begins. A track lasts from its index 01 to the next one's.",
    ]
    return "\n".join(lines) + "\n"


def _has_texts(disc: Disc) -> bool:
    return any(texts != Texts() for texts in (disc.texts, *(t.texts for t in disc.tracks)))
