"""Which sessions have a link to WhatsApp that is open now, as their connectors say."""

from server.protocol.events.codes import QrIssued
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Closed, LoggedOut, Opened, Paired, Snapshot
from server.protocol.events.process import Ended, Up


class OpenLinks:
    """The open links, by session id, with the start of the connector that has each."""

    def __init__(self) -> None:
        self._epochs: dict[str, int] = {}

    def note(self, session_id: str, event: AnyEvent) -> None:
        """Takes in an event."""
        match event:
            case Opened() | Snapshot(phase="open"):
                self._epochs[session_id] = event.epoch
            case Closed() | Ended() | LoggedOut() | Paired() | Snapshot() | QrIssued() | Up():
                self._epochs.pop(session_id, None)

    def forget(self, session_id: str) -> None:
        """The session was deleted."""
        self._epochs.pop(session_id, None)

    def epoch(self, session_id: str) -> int | None:
        """Returns the start of the connector whose link is open; None: there is no open link."""
        return self._epochs.get(session_id)
