"""Events: the lines that a connector writes to its pipe, as types.

A connector greets with `Up`; a front answers with a hello (commands.py); `Ready` answers that, the spooled
events that the front lacks follow, then a `Snapshot`, then events as they happen. The golden lines in
tests/protocol hold both languages to this file.
"""

from typing import Annotated, Literal, get_args

import msgspec

from server.protocol.bounds import (
    MAX_REASON_CODE_LENGTH,
    MAX_REASON_DETAIL_LENGTH,
    Abilities,
    Address,
    Count,
    EventName,
    Lifetime,
    Moment,
    Name,
    Number,
    Payload,
    SmallCount,
    Span,
    Text,
    WallMoment,
    Word,
)
from server.protocol.content import Choice, Contact, Location, Media, Mentions, MessageReference, Poll, Quote
from server.protocol.nul import without_nul
from store.records import Reason

#: Messages of one ReadMarked: a connector's receipt names 200.
MAX_MARKED_MESSAGES = 1_000


class Event(msgspec.Struct, frozen=True, tag_field="event", rename="camel", kw_only=True):
    """The part that every line of a connector has."""

    #: The start of the connector that sent it; an event of an older start is dropped.
    epoch: Count


class Spooled(Event, frozen=True, kw_only=True):
    """An event that must not be lost: the connector repeats it until it is acknowledged."""

    #: Grows by one each spooled event, as long as the session's folder lives.
    seq: Count


class Up(Event, frozen=True, tag="up"):
    """A connector has opened its pipes and waits for a hello."""


class Ready(Event, frozen=True, tag="ready"):
    """The connector answers this front's hello. What came before it was meant for another front."""

    #: The text that the hello carried.
    front: Word
    #: What this connector can do. `send`: the commands Send, MarkRead, Type and Ask. `marks`: it says when
    #: WhatsApp has confirmed read marks. Older ones say nothing.
    can: Abilities = ()


class Pong(Event, frozen=True, tag="pong"):
    """The connector received a ping: its event loop runs."""

    #: Seconds since the connector began to handle the present message; 0 without one.
    head_age: Span = 0


