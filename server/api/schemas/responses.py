"""What answers say, as types: what is rendered is what /openapi.json describes."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from server.connectors.supervisor_client import Program, RestartCounts
from server.core.clock import iso
from server.core.errors import MotteError, ValidationFailed
from server.core.proxies import shown
from server.domain.expiry import Expiry
from server.protocol.commands import DEVICE_NAME
from server.sessions.pairing_codes import PairingCode
from server.whatsapp_version.cache import InUse
from server.whatsapp_version.status import age, is_old
from store.records import Key, Session, Status

Moment = Annotated[
    str, Meta(extra_json_schema={"format": "date-time"}, description="ISO 8601, UTC, milliseconds, `Z`")
]


class Document(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A JSON object with the keys that callers know. A key is always there unless it may be unset."""


class StatusReason(Document, frozen=True):
    """Why a session stands where it stands."""

    code: Annotated[str, Meta(description="stable, for programs", examples=["version-rejected"])]
    detail: Annotated[str, Meta(description="a sentence for people")]


class SessionDocument(Document, frozen=True):
    """A session."""

    id: str
    name: str | None
    status: Status
    status_reason: StatusReason | None
    qr_code: Annotated[
        str | None, Meta(description="what to encode as a QR code; null unless it can be scanned now")
    ]
    qr_expires_at: Annotated[Moment | None, Meta(description="null exactly when `qrCode` is")]
    phone_number: Annotated[str | None, Meta(description="digits without `+`, once paired")]
    push_name: Annotated[str | None, Meta(description="the name that the account shows to others")]
    created_at: Moment
    updated_at: Moment
    connected_at: Annotated[Moment | None, Meta(description="when it last became `connected`")]
    device_name: Annotated[
        str, Meta(description="what the phone lists under Linked devices, from the next linking on")
    ]
    proxy: Annotated[
        str | None,
        Meta(
            description="its own proxy, without user and password; null: it has none",
            examples=["socks5://10.0.0.1:1080"],
        ),
    ]


class SessionPage(Document, frozen=True):
    """Sessions, the oldest first."""

    items: list[SessionDocument]
    next_cursor: Annotated[str | None, Meta(description="for `?cursor=`; null on the last page")]


class PairingCodeDocument(Document, frozen=True):
    """Characters to type on the phone."""

    phone_number: str
    code: Annotated[str, Meta(min_length=8, max_length=8)]
    expires_at: Moment


class QrDocument(Document, frozen=True):
    """A code to scan."""

    id: str
    qr_code: Annotated[str, Meta(description="what to encode as a QR code")]
    qr_expires_at: Moment


class ScanLinkDocument(Document, frozen=True):
    """An address to be sent to whoever holds the phone."""

    url: str
    expires_at: Moment


class LoginDocument(Document, frozen=True):
    """What a browser may do from now on."""

    key: Annotated[str, Meta(description="the name of the key behind it")]
    scopes: Annotated[list[str], Meta(description="what that key may do")]
    sessions: Annotated[
        list[str] | None, Meta(description="the ids that the key is bound to; null: it reaches every session")
    ]


class ConnectorDocument(Document, frozen=True):
    """The process of a session."""

    id: Annotated[str, Meta(description="the session's")]
    state: Annotated[str, Meta(description="`asleep`, or supervisord's word for it", examples=["running"])]
    pid: Annotated[int | None, Meta(description="null where there is no process")]
    restarts: Annotated[int, Meta(description="how often it was started again after a crash or a kill")]
    recycled: Annotated[int, Meta(description="how often it was exchanged because its memory had grown")]
    uptime: Annotated[float | None, Meta(description="seconds since the present process was started")]
    memory: Annotated[int | None, Meta(description="bytes that the present process has resident")]


