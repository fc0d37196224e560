"""Limits the requests for pairing codes that come with scan links."""

from collections import deque

from server.core.errors import RateLimited

#: Requests for one session in WINDOW_SECONDS, with any of its links.
#: WhatsApp notifies the phone of each number: a link must not be a way to disturb strangers.
MAX_PER_SESSION = 10
WINDOW_SECONDS = 600.0


class PairingLimiter:
    """Counts the requests for each session. Requests with a key are not counted."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def count(self, session_id: str, now: float) -> None:
        """Counts a request. now: seconds on any steady clock. Raises RateLimited."""
        self._forget(now)
        times = self._times.setdefault(session_id, deque())
        if len(times) >= MAX_PER_SESSION:
            detail = (
                f"a scan link may request {MAX_PER_SESSION} pairing codes in {WINDOW_SECONDS / 60:g} minutes"
            )
            raise RateLimited(detail, wait=times[0] + WINDOW_SECONDS - now)
        times.append(now)

    def remembered(self) -> int:
        """Returns the number of sessions that are counted now."""
        return len(self._times)

    def _forget(self, now: float) -> None:
        for session_id, times in list(self._times.items()):
            while times and times[0] <= now - WINDOW_SECONDS:
                times.popleft()
            if not times:
                del self._times[session_id]
