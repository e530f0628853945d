"""An album, from mixes to what goes out: the songs, mastered as one body, in sequence, delivered.

``flow.py`` is the whole road on one page; ``songs.py`` and ``mastering.py`` are its first halves.
"""
