"""What the rest of the program needs of a store, in terms of records. `store/sqlite` implements it.

A session belongs to one front, whose writes name the token of the session. The token only grows: a front
that takes the session over makes it grow, so that a late write of the front before it changes nothing.

Moments named `now`, `until` and `expires_at` say which clock they are of. Every method raises
StoreUnavailable if the store cannot be used. A write has reached the disk when its method returns.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from store.records import (
    Acquaintance,
    Contact,
    CoolDown,
    Event,
    EventPage,
    Key,
    Lease,
    Message,
    NewEvent,
    OutboxEntry,
    OutboxTotals,
    QueuedMessage,
    QueuedRequest,
    SendTerms,
    Session,
    Status,
    UsedKey,
)
from store.webhook_port import WebhookStore

Result = TypeVar("Result")


class UnitOfWork(Protocol):
    """One transaction of the front that owns a session: all that it writes is stored, or nothing is.

    It runs on a thread of the store. Transactions of one session run one after the other, and the session is
    locked meanwhile: what was read here is still true when it is written, and messages have their numbers in
    the order in which they become visible.
    """

    #: As it was when the transaction began; None if there is no such session.
    session: Session | None

    def put(self, session: Session) -> None:
        """Writes the session and its code. Writes nothing that is as it was."""

    def add_message(self, message: Message) -> None:
        """Stores a message of the session, behind all others.

        A message that can be read takes the place of what was stored while it could not be: that row goes,
        and readers with a cursor get the message, which is behind their cursor.

        If the session has as many as it may have, the oldest of its loudest chat go; none of the outbox.
        """

    def add_event(self, event: NewEvent) -> None:
        """Adds an event of the session to the event log, behind all others.

        If the log holds as many of the session as it may, the oldest of the session go.
        """

    #: What waits to be sent.
    outbox: "OutboxRows"
    #: The other sides of its chats.
    contacts: "ContactRows"
    #: Read marks that WhatsApp has not confirmed.
    read_marks: "ReadMarkRows"

    def own_message(self, message_id: str) -> Message | None:
        """Returns the message that a caller sent under this id."""

    def messages_with(
        self, message_id: str, *, from_me: bool | None = None, of_any_account: bool = False
    ) -> list[Message]:
        """Returns the messages with this id, the oldest first: senders choose ids. from_me: None: any.

        of_any_account: also those from before another account was linked.
        """

    def mark_read(self, chats: Collection[str], *, last: int | None, most: int, at: int) -> list[Message]:
        """Writes that what came in a chat was read. Returns those that were not, the newest at most.

        What came before another account was linked does not count.

        WhatsApp is owed the marks from then on: see `read_marks`.

        chats: the addresses of the chat. last: the number of the last one that was read; None: all were.
        at: milliseconds since 1970.
        """

    def change_message(self, message: Message) -> None:
        """Writes what may change of a message, at its number: the status and its moments, and the LIDs."""


class OutboxRows(Protocol):
    """The outbox of one session, inside a transaction."""

    def add(self, message: Message, terms: SendTerms) -> Message:
        """Stores a message behind all others, and queues it. Returns it with its number."""

    def reached(self, *, number: int, size: int) -> tuple[int, int] | None:
        """Returns how many messages wait and about how many bytes they have, if either has reached a bound.

        None: one more may wait. The cost does not grow with what waits, but for one of many calls.
        """

    def get(self, message_id: str) -> QueuedMessage | None:
        """Returns a message that is neither sent nor failed."""

    def all(self) -> list[QueuedMessage]:
        """Returns every message that is neither sent nor failed, the oldest first."""

    def is_next(self, message_id: str) -> bool:
        """Whether it is the oldest of its chat here, and a connector has no other one of that chat."""

    def mark_handed(self, message_id: str) -> None:
        """A connector gets it now."""

    def remove(self, message_id: str, *, at: int) -> None:
        """It is sent, or has failed. at: milliseconds since 1970."""

    def find_key(self, key: str) -> UsedKey | None:
        """Returns what an idempotency key was used for."""

    def keep_key(self, key: str, used: UsedKey) -> None:
        """Keeps an idempotency key that was not used yet."""


class ReadMarkRows(Protocol):
    """The read marks of one session that WhatsApp has not confirmed, inside a transaction."""

    def owed(self, most: int) -> list[Message]:
        """Returns the newest messages of which WhatsApp is to be told, the oldest of them first."""

    def settle(self, chat: str, keys: Collection[tuple[str, str]]) -> None:
        """WhatsApp knows that messages of a chat were read. keys: the id and the sender of each."""

    def forget(self) -> None:
        """Forgets all of them: the session gets another account."""


class ContactRows(Protocol):
    """The other sides of a session's chats, inside a transaction."""

    def meet(self, addresses: Collection[str], *, has_answered: bool, at: int) -> None:
        """There is a message in the chat with these addresses. has_answered: the other side wrote it.

        at: milliseconds since 1970.
        """

    def is_shown(self, addresses: Collection[str]) -> bool:
        """Whether there was a message in a chat with one of these addresses, sent, received or queued."""

    def link(self, number: str, lid: str, *, at: int) -> bool:
        """A number and a LID belong to one account. Returns whether that is new. at: ms since 1970.

        What waits to be sent to the LID is in one chat with what waits for the number then.
        """

    def put(self, contact: Contact) -> None:
        """Writes what WhatsApp said of a number; a LID that is known stays."""

    def get(self, number: str) -> Contact | None:
        """Returns what is known of a number."""

    def addresses(self, chat: str) -> list[str]:
        """Returns the addresses of a chat, `chat` among them: by number if known, then the LID."""

    def forget(self) -> None:
        """Forgets all of them: the session gets another account."""


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


