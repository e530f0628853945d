"""Judges: what burnish is measured with, beside its peers. Scripts, not part of the package."""
