"""Deliver: where a master and what belongs to it are written, and proven as they lie there.

    one master     outputs.py (names) -> written.py (rendered until right, read back)
                   restored.py, split.py and stems.py, sent.py: its other shapes
    a release      order.py -> products.py (which maker) -> streaming/ | cd/ | vinyl/ | cassette/
                   -> inspection/ (the twenty checks) -> manifest.py -> folder.py (its name)

Makers share ``programme.py`` and ``pieces.py`` (one sequence, rounded once, cut), ``encode/``,
``tags/``, ``artwork.py``, ``pdf.py``, and ``workers.py`` (processes beside this one).
"""

from burnish.deliver.outputs import Outputs
from burnish.deliver.written import Written, read_back, write, write_until_right

__all__ = ["Outputs", "Written", "read_back", "write", "write_until_right"]
