"""The courier of one session: hands what waits to its connector, in order, at a person's pace."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import inf

from server.core.errors import MotteError, RateLimited
from server.core.log_events import log_event
from server.domain.recipients import is_group
from server.domain.transitions import Now
from server.domain.whatsapp_addresses import number_of
from server.outbound import reasons
from server.outbound.commands import send_command
from server.outbound.contact_checks import ContactChecks
from server.outbound.news import fail, move
from server.outbound.pacing import Pace
from server.outbound.transactions import Within
from server.outbound.waiting_list import WaitingList, deadline
from server.protocol.commands import Command
from store.errors import StoreError
from store.ports import OutboxStore, UnitOfWork
from store.records import MessageStatus, OutboxEntry, QueuedMessage, Session

log = logging.getLogger(__name__)

#: Messages of one session that are on their way at once, each in another chat.
AT_ONCE = 4

#: Seconds until a number is looked up again, if WhatsApp did not answer.
CHECK_RETRY_SECONDS = 30.0

#: Seconds within which a connector that answers takes a command.
SEND_TIMEOUT_SECONDS = 5.0

#: Seconds between two tries to use the store.
STORE_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierParts:
    """What couriers work with."""

    outbox: OutboxStore
    within: Within
    now: Callable[[], Now]
    checks: ContactChecks
    #: The session's row.
    session: Callable[[str], Awaitable[Session | None]]
    #: The start of the session's connector, if its link is open and it can send; None: it cannot.
    link: Callable[[str], int | None]
    send: Callable[[str, Command], Awaitable[None]]
    #: Called with a session whose messages have changed.
    changed: Callable[[str], None]
    #: Messages a second, and first messages to new chats a minute. 0: no limit.
    rate: float
    new_chats_per_minute: float


class Courier:
    """Serves one session as long as it has something that waits."""

    def __init__(self, session_id: str, parts: CourierParts) -> None:
        self._session_id = session_id
        self._parts = parts
        self._waiting = WaitingList()
        self._bell = asyncio.Event()
        self._pace = Pace(parts.rate)
        self._new_chats = Pace(parts.new_chats_per_minute / 60)
        #: Those that a connector may have, which have to be handed out again.
        self._unsure: list[OutboxEntry] = []
        #: The start of the connector that has what is on its way; None: not known.
        self._epoch: int | None = None
        #: Look-ups of numbers.
        self._checks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something changed: messages, or the link."""
        self._bell.set()

    def is_woken(self) -> bool:
        """Whether something changed that it has not looked at yet."""
        return self._bell.is_set()

    def waiting(self) -> int:
        """Returns how many messages wait, as far as it has looked."""
        return len(self._waiting)

    def reopened(self) -> None:
        """A link was opened of which this front knew nothing: what is on its way may be lost."""
        self._epoch = None
        self._bell.set()

    def settled(self, message_id: str, chat: str) -> None:
        """A message is sent, or has failed."""
        self._waiting.remove(message_id, self._waiting.on_way.get(message_id, chat))
        self._bell.set()

    def release(self, chat: str | None = None) -> None:
        """A held chat may go on: the other side wrote. None: every one is looked at again."""
        if chat is None:
            self._waiting.release_all()
        else:
            self._waiting.release(chat)
        self._bell.set()

    async def run(self) -> None:
        """Runs until nothing waits. Raises NoSuchSession, NotOwner."""
        try:
            while True:
                self._bell.clear()
                try:
                    wait = await self._step()
                except StoreError as error:
                    log_event(log.error, "courier_waits", session=self._session_id, error=error)
                    wait = STORE_RETRY_SECONDS
                if not len(self._waiting) and not self._bell.is_set():
                    return
                await self._rung(wait)
        finally:
            for check in self._checks:
                check.cancel()
            await asyncio.gather(*self._checks, return_exceptions=True)

    async def _rung(self, wait: float) -> None:
        """Waits until something changes, for so many seconds at most."""
        try:
            async with asyncio.timeout(None if wait == inf else max(wait, 0.0)):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _step(self) -> float:
        """Does what can be done now. Returns the seconds until more can be done."""
        entries = await self._parts.outbox.entries(self._session_id, after=self._waiting.newest)
        self._waiting.add(entries, self._parts.now())
        await self._expire()
        epoch = self._parts.link(self._session_id)
        wait = inf
        if epoch is not None:
            await self._hand_again(epoch)
            wait = await self._hand_out()
        return min(wait, self._waiting.next_moment() - self._parts.now().boot)

    async def _expire(self) -> None:
        """Fails what was not handed out in time."""
        for entry in self._waiting.ended(self._parts.now().boot):
            if entry.message_id not in self._waiting.on_way:
                await self._fail(entry, reasons.EXPIRED)

    async def _hand_again(self, epoch: int) -> None:
        """Hands out again, the oldest first, what a connector may have and may have lost."""
        if epoch != self._epoch:
            self._waiting = WaitingList()  # Some may have been settled unheard, as by a logout.
            entries = await self._parts.outbox.entries(self._session_id)
            self._unsure = self._waiting.add(entries, self._parts.now())
            self._epoch = epoch
        while self._unsure:
            await self._hand(self._unsure[0], again=True)
            del self._unsure[:1]

    async def _hand_out(self) -> float:
        """Hands out what may be sent now. Returns the seconds until the pace allows more."""
        while len(self._waiting.on_way) < AT_ONCE:
            entry = self._waiting.next(self._parts.now().boot)
            if entry is None:
                return inf
            wait = self._pace.wait(self._parts.now().boot)
            if wait > 0:
                return wait
            if await self._may_go(entry) and await self._hand(entry, again=False):
                self._pace.take(self._parts.now().boot)
        return inf

    async def _may_go(self, entry: OutboxEntry) -> bool:
        """Whether the message may be sent now. Holds its chat, or fails it, if not."""
        addresses = await self._parts.outbox.addresses(self._session_id, entry.chat)
        other = await self._parts.outbox.acquaintance(self._session_id, addresses)
        if is_group(entry.chat) or other.has_answered:
            return True
        held_for = await self._restricted_for()
        if held_for > 0:
            self._waiting.hold(entry.chat, self._parts.now().boot + held_for)
            return False
        return other.is_known or await self._may_begin(entry)

    async def _may_begin(self, entry: OutboxEntry) -> bool:
        """Whether the first message to a chat may be sent now."""
        number = number_of(entry.chat)
        if number is not None:
            contact = await self._parts.checks.known(self._session_id, number)
            if contact is None:
                self._check(entry.chat, number)
                return False
            if not contact.is_there:
                await self._fail(entry, reasons.NOT_ON_WHATSAPP)
                return False
        now = self._parts.now().boot
        wait = self._new_chats.wait(now)
        if wait > 0:
            self._waiting.hold(entry.chat, now + wait)
            return False
        self._new_chats.take(now)
        return True

    async def _restricted_for(self) -> float:
        """Returns the seconds for which WhatsApp lets the account begin no chats."""
        session = await self._parts.session(self._session_id)
        if session is None or session.restricted_until is None:
            return 0.0
        return (session.restricted_until - self._parts.now().wall) / 1000

    def _check(self, chat: str, number: str) -> None:
        """Looks a number up, and lets its chat go on after that."""
        self._waiting.hold(chat)
        task = asyncio.create_task(self._checked(chat, number), name=f"check {self._session_id}")
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def _checked(self, chat: str, number: str) -> None:
        wait = 0.0
        try:
            await self._parts.checks.look_up(self._session_id, number)
        except RateLimited as error:
            wait = float(error.headers()["Retry-After"])
        except (MotteError, StoreError) as error:
            log_event(log.warning, "number_not_checked", session=self._session_id, error=error)
            wait = CHECK_RETRY_SECONDS
        if wait > 0:
            self._waiting.hold(chat, self._parts.now().boot + wait)
        else:
            self._waiting.release(chat)
        self._bell.set()

    async def _hand(self, entry: OutboxEntry, *, again: bool) -> bool:
        """Hands a message to the connector; what may go is on the disk before. Returns whether it did."""
        now = self._parts.now()
        is_overdue = deadline(entry, now) <= now.boot

        def hand(unit: UnitOfWork) -> QueuedMessage | None:
            queued = unit.outbox.get(entry.message_id)
            if queued is None:
                return None
            unit.outbox.mark_handed(entry.message_id)
            move(unit, queued.message, MessageStatus.HANDED, at=now.wall, now=now.wall)
            return queued

        queued = await self._parts.within(self._session_id, hand)
        if queued is None:  # It was cancelled.
            self._waiting.remove(entry.message_id, entry.chat)
            return False
        self._waiting.hand(entry)
        self._parts.changed(self._session_id)
        command = send_command(queued, again=again or queued.handed, is_overdue=is_overdue)
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await self._parts.send(self._session_id, command)
        except (TimeoutError, MotteError):  # The connector is gone: its next one gets it again.
            log_event(log.warning, "not_handed", session=self._session_id)
            self._epoch = None
        return True

    async def _fail(self, entry: OutboxEntry, code: str) -> None:
        now = self._parts.now().wall

        def end(unit: UnitOfWork) -> None:
            queued = unit.outbox.get(entry.message_id)
            if queued is not None and not queued.handed:
                fail(unit, queued.message, code, now=now)

        await self._parts.within(self._session_id, end)
        self._waiting.remove(entry.message_id, entry.chat)
        self._parts.changed(self._session_id)
