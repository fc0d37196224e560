"""Makes the command that hands a message to a connector."""

from typing import Literal, cast

from server.domain.message_content import decode_content
from server.protocol.commands import Outgoing, Quoted, Send, Target
from server.protocol.content import MessageReference, Quote
from store.records.outbox import QueuedMessage

Kind = Literal["text", "location", "contact", "reaction", "edit", "revoke"]


def send_command(queued: QueuedMessage, *, again: bool, until: float, is_overdue: bool = False) -> Send:
    """Returns the command. until: when the message is not worth sending any more: boot clock, seconds.

    is_overdue: that is over, and the message may have been sent. A connector of an older version knows no
    `until`, and sends at least nothing again that it has.
    """
    message, terms = queued.message, queued.terms
    content = decode_content(message.content)
    on_doubt = "fail" if is_overdue else terms.on_doubt
    return Send(
        id=message.id,
        chat=message.chat,
        message=Outgoing(
            kind=cast(Kind, message.kind),
            text=message.text,
            reply_to=_quoted(content.reply_to, message.sender),
            mentions=content.mentions,
            target=_target(content.target, message.sender),
            emoji=content.emoji,
            location=content.location,
            contact=content.contact,
        ),
        typing=0 if again else terms.typing,
        on_doubt="fail" if on_doubt == "fail" else "resend",
        again=again,
        until=max(until, 0.0),
    )


def _quoted(quote: Quote | None, own: str) -> Quoted | None:
    """own: the address of the account: what it wrote is marked."""
    if quote is None:
        return None
    return Quoted(
        id=quote.id, chat=quote.chat, sender=quote.sender, from_me=quote.sender == own, text=quote.text
    )


def _target(target: MessageReference | None, own: str) -> Target | None:
    if target is None:
        return None
    return Target(id=target.id, chat=target.chat, sender=target.sender, from_me=target.sender == own)
