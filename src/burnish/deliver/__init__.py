"""Deliver: where a master and what belongs to it are written."""

from burnish.deliver.outputs import Outputs

__all__ = ["Outputs"]
