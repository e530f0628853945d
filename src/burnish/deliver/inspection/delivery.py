"""The files of a product, inspected as it is made: every sample set once."""

from dataclasses import dataclass, field
from pathlib import Path

from burnish.chain import Teller
from burnish.chain.layout import Layout
from burnish.deliver.inspection.record import Inspection
from burnish.deliver.order import Delivered, Order
from burnish.measure import Measurement
from burnish.targets import Delivery


@dataclass
class Known:
    """What is known already, kept from product to product of one order.

    ``measured`` by the name of the samples (``DeliveredFile.samples``): what ``Pieces`` measured
    goes in here and is not measured again.
    """

    measured: dict[str, Measurement] = field(default_factory=dict)


def inspect_delivery(
    folder: Path,
    delivered: Delivered,
    place: Delivery,
    order: Order,
    known: Known | None = None,
    layout: Layout | None = None,
    tell: Teller | None = None,
) -> Inspection:
    """Inspect what a maker wrote into ``folder``; its verdict says whether it may go out.

    ``parts`` are the files, in the order of ``delivered.files``: their ``sha256``, ``md5``,
    ``n_bytes`` and, of sound, ``measured`` are of the bytes as read back, for the manifest.
    Each sample set is examined once (give the same ``known`` for all products of an order); other
    files of the same samples, and lossy ones, get checks of format, length, tags and peak.
    ``layout`` is that of the tracks at their rate: with it lengths are proven to the sample.
    """
    raise NotImplementedError
