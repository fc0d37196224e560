"""What channels tell the front, and what they ask it."""

from collections.abc import Sequence
from typing import Protocol

from server.protocol.commands import LinkOptions
from server.protocol.events.lines import AnyEvent
from store.records.sessions import Session


class ChannelListener(Protocol):
    """Receives what connectors report, and answers what channels ask. One object for all channels."""

    @property
    def front(self) -> str:
        """Names this front in a hello: the connector's `ready` repeats it."""

    @property
    def retention(self) -> float:
        """Seconds for which messages are kept."""

    async def session(self, session_id: str) -> Session | None:
        """The session's row; None if it was deleted."""

    def link_options(self, session: Session) -> LinkOptions:
        """What the next link of a session is opened with."""

    def may_register(self, session_id: str) -> bool:
        """Whether a session may register a device now."""

    async def on_events(self, session_id: str, events: Sequence[AnyEvent]) -> None:
        """A connector said this. Returns once all of it is stored.

        Raises StoreError, OSError if that cannot be; nothing of it is stored then.
        """

    async def on_unusable(self, session_id: str) -> None:
        """A connector writes too many lines that are no events: it is to be killed."""

    def on_socket_closing(self, session_id: str, epoch: int) -> None:
        """The socket of this start of a session is about to be closed."""

    def on_socket_closed(self, session_id: str, epoch: int) -> None:
        """The socket of this start of a session is gone, before a row says so."""

    def on_socket_kept(self, session_id: str) -> None:
        """The socket that was to be closed was not."""

    def on_folder_removed(self, session_id: str) -> None:
        """The starts of a session are counted from one again."""

    def on_pipes_removed(self, session_id: str) -> None:
        """A connector has ended, and the next one would not find the pipes that are open here."""
