"""Examples that several routes share."""

from collections.abc import Mapping

from msgspec.structs import replace

from server.api.openapi.content import json_body
from server.api.openapi.operation import Response
from server.api.openapi.parameters import SESSION_ETAG
from server.documents.session import SessionDocument, StatusReason
from store.records import Status

QR_PAYLOAD = "https://wa.me/settings/linked_devices#2@abc…"
CREATED_AT = "2026-05-25T12:00:00.000Z"
NOW = "2026-05-25T12:00:30.000Z"
EXPIRES_AT = "2026-05-25T12:01:30.000Z"
LAST_EVENT_ID = "2f4b8c1d90a3e6f5"

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


def session_shown(example: SessionDocument, *, headers: Mapping[str, str] | None = None) -> Response:
    """A response that shows the session. headers: in addition to its ETag."""
    return Response(
        "the session", json_body(SessionDocument, example), headers={**SESSION_ETAG, **(headers or {})}
    )
