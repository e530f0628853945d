"""What a CD can hold (IEC 60908, the Red Book), one sentence for each limit that is passed."""

import re
from collections import Counter
from collections.abc import Iterator

from burnish.deliver.cd.disc import FIRST_PREGAP_CD_FRAMES, Disc
from burnish.deliver.cd.msf import CD_FRAMES_PER_S, msf, seconds
from burnish.errors import SettingError
from burnish.finding import Finding, Severity
from burnish.release import ean_check_digit, normalised_isrc

MOST_TRACKS = 99
LEAST_TRACK_CD_FRAMES = 4 * CD_FRAMES_PER_S
LONG_CD_FRAMES = 74 * 60 * CD_FRAMES_PER_S  # the disc of 650 MB
MOST_CD_FRAMES = (79 * 60 + 57) * CD_FRAMES_PER_S  # the disc of 700 MB, as plants take it
LAST_CD_FRAME = 100 * 60 * CD_FRAMES_PER_S - 1  # what two digits of minutes can tell


def limits_passed(disc: Disc) -> tuple[Finding, ...]:
    """Every limit that the disc passes, in the order of the disc; none where it is right."""
    return (*_whole(disc), *_order(disc), *_tracks(disc), *_codes(disc))


def check_disc(disc: Disc) -> tuple[Finding, ...]:
    """Raise the first that makes a CD impossible as a ``SettingError``; return the warnings."""
    found = limits_passed(disc)
    for one in found:
        if one.severity == "fail":
            raise SettingError(one.code, one.detail)
    return found


def _whole(disc: Disc) -> Iterator[Finding]:
    n_tracks = len(disc.tracks)
    if not 1 <= n_tracks <= MOST_TRACKS:
        yield _passed("cd-tracks", f"{n_tracks} tracks: a CD has 1 to {MOST_TRACKS}", "Split it.")
    end = disc.lead_out_cd_frame
    if end > LAST_CD_FRAME:
        text = f"the disc lasts {seconds(end) / 60:.1f} min: a CD counts to 99:59:74"
        yield _passed("cd-length", text, "Split it over two discs.")
    elif end > MOST_CD_FRAMES:
        text = f"the disc ends at {msf(end)}: must be {msf(MOST_CD_FRAMES)} at most"
        yield _passed("cd-length", text, "Shorten it, or split it over two discs.")
    elif end > LONG_CD_FRAMES:
        text = f"the disc ends at {msf(end)}: past {msf(LONG_CD_FRAMES)} old players may stumble"
        yield _passed("cd-long", text, "Ask the plant whether it takes 80-minute discs.", "warn")


def _order(disc: Disc) -> Iterator[Finding]:
    if not disc.tracks:
        return
    first = disc.tracks[0]
    if first.pregap_cd_frame != 0 or first.start_cd_frame < FIRST_PREGAP_CD_FRAMES:
        text = (
            f"track 1 begins {first.start_cd_frame - first.first_cd_frame} cd_frames after its "
            f"pregap at {first.first_cd_frame}: the pregap must begin at 0 and last "
            f"{FIRST_PREGAP_CD_FRAMES} cd_frames (2 s) or more"
        )
        yield _passed("cd-first-pregap", text, "Put two seconds of silence before the music.")
    before, said = -1, ""
    for number, track in enumerate(disc.tracks, 1):
        if len(track.index_cd_frames) > 98:
            text = f"track {number} has {len(track.index_cd_frames) + 1} index marks: at most 99"
            yield _passed("cd-index-marks", text, "Leave marks out.")
        for index, place in track.marks:
            here = f"track {number} index {index:02d}"
            if place <= before:
                text = f"{here} at cd_frame {place}: must come after {said} at {before}"
                yield _passed("cd-order", text, "Put the marks in order.")
            before, said = place, here
    if disc.lead_out_cd_frame <= before:
        text = f"the disc ends at cd_frame {disc.lead_out_cd_frame}: must come after {said}"
        yield _passed("cd-order", text, "Put the marks in order.")


def _tracks(disc: Disc) -> Iterator[Finding]:
    for place, track in enumerate(disc.tracks):
        length = disc.end_cd_frame(place) - track.start_cd_frame
        if 0 < length < LEAST_TRACK_CD_FRAMES:  # none at all is a matter of order
            text = f"track {place + 1} is {seconds(length):.2f} s long: must be 4 s or more"
            yield _passed("cd-short-track", text, "Join it to its neighbour, or lengthen it.")


def _codes(disc: Disc) -> Iterator[Finding]:
    if disc.ean and not re.fullmatch(r"[0-9]{13}", disc.ean):
        text = f"ean={disc.ean}: must be 13 digits (a UPC of 12 takes a 0 before it)"
        yield _passed("cd-ean", text, "Take it from the label's list.")
    elif disc.ean and ean_check_digit(disc.ean) != int(disc.ean[12]):
        text = f"ean={disc.ean}: its last digit must be {ean_check_digit(disc.ean)}"
        yield _passed("cd-ean", text, "One of its digits is wrong; take it from the label's list.")
    for number, track in enumerate(disc.tracks, 1):
        if track.isrc and not _is_isrc(track.isrc):
            text = (
                f"track {number} isrc={track.isrc}: must be two letters, three letters or digits, "
                "and seven digits, without hyphens"
            )
            yield _passed("cd-isrc", text, "Take it from the label's list.")
    seen = Counter(track.isrc for track in disc.tracks if track.isrc)
    for isrc in sorted(code for code, times in seen.items() if times > 1):
        numbers = ", ".join(str(n) for n, one in enumerate(disc.tracks, 1) if one.isrc == isrc)
        text = f"isrc={isrc} stands on tracks {numbers}: each recording has its own"
        yield _passed("cd-isrc-twice", text, "Give each recording its own code.", "warn")


def _is_isrc(text: str) -> bool:
    try:
        return normalised_isrc(text) == text
    except SettingError:
        return False


_TITLES = {
    "cd-tracks": "The number of tracks is not a CD's",
    "cd-length": "Longer than a CD",
    "cd-long": "Longer than 74 minutes",
    "cd-first-pregap": "The first track begins too early",
    "cd-index-marks": "Too many index marks",
    "cd-order": "Marks out of order",
    "cd-short-track": "A track shorter than 4 s",
    "cd-ean": "No valid EAN",
    "cd-isrc": "No valid ISRC",
    "cd-isrc-twice": "The same ISRC twice",
}


def _passed(code: str, text: str, advice: str, severity: Severity = "fail") -> Finding:
    return Finding(code, severity, _TITLES[code], text, advice, about="master")