class VersionDocument(Document, frozen=True):
    """The version of WhatsApp Web that links are opened with."""

    version: Annotated[str, Meta(examples=["2.3000.1049950004"])]
    source: Annotated[
        str,
        Meta(description="where it comes from: `built-in`, `announced` by WhatsApp's site, or a `setting`"),
    ]
    age_days: Annotated[int, Meta(description="days since it was built, about; 0 in the sandbox")]
    is_old: Annotated[bool, Meta(description="whether WhatsApp may refuse it soon, which it does by age")]
    is_refused: Annotated[bool, Meta(description="whether WhatsApp refuses it now")]


class ConnectorList(Document, frozen=True):
    """The process of each session, the oldest session first."""

    items: list[ConnectorDocument]
    whatsapp_version: VersionDocument


class Health(Document, frozen=True):
    """How the front is."""

    status: str


class Violation(Document, frozen=True):
    """A rule that the request breaks."""

    pointer: Annotated[str, Meta(description="a JSON pointer into the body, or `?name` of the query")]
    detail: str


class Problem(Document, frozen=True):
    """What went wrong, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: Annotated[str, Meta(description="names this one occurrence, as in the log")]
    code: Annotated[str, Meta(description="stable, for programs")]
    retryable: Annotated[
        bool, Meta(description="whether the same request may succeed after Retry-After seconds")
    ]
    errors: list[Violation] | UnsetType = UNSET
    session: Annotated[
        SessionDocument | UnsetType,
        Meta(description="as it is now, where the error concerns one that exists"),
    ] = UNSET


def session_document(session: Session, expiry: Expiry) -> SessionDocument:
    """A session as every answer shows it."""
    live = expiry.live(session)
    reason = session.reason
    return SessionDocument(
        id=session.id,
        name=session.name,
        status=session.status,
        status_reason=None if reason is None else StatusReason(code=reason.code, detail=reason.detail),
        qr_code=None if live is None else live.payload,
        qr_expires_at=None if live is None else iso(expiry.shown(live)),
        phone_number=session.phone_number,
        push_name=session.push_name,
        created_at=iso(session.created_at),
        updated_at=iso(session.updated_at),
        connected_at=None if session.connected_at is None else iso(session.connected_at),
        device_name=session.device_name or DEVICE_NAME,
        proxy=shown(session.proxy),
    )


def login_document(key: Key) -> LoginDocument:
    """What a browser is told that is logged in with this key."""
    sessions = None if key.sessions is None else list(key.sessions)
    return LoginDocument(key=key.name, scopes=list(key.scopes), sessions=sessions)


def pairing_code_document(code: PairingCode) -> PairingCodeDocument:
    """A code to type as its answer shows it."""
    return PairingCodeDocument(
        phone_number=code.phone_number, code=code.code, expires_at=iso(code.shown_expires_at)
    )


def connector_document(
    session_id: str, program: Program | None, tally: RestartCounts | None
) -> ConnectorDocument:
    """A session's process. program: None where it is asleep. tally: None where nothing was counted."""
    counted = tally or RestartCounts()
    return ConnectorDocument(
        id=session_id,
        state="asleep" if program is None else program.state.lower(),
        pid=program and program.pid,
        restarts=counted.restarts,
        recycled=counted.recycled,
        uptime=program and program.uptime,
        memory=program and program.memory,
    )


def problem_document(error: MotteError, *, instance: str, expiry: Expiry) -> Problem:
    """An error as every answer shows it. instance: names this one occurrence, as in the log."""
    return Problem(
        type=f"/problems/{error.code}",
        title=error.title(),
        status=error.status,
        detail=error.detail,
        instance=instance,
        code=error.code,
        retryable=error.retry_after is not None and error.can_be_repeated,
        errors=[Violation(**said) for said in error.errors] if isinstance(error, ValidationFailed) else UNSET,
        session=UNSET if error.session is None else session_document(error.session, expiry),
    )


def version_document(version: InUse, now: int) -> VersionDocument:
    """The version in use as the API shows it. now: milliseconds since 1970."""
    return VersionDocument(
        version=version.version,
        source=version.source,
        age_days=int(age(version, now)),
        is_old=is_old(version, now),
        is_refused=version.is_refused,
    )
