"""What was asked, answered, shown, delivered and read while a Motte ran.

A trial of a Motte writes down what it saw, and `check` of `tests.histories.check` judges it.
Texts are unique in a history: a text is how a message is known where its id may be wrong.
Moments are seconds of one clock that only goes forward, such as `time.monotonic`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple


class Post(NamedTuple):
    """One request that asks to send a text. A caller that tries again makes another, with the same key."""

    key: str
    session: str
    #: As the recipients of the history name it: digits, or a group's id.
    chat: str
    text: str
    began: float
    #: None if no answer came.
    ended: float | None = None
    #: HTTP status. None if no answer came.
    status: int | None = None
    #: Of the message in the answer. None if the answer carries no message.
    id: str | None = None


class Recorded(NamedTuple):
    """One message as Motte lists it at the end, in the order of the list."""

    id: str
    session: str
    chat: str
    text: str
    #: Outbound only: one of `queued`, `handed`, `sent`, `delivered`, `read`, `played`, `failed`.
    status: str | None = None
    #: `statusReason.code` of a message that failed.
    code: str | None = None
    #: How often it was handed to WhatsApp.
    attempts: int = 1
    sender: str | None = None


class Shown(NamedTuple):
    """One message that a phone or a linked device shows, in the order in which it shows them."""

    chat: str
    id: str
    text: str
    #: How often it arrived. Devices show an id once.
    copies: int = 1


class Written(NamedTuple):
    """One text that somebody wrote to a session, in the order in which they were written."""

    session: str
    chat: str
    sender: str
    text: str


class Heard(NamedTuple):
    """One event, as a webhook got it or as a reader with a cursor read it."""

    id: str
    session: str
    type: str
    #: The body, byte by byte. Repeats must have the same.
    body: bytes
    #: Of the message that the event is about.
    message: str | None = None
    text: str | None = None
    #: `message.status` only: what the message has become.
    status: str | None = None
    chat: str | None = None
    sender: str | None = None


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """One webhook, or one program that reads the event log with a cursor."""

    name: str
    kind: Literal["webhook", "reader"]
    #: In the order in which they came.
    heard: Sequence[Heard]
    #: Ids of events that Motte says it gave up on (dead letters).
    dead: frozenset[str] = frozenset()
    #: The newest event that was there before the webhook was. None if the webhook gets all of them.
    after: str | None = None
    #: Whether it need not have the newest events of each session yet.
    is_behind: bool = False
    #: Types that it asked for. None: all.
    types: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that was seen. A part that stays None was not looked at, and is not judged."""

    posts: Sequence[Post] = ()
    #: The messages that were sent, as Motte lists them at the end.
    outbound: Sequence[Recorded] | None = None
    #: By the name of a phone or a linked device: what it shows, in all its chats.
    shown: Mapping[str, Sequence[Shown]] = field(default_factory=dict)
    #: By session and chat: the phones and linked devices that must show what is sent to it.
    audience: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    written: Sequence[Written] = ()
    #: The messages that arrived, as Motte lists them at the end.
    inbound: Sequence[Recorded] | None = None
    #: The whole event log, as it was read at the end from its beginning.
    log: Sequence[Heard] | None = None
    consumers: Sequence[Consumer] = ()
    #: How many copies of messages kills, lost answers and cut connections explain.
    copies_allowed: int = 0
