"""Records as JSON and back: what a worker found out about a sound, for the server to decide with.

Frozen dataclasses of numbers, texts, tuples, arrays and other such records; which they are, their
type hints say. Nothing is ever unpickled. Every bit comes back: an array is kept as its bytes, and
what is no finite number as its name.
"""

import base64
import dataclasses
import json
import math
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from burnish.audio import SourceInfo

Record = TypeVar("Record")

_KINDS = ("<f4", "<f8")


def dumped(record: Any) -> str:
    """The record as text."""
    return json.dumps(_plain(record), allow_nan=False, separators=(",", ":"))


def loaded(kind: type[Record], text: str | bytes) -> Record:
    """The record again. A text that is none of this kind is a ``ValueError``."""
    try:
        found: Record = _record(kind, json.loads(text))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        kind = _KINDS[value.dtype.itemsize == 8]
        data = base64.b64encode(value.astype(kind, copy=False).tobytes()).decode()
        return {"kind": kind, "shape": list(value.shape), "data": data}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return str(value) if isinstance(value, Path) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns={"SourceInfo": SourceInfo})


def _record(kind: Any, plain: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        if set(plain) != set(hints):
            raise ValueError(f"{kind}: has other fields")
        return kind(**{name: _record(hints[name], plain[name]) for name in hints})  # type: ignore[operator]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is np.ndarray:
        return _array(plain)
    if origin is tuple:
        kinds = [parts[0]] * len(plain) if parts[-1] is ... else parts
        return tuple(_record(one, value) for one, value in zip(kinds, plain, strict=True))
    if NoneType in parts:
        return (
            None if plain is None else _record(next(p for p in parts if p is not NoneType), plain)
        )
    return float(plain) if kind is float else Path(plain) if kind is Path else plain


def _array(plain: Any) -> Any:
    if plain["kind"] not in _KINDS:
        raise ValueError("an array of another kind")
    found = np.frombuffer(base64.b64decode(plain["data"]), plain["kind"])
    return found.reshape(plain["shape"]).copy()
