"""Makes the command that hands a message to a connector."""

from typing import Any, Literal, cast

from server.domain.message_content import Content, MessageReference, Quote, decode_content
from server.protocol.commands import Contact, Location, Outgoing, Quoted, Send, Target
from store.records import QueuedMessage

Kind = Literal["text", "location", "contact", "reaction", "edit", "revoke"]


def send_command(queued: QueuedMessage, *, again: bool, is_overdue: bool = False) -> Send:
    """Returns the command. is_overdue: the time of the message is over, and it may have been sent."""
    message, terms = queued.message, queued.terms
    content = decode_content(message.content)
    on_doubt = "fail" if is_overdue else terms.on_doubt
    return Send(
        id=message.id,
        chat=message.chat,
        message=Outgoing(
            kind=cast(Kind, message.kind),
            text=message.text,
            mentions=tuple(content.mentions),
            emoji=content.emoji,
            **_parts(content, message.sender),
        ),
        typing=0 if again else terms.typing,
        on_doubt="fail" if on_doubt == "fail" else "resend",
        again=again,
    )


def _parts(content: Content, own: str) -> dict[str, Any]:
    """own: the address of the account: what it wrote is marked."""
    parts: dict[str, Any] = {}
    if content.reply_to is not None:
        parts["reply_to"] = _quoted(content.reply_to, own)
    if content.target is not None:
        parts["target"] = _target(content.target, own)
    if content.location is not None:
        place = content.location
        parts["location"] = Location(
            latitude=place.latitude, longitude=place.longitude, name=place.name, address=place.address
        )
    if content.contact is not None:
        card = content.contact
        parts["contact"] = Contact(
            name=card.name or "", phone_numbers=tuple(card.phone_numbers), vcard=card.vcard
        )
    return parts


def _quoted(quote: Quote, own: str) -> Quoted:
    return Quoted(
        id=quote.id, chat=quote.chat, sender=quote.sender, from_me=quote.sender == own, text=quote.text
    )


def _target(target: MessageReference, own: str) -> Target:
    return Target(id=target.id, chat=target.chat, sender=target.sender, from_me=target.sender == own)
