"""The form of an event: the same bytes for streams, webhooks and callers that poll."""

from secrets import token_hex

import msgspec

from server.core.clock import iso
from store.records.events import Event

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


def passing(kind: str, data: bytes, *, session_id: str | None, at: int) -> bytes:
    """Returns the same of an event that is in no log: it has an id of its own, and no cursor.

    data: JSON, without line breaks. session_id: None: it concerns no single session. at: milliseconds since
    1970.
    """
    return envelope_of(
        event_id=f"evt_{token_hex(10)}", kind=kind, at=at, session_id=session_id, cursor=None, data=data
    )


def envelope_of(
    *, event_id: str, kind: str, at: int, session_id: str | None, cursor: str | None, data: bytes
) -> bytes:
    """Returns an envelope. at: milliseconds since 1970. data: JSON, without line breaks."""
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
