"""Sessions that wait for their turn to be started; those that are asked for come first."""

from collections.abc import Iterable, Iterator


class StartQueue:
    """Whose turn it is, while a front that begins starts one session after the other."""

    def __init__(self) -> None:
        #: In their order; as keys, so that each waits once.
        self._waiting: dict[str, None] = {}
        #: Those of them that were asked for, the earliest first.
        self._asked: dict[str, None] = {}

    def line_up(self, session_ids: Iterable[str]) -> None:
        """These wait now, in this order, and no others. Who was asked for stays before the rest."""
        self._waiting = dict.fromkeys(session_ids)
        self._asked = {session_id: None for session_id in self._asked if session_id in self._waiting}

    def ask_for(self, session_id: str) -> None:
        """Somebody wants this session. Where it does not wait, that changes nothing."""
        if session_id in self._waiting:
            self._asked.setdefault(session_id)

    def __iter__(self) -> Iterator[str]:
        """Each in its turn, until nobody waits. Who is asked for meanwhile comes next."""
        while self._waiting:
            session_id = next(iter(self._asked or self._waiting))
            self._asked.pop(session_id, None)
            del self._waiting[session_id]
            yield session_id
