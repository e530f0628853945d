"""An album as one body: one track leads, the others follow it within bounds.

Measured tracks -> ``survey``: the anchor, how loud each track stands, one ceiling
the anchor's master -> ``signature_of``: what the others move toward
-> ``body_for`` each track, for its draft -> masters -> ``coherence``: before and after
"""

from burnish.engineer.album.anchor import choose
from burnish.engineer.album.body import Body
from burnish.engineer.album.coherence import Coherence, coherence
from burnish.engineer.album.follow import (
    body_for,
    bonus,
    corrected,
    signature_of,
    stopped_notes,
)
from burnish.engineer.album.loud import album_lufs, loud_lufs
from burnish.engineer.album.plan import AlbumPlan, Member
from burnish.engineer.album.signature import Signature, load_signature, save_signature
from burnish.engineer.album.survey import Surveyed, survey, wishes_for
from burnish.engineer.album.wishes import AlbumWishes

__all__ = [
    "AlbumPlan",
    "AlbumWishes",
    "Body",
    "Coherence",
    "Member",
    "Signature",
    "Surveyed",
    "album_lufs",
    "body_for",
    "bonus",
    "choose",
    "coherence",
    "corrected",
    "load_signature",
    "loud_lufs",
    "save_signature",
    "signature_of",
    "stopped_notes",
    "survey",
    "wishes_for",
]
