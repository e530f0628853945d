"""Incoming: what holds for every body that is an upload: its size, its pace, and that it lives."""

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus

from burnish.apps.studio.problems import Refused
from burnish.apps.studio.settings import MIB, StudioSettings

_SILENT_S = 60.0  # a client that sends nothing for so long is gone


def refuse_large(settings: StudioSettings, n_bytes: int) -> None:
    """Refuse a file that is larger than an upload may be."""
    if n_bytes > settings.upload_mib * MIB:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-large",
            f"the file is larger than {settings.upload_mib} MiB",
        )


async def lively(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces; who sends nothing for a minute is let go."""
    pieces = aiter(body)
    while True:
        try:
            async with asyncio.timeout(_SILENT_S):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refused(408, "too-slow", "nothing came for a minute") from None
        yield piece


class Pace:
    """Takes an upload no faster than it may come: what is not read waits at the sender."""

    def __init__(self, settings: StudioSettings) -> None:
        self._rate = settings.upload_mib_per_s * MIB
        self._begun = time.monotonic()
        self._n_bytes = 0

    async def wait(self, n_bytes: int) -> None:
        """Wait until so many more were allowed to come."""
        if not self._rate:
            return
        self._n_bytes += n_bytes
        early = self._n_bytes / self._rate - (time.monotonic() - self._begun)
        if early > 0:
            await asyncio.sleep(early)
