"""Responses that handlers return."""

from typing import Any

import msgspec
from aiohttp import web

from server.documents.session import session_document
from server.domain.expiry import Expiry
from server.sessions.long_poll import version
from store.records import Session

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
        body=msgspec.json.encode(document) + b"\n",
        status=status,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})},
        content_type=content_type,
    )


def session_response(
    session: Session,
    expiry: Expiry,
    *,
    newest: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Returns the session with its ETag. newest: its version, if the caller knows it."""
    return json_response(
        session_document(session, expiry),
        status=status,
        headers=etag(newest or version(session, expiry)) | (headers or {}),
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
