"""Proof that a DDP holds what was rendered: its tracks' samples and its marks, read back."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burnish.deliver.cd.ddp import IMAGE
from burnish.deliver.cd.disc import Disc, Texts
from burnish.deliver.cd.extract_ddp import sound
from burnish.deliver.cd.latin import latin_1
from burnish.deliver.cd.msf import SAMPLES_PER_CD_FRAME
from burnish.deliver.cd.read_ddp import Ddp
from burnish.finding import Finding

_WAV_HEADER_BYTES = 44


class Witness:
    """Hears an image while it is written, track by track, and compares what was written."""

    def __init__(self, disc: Disc) -> None:
        self._disc = disc
        starts = [track.start_cd_frame for track in disc.tracks]
        self._cuts = [0, *starts, disc.lead_out_cd_frame]
        self._heard: list[bytes] = []

    def hearing(self, blocks: Iterable[NDArray[np.int16]]) -> Iterator[NDArray[np.int16]]:
        """The same blocks, while their hashes are taken."""
        ends = [cut * SAMPLES_PER_CD_FRAME for cut in self._cuts[1:]]
        at, hashed = 0, _new_hash()
        for block in blocks:
            rest = block
            while ends and at + rest.shape[1] >= ends[0]:
                n = ends.pop(0) - at
                hashed.update(_bytes(rest[:, :n]))
                self._heard.append(hashed.digest())
                hashed, rest, at = _new_hash(), rest[:, n:], at + n
            hashed.update(_bytes(rest))
            at += rest.shape[1]
            yield block

    def findings(self, ddp: Ddp) -> Iterator[Finding]:
        """What in the DDP as read back is not what was meant; nothing where all is."""
        for number, (start, end) in enumerate(pairwise(self._cuts)):
            yield from self._compared(number, sound(ddp, start, end), IMAGE)
        for name, meant, got in _differences(self._disc, ddp.disc):
            text = f"{name} was written as {meant}, and is read as {got}"
            yield _not_as_meant("cd-marks", "The DDP does not say what was meant", text)

    def of_wavs(self, wavs: Mapping[int, Path]) -> Iterator[Finding]:
        """The same of its tracks as files, by their numbers; 0 is the first pregap."""
        for number, path in wavs.items():
            yield from self._compared(number, _samples(path), path.name)

    def _compared(self, number: int, parts: Iterable[bytes], file: str) -> Iterator[Finding]:
        hashed = _new_hash()
        for part in parts:
            hashed.update(part)
        if hashed.digest() != self._heard[number]:
            what = f"track {number}" if number else "the first pregap"
            text = f"{what}: its samples in {file} are not those that were rendered"
            yield _not_as_meant("cd-samples", "The CD is not what was rendered", text)


def _samples(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(_WAV_HEADER_BYTES)
        while part := file.read(1 << 20):
            yield part


def _differences(meant: Disc, got: Disc) -> Iterator[tuple[str, Any, Any]]:
    for name in ("lead_out_cd_frame", "ean"):
        if getattr(meant, name) != getattr(got, name):
            yield name, getattr(meant, name), getattr(got, name)
    if _in_latin(meant.texts) != got.texts:
        yield "the disc's text", _in_latin(meant.texts), got.texts
    if len(meant.tracks) != len(got.tracks):
        yield "the number of tracks", len(meant.tracks), len(got.tracks)
    for number, (wanted, read) in enumerate(zip(meant.tracks, got.tracks, strict=False), 1):
        wanted = replace(wanted, texts=_in_latin(wanted.texts))
        for one in fields(wanted):
            if getattr(wanted, one.name) != getattr(read, one.name):
                name = f"track {number} {one.name}"
                yield name, getattr(wanted, one.name), getattr(read, one.name)


def _in_latin(texts: Texts) -> Texts:
    return Texts(*(latin_1(getattr(texts, one.name)) for one in fields(texts)))


def _bytes(block: NDArray[np.int16]) -> bytes:
    return np.ascontiguousarray(block.T, dtype="<i2").tobytes()


def _new_hash() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=16, usedforsecurity=False)


def _not_as_meant(code: str, title: str, text: str) -> Finding:
    advice = "Do not send it; make it again, and tell us if it happens again."
    return Finding(code, "fail", title, text, advice, about="master")
