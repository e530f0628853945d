"""The report: what was done and why, from records only. It never measures.

``result.py`` is the record of a master, ``words.py`` what is said of it, ``text.py`` says it on a
terminal, ``page.py``, ``costs.py`` and ``svg.py`` in a browser. ``comparison*.py`` do both for two
recordings, ``learned.py`` for a profile.
"""

from burnish.report.result import MasterResult

__all__ = ["MasterResult"]
