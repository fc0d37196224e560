"""A call as events show it."""

from typing import Annotated

from msgspec import Meta, field

from server.core.clock import iso
from server.documents.document import Document, Timestamp
from server.domain.whatsapp_addresses import number_of
from server.protocol.events.chats import CallCame


class CallDocument(Document, frozen=True):
    """A call that came. Motte does not answer it."""

    id: Annotated[str, Meta(description="WhatsApp's own id of the call")]
    chat: Annotated[str, Meta(description="the address of the caller, or of the group that is called")]
    caller: Annotated[str, Meta(description="the address of the caller")] = field(name="from")
    number: Annotated[str | None, Meta(description="the number of the caller, digits, if known")]
    at: Annotated[Timestamp, Meta(description="when the call came, according to WhatsApp")]
    is_video: bool
    is_group: bool


def call_document(call: CallCame) -> CallDocument:
    """Returns the call as every event shows it."""
    return CallDocument(
        id=call.id,
        chat=call.chat,
        caller=call.caller,
        number=number_of(call.caller),
        at=iso(call.at),
        is_video=call.is_video,
        is_group=call.is_group,
    )
