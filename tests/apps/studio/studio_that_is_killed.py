"""A studio's process that the tests kill: python studio_that_is_killed.py HOW FOLDER URL.

It says a line on standard output for everything that it acknowledges.
"""

import os
import signal
import sys
import time
from typing import Any

from sqlalchemy import event

from burnish.apps.jobs import Job, LocalPool, Queue, Setup
from burnish.apps.studio.store import Store, add_version
from burnish.apps.studio.store import shelf as shelf_module


def data_of(n: int) -> bytes:
    return b"%d" % n * (20_000 + n)


def say(*words: object) -> None:
    print(*words, flush=True)


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def uploads(store: Store, project_id: str) -> None:
    """One upload after the other; acknowledged when kept."""
    for n in range(10_000):
        with store.uploading(project_id, f"{n}.wav") as coming:
            data = data_of(n)
            for i in range(0, len(data), 7000):
                coming.write(data[i : i + 7000])
            say("upload", coming.keep().id, n)


def versions(store: Store, project_id: str) -> None:
    for n in range(10_000):
        kept = store.shelf.keep(data_of(n))
        with store.writing() as session:
            made = add_version(session, project_id, kept, "x.wav", store.quotas, recall=str(n))
        say("version", made.id, n)


def half_an_upload(store: Store, project_id: str) -> None:
    with store.uploading(project_id, "half.wav") as coming:
        coming.write(data_of(1))
        say("midway", 0, 0)
        die()


def at(store: Store, project_id: str, where: str) -> None:
    """The first upload is acknowledged; the second dies at this place."""
    with store.uploading(project_id, "0.wav") as coming:
        coming.write(data_of(0))
        say("upload", coming.keep().id, 0)
    if where == "before-the-name":
        shelf_module.Shelf._place = die  # type: ignore[method-assign]
    elif where == "after-the-name":
        shelf_module.sync_folder = die
    elif where == "before-the-commit":
        event.listen(store.database.engine, "commit", die)
    with store.uploading(project_id, "1.wav") as coming:
        coming.write(data_of(1))
        coming.keep()
    die()  # committed, and nobody was told


def jobs(store: Store, project_id: str) -> None:
    """Two jobs run, one waits, one is done; then nothing until we are killed."""
    pool = LocalPool(2, Setup(kinds=("kinds_of_the_tests",), preload=()))
    queue = Queue(store.ledger(), pool)
    queue.restart()
    note = store.folder / "note"

    def job(word: str, for_s: float) -> Job:
        return Job(what="write", output=str(note), settings={"word": word, "for_s": for_s})

    done = queue.submit(job("done", 0), owner=project_id)
    queue.wait(done.id)
    say("job", done.id, "done")
    for word, at_restart in (("resume", "resume"), ("fail", "fail"), ("waits", "resume")):
        one = queue.submit(job(word, 1.5), owner=project_id, at_restart=at_restart)  # type: ignore[arg-type]
        say("job", one.id, word)
    while len(note.read_text().split()) < 3:
        time.sleep(0.01)
    say("running", *pool.shelf.pids)
    time.sleep(60)


def main() -> None:
    how, folder, url, project_id = sys.argv[1:]
    store = Store.open(folder, url or None)
    if how in ("uploads", "versions", "half_an_upload", "jobs"):
        globals()[how](store, project_id)
    else:
        at(store, project_id, how)


if __name__ == "__main__":
    main()
