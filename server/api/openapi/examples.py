"""What a request is answered with when all goes well, as its description shows it."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import msgspec
from aiohttp.typedefs import Handler
from msgspec.structs import replace

from server.api.handlers import (
    connectors,
    dashboard,
    description,
    events,
    health,
    messages,
    metrics,
    pages,
    qr,
    scan,
    sessions,
)
from server.api.openapi.operation import JSON
from server.api.schemas.messages import MessageDocument, MessagePage
from server.api.schemas.responses import (
    ConnectorDocument,
    ConnectorList,
    Health,
    LoginDocument,
    PairingCodeDocument,
    QrDocument,
    ScanLinkDocument,
    SessionDocument,
    SessionPage,
    StatusReason,
    VersionDocument,
)
from server.web.scan_page import GONE, SCANNED, UNKNOWN
from store.records import Status

#: By kind.
Examples = Mapping[str, Any]

_CODE = "https://wa.me/settings/linked_devices#2@abc…"
_CREATED = "2026-05-25T12:00:00.000Z"
_NOW = "2026-05-25T12:00:30.000Z"
_EXPIRES = "2026-05-25T12:01:30.000Z"

_WAITING = SessionDocument(
    id="shop",
    name="The shop",
    status=Status.QR_WAITING,
    status_reason=None,
    qr_code=_CODE,
    qr_expires_at=_EXPIRES,
    phone_number=None,
    push_name=None,
    created_at=_CREATED,
    updated_at=_NOW,
    connected_at=None,
    device_name="Motte",
    proxy=None,
)
_STARTING = replace(_WAITING, status=Status.STARTING, qr_code=None, qr_expires_at=None, updated_at=_CREATED)
_CONNECTED = replace(
    _STARTING,
    status=Status.CONNECTED,
    phone_number="15551234567",
    push_name="Ann",
    updated_at=_NOW,
    connected_at=_NOW,
)
_LOGGED_OUT = replace(
    _STARTING,
    status=Status.LOGGED_OUT,
    status_reason=StatusReason(code="asked", detail="the logout was asked for"),
    updated_at=_NOW,
)
_RUNNING = ConnectorDocument(
    id="shop", state="running", pid=4711, restarts=0, recycled=0, uptime=93.5, memory=61_000_000
)
_VERSION = VersionDocument(
    version="2.3000.1049950004", source="built-in", age_days=50, is_old=False, is_refused=False
)
_MESSAGE = MessageDocument(
    id="3EB0C767D82B0A6F4E1C",
    chat="15557654321@s.whatsapp.net",
    chat_lid="187654321098765@lid",
    sender="15557654321@s.whatsapp.net",
    sender_lid="187654321098765@lid",
    from_me=False,
    push_name="Bob",
    sent_at="2026-05-25T12:00:29.000Z",
    received_at=_NOW,
    kind="text",
    text="Are you open today?",
)


def _json(document: Any) -> Examples:
    return {JSON: document}


def _page(title: str) -> Examples:
    return {"text/html": f'<!doctype html>\n<html lang="en">\n<head>\n<title>{title}</title>…'}


def _event(name: str, document: Any) -> str:
    return f"event: {name}\ndata: {msgspec.json.encode(document).decode()}\n\n"


def _events(*events: str) -> Examples:
    """A stream that has just begun."""
    return {"text/event-stream": "".join(("retry: 2000\n\n", *events))}


_SVG = {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 61 61">…</svg>'}
_SCRIPT_OR_STYLE = {"text/javascript": "// @ts-check\n…", "text/css": "body {\n  margin: 0;\n}\n…"}
_METRICS = '# TYPE motte_sessions gauge\nmotte_sessions{status="connected"} 1.0\n'
#: What a reader sends back as Last-Event-ID.
_PLACE = "id: 2f4b8c1d-41\n\n"

#: By handler and status.
EXAMPLES: Mapping[Handler, Mapping[int, Examples]] = {
    sessions.create_session: {201: _json(_WAITING), 202: _json(_STARTING)},
    sessions.list_sessions: {200: _json(SessionPage(items=[_WAITING], next_cursor=None))},
    sessions.read_session: {200: _json(_WAITING)},
    sessions.update_session: {200: _json(replace(_CONNECTED, device_name="The shop's till"))},
    sessions.issue_pairing_code: {
        200: _json(PairingCodeDocument(phone_number="15551234567", code="K7QM2ZXP", expires_at=_EXPIRES))
    },
    sessions.start_session: {200: _json(_WAITING)},
    sessions.stop_session: {200: _json(replace(_CONNECTED, status=Status.STOPPED))},
    sessions.restart_session: {200: _json(replace(_CONNECTED, status=Status.DISCONNECTED))},
    sessions.log_session_out: {200: _json(_LOGGED_OUT)},
    qr.show_qr: {
        200: {  # A PNG is no text that a description could show.
            **_json(QrDocument(id="shop", qr_code=_CODE, qr_expires_at=_EXPIRES)),
            **_SVG,
            "text/plain": "█▀▀▀▀▀█ ▄▀▄█▀ █▀▀▀▀▀█\n…",
        }
    },
    scan.create_link: {
        201: _json(
            ScanLinkDocument(url="http://localhost:8090/scan/Lt-LU6KeoLsH8BAN2vUe…", expires_at=_EXPIRES)
        )
    },
    scan.show_page: {
        200: _page("Link WhatsApp to The shop"),
        403: _page(UNKNOWN.title),
        410: _page(GONE.title),
    },
    scan.show_picture: {200: _SVG},
    scan.stream_page: {200: _events(_event("view", SCANNED))},
    events.stream_session: {200: _events(_event("session.status", _WAITING), _PLACE)},
    events.stream_all: {200: _events(_event("stream.reset", {}), _event("session.status", _WAITING), _PLACE)},
    messages.list_messages: {200: _json(MessagePage(items=[_MESSAGE], next_cursor="WzQxXQ"))},
    connectors.show_connector: {200: _json(_RUNNING)},
    connectors.list_connectors: {200: _json(ConnectorList(items=[_RUNNING], whatsapp_version=_VERSION))},
    dashboard.show_dashboard: {200: _page("Motte")},
    dashboard.log_in: {200: _json(LoginDocument(key="admin", scopes=["admin"], sessions=None))},
    pages.show_file: {200: {**_SCRIPT_OR_STYLE, **_SVG}},
    description.show_openapi: {
        200: _json(
            {"openapi": "3.1.0", "info": {"title": "Motte", "version": version("motte")}, "paths": {"/": {}}}
        )
    },
    description.show_swagger: {200: _page("Motte's API")},
    description.show_swagger_asset: {200: _SCRIPT_OR_STYLE},
    metrics.show_metrics: {
        200: {"text/plain": _METRICS, "application/openmetrics-text": f"{_METRICS}# EOF\n"}
    },
    health.show_health: {200: _json(Health(status="ok"))},
    health.show_readiness: {200: _json(Health(status="ready"))},
}