class MessageStore(Protocol):
    """Messages, in the order in which they were stored."""

    async def page(
        self, session_id: str, *, after: int, limit: int, chats: Collection[str] | None = None
    ) -> list[Message]:
        """The next messages of a session, the oldest first.

        after: number of the last one already seen. If the session never had it, from the oldest on.
        chats: addresses of the chat that counts; None: every chat.
        """

    async def page_back(
        self, session_id: str, *, before: int, limit: int, chats: Collection[str] | None = None
    ) -> list[Message]:
        """The messages of a session that were stored before one, the newest first.

        before: number of the last one already seen, or one that is greater than any.
        chats: addresses of the chat that counts; None: every chat.
        """

    async def with_id(self, session_id: str, message_id: str) -> list[Message]:
        """The messages with this id, the oldest first: senders choose ids."""

    async def has_any(self, session_id: str) -> bool:
        """Whether a session has messages that are kept."""

    async def forget(self, before: int) -> bool:
        """Removes some of those that were stored before a moment; whether there may be more of them.

        before: milliseconds since 1970.
        """


class EventLog(Protocol):
    """What happened, in the order in which it was committed, until it is forgotten.

    Numbers are those of events; each is visible before a greater one is. A store with more than one writer
    must make the writers wait for each other here, or a reader with a number would pass events over.
    """

    async def page(
        self,
        number: int,
        *,
        limit: int,
        sessions: Collection[str] | None = None,
        types: Collection[str] | None = None,
        size: int | None = None,
        known_from: int | None = None,
        known_to: int | None = None,
    ) -> EventPage:
        """The next events after a number, the oldest first; fewer than `limit` if they are large.

        known_from: the number of the newest event when the reader came. Of a session that was deleted before,
        it reads nothing, though another session may have the id now. It has a meaning only with `sessions`.
        None: it may read all.

        known_to: of a session that was made after this number it reads nothing, and `has_another` says so. It
        has a meaning only with one session. None: it may read all.

        size: a page ends after the event with which its data exceed so many bytes. None: 4 MiB.

        It looks at some thousand events at most: none may be found though some follow, and then `reached` is
        greater than `number`. sessions: whose events count, and nothing else shows in `reached`; None: all.
        types: None: all.
        """

    async def after(
        self,
        number: int,
        *,
        limit: int,
        sessions: Collection[str] | None = None,
        types: Collection[str] | None = None,
    ) -> list[Event]:
        """The events of such a page. An empty page without `types` is the end of the log."""

    async def of(self, session_id: str, after: int, limit: int) -> list[Event]:
        """The next events of one session after a number, the oldest first; fewer than `limit` if large."""

    async def begins_after(self, session_id: str) -> int:
        """The number of the newest event when the session was made; 0 if there is no such session."""

    async def floors(self, sessions: Collection[str], known_from: int) -> dict[str, int]:
        """The number up to which a reader reads nothing of each of these ids: see `page`."""

    async def newest(self, sessions: Collection[str] | None = None) -> int:
        """The number of the newest event, which may be forgotten; 0 before the first.

        sessions: whose events count; None: all.
        """

    async def log_id(self) -> str:
        """The name of this log: a new database and every restore begin another one."""

    async def cursor(self, number: int) -> str:
        """The cursor of the place behind a number, for callers. It says nothing of the number."""

    async def number(self, cursor: str) -> int | None:
        """The number of such a cursor; None if it is one of another log, or was never made."""

    async def before(self, at: int) -> int:
        """The number after which every event is that happened at a moment or later.

        at: milliseconds since 1970.
        """

    async def whole_after(self, sessions: Collection[str] | None = None) -> int:
        """The smallest number after which no event was removed. sessions: whose events count; None: all.

        A reader without a number begins here; a reader with a smaller one has missed events. Asked after a
        page was read, it says whether that page is whole.
        """

    async def sessions_now(self, among: Collection[str] | None = None) -> tuple[list[Session], int]:
        """The sessions, the oldest first, and the number of the newest event of them: both of one moment."""

    async def forget(self, before: int, *, below: int | None = None) -> bool:
        """Removes some of the oldest events that happened before a moment; whether there may be more of them.

        before: milliseconds since 1970. below: events with this number or a greater one stay; None: none do.
        """


