"""Inspection: the twenty checks before a release goes out, of a file, a folder, a DDP, an album.

    examine + qc.master (the sound) -> file.py   + format, tags, codecs, listening log
                                       folder.py + sequence, versions, what is there twice
                                       delivery.py: the files of a product, cheaply, as it is made

``record.py`` holds what comes out.
"""

from burnish.deliver.inspection.delivery import Known, inspect_delivery
from burnish.deliver.inspection.record import Check, Inspection

__all__ = ["Check", "Inspection", "Known", "inspect_delivery"]
