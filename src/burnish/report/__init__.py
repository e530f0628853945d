"""The report: what was done and why, from records only. It never measures.

    of                       record             on the screen        as a page
    a master                 result.py          text.py              page.py
    an album                 album_result.py    album.py             album_page.py
    a comparison             (measure)          comparison.py        comparison_page.py
    a playback               (playback)         playback.py          playback_page.py
    an inspection            (deliver)          inspected.py         inspected.py
    a plan, set by hand      dial_in.py         dial_in_sheet.py     dial_in_sheet.py
    a plan, in a DAW                                                 session.py

``checked.py``, ``restored.py`` and ``loop.py`` are record and screen in one file; ``learned.py``,
``ddp.py`` and ``album_order.py`` are the screen alone.

``words.py`` says figures and steps for all of them, ``findings.py`` and ``elsewhere.py`` what a
person should know. ``document.py`` and ``style.py`` are what pages are made of, ``svg.py`` and the
charts what they draw.
"""

from burnish.report.result import MasterResult

__all__ = ["MasterResult"]
