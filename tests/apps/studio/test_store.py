"""The store: what is kept, counted, refused and thrown away; on both databases."""

import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm.exc import StaleDataError

from burnish.apps.studio.store import (
    Album,
    Comment,
    Database,
    File,
    Holding,
    Kept,
    Project,
    Quotas,
    Share,
    Store,
    Upload,
    Version,
    add_comment,
    add_listening,
    add_share,
    add_version,
    count,
    forget_upload,
    forget_version,
    plain_line,
    plain_name,
    plain_text,
    revoke_share,
    settle_comment,
    share_of,
    version_of,
)
from burnish.apps.studio.store import shelf as shelf_module
from burnish.apps.studio.store.database import head
from burnish.errors import BurnishError, InputError, OutputError, SettingError


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def upload(store: Store, project: Project, data: bytes, name: str = "song.wav") -> Upload:
    with store.uploading(project.id, name) as coming:
        for i in range(0, len(data), 1000):
            coming.write(data[i : i + 1000])
        return coming.keep()


def version(store: Store, project: Project, data: bytes = b"sound", **given: Any) -> Version:
    kept = store.shelf.keep(data)
    with store.writing() as session:
        return add_version(session, project.id, kept, "master.wav", store.quotas, **given)


def age(store: Store, *files: str) -> None:
    """Make files as old as those that may go."""
    for one in files:
        os.utime(store.shelf.path(one), (0, 0))


def test_models_and_migrations_agree(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from burnish.apps.studio.store import Base

    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == head()
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_of_a_newer_burnish_is_not_touched(tmp_path: Path) -> None:
    from sqlalchemy import text

    database = Database.sqlite(tmp_path / "db.sqlite")
    database.migrate()
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingError, match="of another burnish") as caught:
        database.migrate()
    assert caught.value.code == "database-newer"
    database.close()


def test_a_folder_is_not_opened_with_another_database(tmp_path: Path) -> None:
    """All its files would have nobody who holds them, and be swept."""
    with Store.open(tmp_path / "a") as store:
        project = store.add_project("p")
        with store.uploading(project.id, "x.wav") as coming:
            coming.write(b"x")
            coming.keep()
        (sha256,) = store.shelf.names()
        age(store, sha256)
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    for _ in range(2):
        with pytest.raises(SettingError, match="is not the one of") as refused:
            Store.open(tmp_path / "a", other)
        assert refused.value.code == "database-other"
    with Store.open(tmp_path / "a") as store:
        store.sweep(0)
        assert list(store.shelf.names()) == [sha256]


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite+aiosqlite:///x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingError, match="database="):
        Database(url)


def test_a_database_that_is_not_there_is_said_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://me:secret@/x?host={tmp_path}"
    with pytest.raises(BurnishError) as caught:
        Store.open(tmp_path / "studio", url)
    assert caught.value.code == "database-failed"
    assert "secret" not in caught.value.sentence
    Store.open(tmp_path / "studio").close()  # the folder was let go


def test_one_process_at_a_time(store: Store) -> None:
    with pytest.raises(OutputError, match="in use by a studio that is running"):
        Store.open(store.folder)


def test_sqlite_is_safe_and_checks_references(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, store.reading() as session:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("synchronous", 2),
            ("busy_timeout", 15000),
        ):
            assert session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_an_upload_is_kept_as_it_came(store: Store) -> None:
    data = os.urandom(5000)
    project = store.add_project("A song")
    kept = upload(store, project, data, "../../etc/passwd\x00.wav")
    assert kept.name == "passwd .wav"
    with store.shelf.open(kept.holding.sha256) as file:
        assert file.read() == data
    assert kept.holding.sha256 == sha256(data)
    with store.reading() as session:
        found = session.get_one(Upload, kept.id)
        assert found.created_at.tzinfo is not None
        assert abs(found.created_at - datetime.now(UTC)) < timedelta(minutes=1)
        assert found.project.name == "A song"
    inside = {p.name for p in store.folder.rglob("*") if p.is_file() and "files" in p.parts}
    assert inside == {sha256(data)}


