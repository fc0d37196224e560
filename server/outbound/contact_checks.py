"""Asks WhatsApp whether a number has an account, seldom: who asks for many numbers is banned."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from server.core.errors import ConnectorUnavailable, RateLimited, WhatsAppUnreachable
from server.core.single_flight import SingleFlight
from server.domain.transitions import Now
from server.domain.whatsapp_addresses import NUMBER_SERVER
from server.messages.contacts import learn
from server.outbound.pacing import Pace
from server.outbound.transactions import Within
from server.protocol.commands import Ask, Command
from server.protocol.events.contacts import Answered, FoundContact, Refused
from server.protocol.events.lines import AnyEvent
from store.ports.outbox import OutboxStore
from store.ports.unit_of_work import UnitOfWork
from store.records.contacts import Contact

#: Milliseconds for which an answer counts: a number that has WhatsApp, and one that has none.
KEPT_MS = {True: 7 * 86_400_000, False: 3_600_000}

#: Questions of one session in a minute.
QUESTIONS_PER_MINUTE = 10

#: Seconds for an answer. The connector itself gives WhatsApp less.
ANSWER_TIMEOUT_SECONDS = 20.0


class ContactChecks:
    """Looks numbers up: in what WhatsApp said before, then at WhatsApp."""

    def __init__(
        self,
        outbox: OutboxStore,
        within: Within,
        now: Callable[[], Now],
        *,
        send: Callable[[str, Command], Awaitable[None]],
        can_send: Callable[[str], bool],
    ) -> None:
        """send: sends a command to a session's connector. can_send: whether that connector takes it."""
        self._outbox = outbox
        self._within = within
        self._now = now
        self._send = send
        self._can_send = can_send
        self._flights: SingleFlight[Contact] = SingleFlight()
        #: By request.
        self._answers: dict[str, asyncio.Future[FoundContact]] = {}
        #: By session id.
        self._paces: dict[str, Pace] = {}

    def note(self, event: AnyEvent) -> None:
        """Takes in the answer to a question."""
        match event:
            case Answered():
                answer = self._answers.get(event.request)
                if answer is not None and not answer.done():
                    answer.set_result(event.result)
            case Refused():
                answer = self._answers.get(event.request)
                if answer is not None and not answer.done():
                    answer.set_exception(WhatsAppUnreachable(event.reason.detail or None))

    def forget(self, session_id: str) -> None:
        """The session was deleted."""
        self._paces.pop(session_id, None)

    async def known(self, session_id: str, number: str) -> Contact | None:
        """Returns what WhatsApp said of a number, if that still counts."""
        contact = await self._outbox.contact(session_id, number)
        if contact is None or contact.is_there is None or contact.checked_at is None:
            return None
        age = self._now().wall - contact.checked_at
        return contact if 0 <= age < KEPT_MS[contact.is_there] else None

    async def look_up(self, session_id: str, number: str) -> Contact:
        """Returns what WhatsApp says of a number. Many who ask at once ask once.

        Raises RateLimited, ConnectorUnavailable, WhatsAppUnreachable.
        """
        known = await self.known(session_id, number)
        if known is not None:
            return known
        flight = self._flights.join(f"{session_id} {number}", lambda: self._ask(session_id, number))
        return await asyncio.shield(flight)

    async def _ask(self, session_id: str, number: str) -> Contact:
        if not self._can_send(session_id):
            raise ConnectorUnavailable("its connector takes no questions now", session_id=session_id)
        self._count(session_id)
        request = secrets.token_hex(8)
        answer = self._answers[request] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                await self._send(session_id, Ask(request=request, what="contact", number=number))
                found = await answer
        except TimeoutError:
            raise WhatsAppUnreachable("WhatsApp did not say whether the number has an account") from None
        finally:
            del self._answers[request]
        return await self._keep(session_id, number, found)

    def _count(self, session_id: str) -> None:
        """Counts a question. Raises RateLimited."""
        pace = self._paces.get(session_id)
        if pace is None:
            pace = self._paces[session_id] = Pace(
                QUESTIONS_PER_MINUTE / 60, burst=QUESTIONS_PER_MINUTE, uneven=lambda least, most: 1.0
            )
        now = self._now().boot
        wait = pace.wait(now)
        if wait > 0:
            raise RateLimited(
                f"a session may look up {QUESTIONS_PER_MINUTE} numbers a minute at WhatsApp", wait=wait
            )
        pace.take(now)

    async def _keep(self, session_id: str, number: str, found: FoundContact) -> Contact:
        contact = Contact(
            number=number,
            lid=found.lid,
            is_there=found.exists,
            name=found.name,
            checked_at=self._now().wall,
        )

        def keep(unit: UnitOfWork) -> None:
            learn(unit, f"{number}{NUMBER_SERVER}", found.lid, at=self._now().wall)
            unit.contacts.put(contact)

        await self._within(session_id, keep)
        return await self._outbox.contact(session_id, number) or contact
