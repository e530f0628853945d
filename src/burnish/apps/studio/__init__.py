"""The studio: burnish in the browser. The store remembers, the server answers, the page shows.

    request -> guard -> routes/ -> house -> store/     what is remembered
                                         -> queue      -> kinds.py, in a worker: decode, render
                                         -> events     -> every page that listens

``server.py`` is the way in. ``House`` (``house.py``) holds the parts, one file each: ``mixes``,
``renders`` (versions), ``drafts``, ``sketches``, ``listening`` and ``preview``, ``albums``,
``clients``, ``transfers``. ``static/`` is the page.
"""