class OutboxStore(Protocol):
    """Messages that are neither sent nor failed, of all sessions."""

    async def session_ids(self) -> list[str]:
        """The sessions that have some."""

    async def entries(self, session_id: str, *, after: int = 0) -> list[OutboxEntry]:
        """Those of a session that are newer than a number, the oldest first."""

    async def acquaintances(self, session_id: str, chats: Collection[str]) -> dict[str, Acquaintance]:
        """What is known of chats, under any address of each."""

    async def contact(self, session_id: str, number: str) -> Contact | None:
        """What WhatsApp said of a number."""

    async def addresses(self, session_id: str, chat: str) -> list[str]:
        """The addresses of a chat: by number if that is known, then the LID; `chat` is one of them."""

    async def totals(self) -> OutboxTotals:
        """What waits in all sessions. The cost grows with what waits, not with what is stored."""

    async def forget_contacts(self, most: int) -> int:
        """Removes chats and contacts of sessions that have more than `most` of either; how many.

        Those go that nobody wrote in, or looked up, for longest, until 95 % of `most` are left.
        """

    async def forget_keys(self, before: int) -> None:
        """Forgets idempotency keys of messages that were sent or failed before a moment."""


class LeaseStore(Protocol):
    """Leases: which process may refresh a session, and until when.

    A lease goes with its session. Tokens grow over all leases: a process that was suspended may come back
    with an old token, and must not find it granted again to a session that was made under the same id.

    now: boot clock, seconds. ttl: seconds. token: as `take` gave it; one that is late changes nothing.
    """

    async def take(self, session_id: str, *, owner: str, now: float, ttl: float) -> int | None:
        """The new token; None while somebody holds the lease, the same owner included."""

    async def renew(self, session_id: str, *, owner: str, token: int, now: float, ttl: float) -> bool:
        """Whether it was still held, and now is until `now + ttl`."""

    async def release(self, session_id: str, *, owner: str, token: int) -> bool:
        """Gives the lease back. False: it had passed to another, or never was this owner's."""

    async def get(self, session_id: str) -> Lease | None:
        """The newest lease, which may have run out."""

    async def of_deleted_sessions(self) -> list[str]:
        """The ids of sessions that are gone and have a lease."""

    async def forget(self, session_id: str) -> None:
        """Removes the lease of a session that is gone."""


