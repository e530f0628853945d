"""Inspection: the twenty checks before a release goes out, of a file, a folder, a DDP, an album.

    examine + qc.master (the sound) -> file.py   + form, tags, codecs, listening log
                                       folder.py + sequence, versions, what is there twice
                                       ddp.py, album.py
                                       delivery.py: the files of a product, as it is made

``record.py`` holds what comes out; ``of_path.py`` finds out what a path is.
"""

from burnish.deliver.inspection.album import inspect_album
from burnish.deliver.inspection.ddp import inspect_ddp
from burnish.deliver.inspection.delivery import Known, inspect_delivery
from burnish.deliver.inspection.file import Wanted, inspect_file
from burnish.deliver.inspection.folder import inspect_folder
from burnish.deliver.inspection.of_path import inspect
from burnish.deliver.inspection.record import Check, Inspection

__all__ = [
    "Check",
    "Inspection",
    "Known",
    "Wanted",
    "inspect",
    "inspect_album",
    "inspect_ddp",
    "inspect_delivery",
    "inspect_file",
    "inspect_folder",
]
