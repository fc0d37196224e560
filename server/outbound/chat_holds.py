"""Holds of one session's chats: which message may be sent now, and what the chat of any other waits for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from server.core.errors import MotteError, RateLimited
from server.core.log_events import log_event
from server.domain.recipients import is_group
from server.domain.whatsapp_addresses import number_of
from server.outbound import reasons
from server.outbound.dispatcher_parts import DispatcherParts
from server.outbound.new_chats import NewChats
from server.outbound.pacing import Pace
from server.outbound.waiting_list import WaitingList
from store.errors import StoreError
from store.records.contacts import Acquaintance
from store.records.outbox import OutboxEntry

log = logging.getLogger(__name__)

#: Seconds until a number is looked up again, if WhatsApp did not answer.
CHECK_RETRY_SECONDS = 30.0

#: Chats of which it is remembered that the other side wrote.
MAX_ANSWERED = 10_000


class ChatHolds:
    """Holds a chat until its turn, the end of a restriction, or the answer about its number."""

    def __init__(
        self,
        session_id: str,
        parts: DispatcherParts,
        waiting: WaitingList,
        *,
        fail: Callable[[OutboxEntry, str], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        """fail: fails a message, with the code of a reason. wake: called when a look-up has ended."""
        self._session_id = session_id
        self._parts = parts
        self._waiting = waiting
        self._fail = fail
        self._wake = wake
        self._new_chats = NewChats(Pace(parts.new_chats_per_minute / 60))
        #: Chats in which the other side wrote: that stays so, as long as the account does.
        self._answered: set[str] = set()
        #: Look-ups of numbers.
        self._checks: set[asyncio.Task[None]] = set()

    def release_due(self, now: float) -> None:
        """Lets the new chats go on whose turn has come. now: boot clock, seconds."""
        for chat in self._new_chats.admit(now, self._waiting.has):
            self._waiting.release(chat)

    def wait(self, now: float) -> float:
        """Returns the seconds until the next turn of a new chat: see NewChats.wait."""
        return self._new_chats.wait(now)

    async def that_may_go(self, entries: list[OutboxEntry]) -> list[OutboxEntry]:
        """Returns the messages that may be sent now. Holds the chat of any other, or fails it."""
        chats = [entry.chat for entry in entries if not is_group(entry.chat)]
        unknown = [chat for chat in chats if chat not in self._answered]
        known = await self._parts.outbox.acquaintances(self._session_id, unknown) if unknown else {}
        if len(self._answered) > MAX_ANSWERED:
            self._answered.clear()
        self._answered.update(chat for chat, other in known.items() if other.has_answered)
        return [entry for entry in entries if await self._may_go(entry, known.get(entry.chat))]

    def handed(self, entry: OutboxEntry) -> None:
        """A connector has the message: its chat is no new one any more."""
        self._new_chats.leave(entry.chat)

    def release_all(self) -> None:
        """Every held chat is looked at again."""
        self._new_chats.resume()
        self._waiting.release_all()

    def clear(self) -> None:
        """All that waits is read once more."""
        self._new_chats.clear()
        self._answered.clear()

    async def close(self) -> None:
        """Ends all look-ups."""
        for check in self._checks:
            check.cancel()
        await asyncio.gather(*self._checks, return_exceptions=True)

    async def _may_go(self, entry: OutboxEntry, other: Acquaintance | None) -> bool:
        """Whether the message may be sent now. other: None: it goes to a group, or the other side wrote."""
        if other is None or other.has_answered:
            return True
        if not other.is_known and not self._new_chats.is_admitted(entry.chat):
            self._defer(entry)
            return False
        held_for = await self._restricted_for()
        if held_for <= 0:
            return other.is_known or await self._may_begin(entry)
        until = self._parts.now().boot + held_for
        if other.is_known:
            self._waiting.hold(entry.chat, until)
        else:
            self._new_chats.pause(until)
            self._defer(entry)
        return False

    def _defer(self, entry: OutboxEntry) -> None:
        """Lets the first message to a chat wait for its turn."""
        self._waiting.hold(entry.chat)
        self._new_chats.queue(entry)

    async def _may_begin(self, entry: OutboxEntry) -> bool:
        """Whether the first message to a chat, whose turn it is, may be sent now."""
        number = number_of(entry.chat)
        if number is not None:
            contact = await self._parts.checks.known(self._session_id, number)
            if contact is None:
                self._check(entry, number)
                return False
            if not contact.is_there:
                await self._fail(entry, reasons.NOT_ON_WHATSAPP)
                return False
        self._new_chats.begin(entry.chat, self._parts.now().boot)
        return True

    async def _restricted_for(self) -> float:
        """Returns the seconds for which WhatsApp lets the account begin no chats."""
        session = await self._parts.session(self._session_id)
        if session is None or session.restricted_until is None:
            return 0.0
        return (session.restricted_until - self._parts.now().wall) / 1000

    def _check(self, entry: OutboxEntry, number: str) -> None:
        """Looks a number up, and lets its chat go on after that."""
        self._waiting.hold(entry.chat)
        task = asyncio.create_task(self._checked(entry, number), name=f"check {self._session_id}")
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def _checked(self, entry: OutboxEntry, number: str) -> None:
        try:
            await self._parts.checks.look_up(self._session_id, number)
        except RateLimited as error:
            self._new_chats.pause(self._parts.now().boot + float(error.headers()["Retry-After"]))
            self._new_chats.queue(entry)
        except (MotteError, StoreError) as error:  # Others need not wait for this one.
            log_event(log.warning, "number_not_checked", session=self._session_id, error=error)
            self._new_chats.leave(entry.chat)
            self._waiting.hold(entry.chat, self._parts.now().boot + CHECK_RETRY_SECONDS)
        else:
            self._waiting.release(entry.chat)
        self._wake()
