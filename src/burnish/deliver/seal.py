"""Seal: a JSON document that carries its own hash, so that a change in it is found."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_EMPTY = '"seal": ""'
_SEAL = re.compile(r'"seal": "([0-9a-f]{64})"')


def sealed(document: Mapping[str, Any]) -> str:
    """The document as text, with the SHA-256 of that text (its own place left empty) in it."""
    text = json.dumps({**document, "seal": ""}, indent=2, ensure_ascii=False, allow_nan=False)
    before, _, behind = text.rpartition(_EMPTY)
    return f'{before}"seal": "{_sum(text + chr(10))}"{behind}\n'


def is_whole(text: str) -> bool:
    """Whether a sealed text is as it was written."""
    seals = list(_SEAL.finditer(text))
    if not seals:
        return False
    last = seals[-1]
    return _sum(text[: last.start()] + _EMPTY + text[last.end() :]) == last[1]


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
