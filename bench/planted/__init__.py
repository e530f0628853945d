"""Faults to be planted: one file a family, each with its ``FAULTS``. See bench/faults.py."""
