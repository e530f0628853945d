"""Small albums with masters, mixes and recall sheets, for tests of whole products."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, OutputFormat, file_sha256, open_source
from burnish.chain import InputNote, Plan, Step, Teller
from burnish.chain.recall import save
from burnish.deliver import write
from burnish.deliver.order import Delivered, Master, Order
from burnish.deliver.products import maker_of
from burnish.deliver.wishes import DeliveryWishes
from burnish.processors.clipper import Clipper
from burnish.processors.limiter import Limiter
from burnish.release import Release, Track
from burnish.targets import delivery

RATE_HZ = 44_100
QUIET = Teller(None)
Floats = NDArray[np.float64]


def song(duration_s: float, gain_db: float, seed: int, rate_hz: int = RATE_HZ) -> Floats:
    """Beats and a bass that differs between the channels; peaks far over its loudness."""
    random = np.random.default_rng(seed)
    n = round(duration_s * rate_hz)
    t = np.arange(n) / rate_hz
    beat = np.exp(-30 * (t % 0.5)) * random.standard_normal(n) * 0.5
    body = 0.08 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 110 * t) + beat
    side = 0.08 * np.sin(2 * np.pi * 60 * t)
    return 10 ** (gain_db / 20) * np.stack([body + side, body - side])


def master_of(folder: Path, name: str, mix: Floats, drive_db: float, rate_hz: int) -> Master:
    """A mix, its master through clipper and limiter, and the sheet of it."""
    form = OutputFormat(bits="32f")
    source = AudioSource(Audio(mix, rate_hz))
    mix_file, file = folder / f"{name}.wav", folder / f"{name}.master.wav"
    note = InputNote(file=str(mix_file), rate_hz=rate_hz, channels=len(mix), n_samples=mix.shape[1])
    write(source, Plan(input=note, output=form), mix_file, False, QUIET)
    clipper, limiter = Clipper(ceiling_dbfs=-drive_db), Limiter(input_gain_db=drive_db)
    steps = tuple(Step(processor=one.name, settings=one) for one in (clipper, limiter))
    note = note.with_(sha256=file_sha256(mix_file))
    plan = Plan(input=note, output=form, steps=steps)
    with open_source(mix_file) as source_of_mix:
        write(source_of_mix, plan, file, False, QUIET)
    sheet = folder / f"{name}.recall.yaml"
    save(plan, sheet)
    return Master(file, sheet, mix_file)


def order_of(
    folder: Path,
    mixes: list[tuple[Floats, float, Track]],
    wishes: DeliveryWishes | None = None,
    gap_s: float = 1.0,
    rates_hz: tuple[int, ...] = (),
) -> Order:
    """An order of (mix, drive in dB, track)."""
    masters, tracks = [], []
    for k, (mix, drive_db, track) in enumerate(mixes):
        rate_hz = rates_hz[k] if rates_hz else RATE_HZ
        masters.append(master_of(folder, f"{k + 1}", mix, drive_db, rate_hz))
        tracks.append(track.with_(file=f"{k + 1}.wav"))
    release = Release(
        title="Blaue Stunde",
        artist="Ána & the Tides",
        catalogue_number="BH 001",
        gap_s=gap_s,
        tracks=tuple(tracks),
    )
    return Order(
        release,
        tuple(masters),
        -1.0,
        wishes=wishes or DeliveryWishes(),
        made="2026-11-21T18:30:00Z",
    )


def made(order: Order, target: str, folder: Path) -> Delivered:
    """The product, written into a folder of its own."""
    place = delivery(target)
    folder.mkdir()
    return maker_of(place)(order, place, folder, None, QUIET)  # type: ignore[arg-type]