class IssuedQr(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A code, with the time at which the connector received it."""

    #: Which code of its socket, from 1.
    ordinal: Count
    #: What a picture must encode. Opaque: since May 2026 it is a URL.
    payload: Payload
    #: Boot clock, seconds.
    issued_at: Moment
    #: Seconds it can be scanned: 60 for the first of a socket, 20 after (Baileys, Socket/socket.ts).
    lifetime: Lifetime


class Snapshot(Event, frozen=True, tag="snapshot", kw_only=True):
    """The state of the connector. Comes once after each Ready."""

    #: connecting, qr, pairing_code, pairing, open or reconnecting.
    phase: Word
    qr: IssuedQr | None = None
    #: In the phase `pairing_code`, as in PairingCodeAwaited.
    pairing_code_until: Moment | None = None
    phone_number: Number | None = None
    push_name: Name | None = None
    #: Why the last link closed.
    reason: Reason | None = None


class QrIssued(Event, frozen=True, tag="qr_issued", kw_only=True):
    """WhatsApp gave a code to scan; where it retired the secret in one, the same ordinal comes again.

    Followed by another QrIssued, by PairingCodeAwaited, Paired, QrsExhausted or Closed.
    """

    ordinal: Count
    payload: Payload
    issued_at: Moment
    lifetime: Lifetime
    #: Of WhatsApp Web, as the link announced it; None: the one built into Baileys, or not known.
    version: Word | None = None
    #: Whether the code is shown again since WhatsApp retired the secret in it.
    is_refresh: bool = False


class PairingCodeAwaited(Event, frozen=True, tag="pairing_code_awaited", kw_only=True):
    """All QR codes of the socket were shown, and a pairing code can still be typed.

    Followed by Paired, QrsExhausted or Closed.
    """

    #: When WhatsApp is expected to end the socket: boot clock, seconds.
    until: Moment


class QrsExhausted(Event, frozen=True, tag="qrs_exhausted"):
    """All codes of the socket were shown and nobody was linked. Followed by Ended."""


class ScanRefused(Event, frozen=True, tag="scan_refused", kw_only=True):
    """A phone scanned, and cannot link. The code that is shown can be scanned again."""

    reason: Reason


class PairingCodeIssued(Event, frozen=True, tag="pairing_code_issued", kw_only=True):
    """A code to type on the phone. Followed by Paired, PairingCodeAwaited, QrsExhausted or Closed."""

    #: The request of the PairByCode that asked for it.
    request: Name
    #: Eight characters.
    code: Word
    #: Boot clock, seconds.
    issued_at: Moment
    #: Seconds it can be typed: until WhatsApp is expected to end its socket.
    lifetime: Lifetime


class PairingCodeRefused(Event, frozen=True, tag="pairing_code_refused", kw_only=True):
    """There is no code to type; the reason says why."""

    request: Name
    reason: Reason


class PairingCodeWithdrawn(Event, frozen=True, tag="pairing_code_withdrawn", kw_only=True):
    """The newest code to type is invalid, and its socket is open: WhatsApp wants another code."""


class Paired(Spooled, frozen=True, tag="paired", kw_only=True):
    """The phone scanned. Followed by a restart of the connector (515) and Opened."""

    phone_number: Number
    push_name: Name | None = None


class Opened(Spooled, frozen=True, tag="opened", kw_only=True):
    """The link to WhatsApp is open. Followed by Closed or LoggedOut."""

    phone_number: Number
    push_name: Name | None = None
    #: Of WhatsApp Web, as the link announced it; None: the one built into Baileys, or not known.
    version: Word | None = None


class Closed(Spooled, frozen=True, tag="closed", kw_only=True):
    """The link is closed, and its code is invalid."""

    reason: Reason
    #: Seconds until the connector tries again by itself; None: its process ends, and must be started.
    retry_in: Span | None = None
    #: Seconds for which WhatsApp will refuse the account; None: it did not say.
    wait_for: Span | None = None
    #: Of WhatsApp Web, as the link announced it; None: the one built into Baileys, or not known.
    version: Word | None = None


class LoggedOut(Spooled, frozen=True, tag="logged_out", kw_only=True):
    """The account no longer knows this device; its credentials are wiped. Followed by Ended."""

    reason: Reason


class MessageReceived(Spooled, frozen=True, tag="message_received", kw_only=True):
    """A message that the account received, or that its owner sent from the phone. It moves no session."""

    #: WhatsApp's, made by the sender.
    id: Address
    #: By number if it is known, else by LID.
    chat: Address
    #: None: not known, or a group, or the event of an older connector.
    chat_lid: Address | None = None
    sender: Address
    sender_lid: Address | None = None
    from_me: bool
    push_name: Name | None = None
    #: Milliseconds since 1970.
    sent_at: WallMoment
    #: As in docs/reference/messages.md: `text`, `image`, `reaction`, `undecryptable`, `other:orderMessage` …
    kind: Address
    text: Text | None = None
    # Older connectors say nothing of what follows.
    reply_to: Quote | None = None
    mentions: Mentions = []
    #: What an edit, a revoke, a reaction or a poll vote is about.
    target: MessageReference | None = None
    emoji: Name | None = None
    location: Location | None = None
    contact: Contact | None = None
    choice: Choice | None = None
    poll: Poll | None = None
    media: Media | None = None

    def __repr__(self) -> str:
        """Leaves the content out: no log contains what somebody wrote."""
        return f"MessageReceived(epoch={self.epoch}, seq={self.seq})"


class MessageSkipped(Spooled, frozen=True, tag="message_skipped", kw_only=True):
    """A message took too long, was left unconfirmed, and is delivered again. It moves no session."""

    #: How often this message was skipped so far.
    times: Count


class MessageMoved(Spooled, frozen=True, tag="message_moved", kw_only=True):
    """A message that was sent has got further, or has failed. It moves no session.

    A status may come twice, and an earlier one after a later one.
    """

    id: Address
    chat: Address
    #: None: a group, or not known.
    chat_lid: Address | None = None
    #: sent: WhatsApp has it. delivered: a device of the recipient has it. played: a voice message was heard.
    status: Literal["sent", "delivered", "read", "played", "failed"]
    #: Milliseconds since 1970.
    at: WallMoment
    #: Who got or read it; None: nobody did, or it is not known.
    by: Address | None = None
    #: Why it failed.
    reason: Reason | None = None
    #: How often it was handed to WhatsApp; 0: not known.
    attempts: SmallCount = 0


class MarkedMessage(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A message that was read, as MarkRead named it."""

    id: Address
    sender: Address


class ReadMarked(Spooled, frozen=True, tag="read_marked", kw_only=True):
    """WhatsApp has confirmed read marks of a chat. It moves no session."""

    chat: Address
    keys: Annotated[tuple[MarkedMessage, ...], msgspec.Meta(min_length=1, max_length=MAX_MARKED_MESSAGES)]


class CallCame(Spooled, frozen=True, tag="call_came", kw_only=True):
    """Somebody called. It moves no session."""

    id: Address
    chat: Address
    caller: Address = msgspec.field(name="from")
    #: Milliseconds since 1970.
    at: WallMoment
    is_video: bool
    is_group: bool


class Restricted(Spooled, frozen=True, tag="restricted", kw_only=True):
    """WhatsApp lets the account begin no more chats for a time. It moves no session."""

    #: `restricted` (WhatsApp's 463), `new-chat-limit` (475).
    code: Word
    #: Milliseconds since 1970; None: WhatsApp did not say.
    until: WallMoment | None = None


class ContactLinked(Spooled, frozen=True, tag="contact_linked", kw_only=True):
    """A LID and a number belong to one account. It moves no session."""

    #: `…@lid`.
    lid: Address
    #: Digits.
    number: Number


class FoundContact(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What WhatsApp knows of a number."""

    number: Number
    exists: bool
    #: By number.
    jid: Address | None = None
    lid: Address | None = None
    #: The name that a business has confirmed.
    name: Name | None = None


class Answered(Event, frozen=True, tag="answered", kw_only=True):
    """The answer to an Ask."""

    request: Name
    result: FoundContact


class Refused(Event, frozen=True, tag="refused", kw_only=True):
    """There is no answer to an Ask; the reason says why."""

    request: Name
    reason: Reason


class Typing(Event, frozen=True, tag="typing", kw_only=True):
    """Somebody types in a chat, records a voice message, or has stopped. It moves no session."""

    chat: Address
    sender: Address
    #: text or voice.
    kind: Word
    is_typing: bool


class Ended(Event, frozen=True, tag="ended", kw_only=True):
    """The process of the connector ended. supervisord's plugin sends it, on the same pipe and so in order.

    Its epoch is 0: supervisord does not know it.
    """

    epoch: Count = 0
    #: EXITED, BACKOFF (it crashed and will be started again), FATAL (given up) or STOPPED.
    state: Word
    #: Its exit status, if it ended by itself.
    exit: SmallCount | None = None
    #: The signal that killed it, if one did.
    signal: SmallCount | None = None
    #: How often it has crashed in a row.
    tries: SmallCount = 0
    #: Seconds until supervisord starts it again.
    retry_in: Span | None = None
    #: Stopped through supervisorctl, not by the front.
    by_hand: bool = False
    #: Killed because it did not respond.
    deaf: bool = False


AnyEvent = (
    Up
    | Ready
    | Pong
    | Snapshot
    | QrIssued
    | PairingCodeAwaited
    | QrsExhausted
    | ScanRefused
    | PairingCodeIssued
    | PairingCodeRefused
    | PairingCodeWithdrawn
    | Paired
    | Opened
    | Closed
    | LoggedOut
    | MessageReceived
    | MessageSkipped
    | MessageMoved
    | ReadMarked
    | CallCame
    | Restricted
    | ContactLinked
    | Answered
    | Refused
    | Typing
    | Ended
)

#: Names of the events of a connector. `ended` comes from supervisord's plugin.
NAMES: tuple[str, ...] = tuple(
    event.__struct_config__.tag for event in get_args(AnyEvent) if event is not Ended
)


class UnknownEvent(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An event of a type that this version does not know: its connector is newer."""

    name: EventName = msgspec.field(name="event")
    epoch: Count


_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_unknown_decoder = msgspec.json.Decoder(UnknownEvent)


def parse(line: bytes) -> AnyEvent | UnknownEvent | None:
    """Returns the event of one line, without NUL characters; None if it is torn, no event, or too large."""
    text = without_nul(line)
    try:
        event = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _unknown(text)
    reason = getattr(event, "reason", None)
    return event if reason is None or _fits(reason) else None


def _unknown(text: bytes) -> UnknownEvent | None:
    try:
        event = _unknown_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if event.name in NAMES or event.name == "ended" else event


def _fits(reason: Reason) -> bool:
    return len(reason.code) <= MAX_REASON_CODE_LENGTH and len(reason.detail) <= MAX_REASON_DETAIL_LENGTH
