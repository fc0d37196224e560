"""A session as responses and events show it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from server.core.clock import iso
from server.core.proxies import shown
from server.documents.document import Document, Timestamp
from server.domain.expiry import Expiry
from server.protocol.commands import DEVICE_NAME
from store.records.sessions import Session, Status


class StatusReason(Document, frozen=True):
    """The reason for a session's status."""

    code: Annotated[str, Meta(description="stable, for programs", examples=["version-rejected"])]
    detail: Annotated[str, Meta(description="a sentence for people")]


class SendingState(StrEnum):
    """Whether an account may begin chats."""

    OK = "ok"
    RESTRICTED = "restricted"


class SendingDocument(Document, frozen=True):
    """What WhatsApp lets an account send."""

    state: SendingState
    until: Annotated[Timestamp | None, Meta(description="when it may begin chats again; null while it may")]


class SessionDocument(Document, frozen=True):
    """A session."""

    id: str
    name: str | None
    status: Status
    status_reason: StatusReason | None
    qr_code: Annotated[
        str | None, Meta(description="the text to encode as a QR code; null unless it can be scanned now")
    ]
    qr_expires_at: Annotated[Timestamp | None, Meta(description="null exactly when `qrCode` is null")]
    phone_number: Annotated[str | None, Meta(description="digits without `+`, once paired")]
    push_name: Annotated[str | None, Meta(description="the name that the account shows to others")]
    created_at: Timestamp
    updated_at: Timestamp
    connected_at: Annotated[Timestamp | None, Meta(description="when it last became `connected`")]
    device_name: Annotated[
        str,
        Meta(description="the name under Linked devices on the phone; a change applies to the next linking"),
    ]
    proxy: Annotated[
        str | None,
        Meta(
            description="the session's own proxy without user and password; null if it has none",
            examples=["socks5://10.0.0.1:1080"],
        ),
    ]
    sending: Annotated[
        SendingDocument,
        Meta(description="whether WhatsApp lets the account begin chats; others go on anyway"),
    ]


def session_document(session: Session, expiry: Expiry | None) -> SessionDocument:
    """Returns the session as every response shows it.

    expiry: None: without a code, as the event log has it.
    """
    live = None if expiry is None else expiry.live(session)
    reason = session.reason
    return SessionDocument(
        id=session.id,
        name=session.name,
        status=session.status,
        status_reason=None if reason is None else StatusReason(code=reason.code, detail=reason.detail),
        qr_code=None if live is None else live.payload,
        qr_expires_at=None if live is None or expiry is None else iso(expiry.shown(live)),
        phone_number=session.phone_number,
        push_name=session.push_name,
        created_at=iso(session.created_at),
        updated_at=iso(session.updated_at),
        connected_at=None if session.connected_at is None else iso(session.connected_at),
        device_name=session.device_name or DEVICE_NAME,
        proxy=shown(session.proxy),
        sending=_sending(session, 0 if expiry is None else expiry.wall()),
    )


def _sending(session: Session, now: int) -> SendingDocument:
    """now: milliseconds since 1970."""
    until = session.restricted_until
    if until is None or until <= now:
        return SendingDocument(state=SendingState.OK, until=None)
    return SendingDocument(state=SendingState.RESTRICTED, until=iso(until))
