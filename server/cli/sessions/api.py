"""Requests to the REST API of a Motte."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode

from server.api.schemas.cursors import PAGE_LIMIT
from server.cli.common.client import Client, Refused, Unreachable
from server.cli.common.progress import waiting
from server.cli.sessions.target import Target


def ask(
    motte: Target,
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    meanwhile: str | None = None,
) -> Any:
    """Sends one request and returns the response's JSON. meanwhile: what is shown to a person who waits.

    Raises Refused, Unreachable, NoKey.
    """

    async def ask() -> Any:
        async with motte.client() as api:
            return await api.ask(method, path, body, headers=headers)

    with waiting(meanwhile) if meanwhile else nullcontext():
        return asyncio.run(ask())


def processes(motte: Target) -> dict[str, Any] | None:
    """Returns the process of each session by its id; None if Motte cannot tell. Raises Unreachable, NoKey."""
    try:
        return {process["id"]: process for process in ask(motte, "GET", "/connectors")["items"]}
    except Refused:  # supervisord does not answer: the sessions can still be shown
        return None


def process_of(motte: Target, session_id: str) -> Any:
    """Returns the process of one session; None if Motte cannot tell. Raises Unreachable, NoKey."""
    try:
        return ask(motte, "GET", f"/sessions/{session_id}/connector")
    except Refused:
        return None


def absent_sessions(motte: Target, session_ids: Sequence[str]) -> list[str]:
    """Returns those that do not exist; none if Motte cannot tell, or the key may not read sessions."""

    async def absent() -> list[str]:
        async with motte.client() as api:
            return [session_id for session_id in session_ids if not await _exists(api, session_id)]

    try:
        return asyncio.run(absent()) if session_ids else []
    except (Refused, Unreachable):
        return []


async def _exists(api: Client, session_id: str) -> bool:
    """Raises Refused if another reason keeps the session from being read, Unreachable."""
    try:
        await api.ask("GET", f"/sessions/{session_id}?refresh=false")
    except Refused as refusal:
        if refusal.code != "session-not-found":
            raise
        return False
    return True


async def all_pages(motte: Target, status: str | None) -> Any:
    """Returns every session as one page. Raises Refused, Unreachable, NoKey."""
    async with motte.client() as api:
        return {"items": await every_session(api, status), "nextCursor": None}


async def every_session(api: Client, status: str | None) -> list[Any]:
    """Returns every session with this status; None for any status. Raises Refused, Unreachable."""
    query = {"limit": str(PAGE_LIMIT)} | ({"status": status} if status else {})
    items: list[Any] = []
    while True:
        page = await api.ask("GET", f"/sessions?{urlencode(query)}")
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        query["cursor"] = page["nextCursor"]
