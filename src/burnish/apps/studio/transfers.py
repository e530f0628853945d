"""Transfers: uploads that come in pieces and are gone on with where they broke off.

Every step holds the limits: the size is known at the beginning and taken from the quota at once.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from burnish.apps.studio.incoming import Pace, lively, refuse_large
from burnish.apps.studio.problems import Refused, not_there
from burnish.apps.studio.store.models import Upload
from burnish.apps.studio.store.pieces import KEPT_S, Begun
from burnish.apps.studio.told import Row, upload_told
from burnish.errors import OutputError

if TYPE_CHECKING:
    from burnish.apps.studio.house import House

MOST = 64
"""Transfers that may be open at a time."""
_CHUNK = 1 << 20


class Transfers:
    """What is asked of uploads in pieces. ``go_on`` belongs to the server's loop."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._writers: dict[str, tuple[anyio.CancelScope, anyio.Event]] = {}

    def begin(
        self, project: str, name: str, n_bytes: int, kind: str, master: bool, sha256: str
    ) -> Row:
        """A new one. Its room is taken from the quota now."""
        house = self._house
        refuse_large(house.settings, n_bytes)
        if len(house.store.pieces.all()) >= MOST:
            raise Refused(429, "transfers-open", f"{MOST} uploads have broken off; end some first")
        house.store.refuse_upload(project, n_bytes)
        house.make_room(n_bytes)
        return self._told(
            house.store.pieces.begin(
                project, name, n_bytes, kind, master=master and kind == "mix", sha256=sha256
            )
        )

    def shown(self, project: str, transfer: str) -> Row:
        """How far it is; with the upload that it became, when nothing was missing any more."""
        begun = self._house.store.pieces.get(transfer)
        if begun is not None and begun.project_id == project:
            return self._told(begun)
        with self._house.store.reading() as session:
            made = session.get(Upload, transfer)
            if made is None or made.project_id != project:
                raise not_there("transfer", transfer)
            return self._done(upload_told(made))

    async def go_on(
        self, project: str, transfer: str, offset: int, body: AsyncIterator[bytes]
    ) -> Row:
        """The bytes from ``offset`` on. What came is kept also where it breaks off.

        Who comes later has the word: the connection of who was there before may be long dead.
        """
        run = anyio.to_thread.run_sync
        if (before := self._writers.get(transfer)) is not None:
            before[0].cancel()
            await before[1].wait()
        scope, ended = anyio.CancelScope(), anyio.Event()
        self._writers[transfer] = scope, ended
        try:
            with scope:
                shown = await run(self.shown, project, transfer)
                if shown["upload"] is not None:
                    return shown
                if offset != shown["offset"]:
                    raise Refused(
                        409, "offset", f"offset={offset}: the next byte is {shown['offset']}"
                    )
                await self._take(transfer, body)
                return await run(self._finished, project, transfer)
            raise Refused(409, "transfer-taken-over", "another request goes on with this upload")
        finally:
            if self._writers.get(transfer, (None,))[0] is scope:
                del self._writers[transfer]
            ended.set()

    def give_up(self, project: str, transfer: str) -> None:
        """Away with it."""
        if self.shown(project, transfer)["upload"] is not None:
            raise Refused(409, "transfer-done", "it is an upload by now; delete that")
        self._house.store.pieces.forget(transfer)

    async def _take(self, transfer: str, body: AsyncIterator[bytes]) -> None:
        run, house = anyio.to_thread.run_sync, self._house
        usage = await run(house.store.usage)
        if usage.quota_bytes is not None and usage.n_bytes > usage.quota_bytes:
            raise OutputError("quota", "the studio is over its quota; delete something first")
        pace = Pace(house.settings)
        writing = house.store.pieces.writing(transfer)
        coming = await run(writing.__enter__)
        try:
            held = bytearray()
            async for chunk in lively(body):
                held += chunk
                if len(held) >= _CHUNK:
                    piece = bytes(held)
                    held.clear()
                    await run(coming.write, piece)
                    await pace.wait(len(piece))
            await run(coming.write, bytes(held))
        finally:
            with anyio.CancelScope(shield=True):
                await run(writing.__exit__, None, None, None)

    def _finished(self, project: str, transfer: str) -> Row:
        """Where nothing is missing any more it becomes an upload, of the same id."""
        store = self._house.store
        begun = store.pieces.get(transfer)
        if begun is None:
            raise not_there("transfer", transfer)
        if not begun.is_whole:
            return self._told(begun)
        kept = store.pieces.whole(transfer)
        with store.pieces.not_reserved(transfer):
            made = store.add_upload(
                project, kept, begun.name, begun.kind, {"master": begun.master}, transfer
            )
            store.pieces.forget(transfer)
        return self._done(self._house.mixes.taken(made))

    def _told(self, begun: Begun) -> Row:
        return {
            "transfer": begun.id,
            "name": begun.name,
            "bytes": begun.n_bytes,
            "offset": begun.offset,
            "until": _when(begun.touched_at + KEPT_S),
            "upload": None,
        }

    @staticmethod
    def _done(upload: Row) -> dict[str, Any]:
        return {
            "transfer": upload["id"],
            "name": upload["name"],
            "bytes": upload["bytes"],
            "offset": upload["bytes"],
            "until": None,
            "upload": upload,
        }


def _when(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()
