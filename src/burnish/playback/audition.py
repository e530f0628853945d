"""Audition: what devices and codecs make of a sound as files, all equally loud, to be compared.

Every file is turned to the loudness of the original (the ear takes the louder one for the better),
and where a peak of one would clip all are lowered together, the copy of the original too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from burnish.audio import (
    Block,
    OutputFormat,
    Source,
    SourceInfo,
    Writer,
    check_output,
    same_file,
)
from burnish.errors import OutputError
from burnish.playback.codec import round_trip
from burnish.playback.result import OnDevice, Playback, ThroughCodec
from burnish.playback.simulate import NoiseRunner, noise_rms, runners, simulate
from burnish.units import db_from_gain, gain_from_db

HIGHEST_DBFS = -0.1  # of a sample, where they are lowered: room for dither
_NOISE_PEAKS = 6.0  # over its RMS: no draw of it is higher in hours


class Auditions:
    """The files' names; refuses before any work is done where one of them cannot be written."""

    def __init__(
        self,
        info: SourceInfo,
        folder: Path,
        names: Sequence[str],
        removed: Sequence[str] = (),
        overwrite: bool = False,
    ) -> None:
        stem = "sound" if info.path is None else info.path.stem
        self._info, self._overwrite = info, overwrite
        self.original = folder / f"{stem}.original.wav"
        self.page = folder / f"{stem}.playback.html"
        self.files = {name: folder / f"{stem}.{name}.wav" for name in names}
        self.removed = {name: folder / f"{stem}.{name}.removed.wav" for name in removed}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                "output-failed", f"{folder}: cannot be written: {error.strerror}"
            ) from None
        for path in (self.original, self.page, *self.files.values(), *self.removed.values()):
            if info.path is not None and same_file(info.path, path):
                raise OutputError(
                    "output-is-input", f"{path}: is the sound itself; it is never overwritten"
                )
            check_output(path, overwrite)

    def write(self, path: Path, blocks: Iterable[Block]) -> None:
        """Write a stream as long as the source, as 24-bit WAV at its rate."""
        with self._writer(path) as writer:
            for block in blocks:
                writer.write(block)

    @contextmanager
    def removing(self, name: str) -> Iterator[Callable[[Block], None]]:
        """Where to write what a codec takes away; nowhere if it was not asked for."""
        if name not in self.removed:
            yield lambda block: None
            return
        with self._writer(self.removed[name]) as writer:
            yield writer.write

    def _writer(self, path: Path) -> Writer:
        info = self._info
        return Writer(
            path, OutputFormat(), info.rate_hz, info.channels, info.n_samples, self._overwrite
        )


def write_auditions(
    source: Source, done: Playback, out: Auditions, told: Callable[[float], None]
) -> Playback:
    """Write every file; the record of them with their paths."""
    loudness = done.original.loudness.integrated_lufs or 0.0
    lowered_db = _lowering(done, loudness, source.info.channels)
    work: list[tuple[Path, Callable[[], Iterable[Block]]]] = [
        (out.original, lambda: _turned(source.blocks(), -lowered_db))
    ]
    for on in done.devices:
        path = out.files[on.device.name]
        work.append((path, lambda on=on: _played(source, on, loudness, lowered_db)))  # type: ignore[misc]
    for through in done.codecs:
        path = out.files[through.codec.name]
        work.append((path, lambda one=through: _coded(source, one, lowered_db)))  # type: ignore[misc]
    finished = 0

    def one(k: int) -> None:
        nonlocal finished
        path, blocks = work[k]
        out.write(path, blocks())
        finished += 1
        told(finished / len(work))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(len(work))))
    return replace(
        done,
        devices=tuple(replace(on, audition=out.files[on.device.name]) for on in done.devices),
        codecs=tuple(replace(one, audition=out.files[one.codec.name]) for one in done.codecs),
        lowered_db=lowered_db,
        audition=out.original,
        page=out.page,
    )


def _lowering(done: Playback, integrated_lufs: float, channels: int) -> float:
    """By how much all must be lowered so that no sample of any passes full scale."""
    tops = [done.original.peaks.sample_peak_dbfs]
    for on in done.devices:
        top = gain_from_db(on.sample_peak_dbfs + on.gain_db)
        if on.device.noise is not None:
            top += _NOISE_PEAKS * noise_rms(on.device.noise, integrated_lufs, channels)
        tops.append(db_from_gain(top))
    tops += [one.sample_peak_dbfs + one.gain_db for one in done.codecs]
    top_db = max(tops)
    return round(top_db - HIGHEST_DBFS, 2) if top_db > 0.0 else 0.0


def _played(
    source: Source, on: OnDevice, integrated_lufs: float, lowered_db: float
) -> Iterator[Block]:
    """On a device: matched, with the noise around it."""
    info = source.info
    steps = runners(on.device, info.rate_hz, info.channels, integrated_lufs)
    gain_db = on.gain_db
    played = _turned(simulate(steps, source.blocks(), info.channels), gain_db - lowered_db)
    if on.device.noise is None:
        return played
    rms = noise_rms(on.device.noise, integrated_lufs - lowered_db, info.channels)
    noisy = NoiseRunner(on.device.noise, rms, info.rate_hz, info.channels)
    return (noisy.process(block) for block in played)


def _coded(source: Source, one: ThroughCodec, lowered_db: float) -> Iterator[Block]:
    info = source.info
    blocks = round_trip(source.blocks(), info.rate_hz, info.channels, one.codec.name)
    return _turned(blocks, one.gain_db - lowered_db)


def _turned(blocks: Iterable[Block], gain_db: float) -> Iterator[Block]:
    if gain_db == 0.0:
        return iter(blocks)
    gain = gain_from_db(gain_db)
    return (gain * block for block in blocks)