def test_names_from_outside_are_words(store: Store) -> None:
    for given, kept in (
        ("song.wav", "song.wav"),
        ("/etc/passwd", "passwd"),
        ("C:\\music\\song.wav", "song.wav"),
        ("..", ".."),  # a name only: no path is made of it
        ("", "untitled"),
        ("a\x00b\nc\ud800", "a b c"),
        ("ü" * 300, "ü" * 255),
    ):
        assert plain_name(given) == kept
        assert upload(store, store.add_project(given), b"x", given).name == kept
    assert plain_line("a/b\n c") == "a/b c"
    with pytest.raises(SettingError, match="at most 20000 letters"):
        plain_text("x" * 20_001)
    assert len([p for p in store.folder.rglob("*") if p.is_file() and "files" in p.parts]) == 1


def test_no_path_is_made_of_what_is_no_hash(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for name in ("", "..", "../x", "a" * 63, "A" * 64, "a" * 64 + "\n", "/etc"):
            for call in (store.shelf.path, store.shelf.open, store.shelf.has):
                with pytest.raises(InputError, match="no such file"):
                    call(name)
            with pytest.raises(InputError, match="no such job"):
                store.work_folder(f"../{name}")


def test_what_fails_while_it_comes_in_leaves_nothing(store: Store) -> None:
    project = store.add_project("p")

    def broken_off() -> None:
        with store.uploading(project.id, "x") as coming:
            coming.write(b"half")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        broken_off()
    with store.uploading(project.id, "x") as coming:
        coming.write(b"not kept")
    with store.uploading(project.id, "x") as coming, pytest.raises(InputError, match="is empty"):
        coming.keep()
    with pytest.raises(InputError, match="no such project"), store.uploading("nobody", "x"):
        pass
    assert [p for p in store.shelf.folder.rglob("*") if p.is_file()] == []
    with store.reading() as session:
        assert session.scalars(select(Upload)).all() == []


def test_the_same_content_is_kept_once_and_goes_with_its_last_holder(store: Store) -> None:
    one, other = store.add_project("one"), store.add_project("other")
    first, second = upload(store, one, b"same"), upload(store, one, b"same")
    third = upload(store, other, b"same")
    content = sha256(b"same")
    with store.reading() as session:
        assert count(session, content) == 3
    assert store.usage(one.id).n_bytes == 4
    assert store.usage().n_bytes == 4
    age(store, content)
    with store.writing() as session:
        forget_upload(session, first.id)
        forget_upload(session, second.id)
    store.sweep()
    assert store.shelf.has(content)
    assert store.usage(one.id).n_bytes == 0
    store.forget_project(other.id)
    swept = store.sweep()
    assert (swept.n_files, swept.n_bytes) == (1, 4)
    assert not store.shelf.has(content)
    with store.reading() as session:
        assert session.scalars(select(File)).all() == []
        assert session.get(Upload, third.id) is None
    again = upload(store, one, b"same")
    assert store.shelf.has(again.holding.sha256)


def test_what_is_young_is_not_swept(store: Store) -> None:
    kept = store.shelf.keep(b"about to be referred to")
    assert store.sweep().n_files == 0
    age(store, kept.sha256)
    assert store.shelf.keep(b"about to be referred to") == kept  # it comes again: young again
    assert store.sweep().n_files == 0
    age(store, kept.sha256)
    assert store.sweep().n_files == 1


def test_folders_of_jobs_are_swept_once_they_have_ended(store: Store) -> None:
    from burnish.apps.jobs import Job, JobRecord, Outcome

    ledger = store.ledger()
    running = JobRecord(Job(what="x")).begun()
    ended = JobRecord(Job(what="x")).ended_with(Outcome("done", {}))
    fresh = JobRecord(Job(what="x")).ended_with(Outcome("done", {}))
    for one in (running, ended, fresh):
        ledger.put(one)
        (store.work_folder(one.id) / "master.wav").write_bytes(b"x")
        if one is not fresh:
            os.utime(store.work / one.id, (0, 0))
    assert store.sweep().n_folders == 1
    assert {p.name for p in store.work.iterdir()} == {running.id, fresh.id}


def test_quotas_of_a_project_and_of_all(open_store: Any) -> None:
    store = open_store(Quotas(project_bytes=1000, all_bytes=1500))
    one, two = store.add_project("one"), store.add_project("two")
    upload(store, one, b"a" * 900)
    with pytest.raises(OutputError, match=r"larger than the 0.0 MB left") as caught:
        upload(store, one, b"b" * 200)
    assert caught.value.code == "quota"
    upload(store, one, b"b" * 100)
    with pytest.raises(OutputError, match=r"the project has 0\.0 MB left"):
        upload(store, one, b"c")
    assert store.usage(one.id).left_bytes == 0
    upload(store, two, b"c" * 400)
    with pytest.raises(OutputError, match="larger than"):
        upload(store, two, b"d" * 200)
    kept = store.shelf.keep(b"e" * 200)
    with store.writing() as session, pytest.raises(OutputError, match="the studio has"):
        add_version(session, two.id, kept, "x", store.quotas)
    with store.writing() as session:
        session.get_one(Project, one.id).quota_bytes = 2000
    assert store.usage(one.id).left_bytes == 1000
    # What is there already costs the studio nothing; the project is charged for it.
    with store.writing() as session:
        again = Kept(sha256(b"c" * 400), 400)
        add_version(session, one.id, again, "x", store.quotas)
    assert store.usage(one.id).n_bytes == 1400
    assert store.usage().n_bytes == 1400


def test_many_uploads_at_once_do_not_pass_the_quota(open_store: Any) -> None:
    store = open_store(Quotas(project_bytes=1000))
    project = store.add_project("p")
    refused: list[str] = []

    def send(n: int) -> None:
        try:
            upload(store, project, bytes([n]) * 300)
        except OutputError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert refused == ["quota"] * 5
    assert store.usage(project.id).n_bytes == 900


def test_a_full_disk_is_an_output_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    project = store.add_project("p")
    monkeypatch.setattr(shelf_module, "_SPARE_BYTES", 1 << 60)
    with pytest.raises(OutputError, match="no room left") as caught:
        upload(store, project, b"x")
    assert caught.value.code == "output-no-room"


def test_versions_are_numbered_and_know_where_they_came_from(store: Store) -> None:
    project, other = store.add_project("p"), store.add_project("other")
    mix = upload(store, project, b"mix")
    measured = {"loudness": {"integrated_lufs": -10.25, "x": None, "nul": "a\x00b"}}
    first = version(store, project, b"one", upload_id=mix.id, recall="steps: []", measured=measured)
    second = version(store, project, b"two", parent_id=first.id, name="louder", note="for Ann")
    assert [first.number, second.number] == [1, 2]
    with pytest.raises(InputError, match="no such version in this project"):
        version(store, other, b"x", parent_id=first.id)
    with pytest.raises(InputError, match="no such upload in this project"):
        version(store, other, b"x", upload_id=mix.id)
    with store.reading() as session:
        found = session.get_one(Project, project.id).versions
        assert [(one.number, one.recall) for one in found] == [(1, "steps: []"), (2, "")]
        assert found[0].measured["loudness"]["integrated_lufs"] == -10.25
        assert found[0].holding.file.n_bytes == 3
    with store.writing() as session:
        forget_version(session, first.id)
    with store.reading() as session:
        assert version_of(session, second.id).parent_id is None
        with pytest.raises(InputError, match="no such version"):
            version_of(session, first.id)
    assert version(store, project, b"three").number == 3
    with store.writing() as session:
        forget_upload(session, mix.id)
    with store.reading() as session:
        assert len(session.get_one(Project, project.id).versions) == 2


def test_numbers_of_versions_made_at_once(store: Store) -> None:
    project = store.add_project("p")
    made: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(version(store, project, bytes([n])).number))
        for n in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(made) == list(range(1, 9))


