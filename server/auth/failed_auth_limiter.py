"""Limits requests with wrong API keys, and the guesses of one address."""

import logging
import math
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from server.core.errors import RateLimited
from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds after which counting starts again, for all addresses at once.
WINDOW_SECONDS = 60.0
#: Wrong keys that one address may send in that time.
MAX_PER_ADDRESS = 10
#: Wrong keys that all addresses may send together.
MAX_IN_TOTAL = 100
#: Addresses that are counted in that time. Each costs about a KiB at most.
MAX_ADDRESSES = 10_000
#: Pairs of an address and a key that was right there.
MAX_KNOWN = 10_000


@dataclass(slots=True)
class _Address:
    """What one address has sent in this window."""

    wrong: int = 0
    #: Digests of the different keys that were looked up, or are now. One that is sent again is no new guess.
    guesses: set[str] = field(default_factory=set)


class FailedAuthLimiter:
    """Counts wrong keys by the address of the connection.

    A header that names another address is ignored: any client could send it.
    """

    def __init__(self) -> None:
        self._until = -math.inf
        self._addresses: dict[str, _Address] = {}
        self._total = 0
        #: The pair that was used last is at the end.
        self._known: dict[tuple[str, str], None] = {}

    def check(self, address: str, key_sha256: str, now: float) -> None:
        """Counts a guess. Raises RateLimited if the address may make no other one: do not look the key up.

        Only for keys that could be guessed. now: seconds on any steady clock. A key that was right at this
        address is no guess: strangers behind the same proxy must not lock its user out.
        """
        self._begin(now)
        caller = _caller(address)
        if (caller, key_sha256) in self._known:
            return
        guesses = self._of(caller).guesses
        if key_sha256 in guesses:
            return
        may_have = 1 if self._total >= MAX_IN_TOTAL else MAX_PER_ADDRESS
        if len(guesses) >= may_have or caller not in self._addresses:
            detail = "there were too many wrong API keys from this address: this one was not looked at"
            raise RateLimited(detail, wait=self._until - now)
        guesses.add(key_sha256)

    def admit(self, address: str, key_sha256: str) -> None:
        """The key is right: it is a guess no more, and never again at this address."""
        caller = _caller(address)
        self._known.pop((caller, key_sha256), None)
        self._known[caller, key_sha256] = None
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._of(caller).guesses.discard(key_sha256)

    def was_right(self, address: str, key_sha256: str) -> bool:
        """Whether the key was right at this address, so that it is no guess. It then was used last."""
        pair = _caller(address), key_sha256
        if pair not in self._known:
            return False
        self._known[pair] = self._known.pop(pair)
        return True

    def count(self, address: str, key_sha256: str, now: float) -> None:
        """Counts a wrong key. now: seconds on any steady clock. Raises RateLimited."""
        self._begin(now)
        caller = _caller(address)
        self._known.pop((caller, key_sha256), None)  # It was revoked.
        of_address = self._of(caller)
        if of_address.wrong >= MAX_PER_ADDRESS or self._total >= MAX_IN_TOTAL:
            raise RateLimited("there were too many wrong API keys", wait=self._until - now)
        of_address.wrong += 1
        self._total += 1
        if of_address.wrong == MAX_PER_ADDRESS:
            log_event(log.warning, "wrong_keys", address=caller, count=MAX_PER_ADDRESS)
        if self._total == MAX_IN_TOTAL:
            log_event(log.warning, "wrong_keys", address="all", count=MAX_IN_TOTAL)

    def remembered(self) -> tuple[int, int]:
        """Returns how many addresses are counted now, and how many right keys of addresses are known."""
        return len(self._addresses), len(self._known)

    def _begin(self, now: float) -> None:
        if now >= self._until:
            self._until = now + WINDOW_SECONDS
            self._addresses.clear()
            self._total = 0

    def _of(self, caller: str) -> _Address:
        """Returns what an address has sent. Too many of them are not remembered."""
        known = self._addresses.get(caller)
        if known is None:
            known = _Address()
            if len(self._addresses) < MAX_ADDRESSES:
                self._addresses[caller] = known
        return known


@lru_cache(maxsize=1024)
def _caller(address: str) -> str:
    """Returns the address, or the /64 network of an IPv6 address: its owner can use all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Address(int(parsed) >> 64 << 64))
    return address
