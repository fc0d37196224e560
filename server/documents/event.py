"""An event as callers read it."""

from typing import Annotated, Any

from msgspec import Meta

from server.documents.document import Document, Timestamp


class EventDocument(Document, frozen=True):
    """An event in its envelope, which is the same everywhere. server/events/envelope.py makes it."""

    id: Annotated[str, Meta(description="random text; repeated deliveries of an event have the same")]
    type: Annotated[str, Meta(description="pass types over that you do not know")]
    timestamp: Timestamp
    session_id: str | None
    cursor: Annotated[
        str | None, Meta(description="for `?after=` and `Last-Event-ID`; null if the event is not in the log")
    ]
    version: int
    data: Annotated[dict[str, Any], Meta(description="according to the type")]
