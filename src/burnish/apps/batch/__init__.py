"""Batch: a manifest of songs or albums, worked through on one machine or many, and resumed.

    manifest -> rows -> jobs -> executor -> outcomes -> ledger -> results.parquet

``run.py`` is the loop. What a worker does with a row is in ``kinds.py``.
"""
