"""The PQ descriptor of a DDP: 64 characters for every mark on the disc."""

from burnish.deliver.cd.disc import Disc, DiscTrack
from burnish.deliver.cd.msf import msf
from burnish.deliver.cd.profile import Profile

PACKET_BYTES = 64
_PLAIN = "01"  # no flag; ADR 1: the packet tells a time


def pq_descriptor(disc: Disc, profile: Profile) -> bytes:
    """Lead-in, each index of each track, and the lead-out, which every known writer tells twice.

    The EAN stands on the lead-in's packet; an ISRC on the first packet of its track, or on each
    (``profile.isrc_on_every_packet``).
    """
    packets = [_packet("00", 0, 0, _PLAIN, ean=disc.ean)]
    for number, track in enumerate(disc.tracks, 1):
        flags = _flags(track)
        for place, (index, cd_frame) in enumerate(track.marks):
            with_isrc = place == 0 or profile.isrc_on_every_packet
            isrc = track.isrc if with_isrc else ""
            packets.append(_packet(f"{number:02d}", index, cd_frame, flags, isrc))
    packets += [_packet("AA", 1, disc.lead_out_cd_frame, _PLAIN)] * 2
    return "".join(packets).encode("ascii")


def _packet(
    track: str, index: int, cd_frame: int, flags: str, isrc: str = "", ean: str = ""
) -> str:
    reserved = "  "
    time = reserved + msf(cd_frame, "")
    packet = f"VVVS{track}{index:02d}{time}{flags}{reserved}{isrc:12}{ean:13}"
    return f"{packet:{PACKET_BYTES}}"


def _flags(track: DiscTrack) -> str:
    """Q's control nibble in hexadecimal, then ADR 1, or S where SCMS governs copies."""
    permitted = track.digital_copy == "permitted"
    control = track.pre_emphasis + 2 * permitted + 8 * track.four_channel
    return f"{control:X}{'S' if track.digital_copy == 'once' else '1'}"
