"""A queue in which callers take turns, so that the many sessions of one do not delay the one of another."""


class FairQueue:
    """Ids of sessions that wait, in the order of each caller; the callers take turns (round robin)."""

    def __init__(self) -> None:
        #: What each caller waits for; the caller whose turn is next is first. As keys: each id waits once.
        self._of_callers: dict[str, dict[str, None]] = {}

    def add(self, session_id: str, caller: str) -> None:
        """Appends a session for a caller. Several may wait for it: the first turn of any of them counts."""
        self._of_callers.setdefault(caller, {}).setdefault(session_id)

    def discard(self, session_id: str) -> None:
        """Removes a session from the queues of all callers."""
        for caller, waiting in list(self._of_callers.items()):
            waiting.pop(session_id, None)
            if not waiting:
                del self._of_callers[caller]

    def take(self) -> str:
        """Removes and returns the next session. Raises LookupError if nobody waits."""
        if not self._of_callers:
            raise LookupError("nobody waits")
        caller = next(iter(self._of_callers))
        waiting = self._of_callers[caller] = self._of_callers.pop(caller)  # its next turn is the last
        session_id = next(iter(waiting))
        self.discard(session_id)
        return session_id

    def callers(self) -> list[str]:
        """Returns the callers that wait, in the order of their turns."""
        return list(self._of_callers)

    def __bool__(self) -> bool:
        return bool(self._of_callers)
