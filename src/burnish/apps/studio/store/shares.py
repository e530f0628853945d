"""Links to one version for somebody outside: to hear it, and to say what they hear."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from burnish.apps.studio.store.models import Share
from burnish.apps.studio.store.plain import plain_line
from burnish.apps.studio.store.versions import version_of
from burnish.errors import InputError

_BYTES = 32


@dataclass(frozen=True)
class SharedLink:
    """A new link. ``token`` is told now and never again: the database has only its hash."""

    token: str
    share: Share


def add_share(
    session: Session,
    version_id: str,
    *,
    name: str = "",
    may_comment: bool = True,
    expires_at: datetime | None = None,
) -> SharedLink:
    """Make a link to a version, with a token of 256 random bits."""
    token = secrets.token_urlsafe(_BYTES)
    share = Share(
        version=version_of(session, version_id),
        token_sha256=_digest(token),
        name=plain_line(name),
        may_comment=may_comment,
        expires_at=expires_at,
    )
    session.add(share)
    session.flush()
    return SharedLink(token, share)


def share_of(session: Session, token: str) -> Share | None:
    """The link that a token opens; None: no such one, or it is over, and nothing tells which.

    What is compared is a hash of what was sent, so time tells nothing of the token.
    """
    share = session.scalar(select(Share).where(Share.token_sha256 == _digest(token)))
    if share is None or share.revoked_at is not None:
        return None
    if share.expires_at is not None and share.expires_at <= datetime.now(UTC):
        return None
    return share


def revoke_share(session: Session, id: str) -> None:
    """Close a link for good."""
    share = session.get(Share, id)
    if share is None:
        raise InputError("share-unknown", "there is no such link")
    share.revoked_at = share.revoked_at or datetime.now(UTC)
    session.flush()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()
