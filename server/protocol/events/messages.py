"""Events of messages, in both directions."""

from typing import Annotated, Literal

import msgspec

from server.protocol.bounds import Address, Count, Name, SmallCount, Text, WallMoment
from server.protocol.content import Choice, Contact, Location, Media, Mentions, MessageReference, Poll, Quote
from server.protocol.events.base import Spooled
from store.records.reason import Reason

#: Messages of one ReadMarked: a connector's receipt names 200.
MAX_MARKED_MESSAGES = 1_000


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
    mentions: Mentions = []  # noqa: RUF012  # msgspec copies it
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