class KeyStore(Protocol):
    """API keys, by the SHA-256 of their text. A name has one key, and a key one name."""

    async def add(
        self,
        name: str,
        sha256_hex: str,
        scopes: Sequence[str],
        now: int,
        *,
        sessions: Sequence[str] | None = None,
    ) -> None:
        """Takes the place of the key of that name.

        scopes, sessions: words without spaces; None: every session. now: milliseconds since 1970.
        """

    async def find(self, sha256_hex: str) -> Key | None:
        """The key whose text has that digest."""

    async def all(self) -> list[Key]:
        """Every key, by name."""

    async def any(self) -> bool:
        """Whether there is a key at all: without one, nobody could ask for the first."""

    async def note_use(self, used: Mapping[tuple[str, int], int]) -> None:
        """Keeps when keys were last used. used: name and `created_at` -> milliseconds since 1970.

        A key that was made again under an old name has not been used.
        """

    async def delete(self, name: str) -> bool:
        """Whether there was one."""


class LoginStore(Protocol):
    """Browsers that are logged in with an API key, by the SHA-256 of what they show instead of it.

    A login ends with its key. The boot clock decides when it is over; after a reboot wall time does, and a
    login that would last longer than any can is over too: the wall clock was set back.

    wall: now, milliseconds since 1970. boot: now, boot clock, seconds. ttl: seconds that each login lasts.
    """

    async def add(self, sha256_hex: str, *, key_sha256: str, wall: int, boot: float, ttl: float) -> None:
        """Keeps a login, and forgets those whose time is over.

        If the key was revoked meanwhile, there is no login.
        """

    async def key(self, sha256_hex: str, *, wall: int, boot: float, ttl: float) -> Key | None:
        """The key behind a login that is not over."""

    async def delete(self, sha256_hex: str) -> None:
        """Ends a login, if there is such a one."""


class CoolDownStore(Protocol):
    """Cool-downs: one a session, and one for the whole host."""

    async def all(self) -> list[CoolDown]:
        """Every cool-down, those that are over included: they still count how often WhatsApp refused."""

    async def put(self, cool_down: CoolDown) -> None:
        """Writes the session's or the host's cool-down, in place of an earlier one."""

    async def delete(self, session_id: str) -> None:
        """Forgets one, with the count of refusals."""


class RequestQueue(Protocol):
    """What fronts that do not lead ask of the one that does.

    until, now: boot clock, seconds. argument, answer: JSON.
    """

    async def add(self, session_id: str, verb: str, argument: str, *, until: float) -> int:
        """The number of the request, which no request before it had.

        The leader may still be at work for a front that is gone.
        """

    async def open(self, now: float) -> list[QueuedRequest]:
        """The requests without an answer that a front still waits for, the most urgent first."""

    async def answer(self, number: int, answer: str) -> bool:
        """Whether it was the first answer. A later one, of a former leader, changes nothing."""

    async def answered(self, number: int) -> str | None:
        """The answer, once there is one."""

    async def delete(self, number: int) -> None:
        """The front that asked has the answer, or waits no longer."""

    async def expired(self, now: float) -> list[str]:
        """The session of each request that no front waits for any longer."""

    async def sweep(self, now: float) -> None:
        """Forgets the requests that no front waits for any longer."""


class Memory(Protocol):
    """What was read before and is still so. It counts until something is awaited.

    None: there is no such row, or it must be read.
    """

    def session(self, session_id: str) -> Session | None:
        """The session with its newest code, which may have expired."""

    def key(self, sha256_hex: str) -> Key | None:
        """The key whose text has that digest."""


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
