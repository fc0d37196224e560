"""Takes in what connectors say, in the front that holds the pipes."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence

from server.connectors.heartbeat import kill_deaf
from server.connectors.link_options import LinkSettings
from server.core.log_events import log_event
from server.documents.typing import typing_document
from server.domain.states import PAIRED, UNPAIRED
from server.domain.transitions import is_stale
from server.events.types import EventType
from server.protocol.commands import LinkOptions
from server.protocol.events.chats import Typing
from server.protocol.events.codes import PairingCodeWithdrawn, QrIssued
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Closed, Opened, Snapshot
from server.protocol.events.process import Ended
from server.sessions.chats import tell_owed_marks
from server.sessions.pairing_codes import PairingCodes
from server.sessions.parts import SessionParts
from store.errors import StoreUnavailable
from store.records.sessions import Session

log = logging.getLogger(__name__)

#: Seconds between two tries to use the store.
STORE_RETRY_SECONDS = 1.0


class ConnectorEvents:
    """The ChannelListener of a front."""

    def __init__(
        self, parts: SessionParts, pairing_codes: PairingCodes, *, note_end: Callable[[str], None]
    ) -> None:
        """note_end: called if a process should run, has ended, and is not started again by supervisord."""
        self.front = secrets.token_hex(8)
        self.retention = parts.settings.message_retention
        self._parts = parts
        self._pairing_codes = pairing_codes
        self._note_end = note_end
        self._link_settings = LinkSettings(parts.settings, parts.versions)

    async def session(self, session_id: str) -> Session | None:
        return await self._parts.sessions.get(session_id)

    def link_options(self, session: Session) -> LinkOptions:
        return self._link_settings.of(session)

    def may_register(self, session_id: str) -> bool:
        return self._parts.cool_downs.reason(session_id) is None

    async def on_events(self, session_id: str, events: Sequence[AnyEvent]) -> None:
        if isinstance(events[0], Typing):  # it comes alone, like all but messages
            await self._report_typing(session_id, events[0])
            return
        for event in events:
            self._parts.versions.note(session_id, event)
            if isinstance(event, PairingCodeWithdrawn):
                self._pairing_codes.forget(session_id)
        sessions = await self._parts.state_machine.apply_all(session_id, events)
        for event, session in zip(events, sessions, strict=True):
            if session is not None:
                await self._note(session, event)

    async def _note(self, session: Session, event: AnyEvent) -> None:
        """Takes in an event that is stored. session: as it was after the event."""
        self._parts.dispatchers.note(session.id, event)
        self._parts.checks.note(event)
        await self._note_registration(session, event)
        if isinstance(event, Opened) or (isinstance(event, Snapshot) and event.phase == "open"):
            await self._tell_owed_marks(session.id)
        if isinstance(event, Ended) and event.state == "EXITED" and session.status in PAIRED:
            self._note_end(session.id)

    async def _tell_owed_marks(self, session_id: str) -> None:
        """Tells them however long that takes: the event is stored, and does nothing if it comes again."""
        while True:
            try:
                await tell_owed_marks(self._parts, session_id)
            except StoreUnavailable as error:
                log_event(log.error, "marks_wait_for_store", session=session_id, error=error)
                await asyncio.sleep(STORE_RETRY_SECONDS)
            else:
                return

    async def _report_typing(self, session_id: str, event: Typing) -> None:
        """Writes nothing: it is true for some seconds."""
        session = await self._parts.sessions.get(session_id)
        if session is not None and not is_stale(session, event):
            self._parts.passing.publish(EventType.TYPING, session_id, typing_document(event))

    async def on_unusable(self, session_id: str) -> None:
        log_event(log.error, "unusable", session=session_id)
        await kill_deaf(self._parts.connectors, [session_id])

    def on_socket_closing(self, session_id: str, epoch: int) -> None:
        self._parts.expiry.closing(session_id, epoch)

    def on_socket_closed(self, session_id: str, epoch: int) -> None:
        self._parts.expiry.mark_closed(session_id, epoch)

    def on_socket_kept(self, session_id: str) -> None:
        self._parts.expiry.keep(session_id)

    def on_folder_removed(self, session_id: str) -> None:
        self._parts.expiry.reset(session_id)

    def on_pipes_removed(self, session_id: str) -> None:
        self._note_end(session_id)

    async def _note_registration(self, session: Session, event: AnyEvent) -> None:
        """Decides, from what WhatsApp says to a device that registers, when others may.

        Nothing is awaited before that is decided: subscribers of the event must find it decided.
        """
        cool_downs = self._parts.cool_downs
        match event:
            case QrIssued(ordinal=1, issued_at=issued_at):  # the next ones ask WhatsApp for nothing
                await cool_downs.succeeded(session.id, at=issued_at)
            case Closed() if event.retry_in is None and session.status in UNPAIRED:
                if not self._parts.has_another_version(session, event):
                    await cool_downs.refused(session.id, event.reason, wait_for=event.wait_for)
