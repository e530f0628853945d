"""Names: where the outputs of a batch lie when nobody says so, and that no two are alike."""

import os
import posixpath
import re
import unicodedata
from array import array
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from burnish.apps.batch.works import WORKS, Do
from burnish.audio import container_of
from burnish.audio.output_format import Container, OutputFormat

RESERVED = (
    "state", "marks", "results.parquet", "quarantine.jsonl", "profile.yaml", "report.html",
)  # fmt: skip
"""What a batch keeps in its folder; an output of such a name goes into ``_NAME``."""

_PROTOCOL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

Keys = NDArray[np.uint64]


def resolved(folder: str, name: str) -> str:
    """A file as a worker finds it: a URL or a whole path, where ``name`` is seen from a folder."""
    if _PROTOCOL.match(name):
        return name
    if _PROTOCOL.match(folder) and not name.startswith("/"):
        return posixpath.join(folder, name)
    return os.path.abspath(os.path.join(folder, name))


def below(name: str) -> str:
    """An input's name as a path below a folder: without protocol, root and ``..``."""
    if name.startswith(("http://", "https://")):  # as it is read, without what signs it
        web = urlsplit(name)
        name = f"{web.netloc}/{unquote(web.path)}"
    inner = _PROTOCOL.sub("", name).replace("\\", "/")
    parts = [part for part in inner.split("/") if part not in ("", ".", "..")]
    if parts and parts[0].casefold() in RESERVED:
        parts[0] = f"_{parts[0]}"
    return "/".join(parts) or "_"


def output_of(do: Do, name: str, settings: dict[str, Any], apart: str = "") -> str:
    """Where the output of an input of this name lies below the batch's folder.

    ``songs/a.wav`` is ``songs/a.master.wav``; an ``album.yaml`` gives its folder. ``apart`` is
    added where two would be alike.
    """
    folder, _, last = below(name).rpartition("/")
    stem = last.rsplit(".", 1)[0] if "." in last.strip(".") else last
    if do == "album":
        made = folder if stem == "album" and folder else posixpath.join(folder, stem)
        return made + (f"-{apart}" if apart else "")
    if do == "learn":
        return ""
    ending = WORKS[do].ending
    if do in ("master", "restore"):
        ending += _suffix(settings.get("format", "wav"))
    return posixpath.join(folder, stem + (f"-{apart}" if apart else "") + ending)


@cache
def _suffix(kind: Container) -> str:
    return OutputFormat(format=kind).suffix


def plain(title: str) -> str:
    """A title as the name of a folder, on any file system."""
    name = unicodedata.normalize("NFC", title)
    return re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]', "_", name).strip(" .")[:120] or "album"


def key_of(text: str) -> int:
    """64 bits for a text."""
    return int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def slot(output: str) -> int:
    """64 bits for an output; those that some file systems take for one are alike."""
    return key_of(unicodedata.normalize("NFC", output).casefold())


def bare(output: str) -> str:
    """An output without the ending of a sound: its sheet and its report are named so."""
    return output if container_of(output) is None else output.rsplit(".", 1)[0]


class KeyList:
    """Many keys of 64 bits, at eight bytes each."""

    def __init__(self) -> None:
        self._keys = array("Q")

    def add(self, key: int) -> None:
        """Keep a key."""
        self._keys.append(key)

    def array(self) -> Keys:
        """All of them, in their order."""
        return np.array(self._keys, dtype=np.uint64)

    def twice(self) -> set[int]:
        """Those that are there more than once."""
        keys = self.array()
        keys.sort()
        return set(keys[1:][keys[1:] == keys[:-1]].tolist())
