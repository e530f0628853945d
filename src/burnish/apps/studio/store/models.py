"""The tables: what the studio remembers. Sound lies beside, in files named by their content."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from burnish.apps.jobs import new_id

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
NAME_LETTERS = 255


class Utc(TypeDecorator[datetime]):
    """A time in UTC; SQLite would forget that it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What all tables have in common: how constraints are named, so that migrations find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _id() -> Mapped[str]:
    return mapped_column(String(32), primary_key=True, default=new_id)


def _of(table: str, *, nullable: bool = False, ondelete: str = "CASCADE") -> Mapped[Any]:
    return mapped_column(
        String(32), ForeignKey(f"{table}.id", ondelete=ondelete), nullable=nullable, index=True
    )


def _created() -> Mapped[datetime]:
    return mapped_column(Utc, default=_now)


class Mark(Base):
    """The one row that says which database this is; its folder bears the same mark."""

    __tablename__ = "marks"

    id: Mapped[str] = _id()


class File(Base):
    """A file on the shelf, by its content. It stays as long as a ``Holding`` names it."""

    __tablename__ = "files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = _created()


class Project(Base):
    """A piece of work: a song, an album, whatever a person calls one."""

    __tablename__ = "projects"

    id: Mapped[str] = _id()
    name: Mapped[str] = mapped_column(String(NAME_LETTERS))
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """How much its files may take; None: as the store says."""
    created_at: Mapped[datetime] = _created()
    changed_at: Mapped[datetime] = mapped_column(Utc, default=_now, onupdate=_now)

    uploads: Mapped[list["Upload"]] = relationship(
        back_populates="project", passive_deletes=True, order_by="Upload.created_at"
    )
    versions: Mapped[list["Version"]] = relationship(
        back_populates="project", passive_deletes=True, order_by="Version.number"
    )
    albums: Mapped[list["Album"]] = relationship(
        back_populates="project", passive_deletes=True, order_by="Album.created_at"
    )


class Holding(Base):
    """That a project holds a file: the reference that is counted, and counts for its quota.

    ``name`` is what people call it; no path is ever made of it.
    """

    __tablename__ = "holdings"

    id: Mapped[str] = _id()
    project_id: Mapped[str] = _of("projects")
    sha256: Mapped[str] = mapped_column(
        String(64), ForeignKey("files.sha256", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str] = mapped_column(String(NAME_LETTERS))
    created_at: Mapped[datetime] = _created()

    file: Mapped[File] = relationship(lazy="joined", innerjoin=True)


class Upload(Base):
    """What a person brought: a mix, a reference, artwork, stems."""

    __tablename__ = "uploads"

    id: Mapped[str] = _id()
    project_id: Mapped[str] = _of("projects")
    holding_id: Mapped[str] = _of("holdings")
    kind: Mapped[str] = mapped_column(String(32), default="mix")
    name: Mapped[str] = mapped_column(String(NAME_LETTERS))
    measured: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = _created()

    project: Mapped[Project] = relationship(back_populates="uploads")
    holding: Mapped[Holding] = relationship(lazy="joined", innerjoin=True)


class Version(Base):
    """A render that is kept: sound, recall sheet, what it measures, and where it came from.

    ``parent_id`` is the version that it was made from, ``number`` its place in the project.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[str] = _id()
    project_id: Mapped[str] = _of("projects")
    number: Mapped[int] = mapped_column(Integer)
    upload_id: Mapped[str | None] = _of("uploads", nullable=True, ondelete="SET NULL")
    parent_id: Mapped[str | None] = _of("versions", nullable=True, ondelete="SET NULL")
    job_id: Mapped[str | None] = _of("jobs", nullable=True, ondelete="SET NULL")
    holding_id: Mapped[str] = _of("holdings")
    report_id: Mapped[str | None] = _of("holdings", nullable=True, ondelete="SET NULL")
    name: Mapped[str] = mapped_column(String(NAME_LETTERS), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    recall: Mapped[str] = mapped_column(Text, default="")
    """The recall sheet's text: with the mix it gives the same bits again."""
    measured: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = _created()

    project: Mapped[Project] = relationship(back_populates="versions")
    holding: Mapped[Holding] = relationship(
        lazy="joined", innerjoin=True, foreign_keys=[holding_id]
    )
    report: Mapped[Holding | None] = relationship(foreign_keys=[report_id])
    comments: Mapped[list["Comment"]] = relationship(
        passive_deletes=True, order_by="Comment.at_s, Comment.created_at"
    )
    listenings: Mapped[list["Listening"]] = relationship(
        passive_deletes=True, order_by="Listening.heard_at"
    )


class Album(Base):
    """A release as the text of its album.yaml. ``revision`` grows with each change."""

    __tablename__ = "albums"

    id: Mapped[str] = _id()
    project_id: Mapped[str] = _of("projects")
    title: Mapped[str] = mapped_column(String(NAME_LETTERS), default="")
    sheet: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = _created()
    changed_at: Mapped[datetime] = mapped_column(Utc, default=_now, onupdate=_now)

    project: Mapped[Project] = relationship(back_populates="albums")
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012  as SQLAlchemy wants it


class Share(Base):
    """A link by which one version may be heard, and commented. Only the token's hash is kept."""

    __tablename__ = "shares"

    id: Mapped[str] = _id()
    version_id: Mapped[str] = _of("versions")
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LETTERS), default="")
    may_comment: Mapped[bool] = mapped_column(default=True)
    expires_at: Mapped[datetime | None] = mapped_column(Utc, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc, default=None)
    created_at: Mapped[datetime] = _created()

    version: Mapped[Version] = relationship(lazy="joined", innerjoin=True)


class Comment(Base):
    """What somebody says of a version, at a place in it. ``share_id``: it came by that link."""

    __tablename__ = "comments"

    id: Mapped[str] = _id()
    version_id: Mapped[str] = _of("versions")
    share_id: Mapped[str | None] = _of("shares", nullable=True, ondelete="SET NULL")
    at_s: Mapped[float] = mapped_column(Float)
    end_s: Mapped[float | None] = mapped_column(Float, default=None)
    author: Mapped[str] = mapped_column(String(NAME_LETTERS), default="")
    text: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Utc, default=None)
    created_at: Mapped[datetime] = _created()


class Listening(Base):
    """That somebody has heard a version, from where to where, and what they noted."""

    __tablename__ = "listenings"

    id: Mapped[str] = _id()
    version_id: Mapped[str] = _of("versions")
    heard_by: Mapped[str] = mapped_column(String(NAME_LETTERS))
    from_s: Mapped[float] = mapped_column(Float, default=0.0)
    to_s: Mapped[float] = mapped_column(Float)
    note: Mapped[str] = mapped_column(Text, default="")
    heard_at: Mapped[datetime] = _created()


class JobRow(Base):
    """A job of the queue, as ``burnish.apps.jobs.JobRecord`` knows it."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "number"),)

    id: Mapped[str] = _id()
    project_id: Mapped[str | None] = _of("projects", nullable=True)
    number: Mapped[int] = mapped_column(Integer)
    what: Mapped[str] = mapped_column(String(64))
    job: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    at_restart: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    submitted_at: Mapped[datetime] = mapped_column(Utc)
    begun_at: Mapped[datetime | None] = mapped_column(Utc, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(Utc, default=None)
