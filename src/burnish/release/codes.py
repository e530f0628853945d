"""Codes of a recording and of a release, each in one form; a wrong one is told in one sentence."""

import re

from burnish.errors import SettingError


def normalised_isrc(text: str) -> str:
    """The ISRC as it is stored: 12 characters, upper case, no hyphens (ISO 3901).

    Two letters, three letters or digits, two digits of the year, five of the recording. It has no
    check digit. Anything else is a ``SettingError``.
    """
    found = re.sub(r"[-\s]", "", text.strip().upper().removeprefix("ISRC"))
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", found):
        raise SettingError(
            "isrc",
            f"isrc={text}: must be 2 letters, 3 letters or digits and 7 digits, "
            f"as in US-ABC-26-00001",
        )
    return found


def ean_check_digit(digits: str) -> int:
    """The last digit of an EAN-13, from the twelve before it (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits[:12]))
    return -total % 10


def normalised_ean(text: str) -> str:
    """The 13 digits of an EAN; a UPC of 12 digits gets a 0 in front, which keeps its check digit.

    Blanks and hyphens between the digits are left out. Another length, or a check digit that does
    not fit, is a ``SettingError``.
    """
    found = re.sub(r"[-\s]", "", text)
    if not re.fullmatch(r"[0-9]{12,13}", found):
        raise SettingError("upc", f"upc={text}: must be a UPC of 12 digits or an EAN of 13")
    found = found.zfill(13)
    if int(found[-1]) != (right := ean_check_digit(found)):
        raise SettingError(
            "upc-check-digit",
            f"upc={text}: must end in {right}, its check digit; is a digit mistyped?",
        )
    return found
