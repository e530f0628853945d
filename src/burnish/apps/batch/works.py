"""What a batch may do with a row, and which settings each of these works takes."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

from burnish.audio.output_format import OutputFormat
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer.album.wishes import AlbumWishes
from burnish.engineer.repair import Repairs
from burnish.engineer.wishes import Wishes
from burnish.errors import SettingError
from burnish.release.song import SongTags
from burnish.settings import Settings, setting
from burnish.targets.shelf import delivery, style

Do = Literal["master", "restore", "measure", "check", "qc", "album", "learn"]
DOES: tuple[Do, ...] = get_args(Do)


class MasterFiles(Settings):
    """What a master has beside its wishes and its format."""

    chain: str = setting("", scale="text", help="A chain file, played instead of the rules.")
    report: bool = setting(True, help="Write a report page beside the master.")
    listening: bool = setting(True, help="Put a pair to be heard into the report.")


class CheckWishes(Settings):
    """What a mix is checked against."""

    style: str = setting("auto", scale="text", help="Style that is normal.")
    reference: tuple[str, ...] = setting((), help="Recordings that are normal.")


class QcWishes(Settings):
    """Where a finished file goes."""

    for_: str = setting("", scale="text", help="The target whose demands count.")


class AlbumFiles(Settings):
    """What an album has beside its wishes."""

    to: tuple[str, ...] = setting((), help="What to deliver: targets.")
    signature: str = setting("", scale="text", help="The signature of an earlier album.")
    preview_joins: bool = setting(False, help="Write ten seconds around each join.")
    report: bool = setting(True, help="Write the album's report page.")


@dataclass(frozen=True)
class Work:
    """One kind of work: the declared models its settings belong to, and what its output is called.

    Of two models with a setting of one name the first has it.
    """

    models: tuple[type[Settings], ...] = ()
    ending: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, type[Settings]]:
        """Every setting, and the model that it is declared in."""
        found: dict[str, type[Settings]] = {}
        for model in self.models:
            for name in model.model_fields:
                found.setdefault(name, model)
        return found


_FOR = {"for": "for_", "targets": "for_", "target": "for_"}

WORKS: Mapping[Do, Work] = {
    "master": Work((MasterFiles, Wishes, OutputFormat, SongTags), ".master", _FOR),
    "restore": Work((Repairs, OutputFormat), ".restored"),
    "measure": Work((), ".measure.json"),
    "check": Work((CheckWishes,), ".check.json"),
    "qc": Work((QcWishes,), ".qc.json", _FOR),
    "album": Work(
        (AlbumFiles, AlbumWishes, DeliveryWishes, Wishes),
        "",
        {"for": "for_", "targets": "to", "target": "to"},
    ),
    "learn": Work((), ""),
}
"""What ``--do`` may say. ``learn`` takes a song's portrait, for a profile of them all."""

PATHS = ("style", "profile", "reference", "signature", "chain", "noise_profile")
"""Settings that name files which a row reads; of ``style`` only what ends with .yaml."""

_SEPARATOR = ";"


def settings_of(do: Do, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a row gives, checked by the models that declare them, as JSON has them.

    Values may be text, as a CSV holds them: empty is not given, several are parted by ``;``. An
    unknown name or a value out of its range is a ``SettingError`` that says which.
    """
    names = WORKS[do].names
    parts: dict[type[Settings], dict[str, Any]] = {}
    for told, value in given.items():
        if value is None or value == "" or value == [] or value == ():
            continue
        name = named(do, told)
        if name not in names:
            raise _unknown(do, told)
        parts.setdefault(names[name], {})[name] = _read(names[name], name, value)
    found: dict[str, Any] = {}
    for model, values in parts.items():
        checked = model(**values).model_dump(mode="json")
        found.update({name: checked[name] for name in values})
    for name, value in found.items():
        _refuse_unknown_name(name, value)
    return dict(sorted(found.items()))


def named(do: Do, told: str) -> str:
    """The setting that a column or an option of this name means."""
    name = told.strip().lower().replace("-", "_")
    return WORKS[do].aliases.get(name, name)


def _unknown(do: Do, told: str) -> SettingError:
    known = sorted(name.strip("_") for name in WORKS[do].names)
    near = difflib.get_close_matches(told.strip().lower(), known, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    if not known:
        hint = "; it has none"
    return SettingError("setting-unknown", f"{told}: is no setting of {do}{hint}")


def _read(model: type[Settings], name: str, value: Any) -> Any:
    """A cell as the model takes it: a row of texts where it wants several.

    Where it wants text, a year or a title that a table holds as a whole number is text.
    """
    wanted = model.model_fields[name].annotation
    several = getattr(wanted, "__origin__", None) is tuple
    if several and isinstance(value, str):
        return [part.strip() for part in value.split(_SEPARATOR) if part.strip()]
    told = list(value) if isinstance(value, list | tuple) else [value]
    if wanted is str or wanted == tuple[str, ...]:
        if not all(type(one) in (str, int) for one in told):
            raise SettingError("setting-range", f"{name.strip('_')}={value}: must be text")
        told = [str(one).strip() for one in told]
    if several or len(told) != 1:
        return told
    return told[0].strip() if isinstance(told[0], str) else told[0]


def _refuse_unknown_name(name: str, value: Any) -> None:
    """A style or a target that there is not; learned styles are looked at by who reads them."""
    if name == "style" and value != "auto" and not value.lower().endswith((".yaml", ".yml")):
        _style(value)
    if name in ("for_", "to"):
        for one in [value] if isinstance(value, str) else value:
            try:
                _target(one)
            except SettingError as error:  # it speaks of a delivery, and the row of its column
                said = error.sentence.replace("delivery=", f"{name.strip('_')}=", 1)
                raise SettingError(error.code, said) from None


@lru_cache(4096)
def _style(name: str) -> None:
    style(name)


@lru_cache(4096)
def _target(name: str) -> None:
    delivery(name)
