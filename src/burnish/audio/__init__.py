"""Sound in, sound out: sources that are read in blocks, and the writer of a master.

Names are loaded when they are first used, so that a plan can name its ``OutputFormat`` without
loading a single codec.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.audio.files import file_sha256, open_source, read, same_file
    from burnish.audio.model import Audio
    from burnish.audio.output_format import OutputFormat, container_of
    from burnish.audio.source import AudioSource, Block, Source, SourceInfo
    from burnish.audio.staged import check_output, write_whole
    from burnish.audio.writer import Writer

_HOMES = {
    "Audio": "model",
    "AudioSource": "source",
    "Block": "source",
    "OutputFormat": "output_format",
    "Source": "source",
    "SourceInfo": "source",
    "Writer": "writer",
    "check_output": "staged",
    "container_of": "output_format",
    "file_sha256": "files",
    "open_source": "files",
    "read": "files",
    "same_file": "files",
    "write_whole": "staged",
}

__all__ = [
    "Audio",
    "AudioSource",
    "Block",
    "OutputFormat",
    "Source",
    "SourceInfo",
    "Writer",
    "check_output",
    "container_of",
    "file_sha256",
    "open_source",
    "read",
    "same_file",
    "write_whole",
]


def __getattr__(name: str) -> Any:
    """Load a name of this room from its module, at first use."""
    if name in _HOMES:
        return getattr(import_module(f"burnish.audio.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'burnish.audio' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the names of this room."""
    return __all__
