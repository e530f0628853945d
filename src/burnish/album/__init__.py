"""An album, from mixes to what goes out: the songs, mastered as one body, in sequence, delivered.

``flow.py`` is the whole road on one page. Its stops: ``songs.py`` (opened and taken in),
``mastering.py`` (the anchor, then the others), ``alternates.py`` (instrumentals and the like).
"""
