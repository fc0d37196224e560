"""How often somebody may come with a key that Motte does not know."""

import logging
import math
from collections import Counter
from ipaddress import IPv6Address, ip_address

from server.core.errors import RateLimited
from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds after which counting begins anew, for everybody at once.
WINDOW = 60.0
#: Wrong keys that one address may bring in that time.
OF_ONE = 10
#: Wrong keys that all may bring together; it also bounds how many addresses are remembered.
OF_ALL = 100


class FailedAuthLimiter:
    """Counts them by the address of the connection.

    A header that names another address is not believed: whoever sends it could write anything there.
    """

    def __init__(self) -> None:
        self._until = -math.inf
        self._counts: Counter[str] = Counter()

    def count(self, address: str, now: float) -> None:
        """One more wrong key. now: seconds on any steady clock. Raises RateLimited."""
        if now >= self._until:
            self._until = now + WINDOW
            self._counts.clear()
        caller = _caller(address)
        if self._counts[caller] >= OF_ONE or self._counts.total() >= OF_ALL:
            raise RateLimited("there were too many wrong API keys", wait=self._until - now)
        self._counts[caller] += 1
        if self._counts[caller] == OF_ONE:
            log_event(log.warning, "wrong_keys", address=caller, count=OF_ONE)
        if self._counts.total() == OF_ALL:
            log_event(log.warning, "wrong_keys", address="all", count=OF_ALL)

    def remembered(self) -> int:
        """How many addresses are being counted."""
        return len(self._counts)


def _caller(address: str) -> str:
    """Who has one IPv6 address has 2**64 of them: such a network counts as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Address(int(parsed) >> 64 << 64))
    return address
