"""Limits requests with wrong API keys."""

import logging
import math
from collections import Counter
from ipaddress import IPv6Address, ip_address

from server.core.errors import RateLimited
from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds after which counting starts again, for all addresses at once.
WINDOW_SECONDS = 60.0
#: Wrong keys that one address may send in that time.
MAX_PER_ADDRESS = 10
#: Wrong keys that all addresses may send together; it also limits how many addresses are remembered.
MAX_IN_TOTAL = 100


class FailedAuthLimiter:
    """Counts wrong keys by the address of the connection.

    A header that names another address is ignored: any client could send it.
    """

    def __init__(self) -> None:
        self._until = -math.inf
        self._counts: Counter[str] = Counter()

    def count(self, address: str, now: float) -> None:
        """Counts a wrong key. now: seconds on any steady clock. Raises RateLimited."""
        if now >= self._until:
            self._until = now + WINDOW_SECONDS
            self._counts.clear()
        caller = _caller(address)
        if self._counts[caller] >= MAX_PER_ADDRESS or self._counts.total() >= MAX_IN_TOTAL:
            raise RateLimited("there were too many wrong API keys", wait=self._until - now)
        self._counts[caller] += 1
        if self._counts[caller] == MAX_PER_ADDRESS:
            log_event(log.warning, "wrong_keys", address=caller, count=MAX_PER_ADDRESS)
        if self._counts.total() == MAX_IN_TOTAL:
            log_event(log.warning, "wrong_keys", address="all", count=MAX_IN_TOTAL)

    def remembered(self) -> int:
        """Returns the number of addresses that are counted now."""
        return len(self._counts)


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
