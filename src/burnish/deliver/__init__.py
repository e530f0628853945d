"""Deliver: where a master and what belongs to it are written."""

from burnish.deliver.outputs import Outputs
from burnish.deliver.written import Written, read_back, write, write_until_right

__all__ = ["Outputs", "Written", "read_back", "write", "write_until_right"]
