"""Whether a DDP is whole and a plant can press it: findings, none where all is well."""

from collections.abc import Iterator, Sequence

from burnish.deliver.cd.read_cdtext import ReadCdText
from burnish.deliver.cd.read_ddp import SECTOR_BYTES, Ddp
from burnish.deliver.cd.read_pq import LEAD_IN, LEAD_OUT
from burnish.deliver.cd.read_sums import Sum, read_sums
from burnish.deliver.cd.red_book import limits_passed
from burnish.finding import Finding, Severity

AGAIN = "Ask for it again, or copy it again."


def verify_ddp(ddp: Ddp) -> tuple[Finding, ...]:
    """Checksums, lengths, the map, PQ codes, CD-Text, and the limits of the Red Book.

    Every file is read once. The worst come first.
    """
    found = [
        *_sums(read_sums(ddp.folder)),
        *_lengths(ddp),
        *_identifier(ddp),
        *_marks(ddp),
        *limits_passed(ddp.disc),
        *(_cd_text(ddp.cd_text, len(ddp.disc.tracks)) if ddp.cd_text else ()),
    ]
    return tuple(sorted(found, key=lambda one: ("fail", "warn", "info").index(one.severity)))


def _sums(sums: Sequence[Sum]) -> Iterator[Finding]:
    if not sums:
        yield _said(
            "ddp-no-checksum",
            "info",
            "No checksums",
            "no file of the folder tells a checksum: whether it arrived as it left, nobody knows",
            "Ask for the checksums.",
        )
    for one in sums:
        if one.got is None:
            text = f"{one.file}: {one.told_in} tells its {one.kind}, and it is missing"
            yield _said("ddp-file-missing", "fail", "A file is missing", text, AGAIN)
        elif not one.agrees:
            text = f"{one.file}: its {one.kind} is {one.got}, {one.told_in} tells {one.wanted}"
            yield _said("ddp-checksum", "fail", "A checksum does not agree", text, AGAIN)


def _lengths(ddp: Ddp) -> Iterator[Finding]:
    for piece in ddp.image:
        name = piece.path.name
        if piece.n_bytes is None:
            text = f"{name}: the map names it, and it is missing"
            yield _said("ddp-file-missing", "fail", "The image is missing", text, AGAIN)
        elif piece.n_bytes != piece.wanted_bytes:
            less = "shorter" if piece.n_bytes < piece.wanted_bytes else "longer"
            text = (
                f"{name}: {piece.n_bytes} bytes, {abs(piece.n_bytes - piece.wanted_bytes)} "
                f"{less} than the {piece.wanted_bytes // SECTOR_BYTES} sectors of the map"
            )
            yield _said("ddp-image-length", "fail", f"The image is {less} than told", text, AGAIN)
    for stream in ddp.streams:
        n_bytes = ddp.n_bytes.get(stream.file)
        if stream.is_audio or n_bytes is None or not stream.length:
            continue
        if not 0 <= n_bytes - stream.length <= 1:  # CD-Text may have a zero behind it
            text = f"{stream.file}: {n_bytes} bytes, the map tells {stream.length}"
            title = "A file is not as long as told"
            yield _said("ddp-stream-length", "fail", title, text, AGAIN)
    told = ddp.image_starts_cd_frame + ddp.n_image_cd_frames
    if told != ddp.disc.lead_out_cd_frame:
        text = (
            f"the lead-out stands at cd_frame {ddp.disc.lead_out_cd_frame}, the image ends at "
            f"{told}"
        )
        yield _said("ddp-lead-out", "fail", "PQ codes and image disagree", text, "Make it anew.")


def _identifier(ddp: Ddp) -> Iterator[Finding]:
    if not ddp.level:
        text = "DDPID is missing: plants refuse a DDP without it"
        yield _said("ddp-file-missing", "fail", "A file is missing", text, AGAIN)
    elif not ddp.level.startswith("DDP "):
        text = f"DDPID begins with {ddp.level!r}: must be DDP and its level, as DDP 2.00"
        yield _said("ddp-level", "fail", "DDPID is none", text, "Make it anew.")
    told = {code.zfill(13) for code in (ddp.ean, *(mark.ean for mark in ddp.marks)) if code}
    if len(told) > 1:
        text = f"DDPID and PQ codes tell different EANs: {', '.join(sorted(told))}"
        yield _said("ddp-ean", "warn", "Two EANs", text, "Ask which is right.")


