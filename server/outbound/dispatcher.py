"""The dispatcher of one session: hands what waits to its connector, in order, at a person's pace."""

import asyncio
import logging
from math import inf

from server.core.errors import MotteError
from server.core.log_events import log_event
from server.outbound import reasons
from server.outbound.chat_holds import ChatHolds
from server.outbound.commands import send_command
from server.outbound.dispatcher_parts import DispatcherParts
from server.outbound.handing import WITHOUT_A_PROCESS, Handed, NotHanded, give_up, hand_over
from server.outbound.pacing import BURST, Pace
from server.outbound.status_changes import fail
from server.outbound.waiting_list import WaitingList
from server.protocol.commands import Send
from store.errors import StoreError
from store.ports.unit_of_work import UnitOfWork
from store.records.outbox import OutboxEntry

log = logging.getLogger(__name__)

#: Messages of one session that are on their way at once, each in another chat. Those that are handed out
#: together share a write to the disk.
AT_ONCE = 16

#: Seconds within which a connector that answers takes a command.
SEND_TIMEOUT_SECONDS = 5.0

#: Seconds between two tries to use the store.
STORE_RETRY_SECONDS = 1.0

#: Seconds between two looks for new messages while as many are on their way as may be.
READ_INTERVAL_SECONDS = 0.05


