"""Small albums to make a CD of: masters as files, and what the disc must hold."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from burnish.audio import OutputFormat, Writer
from burnish.chain import Teller
from burnish.deliver.cd.maker import make
from burnish.deliver.order import Delivered, Master, Order
from burnish.deliver.pieces import Pieces
from burnish.deliver.wishes import DeliveryWishes
from burnish.release import Release, Track
from burnish.targets import delivery


@dataclass(frozen=True)
class Made:
    """A CD as its maker left it."""

    order: Order
    folder: Path
    delivered: Delivered

    @property
    def ddp(self) -> Path:
        return self.folder / "DDP"


def master(
    path: Path, seed: int, n_samples: int, bits: str = "32f", channels: int = 2, gain: float = 0.1
) -> Master:
    """Noise as a WAV; ``bits`` 16 is on its grid."""
    random = np.random.default_rng(seed)
    samples = gain * random.uniform(-1, 1, (channels, n_samples))
    form = OutputFormat(bits=bits, dither="none")
    with Writer(path, form, 44_100, channels, n_samples) as writer:
        writer.write(samples)
    return Master(path)


def made(order: Order, folder: Path, **wishes: object) -> Made:
    """The CD of an order in a new folder."""
    order = replace(order, wishes=DeliveryWishes(**wishes))
    folder.mkdir()
    with_pieces = Pieces(order, folder.parent / "scratch", Teller(None))
    told = make(order, delivery("cd"), folder, with_pieces, Teller(None))
    return Made(order, folder, told)


def album(folder: Path) -> Order:
    """Everything: hidden, gapless, crossfade, gap, marks, mono, a kept 16-bit track, letters."""
    s = 44_100
    folder.mkdir(exist_ok=True)
    masters = (
        master(folder / "1.wav", 1, 4 * s + 10),
        master(folder / "2.wav", 2, 4 * s + 700, "16"),
        master(folder / "3.wav", 3, 5 * s),
        master(folder / "4.wav", 4, 5 * s + 1, channels=1),
        master(folder / "5.wav", 5, 4 * s + 300),
    )
    tracks = (
        Track(title="Żółw", file="1", isrc="DEAB12600001", hidden_file="h", gap_s=0.5),
        Track(title="Two", file="2", isrc="DEAB12600002", gap_s=1.0, keep_as_is=True,
              digital_copy="permitted"),
        Track(title="Привет", file="3", isrc="DEAB12600003", gap_s=0.0, index_s=(1.0, 2.5)),
        Track(title="Four", version="Live", file="4", artist="Guest", crossfade_s=0.4),
        Track(title="日本", file="5", isrc="DEAB12600005", gap_s=0.75, pre_emphasis=True,
              digital_copy="once"),
    )  # fmt: skip
    told = Release(
        title="Blue: Hour",
        artist="Ünï",
        upc="036000291452",
        catalogue_number="CAT-001",
        genre="Rock",
        tracks=tracks,
    )
    hidden = master(folder / "h.wav", 9, s + 77)
    return Order(told, masters, -1.0, hidden=hidden, made="2026-11-21T18:30:00Z")


def image(folder: Path) -> NDArray[np.int16]:
    """The samples of a DDP, (2, n)."""
    return np.fromfile(folder / "DDP" / "IMAGE.DAT", "<i2").reshape(-1, 2).T
