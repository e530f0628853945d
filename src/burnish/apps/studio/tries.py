"""Tries: how often a password may be guessed, and that nobody can lock the owner out by guessing.

Each who asks has five wrong ones a minute. Who asks is told by the cookie of an earlier visit, also
of one that is over: so whoever was let in once has tries that no stranger can use up. All others go
by their address (of IPv6 by its network, of which one person has a whole one). Where many wrong
ones come from many addresses, each further one of a stranger is answered later, but answered.
"""

import ipaddress
import threading
import time
from collections import OrderedDict, deque

MOST, WITHIN_S = 5, 60.0
_FREE = 20  # wrong ones in a minute of all together that slow nobody down
_STEP_S, _LONGEST_S = 0.1, 2.0
_KNOWN = 4096


class Tries:
    """The wrong tries of the last minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_who: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=1000)

    def begin(self, who: str) -> bool:
        """Count a try, which is wrong until it turns out to be right; False: too many were."""
        now = time.monotonic()
        with self._lock:
            mine = self._by_who.setdefault(who, deque())
            self._by_who.move_to_end(who)
            while len(self._by_who) > _KNOWN:
                self._by_who.popitem(last=False)
            _forget(mine, now)
            if len(mine) >= MOST:
                return False
            mine.append(now)
            self._all.append(now)
            return True

    def was_right(self, who: str) -> None:
        """The try was the password: none of his count any more."""
        with self._lock:
            self._by_who.pop(who, None)

    @property
    def delay_s(self) -> float:
        """How long a stranger waits for an answer: nothing, or up to 2 s under attack."""
        with self._lock:
            _forget(self._all, time.monotonic())
            return min(_LONGEST_S, _STEP_S * max(0, len(self._all) - _FREE))


def who_by_address(address: str) -> str:
    """Who is taken for one: an address of IPv4, a /64 of IPv6."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
    return str(known)


def _forget(tries: deque[float], now: float) -> None:
    while tries and tries[0] <= now - WITHIN_S:
        tries.popleft()