class Dispatcher:
    """Serves one session as long as it has something that waits."""

    def __init__(self, session_id: str, parts: DispatcherParts) -> None:
        self._session_id = session_id
        self._parts = parts
        self._waiting = WaitingList()
        self._wakeup = asyncio.Event()
        self._pace = Pace(parts.rate, burst=BURST if parts.rate > 0 else AT_ONCE)
        self._holds = ChatHolds(session_id, parts, self._waiting, fail=self._fail, wake=self._wakeup.set)
        #: Those that a connector may have, which have to be handed out again.
        self._unsure: list[OutboxEntry] = []
        #: The start of the connector that has what is on its way; None: not known.
        self._epoch: int | None = None
        #: Whether there may be messages that it does not know.
        self._is_to_read = True
        #: When it looked for them last: boot clock, seconds.
        self._read_at = -inf

    def wake(self) -> None:
        """Something changed: messages, or the link."""
        self._is_to_read = True
        self._wakeup.set()

    def is_woken(self) -> bool:
        """Whether something changed that it has not looked at yet."""
        return self._wakeup.is_set()

    def waiting(self) -> int:
        """Returns how many messages wait, as far as it has looked."""
        return len(self._waiting)

    def settled(self, message_id: str) -> None:
        """A message is sent, or has failed."""
        self._waiting.remove(message_id)
        self._wakeup.set()

    def release(self, *addresses: str) -> None:
        """The held chat with one of these addresses may go on: the other side wrote."""
        for address in addresses:
            self._waiting.release(address)
        self._wakeup.set()

    def release_all(self) -> None:
        """Every held chat is looked at again."""
        self._holds.release_all()
        self._wakeup.set()

    async def run(self) -> None:
        """Runs until nothing waits. Raises NoSuchSession, NotOwner."""
        try:
            while True:
                self._wakeup.clear()
                try:
                    wait = await self._step()
                except StoreError as error:
                    log_event(log.error, "dispatcher_waits", session=self._session_id, error=error)
                    wait = STORE_RETRY_SECONDS
                else:
                    if not len(self._waiting) and not self._wakeup.is_set():
                        return
                await self._woken(wait)
        finally:
            await self._holds.close()

    async def _woken(self, wait: float) -> None:
        """Waits until something changes, for so many seconds at most."""
        try:
            async with asyncio.timeout(None if wait == inf else max(wait, 0.0)):
                await self._wakeup.wait()
        except TimeoutError:
            pass

    async def _step(self) -> float:
        """Does what can be done now. Returns the seconds until more can be done."""
        until_read = await self._read()
        await self._expire()
        epoch = self._parts.link(self._session_id)
        wait = inf
        if epoch is None:
            await self._give_up()
        else:
            await self._hand_again(epoch)
            wait = await self._hand_out()
        return min(wait, until_read, self._waiting.next_moment() - self._parts.now().boot)

    async def _read(self) -> float:
        """Takes in the messages that were queued since it looked last. Returns the seconds until it looks."""
        if not self._is_to_read:
            return inf
        now = self._parts.now().boot
        if len(self._waiting.on_way) >= AT_ONCE and now < self._read_at + READ_INTERVAL_SECONDS:
            return self._read_at + READ_INTERVAL_SECONDS - now
        self._is_to_read = False
        self._read_at = now
        try:
            entries = await self._parts.outbox.entries(self._session_id, after=self._waiting.newest)
        except BaseException:
            self._is_to_read = True
            raise
        self._waiting.add(entries, self._parts.now())
        return inf

    async def _expire(self) -> None:
        """Fails what was not handed out in time."""
        for entry in self._waiting.ended(self._parts.now().boot):
            await self._fail(entry, reasons.EXPIRED)

    async def _give_up(self) -> None:
        """Fails what a connector had, if its time is over and the session has no process to say more."""
        late = self._waiting.late()
        session = await self._parts.session(self._session_id) if late else None
        if session is None or session.status not in WITHOUT_A_PROCESS:
            return
        now = self._parts.now().wall

        def end(unit: UnitOfWork) -> list[bool]:
            return [give_up(unit, entry.message_id, now) for entry in late]

        for entry, has_ended in zip(late, await self._parts.within(self._session_id, end), strict=True):
            if has_ended:
                self._waiting.remove(entry.message_id)
        self._parts.changed(self._session_id)

    async def _hand_again(self, epoch: int) -> None:
        """Hands out again, the oldest first, what an earlier start of the connector had, or an earlier front.

        A connector whose link was closed and is open again sends what it has by itself.
        """
        if epoch != self._epoch:
            self._holds.clear()
            self._waiting.clear()  # Some may have been settled unheard, as by a logout.
            entries = await self._parts.outbox.entries(self._session_id)
            self._unsure = self._waiting.add(entries, self._parts.now())
            self._epoch = epoch
        while self._unsure and self._epoch is not None:
            some = self._unsure[:AT_ONCE]
            await self._hand(some, again=True)
            del self._unsure[: len(some)]

    async def _hand_out(self) -> float:
        """Hands out what may be sent now. Returns the seconds until the pace allows more."""
        while self._epoch is not None and (free := AT_ONCE - len(self._waiting.on_way)) > 0:
            now = self._parts.now().boot
            self._holds.release_due(now)
            if not (entries := self._waiting.next(free, now)):
                return self._holds.wait(now)
            if (allowed := self._pace.tokens(now)) == 0:
                return self._pace.wait(now)
            await self._hand(await self._holds.that_may_go(entries[:allowed]), again=False)
        return inf

    async def _hand(self, entries: list[OutboxEntry], *, again: bool) -> None:
        """Hands messages to the connector; what may go is on the disk before."""
        if not entries:
            return

        def hand(unit: UnitOfWork) -> list[Handed | NotHanded]:
            now = self._parts.now()  # The transaction may have waited.
            return [hand_over(unit, entry.message_id, now) for entry in entries]

        handed = await self._parts.within(self._session_id, hand)
        now = self._parts.now()
        commands = []
        for entry, outcome in zip(entries, handed, strict=True):
            if outcome is NotHanded.LATER:
                self._read_again()  # with the addresses that its chats have now
            elif outcome is NotHanded.ENDED:
                self._waiting.remove(entry.message_id)
            if isinstance(outcome, NotHanded):
                continue
            self._waiting.hand(entry)
            self._holds.handed(entry)
            commands.append(
                send_command(
                    outcome.queued,
                    again=again or outcome.queued.handed,
                    until=outcome.until,
                    is_overdue=outcome.until <= now.boot,
                )
            )
            if not again:
                self._pace.take(now.boot)
        self._parts.changed(self._session_id)
        if commands:
            await self._send(commands)

    async def _send(self, commands: list[Send]) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await self._parts.send(self._session_id, *commands)
        except (TimeoutError, MotteError):  # The connector is gone: its next one gets them again.
            log_event(log.warning, "not_handed", session=self._session_id)
            self._epoch = None

    async def _fail(self, entry: OutboxEntry, code: str) -> None:
        now = self._parts.now().wall

        def end(unit: UnitOfWork) -> bool:
            queued = unit.outbox.get(entry.message_id)
            if queued is not None and not queued.handed:
                fail(unit, queued.message, code, now=now)
            return queued is None or not queued.handed

        if await self._parts.within(self._session_id, end):
            self._waiting.remove(entry.message_id)
        else:  # The answer of the store to an earlier hand-over was lost.
            self._waiting.hand(entry)
            self._read_again()
        self._parts.changed(self._session_id)

    def _read_again(self) -> None:
        """All that waits is read once more, and what is on its way is handed out once more."""
        self._epoch = None
        self._wakeup.set()
