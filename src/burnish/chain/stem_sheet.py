"""Naming stems: as words, by a file's name, or in a YAML with roles, gains and groups."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from burnish.chain.plan import Role, Stem
from burnish.chain.sheet import load_record
from burnish.errors import SettingError
from burnish.settings import Settings, setting

_SHEETS = (".yaml", ".yml")

_WORDS: tuple[tuple[Role, str], ...] = (
    ("effects", r"fx|sfx|effects?|ambien\w+|noise|risers?|returns?|reverbs?|delays?|verbs?"),
    ("vocals", r"lead ?(vocals?|vox|voice)|backing|vocals?|vox|voices?|voc|lv|bv|bgvs?|bgv|choir|"
               r"singers?|sing(ing)?|rap|chorus voices?|adlibs?|harmony voc\w*"),
    ("kick", r"kick|kik|bd|bass ?drum"),
    ("drums", r"drums?|drm|kit|beats?|snares?|sn|sd|toms?|hi ?hats?|hats?|hh|cymbals?|ohs?|"
              r"overheads?|rooms?|percussion|perc|loops?|claps?|shakers?|tambourine|congas?"),
    ("bass", r"bass|bas|bs|sub|808|upright|contrabass"),
    ("guitars", r"guitars?|gtrs?|gits?|gt|egtr|agtr|acoustic|electric|banjo|ukulele|mandolin"),
    ("keys", r"keys?|keyboards?|pianos?|pno|rhodes|organ|synths?|syn|pads?|wurli\w*|clav\w*|"
             r"harpsichord|epiano"),
    ("strings", r"strings?|violins?|violas?|cellos?|orchestra|orch"),
)  # fmt: skip
"""Words in file names; the earlier line decides where two fit: a bass drum is no bass."""


class Group(Settings):
    """Stems that are turned up and down together."""

    name: str = setting(..., scale="text", help="Its name, as the stems say it.")
    gain_db: float = setting(0.0, low=-60, high=24, unit="dB", help="Gain of all its stems.")


class StemSheet(Settings):
    """What a YAML of stems says. Files are looked for beside it."""

    stems: tuple[Stem, ...] = setting(..., help="The stems, in the order of the sum.")
    groups: tuple[Group, ...] = setting((), help="Their groups.")
    mix: str = setting("", scale="text", help="The mix that they should sum to.")


def guessed_role(name: str) -> Role:
    """The role that a file's name tells, "other" where it tells none.

    >>> guessed_role("02_LeadVox_dry.wav"), guessed_role("Bass Drum.wav"), guessed_role("lead.wav")
    ('vocals', 'kick', 'other')
    """
    stem = re.sub(r"([a-z])([A-Z])", r"\1 \2", Path(name).stem)
    words = " ".join(re.findall(r"808|[a-z]+", stem.lower()))
    for role, pattern in _WORDS:
        if re.search(rf"\b(?:{pattern})\b", words):
            return role
    return "other"


def named_stems(names: Sequence[str | Path | Stem]) -> tuple[tuple[Stem, ...], str]:
    """The stems that are given, and the mix that a YAML names ("": none).

    Each is a file, ``ROLE=FILE``, or a ``Stem``; or one YAML for all. No stem at all, and a role
    that there is not, are ``SettingError``.
    """
    if not names:
        raise SettingError("stems-missing", "stems: must be given, one file or more")
    sheets = [one for one in names if _is_sheet(one)]
    if sheets and len(names) > 1:
        raise SettingError(
            "stems-sheet", f"{sheets[0]}: names all stems by itself; give it without other files"
        )
    if sheets:
        return _from_sheet(Path(str(sheets[0])))
    return tuple(one if isinstance(one, Stem) else _from_words(str(one)) for one in names), ""


def _is_sheet(given: str | Path | Stem) -> bool:
    return not isinstance(given, Stem) and Path(given).suffix.lower() in _SHEETS


def _from_words(words: str) -> Stem:
    role, equals, file = words.partition("=")
    if not equals or Path(words).exists() or "/" in role:
        return Stem(file=words, role=guessed_role(words))
    roles: tuple[str, ...] = get_args(Role)
    if role not in roles or not file:
        raise SettingError("stem-role", f"{words}: the role must be one of {', '.join(roles)}")
    return Stem(file=file, role=role)


def _from_sheet(path: Path) -> tuple[tuple[Stem, ...], str]:
    sheet = load_record(path, StemSheet, "list of stems")
    if not sheet.stems:
        raise SettingError("stems-missing", f"{path}: stems: must hold one or more")
    groups = {group.name: group.gain_db for group in sheet.groups}
    found = []
    for stem in sheet.stems:
        if stem.group and groups and stem.group not in groups:
            raise SettingError(
                "setting-range",
                f"{path}: group={stem.group}: must be one of {', '.join(groups)}",
            )
        role = stem.role if "role" in stem.model_fields_set else guessed_role(stem.file)
        gain_db = round(stem.gain_db + groups.get(stem.group, 0.0), 6)
        file = str(_beside(path, stem.file))
        found.append(stem.with_(file=file, role=role, gain_db=gain_db))
    return tuple(found), str(_beside(path, sheet.mix)) if sheet.mix else ""


def _beside(sheet: Path, file: str) -> Path:
    """Files are named from where the sheet lies."""
    return Path(file) if Path(file).is_absolute() else sheet.parent / file
