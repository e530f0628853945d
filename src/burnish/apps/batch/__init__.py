"""Batch: a manifest of songs or albums, worked through on one machine or many, and resumed.

    manifest -> rows -> jobs -> executor -> outcomes -> ledger -> results.parquet

``run.py`` is the loop, ``executors.py`` who does the work, ``kinds.py`` what a worker does with a
row. ``places.py`` is every file, here or behind a URL; ``status.py``, ``summary.py`` and
``report.py`` tell how it went.
"""
