"""Grades: how big a fault is, from its two thresholds, and how loudly it is told."""

from burnish.finding import Severity
from burnish.targets.model import Confidence

NOTED, STRONG = 1.0, 2.0
WARNED = 1.7
"""From this size on a finding is a warning; set on the corpus (docs/check.md)."""

SURE = {"high": 0.85, "medium": 0.7, "low": 0.55}
"""How sure a remark against a style is, by how sure the style is."""


def size_of(value: float, noted: float, strong: float) -> float:
    """1 at ``noted``, 2 at ``strong``, straight between and beyond; either way up. At least 0."""
    return max(0.0, 1.0 + (value - noted) / (strong - noted))


def severity_of(size: float) -> Severity:
    """Information up to ``WARNED``, from there a warning."""
    return "warn" if size >= WARNED else "info"


def sure_of(confidence: Confidence, heard_s: float = 6.0) -> float:
    """How sure a remark against a style is that so many seconds of music speak for."""
    return SURE[confidence] * min(1.0, 0.4 + 0.1 * heard_s)
