"""Comments, and share links: whoever has one may play one version and comment on it."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from burnish.apps.studio.listening import Heard
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.store.models import Comment, Share
from burnish.apps.studio.store.shares import add_share, revoke_share, share_of
from burnish.apps.studio.store.versions import add_comment
from burnish.apps.studio.told import Row, comment_told, share_told

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

MOST_COMMENTS = 1000
"""Of one version: a link that went astray shall not fill the disk."""


class Clients:
    """What is asked of comments and links."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def comments(self, project: str, version: str) -> list[Row]:
        """What was said of a version."""
        with self._house.store.reading() as session:
            found = self._house.renders.of(session, project, version)
            return [comment_told(one) for one in found.comments]

    def comment(
        self, project: str, version: str, author: str, text: str, at_s: float | None
    ) -> Row:
        """Say something of it."""
        with self._house.store.writing() as session:
            self._house.renders.of(session, project, version)
            return comment_told(add_comment(session, version, at_s or 0.0, text, author=author))

    def delete_comment(self, project: str, version: str, number: str) -> None:
        """Take something back."""
        with self._house.store.writing() as session:
            self._house.renders.of(session, project, version)
            found = session.get(Comment, number)
            if found is None or found.version_id != version:
                raise not_there("comment", number)
            session.delete(found)

    def share(self, project: str, version: str, name: str = "") -> Row:
        """A new link; its token is told now and never again."""
        with self._house.store.writing() as session:
            self._house.renders.of(session, project, version)
            link = add_share(session, version, name=name)
            return {**share_told(link.share), "token": link.token, "page": f"/share/{link.token}"}

    def shares(self, project: str, version: str) -> list[Row]:
        """The links that are open."""
        with self._house.store.reading() as session:
            self._house.renders.of(session, project, version)
            wanted = select(Share).where(Share.version_id == version, Share.revoked_at.is_(None))
            return [share_told(one) for one in session.scalars(wanted)]

    def unshare(self, project: str, version: str, number: str) -> None:
        """Close a link."""
        with self._house.store.writing() as session:
            self._house.renders.of(session, project, version)
            found = session.get(Share, number)
            if found is None or found.version_id != version:
                raise not_there("share", number)
            revoke_share(session, number)

    def shared(self, token: str) -> Row:
        """What a client sees."""
        with self._house.store.reading() as session:
            version = _open(session, token).version
            comments = [
                {**comment_told(one), "mine": one.share_id is not None} for one in version.comments
            ]
            return {
                "project": version.project.name,
                "version": version.name,
                "number": version.number,
                "created_at": version.created_at.isoformat(),
                "comments": comments,
            }

    def shared_sound(self, token: str) -> Heard:
        """What a client hears."""
        with self._house.store.reading() as session:
            version = _open(session, token).version
            project, number = version.project_id, version.id
        return self._house.listening.heard(project, number, None, False)

    def shared_comment(self, token: str, author: str, text: str, at_s: float | None) -> Row:
        """What a client says."""
        with self._house.store.writing() as session:
            share = _open(session, token)
            if not share.may_comment or len(share.version.comments) >= MOST_COMMENTS:
                raise Refused(HTTPStatus.FORBIDDEN, "no-comments", "no more comments are taken")
            return comment_told(
                add_comment(
                    session, share.version_id, at_s or 0.0, text, author=author, share_id=share.id
                )
            )


def _open(session: Session, token: str) -> Share:
    found = share_of(session, token)
    if found is None:
        raise Refused(
            HTTPStatus.NOT_FOUND, "share-unknown", "this link is not open, or not any more"
        )
    return found
