"""Play: a sound taken to every place it will be heard in, and judged there.

sound -> measure and hear it -> devices, services, codecs: hear, score -> audition files
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, Source, open_source
from burnish.chain import Teller, Told
from burnish.dsp.truepeak import TruePeak
from burnish.errors import InputError
from burnish.finding import Finding
from burnish.measure import Measurement
from burnish.measure.listen import Listener
from burnish.measure.meter import Meter
from burnish.playback.audition import Auditions, write_auditions
from burnish.playback.devices import Device
from burnish.playback.hearing import Ear, Heard, Hearing
from burnish.playback.named import places
from burnish.playback.result import OnDevice, Playback
from burnish.playback.said import findings
from burnish.playback.score import translation
from burnish.playback.services import Service, Turned, limiter_of, turned
from burnish.playback.simulate import HeldBack, noise_power, noise_rms, runners, simulate
from burnish.playback.through import through_codec
from burnish.units import db_from_gain, gain_from_db

Floats = NDArray[np.float64]
Place = TypeVar("Place")
Done = TypeVar("Done")

_SILENT_LUFS = -70.0
_STEP = 4096  # samples in one step of the peak meter


def playback(
    sound: str | Path | Audio,
    on: Sequence[str] = (),
    output: str | Path | None = None,
    *,
    removed: bool = False,
    album_lufs: float | None = None,
    overwrite: bool = False,
    progress: Told | None = None,
) -> Playback:
    """Play a sound on devices, through services and codecs, and judge what is left of it there.

    ``on`` are names as ``named.places`` takes them. With ``output``, a folder, what each device and
    codec makes of it is written there as loud as the original (``audition.py``), and with
    ``removed`` what each codec takes away. ``album_lufs`` is the loudness of the album that it is
    played from. Raises ``InputError`` for what cannot be read or is silent.
    """
    started = time.perf_counter()
    asked, tell = places(on), Teller(progress)
    source = AudioSource(sound) if isinstance(sound, Audio) else open_source(sound)
    with source:
        info, out = source.info, None
        if output is not None:
            coded = [one.name for one in asked.codecs]
            names = [*(one.name for one in asked.devices), *coded]
            out = Auditions(info, Path(output), names, coded if removed else (), overwrite)
        measured, heard = heard_of(source, tell.stage("hear", source))
        loudness, peak = measured.loudness.integrated_lufs, measured.peaks.true_peak_dbtp
        if loudness is None:
            raise InputError(
                "input-too-short",
                f"{info.name}: lasts {info.duration_s:.3f} s; must be 0.4 s or more to be heard",
            )
        if not is_heard(loudness):
            raise InputError("input-silent", f"{info.name}: is silent (nothing above -70 LUFS)")
        on_devices = _each(
            asked.devices,
            lambda one, told: on_device(source, one, heard, loudness, told),
            tell.stage("devices", source),
        )
        through = _each(
            asked.codecs,
            lambda one, told: through_codec(source, one, heard, loudness, out, told),
            tell.stage("codecs", source),
        )
        served = [served_by(source, one, loudness, peak, album_lufs) for one in asked.services]
        done = Playback(
            file=None if info.path is None else str(info.path),
            original=measured,
            devices=tuple(on_devices),
            services=tuple(served),
            codecs=tuple(through),
            findings=tuple(_findings(on_devices)),
        )
        if out is not None:
            done = write_auditions(source, done, out, tell.stage("write", source))
    return replace(done, elapsed_s=time.perf_counter() - started)


def on_device(
    source: Source,
    device: Device,
    heard: Heard,
    integrated_lufs: float,
    told: Callable[[float], None] = lambda done: None,
) -> OnDevice:
    """Play a source on a device and judge it; ``heard`` is the source."""
    info = source.info
    rate_hz, channels = info.rate_hz, info.channels
    steps = runners(device, rate_hz, channels, integrated_lufs)
    hearing, listener = Hearing(rate_hz, channels, heard), Listener(rate_hz, channels)
    done = 0
    for block in simulate(steps, source.blocks(), channels):
        hearing.feed(block)
        listener.feed(block)
        done += block.shape[1]
        told(done / info.n_samples)
    listener.finish()
    gain_db = integrated_lufs - listener.integrated_lufs
    if not np.isfinite(gain_db):
        gain_db = 0.0
    limiter = next((one for one in steps if isinstance(one, HeldBack)), None)
    mean_db, most_db = (None, None) if limiter is None else (limiter.mean_db, limiter.most_db)
    noise = _noise_bands(device, integrated_lufs, rate_hz, channels)
    side_gain = device.side_gain if channels == 2 else 1.0
    return OnDevice(
        device=device,
        translation=translation(heard, hearing.finish(), gain_db, side_gain, noise, mean_db),
        gain_db=gain_db,
        sample_peak_dbfs=listener.sample_peak_dbfs,
        held_back_db=mean_db,
        held_back_most_db=most_db,
    )


def served_by(
    source: Source,
    service: Service,
    integrated_lufs: float,
    true_peak_dbtp: float,
    album_lufs: float | None = None,
) -> Turned:
    """What a service does to a source; where it limits, the limiter is played and measured."""
    told = turned(service, integrated_lufs, true_peak_dbtp, album_lufs)
    if told.limited_db <= 0.0:
        return told
    info = source.info
    limiter = limiter_of(service).start(info.rate_hz, info.channels)
    listener, meter = Listener(info.rate_hz, info.channels), TruePeak(info.channels, step=_STEP)
    gain = gain_from_db(told.gain_db)
    for block in source.blocks():
        played = limiter.process(gain * block)
        listener.feed(played)
        meter.floor = max(meter.floor, float(meter.feed(played).max(initial=0.0)))
    listener.finish()
    peak = max(meter.floor, float(meter.finish().max(initial=0.0)))
    return replace(told, loudness_lufs=listener.integrated_lufs, true_peak_dbtp=db_from_gain(peak))


def is_heard(loudness_lufs: float) -> bool:
    """Whether there is something to be played at all."""
    return loudness_lufs > _SILENT_LUFS


def heard_of(
    source: Source, told: Callable[[float], None] = lambda done: None
) -> tuple[Measurement, Heard]:
    """Measure the sound and hear it, in one pass."""
    info = source.info
    hearing, done = Hearing(info.rate_hz, info.channels), 0
    with Meter(info.rate_hz, info.channels, threads=True) as meter:
        for block in source.blocks():
            meter.feed(block)
            hearing.feed(block)
            done += block.shape[1]
            told(done / info.n_samples)
        file = None if info.path is None else str(info.path)
        return meter.finish(file, info.format, info.bits), hearing.finish()


def _noise_bands(
    device: Device, integrated_lufs: float, rate_hz: int, channels: int
) -> Floats | None:
    """K-weighted power of the noise in each third octave, as ``Heard`` has middle and side."""
    if device.noise is None:
        return None
    ear = Ear(rate_hz)
    rms = noise_rms(device.noise, integrated_lufs, channels)
    density = noise_power(device.noise, rms, ear.hz, rate_hz)
    # Noise that is another one in each channel is half in the middle and half in the side.
    return np.asarray(ear.bands((density * ear.bin_hz * ear.k)[None])[0])


def _findings(on_devices: Iterable[OnDevice]) -> Iterator[Finding]:
    """Of every device; what the sum of left and right loses is told once."""
    sums = True
    for on in on_devices:
        adds_up = on.device.side_gain == 0.0
        yield from findings(on.device.name, on.device.place, on.translation, sums and adds_up)
        sums = sums and not adds_up


def _each(
    items: Sequence[Place],
    work: Callable[[Place, Callable[[float], None]], Done],
    told: Callable[[float], None],
) -> list[Done]:
    """Work on two at a time; in order."""
    parts = [0.0] * len(items)

    def one(k: int) -> Done:
        def part(done: float) -> None:
            parts[k] = done
            told(sum(parts) / len(parts))

        return work(items[k], part)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(len(items))))
