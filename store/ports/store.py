"""The port of a whole store, with the ports of its parts."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from store.ports.cool_downs import CoolDownStore
from store.ports.events import EventLog
from store.ports.keys import KeyStore
from store.ports.leases import LeaseStore
from store.ports.logins import LoginStore
from store.ports.memory import Memory
from store.ports.messages import MessageStore
from store.ports.outbox import OutboxStore
from store.ports.request_queue import RequestQueue
from store.ports.sessions import SessionStore
from store.ports.unit_of_work import UnitOfWork
from store.ports.webhooks import WebhookStore
from store.records.events import NewEvent
from store.records.messages import Message

Result = TypeVar("Result")


class Store(Protocol):
    """Everything that outlives a front, in one place. It is open as long as it can be had."""

    sessions: SessionStore
    messages: MessageStore
    events: EventLog
    outbox: OutboxStore
    leases: LeaseStore
    keys: KeyStore
    logins: LoginStore
    cool_downs: CoolDownStore
    requests: RequestQueue
    webhooks: WebhookStore

    def memory(self) -> Memory:
        """What needs no read now. Whatever any process has changed is forgotten first."""

    async def transact(
        self, session_id: str, work: Callable[[UnitOfWork], Result], *, token: int | None
    ) -> Result:
        """What `work` returns, once all that it wrote is on the disk; if it raises, nothing is.

        `work` runs on a thread of the store, and waits for nothing. Raises NotOwner before `work` is called,
        if the session has another token. token: None: any front may do this; it does not `put` the session.
        """

    async def wait_for_change(self, seen: int | None, *, within: float) -> int:
        """A number that is another than `seen` once somebody has written, this process or another.

        Returns at once without a `seen`, or if something was written since; after `within` seconds at the
        latest, with `seen` if nothing was written.
        """

    async def check(self) -> None:
        """The store can be written now, and what is on the disk can be read. Raises StoreUnavailable."""

    async def forget_transient(
        self, *, resends: bool, now: int, report: Callable[[Message], NewEvent]
    ) -> None:
        """Forgets what means nothing after a restore, and marks the sessions as restored.

        Codes, leases, requests and logins go. The event log gets another name and key: no cursor counts any
        longer, and its events stay as they are. Messages that waited have failed: they may have been sent
        after the backup was made. resends: they wait on instead. now: milliseconds since 1970.
        report: returns the event of a message that has failed. The log has it under its new name.
        """
