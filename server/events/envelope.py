"""The form of an event: the same bytes for streams, webhooks and callers that poll."""

import msgspec

from server.core.clock import iso
from store.records import Event

#: It grows when a change breaks readers that pass unknown keys and types over.
VERSION = 1


def envelope(event: Event) -> bytes:
    """Returns the event as JSON, on one line.

    It is made of the stored columns alone, so a later delivery of the event has the same bytes.
    """
    return envelope_of(
        event_id=event.id,
        kind=event.type,
        at=event.at,
        session_id=event.session_id,
        cursor=event.cursor,
        data=event.data.encode(),
    )


def envelope_of(
    *, event_id: str, kind: str, at: int, session_id: str | None, cursor: str | None, data: bytes
) -> bytes:
    """Returns the same of an event that need not be in the log.

    at: milliseconds since 1970. session_id: None: it concerns no single session. cursor: None: the event is
    not in the log. data: JSON, without line breaks.
    """
    head = msgspec.json.encode(
        {
            "id": event_id,
            "type": kind,
            "timestamp": iso(at),
            "sessionId": session_id,
            "cursor": cursor,
            "version": VERSION,
        }
    )
    return head[:-1] + b',"data":' + data + b"}"
