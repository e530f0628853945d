"""CD: what a plant takes (DDP, cue sheet, PQ sheet), and a reader that proves it.

``disc`` is the disc as data; ``red_book`` its limits. The writer is ``ddp`` with ``pq``, ``cdtext``
and ``profile``; beside it ``cue``, ``toc`` and ``sheet``. The reader (``read_ddp``, ``read_pq``,
``read_cdtext``, ``verify_ddp``, ``extract_ddp``) reads any DDP and shares no code with the writer.
"""

from burnish.deliver.cd.ddp import WrittenDdp, WrittenFile, write_ddp
from burnish.deliver.cd.disc import Disc, DiscTrack, Texts

__all__ = ["Disc", "DiscTrack", "Texts", "WrittenDdp", "WrittenFile", "write_ddp"]
