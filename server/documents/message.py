"""A message as responses and events show it."""

from typing import Annotated

from msgspec import Meta

from server.core.clock import iso
from server.documents.document import Document, Timestamp
from server.documents.session import StatusReason
from server.domain.message_content import decode_content
from server.domain.whatsapp_addresses import number_of
from server.protocol.content import Choice, Contact, Location, Media, MessageReference, Poll, Quote
from store.records.messages import Message, MessageStatus, Via


class MessageDocument(Document, frozen=True):
    """A message, in either direction."""

    id: Annotated[
        str,
        Meta(description="WhatsApp's own id of the message; senders choose it, so it may not be unique"),
    ]
    chat: Annotated[str, Meta(description="the address of the person or group it was written to")]
    chat_lid: Annotated[str | None, Meta(description="the LID of a chat with one person, if known")]
    sender: str
    sender_lid: Annotated[str | None, Meta(description="the sender's LID, if known")]
    number: Annotated[
        str | None, Meta(description="the number of the other side of a chat of two, digits, if known")
    ]
    from_me: Annotated[bool, Meta(description="whether the account itself wrote it")]
    via: Annotated[Via | None, Meta(description="what the account wrote it with; null: it came from others")]
    push_name: Annotated[str | None, Meta(description="the name that the sender shows to others")]
    kind: Annotated[
        str,
        Meta(description="`text`, `image`, `reaction`, `undecryptable` …, or `other:` and WhatsApp's name"),
    ]
    text: str | None
    reply_to: Annotated[Quote | None, Meta(description="the message that this one replies to")]
    mentions: Annotated[list[str], Meta(description="the addresses that the text mentions")]
    target: Annotated[
        MessageReference | None,
        Meta(description="the message that an edit, a revoke, a reaction or a poll vote is about"),
    ]
    emoji: Annotated[str | None, Meta(description="of a reaction; null: the reaction is taken away")]
    location: Location | None
    contact: Contact | None
    choice: Annotated[Choice | None, Meta(description="what a person tapped or chose")]
    poll: Poll | None
    media: Media | None
    status: Annotated[MessageStatus | None, Meta(description="of a message that was sent; else null")]
    status_reason: Annotated[StatusReason | None, Meta(description="why it failed")]
    attempts: Annotated[int, Meta(description="how often it was handed to WhatsApp")]
    queued_at: Timestamp | None
    sent_at: Timestamp | None
    delivered_at: Timestamp | None
    read_at: Timestamp | None
    received_at: Timestamp


def message_document(message: Message) -> MessageDocument:
    """Returns the message as every response shows it."""
    content = decode_content(message.content)
    reason = message.status_reason
    return MessageDocument(
        id=message.id,
        chat=message.chat,
        chat_lid=message.chat_lid,
        sender=message.sender,
        sender_lid=message.sender_lid,
        number=number_of(message.chat),
        from_me=message.from_me,
        via=message.via,
        push_name=message.push_name,
        kind=message.kind,
        text=message.text,
        reply_to=content.reply_to,
        mentions=content.mentions,
        target=content.target,
        emoji=content.emoji,
        location=content.location,
        contact=content.contact,
        choice=content.choice,
        poll=content.poll,
        media=content.media,
        status=message.status,
        status_reason=None if reason is None else StatusReason(code=reason.code, detail=reason.detail),
        attempts=message.attempts,
        queued_at=_iso(message.queued_at),
        sent_at=_iso(message.sent_at),
        delivered_at=_iso(message.delivered_at),
        read_at=_iso(message.read_at),
        received_at=iso(message.received_at),
    )


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)
