"""Release and Track: what comes out, in which order, and how one song leads to the next. Data only.

Written by a person it is ``album.yaml`` (``chain/album_sheet.py``), heard it is a sequence
(``chain/sequence.py``). Codes are kept in one form: an ISRC without hyphens, a UPC as the 13 digits
of its EAN.

>>> normalised_isrc("us-abc-26-00001"), normalised_ean("036000291452")
('USABC2600001', '0036000291452')
"""

from burnish.release.codes import ean_check_digit, normalised_ean, normalised_isrc
from burnish.release.faults import MOST_INDEX_MARKS, ROUNDED_S, Fault, faults
from burnish.release.model import (
    LONGEST_S,
    Advisory,
    Credit,
    Crossing,
    Curve,
    DigitalCopy,
    Fade,
    Release,
    Track,
    checked_versions,
)
from burnish.release.song import SongTags

__all__ = [
    "LONGEST_S",
    "MOST_INDEX_MARKS",
    "ROUNDED_S",
    "Advisory",
    "Credit",
    "Crossing",
    "Curve",
    "DigitalCopy",
    "Fade",
    "Fault",
    "Release",
    "SongTags",
    "Track",
    "checked_versions",
    "ean_check_digit",
    "faults",
    "normalised_ean",
    "normalised_isrc",
]
