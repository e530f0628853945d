"""The studio's store: projects, uploads, versions, albums, comments, links, jobs; and their files.

SQLAlchemy's tables in SQLite or PostgreSQL, and files by their content beside. ``Store`` is the
door; the functions take a session of its ``reading`` or ``writing``.
"""

from burnish.apps.studio.store.database import Database
from burnish.apps.studio.store.holdings import (
    Quotas,
    Swept,
    Usage,
    count,
    hold,
    project_of,
)
from burnish.apps.studio.store.ledger import Completing, JobLedger
from burnish.apps.studio.store.models import (
    Album,
    Base,
    Comment,
    File,
    Holding,
    JobRow,
    Listening,
    Project,
    Share,
    Upload,
    Version,
)
from burnish.apps.studio.store.plain import plain_line, plain_name, plain_text
from burnish.apps.studio.store.shares import SharedLink, add_share, revoke_share, share_of
from burnish.apps.studio.store.shelf import Incoming, Kept, Shelf
from burnish.apps.studio.store.store import Store, Uploading
from burnish.apps.studio.store.versions import (
    add_comment,
    add_listening,
    add_version,
    forget_upload,
    forget_version,
    settle_comment,
    version_of,
)

__all__ = [
    "Album",
    "Base",
    "Comment",
    "Completing",
    "Database",
    "File",
    "Holding",
    "Incoming",
    "JobLedger",
    "JobRow",
    "Kept",
    "Listening",
    "Project",
    "Quotas",
    "Share",
    "SharedLink",
    "Shelf",
    "Store",
    "Swept",
    "Upload",
    "Uploading",
    "Usage",
    "Version",
    "add_comment",
    "add_listening",
    "add_share",
    "add_version",
    "count",
    "forget_upload",
    "forget_version",
    "hold",
    "plain_line",
    "plain_name",
    "plain_text",
    "project_of",
    "revoke_share",
    "settle_comment",
    "share_of",
    "version_of",
]
