"""Through: a sound sent through a codec, heard on the other side, and what the codec took away."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Block, Source
from burnish.chain.ahead import close
from burnish.dsp.truepeak import TruePeak
from burnish.measure.listen import Listener
from burnish.playback.audition import Auditions
from burnish.playback.codec import Codec, round_trip
from burnish.playback.hearing import Heard, Hearing
from burnish.playback.result import ThroughCodec
from burnish.playback.score import translation
from burnish.units import db_from_gain

Floats = NDArray[np.float64]

_STEP = 4096  # samples in one step of the peak meter
_KEPT = 10.0 ** (-6.0 / 10.0)  # of the power: with less, a codec has not kept it
_THERE = 1e-13  # mean square of a bin, -130 dBFS: what is less was not there to be kept
_SMOOTH_HZ = 300.0


def through_codec(
    source: Source,
    codec: Codec,
    heard: Heard,
    integrated_lufs: float,
    out: Auditions | None = None,
    told: Callable[[float], None] = lambda done: None,
) -> ThroughCodec:
    """Send a source through a codec and judge what comes back; ``heard`` is the source."""
    info = source.info
    hearing = Hearing(info.rate_hz, info.channels, heard)
    listener, meter = Listener(info.rate_hz, info.channels), TruePeak(info.channels, step=_STEP)
    of_sound = of_removed = 0.0
    done = 0

    def listen(write: Callable[[Block], None]) -> None:
        nonlocal of_sound, of_removed, done
        for was, now in _pairs(source, codec):
            difference = was - now
            write(difference)
            of_sound += float((was * was).sum())
            of_removed += float((difference * difference).sum())
            hearing.feed(now)
            listener.feed(now)
            meter.floor = max(meter.floor, float(meter.feed(now).max(initial=0.0)))
            done += now.shape[1]
            told(done / info.n_samples)

    if out is None:
        listen(lambda block: None)
    else:
        with out.removing(codec.name) as write:
            listen(write)
    listener.finish()
    after = hearing.finish()
    gain_db = integrated_lufs - listener.integrated_lufs
    if not np.isfinite(gain_db):
        gain_db = 0.0
    known = of_sound > 0.0 and of_removed > 0.0
    return ThroughCodec(
        codec=codec,
        translation=translation(heard, after, gain_db),
        gain_db=gain_db,
        loudness_lufs=listener.integrated_lufs,
        true_peak_dbtp=db_from_gain(max(meter.floor, float(meter.finish().max(initial=0.0)))),
        sample_peak_dbfs=listener.sample_peak_dbfs,
        bandwidth_hz=bandwidth_hz(heard, after),
        removed_db=10.0 * float(np.log10(of_removed / of_sound)) if known else None,
        removed=None if out is None else out.removed.get(codec.name),
    )


def bandwidth_hz(before: Heard, after: Heard) -> float | None:
    """Up to which frequency the sound is kept within 6 dB, over some 300 Hz; None: nowhere."""
    bin_hz = 0.5 * before.rate_hz / (before.n_bins - 1)
    width = max(1, round(_SMOOTH_HZ / bin_hz))
    box = np.full(width, 1.0 / width)
    was = np.convolve(before.spectrum, box, mode="same")
    now = np.convolve(after.spectrum, box, mode="same")
    kept = np.flatnonzero((was > _THERE) & (now > _KEPT * was))
    return float(kept[-1]) * bin_hz if len(kept) else None


def _pairs(source: Source, codec: Codec) -> Iterator[tuple[Block, Block]]:
    """The sound and what came back, in blocks of equal length."""
    info = source.info
    coded = round_trip(source.blocks(), info.rate_hz, info.channels, codec.name)
    sound = source.blocks()
    held = np.zeros((info.channels, 0))
    try:
        for now in coded:
            while held.shape[1] < now.shape[1]:
                held = np.concatenate((held, next(sound)), axis=1)
            yield held[:, : now.shape[1]], now
            held = held[:, now.shape[1] :]
    finally:
        close(coded)
        close(sound)
