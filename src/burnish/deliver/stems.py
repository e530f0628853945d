"""Mastered stems: files whose sum is the master, written and read back."""

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from burnish.audio import Block, OutputFormat, Source, Writer, open_source
from burnish.audio.staged import output_errors
from burnish.chain import Stem, Teller
from burnish.chain.stems import StemSource
from burnish.deliver.split import Floats, Splitter
from burnish.dsp.resample import Resampler
from burnish.units import db_from_power

_FLOATS = OutputFormat(format="wav", bits="32f")


@dataclass(frozen=True)
class KeptStems:
    """What was written: the files, what of the master their sum leaves (-inf: nothing), in dB.

    ``widened``: they are floats, though the master is not, as one of them passes full scale.
    """

    paths: tuple[Path, ...]
    null_db: float
    widened: bool


def kept_paths(stems: Sequence[Stem], folder: Path, form: OutputFormat) -> tuple[Path, ...]:
    """A file for every stem, by its own name; a name that is there twice is numbered."""
    names: list[str] = []
    for stem in stems:
        name, n = Path(stem.file).stem, 1
        while name.casefold() in (one.casefold() for one in names):
            n += 1
            name = f"{Path(stem.file).stem}_{n}"
        names.append(name)
    return tuple(folder / f"{name}{form.suffix}" for name in names)


def split_master(
    source: StemSource,
    master: Path,
    form: OutputFormat,
    paths: Sequence[Path],
    tell: Teller,
    overwrite: bool,
) -> KeptStems:
    """Write the stems that the written master is the sum of, in its format.

    With whole numbers the sum is the master, bit for bit: all stems but the loudest are dithered
    and rounded, the loudest holds what is left. With floats it is so within their rounding.
    """
    folder, made = paths[0].parent, False
    with output_errors(folder, 0):
        if not folder.exists():
            folder.mkdir()
            made = True
    try:
        with open_source(master) as written:
            widened = False
            try:
                _write(source, written, form, paths, tell, overwrite)
            except _Over:
                widened = True
                paths = [path.with_suffix(_FLOATS.suffix) for path in paths]
                _write(source, written, _FLOATS, paths, tell, overwrite)
            return KeptStems(tuple(paths), _left_db(written, paths), widened)
    except BaseException:
        if made:
            with suppress(OSError):  # files of a stem that was whole before stay
                folder.rmdir()
        raise


class _Over(Exception):
    """A stem alone passes full scale."""


def _write(
    source: StemSource,
    master: Source,
    form: OutputFormat,
    paths: Sequence[Path],
    tell: Teller,
    overwrite: bool,
) -> None:
    info, n_stems = master.info, len(paths)
    last = _loudest(source)
    splitter = Splitter(info.rate_hz, info.channels, n_stems, last)
    exact = None if form.is_float else _Rounding(int(form.bits), last, form.dither_seed)
    written_as = form.with_(dither="none")
    told, done = tell.stage("stems", master), 0
    with ExitStack() as held:
        writers = [
            held.enter_context(
                Writer(path, written_as, info.rate_hz, info.channels, info.n_samples, overwrite)
            )
            for path in paths
        ]
        taken = np.zeros((info.channels, 0))
        for parts, whole in _side_by_side(source, master):
            taken = np.concatenate((taken, whole), axis=1)
            ready = splitter.feed(parts, whole)
            taken = _put(writers, ready, taken, exact)
            done += whole.shape[1]
            told(done / info.n_samples)
        _put(writers, splitter.finish(), taken, exact)


def _put(
    writers: Sequence[Writer], ready: Floats, taken: Floats, exact: "_Rounding | None"
) -> Floats:
    """Write what is ready; what is left of the master waits for the rest."""
    n = ready.shape[2]
    if exact is not None:
        ready = exact.round(ready, taken[:, :n])
    for writer, part in zip(writers, ready, strict=True):
        writer.write(np.ascontiguousarray(part))
    return taken[:, n:]


class _Rounding:
    """Rounds stems to whole numbers that sum to the master's."""

    def __init__(self, bits: int, last: int, seed: int) -> None:
        self._full = 2.0 ** (bits - 1)
        self._last = last
        self._random = np.random.default_rng(seed)

    def round(self, ready: Floats, master: Floats) -> Floats:
        scaled = ready * self._full
        # Flat dither of two steps, but nothing where there is nothing.
        dither = self._random.random(scaled.shape) - self._random.random(scaled.shape)
        whole = np.where(scaled == 0.0, 0.0, np.rint(scaled + dither))
        whole[self._last] = 0.0
        whole[self._last] = np.rint(master * self._full) - whole.sum(axis=0)
        if whole.max(initial=0.0) > self._full - 1.0 or whole.min(initial=0.0) < -self._full:
            raise _Over
        return np.asarray(whole / self._full)


def _loudest(source: StemSource) -> int:
    """The stem that hides best what rounding leaves: that of most energy in its first minute."""
    energy = np.zeros(len(source.stems))
    heard = 0
    for parts in source.parts():
        energy += [float(np.einsum("ij,ij->", part, part)) for part in parts]
        heard += parts[0].shape[1]
        if heard > 60 * source.info.rate_hz:
            break
    return int(np.argmax(energy))


def _side_by_side(source: StemSource, master: Source) -> Iterator[tuple[list[Block], Block]]:
    """Stems and master in blocks of one length, at the master's rate, to the master's end."""
    rate_hz, n_samples = master.info.rate_hz, master.info.n_samples
    resamplers = [
        Resampler(source.info.rate_hz, rate_hz, source.info.channels) for _ in source.stems
    ]
    held = [np.zeros((source.info.channels, 0)) for _ in source.stems]
    masters = master.blocks()
    waiting = np.zeros((master.info.channels, 0))
    given = 0

    def ready(last: bool) -> Iterator[tuple[list[Block], Block]]:
        nonlocal held, waiting, given
        while given < n_samples:
            n = min(held[0].shape[1], n_samples - given) if not last else n_samples - given
            if not n:
                return
            while waiting.shape[1] < n:
                waiting = np.concatenate((waiting, next(masters)), axis=1)
            held = [np.pad(one, ((0, 0), (0, max(0, n - one.shape[1])))) for one in held]
            yield [one[:, :n] for one in held], waiting[:, :n]
            held, waiting = [one[:, n:] for one in held], waiting[:, n:]
            given += n
            if not last:
                return

    for parts in source.parts():
        converted = [one.process(part) for one, part in zip(resamplers, parts, strict=True)]
        held = [np.concatenate(pair, axis=1) for pair in zip(held, converted, strict=True)]
        yield from ready(last=False)
    ends = [one.finish() for one in resamplers]
    held = [np.concatenate(pair, axis=1) for pair in zip(held, ends, strict=True)]
    yield from ready(last=True)


def _left_db(master: Source, paths: Sequence[Path]) -> float:
    """What is left of the master when the stems, as read back, are taken away: energy in dB."""
    own = left = 0.0
    with ExitStack() as held:
        streams = [held.enter_context(open_source(path)).blocks() for path in paths]
        for blocks in zip(master.blocks(), *streams, strict=True):
            whole = blocks[0]
            rest = whole - sum(blocks[1:])
            own += float(np.einsum("ij,ij->", whole, whole))
            left += float(np.einsum("ij,ij->", rest, rest))
    return db_from_power(left / own) if own > 0.0 else -math.inf
