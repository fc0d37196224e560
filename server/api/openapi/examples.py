"""Examples that several routes share."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from server.api.openapi.content import json_body
from server.api.openapi.operation import Response
from server.api.openapi.parameters import SESSION_ETAG
from server.documents.event import EventDocument
from server.documents.message import MessageDocument
from server.documents.session import SendingDocument, SendingState, SessionDocument, StatusReason
from server.protocol.content import MessageReference
from store.records.messages import MessageStatus, Via
from store.records.sessions import Status

QR_PAYLOAD = "https://wa.me/settings/linked_devices#2@abc…"
CREATED_AT = "2026-05-25T12:00:00.000Z"
NOW = "2026-05-25T12:00:30.000Z"
EXPIRES_AT = "2026-05-25T12:01:30.000Z"
CURSOR = "q83vEjRWeJC7Mk1fZQ4dYw"

WAITING = SessionDocument(
    id="shop",
    name="The shop",
    status=Status.QR_WAITING,
    status_reason=None,
    qr_code=QR_PAYLOAD,
    qr_expires_at=EXPIRES_AT,
    phone_number=None,
    push_name=None,
    created_at=CREATED_AT,
    updated_at=NOW,
    connected_at=None,
    device_name="Motte",
    proxy=None,
    sending=SendingDocument(state=SendingState.OK, until=None),
)
STARTING = replace(WAITING, status=Status.STARTING, qr_code=None, qr_expires_at=None, updated_at=CREATED_AT)
CONNECTED = replace(
    STARTING,
    status=Status.CONNECTED,
    phone_number="15551234567",
    push_name="Ann",
    updated_at=NOW,
    connected_at=NOW,
)
LOGGED_OUT = replace(
    STARTING,
    status=Status.LOGGED_OUT,
    status_reason=StatusReason(code="asked", detail="the logout was asked for"),
    updated_at=NOW,
)


#: A message that came.
RECEIVED = MessageDocument(
    id="3EB0C767D82B0A6F4E1C",
    chat="15557654321@s.whatsapp.net",
    chat_lid="187654321098765@lid",
    sender="15557654321@s.whatsapp.net",
    sender_lid="187654321098765@lid",
    number="15557654321",
    from_me=False,
    via=None,
    push_name="Bob",
    kind="text",
    text="Are you open today?",
    reply_to=None,
    mentions=[],
    target=None,
    emoji=None,
    location=None,
    contact=None,
    choice=None,
    poll=None,
    media=None,
    status=None,
    status_reason=None,
    attempts=0,
    queued_at=None,
    sent_at="2026-05-25T12:00:29.000Z",
    delivered_at=None,
    read_at=None,
    received_at=NOW,
)
#: A message that a caller sends.
QUEUED = replace(
    RECEIVED,
    id="3EB0A1B2C3D4E5F6071829",
    sender="15551234567@s.whatsapp.net",
    sender_lid=None,
    from_me=True,
    via=Via.API,
    push_name=None,
    text="Yes, until eight.",
    status=MessageStatus.QUEUED,
    queued_at=NOW,
    sent_at=None,
)
#: The same, some seconds later.
DELIVERED = replace(
    QUEUED,
    status=MessageStatus.DELIVERED,
    attempts=1,
    sent_at="2026-05-25T12:00:31.000Z",
    delivered_at="2026-05-25T12:00:32.000Z",
)
_TARGET = MessageReference(
    id="3EB0A1B2C3D4E5F6071829", chat="15557654321@s.whatsapp.net", sender="15551234567@s.whatsapp.net"
)
#: A message about another one.
REVOKE = replace(QUEUED, id="3EB0918273645546372819", kind="revoke", text=None, target=_TARGET)
EDIT = replace(REVOKE, kind="edit", text="Yes, until nine.")
REACTION = replace(REVOKE, kind="reaction", emoji="\N{THUMBS UP SIGN}")
#: An event of the log.
EVENT = EventDocument(
    id="evt_2f4b8c1d90a3e6f58d0c",
    type="session.status",
    timestamp=NOW,
    session_id="shop",
    cursor=CURSOR,
    version=1,
    data=msgspec.to_builtins(CONNECTED),
)
#: Events of no log.
STATUS_EVENT = replace(EVENT, id="evt_81c05de27b9f4a63d7e2", cursor=None, data=msgspec.to_builtins(WAITING))
QR_EVENT = replace(STATUS_EVENT, id="evt_0e6b3fd5a1c92748b95d", type="session.qr")
RESET_EVENT = replace(QR_EVENT, id="evt_5be07f1c2d9a48e360b1", type="stream.reset", session_id=None, data={})
STOPPED_EVENT = replace(RESET_EVENT, id="evt_c4d19a20e7b35f8861aa", type="stream.stopped")


def session_shown(example: SessionDocument, *, headers: Mapping[str, str] | None = None) -> Response:
    """A response that shows the session. headers: in addition to its ETag."""
    return Response(
        "the session", json_body(SessionDocument, example), headers={**SESSION_ETAG, **(headers or {})}
    )