def test_what_is_no_json_is_not_kept(store: Store) -> None:
    project = store.add_project("p")
    with pytest.raises((ValueError, StatementError), match="not JSON compliant"):
        version(store, project, measured={"x": float("nan")})
    with store.reading() as session:
        assert session.scalars(select(Version)).all() == []
        assert session.scalars(select(Holding)).all() == []


def test_comments_and_listenings(store: Store) -> None:
    of = version(store, store.add_project("p"))
    with store.writing() as session:
        late = add_comment(session, of.id, 72.5, "  a click?\r\n", author="Ann", end_s=73)
        add_comment(session, of.id, 3, "count-in\x00 too loud")
        add_listening(session, of.id, "Ben", 0, 201.5, "all of it")
        for at_s in (-1, float("nan"), 1e9):
            with pytest.raises(SettingError, match="must be 0 to 86400 s"):
                add_comment(session, of.id, at_s, "x")
        with pytest.raises(SettingError, match="must not be empty"):
            add_comment(session, of.id, 1, " \n")
        with pytest.raises(SettingError, match="heard_by"):
            add_listening(session, of.id, "", 0, 1)
    with store.writing() as session:
        settle_comment(session, late.id, datetime.now(UTC))
    with store.reading() as session:
        found = version_of(session, of.id)
        assert [(one.at_s, one.text) for one in found.comments] == [
            (3, "count-in too loud"),
            (72.5, "a click?"),
        ]
        assert found.comments[1].settled_at is not None
        assert [(one.heard_by, one.to_s) for one in found.listenings] == [("Ben", 201.5)]
    with store.writing() as session:
        forget_version(session, of.id)
    with store.reading() as session:
        assert session.scalars(select(Comment)).all() == []


