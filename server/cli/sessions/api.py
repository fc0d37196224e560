"""Requests to the REST API of the Motte that runs on a state folder."""

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode

from server.api.schemas.cursors import PAGE_LIMIT
from server.cli.common.client import Client, Refused, Unreachable
from server.cli.common.progress import waiting
from server.cli.serve.endpoints import api_key, front_url
from server.cli.serve.run_state import front_runs
from server.cli.serve.server_identity import sandbox_hint
from server.core.paths import StateFolder

#: Follows the error that nothing runs.
START_HINT = ". To start it: motte serve. If it uses another folder, name that with --state"


def check_runs(folder: StateFolder) -> None:
    """Raises Unreachable if no front runs. Another program may have the last front's address now."""
    if not front_runs(folder):
        hint = sandbox_hint(folder) or START_HINT
        raise Unreachable(f"Motte does not run on the state folder {folder.path}{hint}")


def client(folder: StateFolder) -> Client:
    """Raises Unreachable, NoKey."""
    check_runs(folder)
    return Client(front_url(folder), key=api_key(folder))


def ask(
    folder: StateFolder,
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
        async with client(folder) as api:
            return await api.ask(method, path, body, headers=headers)

    with waiting(meanwhile) if meanwhile else nullcontext():
        return asyncio.run(ask())


def processes(folder: StateFolder) -> dict[str, Any] | None:
    """Returns the process of each session by its id; None if Motte cannot tell. Raises Unreachable, NoKey."""
    try:
        return {process["id"]: process for process in ask(folder, "GET", "/connectors")["items"]}
    except Refused:  # supervisord does not answer: the sessions can still be shown
        return None


def process_of(folder: StateFolder, session_id: str) -> Any:
    """Returns the process of one session; None if Motte cannot tell. Raises Unreachable, NoKey."""
    try:
        return ask(folder, "GET", f"/sessions/{session_id}/connector")
    except Refused:
        return None


async def all_pages(folder: StateFolder, status: str | None) -> Any:
    """Returns every session as one page. Raises Refused, Unreachable, NoKey."""
    async with client(folder) as api:
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
