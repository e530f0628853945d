"""A DDP on the screen and as JSON: what it holds, and what is wrong with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from burnish import __version__
from burnish.deliver.cd.msf import msf, seconds
from burnish.deliver.cd.read_ddp import Ddp
from burnish.finding import Finding, verdict

if TYPE_CHECKING:
    from rich.console import Console

_TEXTS = ("title", "performer", "songwriter", "composer", "arranger", "message")


def ddp_to_json(ddp: Ddp) -> dict[str, Any]:
    """What a DDP holds, as JSON. Times are MM:SS:FF from 00:00:00, and seconds beside them."""
    disc = ddp.disc
    return {
        "burnish": __version__,
        "folder": str(ddp.folder),
        "level": ddp.level or None,
        "ean": disc.ean or None,
        "master_id": disc.master_id or None,
        "length": msf(disc.lead_out_cd_frame),
        "duration_s": seconds(disc.lead_out_cd_frame),
        "texts": _texts(disc.texts),
        "tracks": [_track(ddp, place) for place in range(len(disc.tracks))],
        "streams": [
            {
                "kind": one.kind,
                "file": one.file,
                "length": one.length,
                "subcode": one.subcode or None,
            }
            for one in ddp.streams
        ],
        "cd_text_packs": ddp.cd_text.n_packs if ddp.cd_text else 0,
    }


def _track(ddp: Ddp, place: int) -> dict[str, Any]:
    track = ddp.disc.tracks[place]
    length = ddp.disc.end_cd_frame(place) - track.start_cd_frame
    return {
        "track": place + 1,
        "start": msf(track.start_cd_frame),
        "start_s": seconds(track.start_cd_frame),
        "length": msf(max(0, length)),
        "length_s": seconds(length),
        "pregap_s": seconds(track.start_cd_frame - track.first_cd_frame),
        "index": {f"{index:02d}": msf(at) for index, at in track.marks},
        "isrc": track.isrc or None,
        "pre_emphasis": track.pre_emphasis,
        "digital_copy": track.digital_copy,
        "four_channel": track.four_channel,
        "texts": _texts(track.texts),
    }


def _texts(texts: Any) -> dict[str, str]:
    return {name: text for name in _TEXTS if (text := getattr(texts, name))}


def print_ddp(console: "Console", ddp: Ddp) -> None:
    """What a DDP holds, as a table."""
    from rich.table import Table

    disc = ddp.disc
    name = " - ".join(filter(None, (disc.texts.performer, disc.texts.title)))
    console.print(name or str(ddp.folder), markup=False, highlight=False)
    files = ", ".join(one.file for one in ddp.streams)
    head = (
        f"{ddp.level or 'no DDPID'} · EAN {disc.ean or '-'} · master ID {disc.master_id or '-'} · "
        f"{len(disc.tracks)} tracks · {msf(disc.lead_out_cd_frame)} · {files}"
    )
    console.print(head, markup=False, highlight=False, style="dim")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("track", "start", "length", "pregap", "ISRC", "flags", "title", "performer"):
        table.add_column(column, justify="right" if column == "track" else "left")
    for one in ddp_to_json(ddp)["tracks"]:
        flags = [
            word
            for word, holds in (
                ("emphasis", one["pre_emphasis"]),
                (f"copy {one['digital_copy']}", one["digital_copy"] != "prohibited"),
                ("4 channels", one["four_channel"]),
                (f"{len(one['index'])} marks", any(index > "01" for index in one["index"])),
            )
            if holds
        ]
        cells = (
            str(one["track"]),
            one["start"],
            one["length"],
            f"{one['pregap_s']:.2f} s" if one["pregap_s"] else "-",
            one["isrc"] or "-",
            ", ".join(flags) or "-",
            one["texts"].get("title", "-"),
            one["texts"].get("performer", "-"),
        )
        table.add_row(*cells)
    console.print(table, markup=False)


def verified_to_json(ddp: Ddp, findings: Sequence[Finding]) -> dict[str, Any]:
    """The contract's document of a check, of a DDP."""
    return {
        "burnish": __version__,
        "file": str(ddp.folder),
        "verdict": verdict(findings),
        "findings": [one.to_json() for one in findings],
    }


def print_verified(console: "Console", ddp: Ddp, findings: Sequence[Finding]) -> None:
    """The verdict, and each finding with its advice."""
    words = {"pass": "nothing is wrong with it", "warn": "look at this", "fail": "do not press it"}
    said = f"{ddp.folder}: {verdict(findings)}: {words[verdict(findings)]}"
    console.print(said, markup=False, highlight=False)
    for one in findings:
        text = f"  {one.severity}: {one.detail}. {one.advice}"
        console.print(text, markup=False, highlight=False)
