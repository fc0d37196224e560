"""The port of sessions."""

from collections.abc import Callable, Collection
from typing import Protocol

from store.records.events import NewEvent
from store.records.sessions import Session, Status


class SessionStore(Protocol):
    """Sessions, each with its newest code."""

    async def add(self, session: Session, *, most: int | None = None, event: NewEvent | None = None) -> int:
        """The token of the new session, which the caller owns. Raises SessionExists, TooManySessions.

        It is greater than those of earlier sessions with this id. most: sessions that there may be, this one
        included; None: any number. event: reports it in the event log.
        """

    async def take_over(self, node: str) -> dict[str, int]:
        """Becomes the owner of every session of a node. The new tokens, by session id."""

    async def get(self, session_id: str) -> Session | None:
        """The session with its newest code, which may have expired."""

    async def require(self, session_id: str) -> Session:
        """The same. Raises the error that the store was opened with if there is no such session."""

    async def all(self) -> list[Session]:
        """Every session, the oldest first."""

    async def page(
        self,
        *,
        statuses: Collection[Status] | None = None,
        among: Collection[str] | None = None,
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> list[Session]:
        """The next sessions, the oldest first.

        statuses: those that count; None: all. among: the ids that count; None: all.
        after: `created_at` and `id` of the last one already seen.
        """

    async def counts(self) -> dict[Status, int]:
        """How many sessions have each status; a status that no session has is left out."""

    async def delete(self, session_id: str, *, token: int | None, event: NewEvent | None = None) -> bool:
        """Whether there was one. Its code, its messages and its lease go with it, but none of its events.

        token: None: whichever it has, for commands that run while no front does. event: reports the deletion
        in the event log. Raises NotOwner.
        """

    async def if_absent(self, session_id: str, act: Callable[[], None]) -> bool:
        """Whether there was no such session, so that `act` was called. No session can be made meanwhile.

        `act` runs on a thread of the store, inside a transaction: it must be short.
        """