def _marks(ddp: Ddp) -> Iterator[Finding]:
    ends = {mark.at_cd_frame for mark in ddp.marks if mark.track == LEAD_OUT}
    if len(ends) > 1:
        text = f"the PQ codes tell {len(ends)} different lead-outs"
        yield _said("ddp-lead-outs", "fail", "Two lead-outs", text, "Make it anew.")
    body = [mark for mark in ddp.marks if mark.track not in (LEAD_IN, LEAD_OUT)]
    order = list(dict.fromkeys(mark.track for mark in body))
    if order != list(range(1, len(ddp.disc.tracks) + 1)):
        text = f"its tracks are numbered {', '.join(map(str, order))}: must be 1, 2, 3 ..."
        yield _said("ddp-numbers", "fail", "Tracks out of number", text, "Make it anew.")
    for number in order:
        group = [mark for mark in body if mark.track == number]
        index = [mark.index for mark in group]
        if index != list(range(index[0], index[0] + len(index))) or index[0] > 1:
            text = f"track {number} has the indexes {', '.join(map(str, index))}: one is missing"
            yield _said("ddp-indexes", "fail", "An index is missing", text, "Make it anew.")
        flags = {(m.pre_emphasis, m.copy_permitted, m.scms, m.four_channel, m.data) for m in group}
        if len(flags) > 1:
            text = f"track {number}: its packets tell different flags"
            yield _said("ddp-flags", "fail", "Flags change inside a track", text, "Make it anew.")
        if any(mark.scms and mark.copy_permitted for mark in group):
            text = f"track {number}: copies permitted, and once only: these exclude each other"
            yield _said("ddp-flags", "fail", "Flags that exclude each other", text, "Set one.")
        if len({mark.isrc for mark in group if mark.isrc}) > 1:
            text = f"track {number} has more than one ISRC"
            yield _said("ddp-isrcs", "fail", "Two ISRCs", text, "Ask which is right.")


def _cd_text(text: ReadCdText, n_tracks: int) -> Iterator[Finding]:
    if text.bad_crcs:
        numbers = ", ".join(map(str, text.bad_crcs[:8]))
        said = (
            f"the CRC of {len(text.bad_crcs)} of {text.n_packs} CD-Text packs is wrong: {numbers}"
        )
        yield _said("cd-text-crc", "fail", "CD-Text is damaged", said, "Make it anew.")
    if text.out_of_sequence:
        said = f"CD-Text pack {text.out_of_sequence[0]} is out of sequence"
        yield _said("cd-text-sequence", "fail", "CD-Text out of sequence", said, "Make it anew.")
    if text.n_bytes_over:
        said = f"{text.n_bytes_over} bytes of the CD-Text belong to no pack"
        yield _said("cd-text-length", "fail", "CD-Text is cut off", said, "Make it anew.")
    if text.n_packs and not text.has_sizes:
        said = "the CD-Text lacks the three packs that tell its size: players pass over it"
        yield _said("cd-text-sizes", "fail", "CD-Text without its sizes", said, "Make it anew.")
    elif not text.counts_agree:
        said = "the CD-Text counts its packs otherwise than they are"
        yield _said("cd-text-counts", "warn", "CD-Text miscounts", said, "Make it anew.")
    elif text.has_sizes and (text.first_track, text.last_track) != (1, n_tracks):
        said = (
            f"the CD-Text tells of tracks {text.first_track} to {text.last_track}, the disc has "
            f"{n_tracks}"
        )
        yield _said("cd-text-tracks", "warn", "CD-Text of another disc", said, "Make it anew.")


def _said(code: str, severity: Severity, title: str, text: str, advice: str) -> Finding:
    return Finding(code, severity, title, text, advice, about="master")
