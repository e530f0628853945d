"""Keys and marks: what a row was made of, so that a second run does nothing.

A mark is a small JSON file of its own for each output (or, where a row has none, for what it asks).
It is written before the work, as ``begun``: then what lies there is ours to replace; and after the
output, as ``made``, with the key. A key is the hash of the inputs' content, of the settings with
the content of the files they name, and of burnish's version.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self

import burnish
from burnish.apps.batch.places import Place

_FORM = 1


@dataclass(frozen=True)
class Taken:
    """A file that a row reads, as it was: ``role`` is "input", or the setting that names it."""

    role: str
    url: str
    stamp: str | None
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class Put:
    """A file that a row wrote."""

    url: str
    n_bytes: int
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """As the results have it."""
        return {"url": self.url, "bytes": self.n_bytes, "sha256": self.sha256}


def asked_of(do: str, inputs: Sequence[str], settings: Mapping[str, Any], output: str) -> str:
    """The hash of what a row asks for, files by their names: is it still the same question?"""
    return _hash([_FORM, burnish.__version__, do, list(inputs), settings, output])


def key_of(do: str, settings: Mapping[str, Any], taken: Sequence[Taken]) -> str:
    """The hash of what a result depends on, files by their content."""
    inputs = [one.sha256 for one in taken if one.role == "input"]
    named = {one.role for one in taken} - {"input"}
    rest = {name: value for name, value in settings.items() if name not in named}
    files = sorted((one.role, one.sha256) for one in taken if one.role != "input")
    weights = {name: _weights(settings[name]) for name in sorted(named)}
    return _hash([_FORM, burnish.__version__, do, rest, inputs, files, weights])


def _weights(value: Any) -> list[str]:
    """What is said of a file beside its name: ``FILE:WEIGHT``."""
    return [parted(str(one))[1] for one in (value if isinstance(value, list | tuple) else [value])]


def parted(named: str) -> tuple[str, str]:
    """A file and its weight, as ``--reference FILE:WEIGHT`` has them; "" where none is said."""
    file, _, weight = named.rpartition(":")
    try:
        float(weight)
    except ValueError:
        return named, ""
    return (file, weight) if file else (named, "")


def mark_name(do: str, inputs: Sequence[str], output: str, settings: Mapping[str, Any]) -> str:
    """The name of a row's mark: of its output, or of all it asks where there is none."""
    said = [output] if output else [do, list(inputs), settings]
    return f"{_hash(said)[:40]}.json"


def _hash(said: Any) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Mark:
    """What is known of a row's output from an earlier time."""

    state: Literal["begun", "made"]
    asked: str
    key: str = ""
    taken: tuple[Taken, ...] = ()
    put: tuple[Put, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    passed: bool = True

    def to_bytes(self) -> bytes:
        """As it is written."""
        return json.dumps({"form": _FORM, **asdict(self)}, allow_nan=False).encode()

    @classmethod
    def read(cls, place: Place) -> Self | None:
        """The mark that is there; None: there is none, or none that this burnish can read."""
        data = place.read_if_there()
        try:
            told = json.loads(data or b"null")
            if told.pop("form") != _FORM:
                return None
            taken = tuple(Taken(**one) for one in told.pop("taken"))
            put = tuple(Put(**one) for one in told.pop("put"))
            return cls(taken=taken, put=put, **told)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def stands(self, at: Callable[[str], Place]) -> "Mark | None":
        """This mark, or one with fresh stamps, where nothing changed; None: it is to be redone.

        A file whose stamp is the same is not read. ``at`` gives the place of a URL.
        """
        taken = []
        for one in self.taken:
            place = at(one.url)
            stamp = place.stamp()
            if (stamp is None or stamp != one.stamp) and place.digest().sha256 != one.sha256:
                return None
            taken.append(Taken(one.role, one.url, stamp, one.sha256, one.n_bytes))
        return replace(self, taken=tuple(taken)) if self.is_there(at) else None

    def is_there(self, at: Callable[[str], Place]) -> bool:
        """Whether it was made, and all that was put is there and as large as it was."""
        if self.state != "made":
            return False
        places = ((at(put.url), put.n_bytes) for put in self.put)
        return all(place.exists() and place.size() == n_bytes for place, n_bytes in places)
