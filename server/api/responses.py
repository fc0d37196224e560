"""Responses that handlers return."""

from typing import Any

import msgspec
from aiohttp import web

from server.documents.session import session_document
from server.domain.expiry import Expiry
from server.sessions.long_poll import version
from store.records.sessions import Session

#: The header `Server`. aiohttp would name its own version and that of Python to everybody.
SERVER = "Motte"


def json_response(
    document: Any,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> web.Response:
    """Returns a JSON document that no cache may keep: it may contain a code."""
    return web.Response(
        body=json_bytes(document), status=status, headers=json_headers(content_type) | (headers or {})
    )


def json_bytes(document: Any) -> bytes:
    """Returns the body of such a response."""
    return msgspec.json.encode(document) + b"\n"


def json_headers(content_type: str = "application/json") -> dict[str, str]:
    """Returns the headers of every such response."""
    return {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": content_type,
    }


def session_response(
    session: Session, expiry: Expiry, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """Returns the session with its ETag."""
    return json_response(
        session_document(session, expiry),
        status=status,
        headers=etag(version(session, expiry)) | (headers or {}),
    )


def location(session_id: str, public_url: str | None) -> dict[str, str]:
    """Returns the header with the address of a session, as its caller reaches it.

    public_url: a proxy may have put the API under a path, which only the operator knows. None: no path.
    """
    return {"Location": f"{public_url or ''}/sessions/{session_id}"}


def message_location(session_id: str, message_id: str, public_url: str | None) -> dict[str, str]:
    """Returns the header with the address of a message that Motte made."""
    return {"Location": f"{public_url or ''}/sessions/{session_id}/messages/{message_id}"}


def etag(version: str) -> dict[str, str]:
    """Returns the header. Weak: bodies of the same version may differ, for example in `updatedAt`."""
    return {"ETag": f'W/"{version}"'}
