"""Vinyl: sides planned, premasters that are plans of their own, cutting sheets.

sides -> premaster -> side_file -> make_sides (read back, sheets) -> maker
"""
