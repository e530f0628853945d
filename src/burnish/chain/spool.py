"""Spool: sound that was played once, kept in a temporary file, to be played on from there."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Self

import numpy as np

from burnish.chain.plan import Step
from burnish.chain.work import Watch
from burnish.processors import Block

MOST_BYTES = 512 * 2**20
"""12 minutes of stereo at 44.1 kHz. More would leave the memory that a system lends to its files,
and a disk may be slower than playing again."""


class Spool:
    """The sound behind the first steps of a plan, bit for bit.

    What is too long, or finds no room on the disk, is not kept: it is played again. A context
    manager: the file ends with it, and has no name meanwhile. ``watch`` sees what these steps do.
    """

    def __init__(self) -> None:
        self.watch = Watch()
        self._file: IO[bytes] | None = None
        self._steps: tuple[Step, ...] = ()
        self._shapes: list[tuple[int, int]] = []

    def keep(self, steps: Sequence[Step], blocks: Iterable[Block]) -> Iterator[Block]:
        """The same blocks, kept on their way; they are what comes behind ``steps``."""
        self.close()
        self._steps, self._shapes = tuple(steps), []
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  it is open as long as this
        left = MOST_BYTES
        for block in blocks:
            left -= block.nbytes
            if self._file is not None and (left < 0 or not self._put(block)):
                self.close()
            yield block

    def onward(self, steps: Sequence[Step]) -> tuple[Sequence[Step], Iterable[Block]] | None:
        """What is left to play of ``steps``, and over what; None where they begin otherwise."""
        begun = len(self._steps)
        if self._file is None or tuple(steps[:begun]) != self._steps:
            return None
        return steps[begun:], self._blocks(self._file)

    def close(self) -> None:
        """Give the room back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _put(self, block: Block) -> bool:
        data = np.ascontiguousarray(block).data.cast("B")
        try:
            done = self._file.write(data) if self._file is not None else 0
        except OSError:
            return False
        self._shapes.append((block.shape[0], block.shape[1]))
        return done == len(data)

    def _blocks(self, file: IO[bytes]) -> Iterator[Block]:
        file.seek(0)
        for shape in self._shapes:
            block = np.empty(shape)
            file.readinto(block.data.cast("B"))  # type: ignore[attr-defined]
            yield block