def test_links_open_with_their_token_only_and_until_they_are_over(store: Store) -> None:
    of = version(store, store.add_project("p"))
    with store.writing() as session:
        link = add_share(session, of.id, name="Ann")
        past = datetime.now(UTC) - timedelta(seconds=1)
        over = add_share(session, of.id, expires_at=past)
        later = add_share(session, of.id, expires_at=past + timedelta(hours=1), may_comment=False)
    assert len({link.token, over.token, later.token}) == 3
    with store.reading() as session:
        opened = share_of(session, link.token)
        assert opened is not None
        assert opened.version.id == of.id
        assert share_of(session, later.token) is not None
        for token in (over.token, "", link.token[:-1], link.share.token_sha256, "\ud800"):
            assert share_of(session, token) is None
        assert link.token not in str([vars(one) for one in session.scalars(select(Share))])
    with store.writing() as session:
        add_comment(session, of.id, 1, "lovely", share_id=link.share.id)
        revoke_share(session, link.share.id)
    with store.reading() as session:
        assert share_of(session, link.token) is None
        assert len(version_of(session, of.id).comments) == 1


def test_two_who_change_an_album_at_once_are_told(store: Store) -> None:
    project = store.add_project("p")
    with store.writing() as session:
        album = Album(project_id=project.id, title="LP", sheet="album: {title: LP}\n")
        session.add(album)
    with store.reading() as session:
        mine = session.get_one(Album, album.id)
    with store.writing() as session:
        session.get_one(Album, album.id).sheet = "theirs"
    mine.sheet = "mine"

    def save() -> None:
        with store.writing() as session:
            session.add(mine)

    with pytest.raises(StaleDataError):
        save()
    with store.reading() as session:
        found = session.get_one(Album, album.id)
        assert (found.sheet, found.revision) == ("theirs", 2)


def test_references_are_checked(store: Store) -> None:
    def save() -> None:
        with store.writing() as session:
            session.add(Album(project_id="nobody", sheet=""))

    with pytest.raises(IntegrityError):
        save()


def test_who_reads_does_not_wait_for_who_writes(store: Store) -> None:
    project = store.add_project("p")
    with store.writing() as writer:
        writer.get_one(Project, project.id).name = "changed"
        writer.flush()
        with store.reading() as reader:
            assert reader.get_one(Project, project.id).name == "p"
    with store.reading() as reader:
        assert reader.get_one(Project, project.id).name == "changed"


def test_all_is_found_again(open_store: Any) -> None:
    store = open_store()
    project = store.add_project("p", {"style": "pop"})
    mix = upload(store, project, b"mix")
    of = version(store, project, b"master", upload_id=mix.id)
    store = open_store()
    with store.reading() as session:
        found = session.get_one(Project, project.id)
        assert found.settings == {"style": "pop"}
        assert [one.id for one in found.versions] == [of.id]
        assert [one.id for one in found.uploads] == [mix.id]
    assert store.shelf.path(sha256(b"master")).read_bytes() == b"master"
