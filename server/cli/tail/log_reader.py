"""Reads the event log of a Motte page by page, across its restarts."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import click

from server.api.schemas.cursors import PAGE_LIMIT
from server.cli.common.client import Client, Refused, Unreachable
from server.cli.common.output import note
from server.cli.sessions.follow import LONG_POLL_SECONDS
from server.cli.sessions.target import Target

#: Seconds between two tries to reach a Motte that does not respond.
RETRY_SECONDS = 1.0

DELETED = "session.deleted"

#: Asks for a page instead of a stream.
AS_PAGE = {"Accept": "application/json"}


class CursorExpired(click.ClickException):
    """Events after the cursor are gone."""

    def __init__(self) -> None:
        super().__init__(
            "cursor-expired: events after the cursor are no longer kept, or it is of the log from before a "
            "restore. To go on with the next event, leave --after out; to begin with what is still kept, "
            "use --since. What is missing can be read with `motte sessions list` and `motte messages`."
        )


class BadCursor(click.ClickException):
    """`--after` is no cursor."""

    def __init__(self) -> None:
        super().__init__(
            "bad-cursor: --after must be the `cursor` of an event, the `nextCursor` of a page of events, or "
            "the `id:` of a stream, unchanged"
        )


class LogReader:
    """Yields each event once. Its cursor is kept across breaks of the connection."""

    def __init__(
        self,
        motte: Target,
        session_ids: Collection[str],
        types: Collection[str],
        *,
        after: str | None,
        since: datetime | None,
    ) -> None:
        """session_ids, types: whose events count, and which; empty: all. after: a cursor.

        since: the log is read from its oldest event, and events before this moment are passed over. Neither
        `after` nor `since`: the next event is the first.
        """
        self._motte = motte
        self._left = set(session_ids)
        self._sessions = frozenset(session_ids)
        self._types = types
        self._cursor = after
        self._since = since
        #: The log of one session, while that exists; else the log of all.
        self._only = next(iter(session_ids)) if len(self._sessions) == 1 else None
        #: Whether Motte has responded once. Before that, a Motte that does not run is an error.
        self._has_begun = False
        self._is_waiting = False

    async def events(self) -> AsyncGenerator[Any]:
        """Yields until each session of `session_ids` was deleted.

        Raises Refused, Unreachable, CursorExpired, BadCursor.
        """
        while True:
            for event in await self._next_page():
                if self._is_wanted(event):
                    yield event
                if self._is_last(event):
                    return

    async def _next_page(self) -> list[Any]:
        """Returns the next page, once Motte responds."""
        while True:
            try:
                async with self._motte.client() as api:
                    if not self._has_begun:
                        await self._begin(api)
                    return await self._page(api)
            except (Unreachable, Refused) as error:
                await self._wait_out(error)

    async def _begin(self, api: Client) -> None:
        """Finds where to begin; checks that the key may see the sessions."""
        for session_id in self._sessions:
            await api.ask("GET", _path(session_id, limit=1, types=DELETED), headers=AS_PAGE)
        if self._cursor is None and self._since is None:
            self._cursor = await api.newest_cursor(_path(self._only, types=DELETED))
        self._has_begun = True

    async def _page(self, api: Client) -> list[Any]:
        """Returns the next events of the sessions; an empty list if none came within the wait."""
        # Without a wait after a break: a response shows at once that Motte is back.
        wait = 0 if self._is_waiting else LONG_POLL_SECONDS
        headers = {**AS_PAGE, "Prefer": f"wait={wait}"}
        try:
            page = await api.ask("GET", _path(self._only, **self._query()), headers=headers)
        except Refused as error:
            if error.code != "session-not-found" or self._only is None:
                raise
            self._only = None  # Deleted: what happened before that is in the log of all sessions.
            return []
        if self._is_waiting:
            self._is_waiting = False
            note("Motte responds again.")
        self._cursor = page["nextCursor"]
        return [
            event for event in page["items"] if not self._sessions or event["sessionId"] in self._sessions
        ]

    def _query(self) -> dict[str, Any]:
        query: dict[str, Any] = {"limit": PAGE_LIMIT}
        if self._cursor is not None:
            query["after"] = self._cursor
        if self._types:
            query["types"] = ",".join([*self._types, *([DELETED] if self._sessions else [])])
        return query

    def _is_wanted(self, event: Any) -> bool:
        if self._types and event["type"] not in self._types:
            return False
        return self._since is None or datetime.fromisoformat(event["timestamp"]) >= self._since

    def _is_last(self, event: Any) -> bool:
        """Whether no session is left of those that count."""
        if event["type"] == DELETED:
            self._left.discard(event["sessionId"])
        return bool(self._sessions) and not self._left

    async def _wait_out(self, error: Unreachable | Refused) -> None:
        """Waits before the next try, and says so once. Raises the error if no try can succeed.

        A Motte that never responded is an error too.
        """
        if isinstance(error, Refused) and error.code == "cursor-expired":
            raise CursorExpired from None
        if isinstance(error, Refused) and error.code == "bad-cursor":
            raise BadCursor from None
        if not self._has_begun or (isinstance(error, Refused) and not error.is_retryable):
            raise error
        if not self._is_waiting:
            self._is_waiting = True
            note(f"Waiting for Motte: {error.message}")
        await asyncio.sleep(RETRY_SECONDS)


def _path(session_id: str | None, **query: Any) -> str:
    """Returns the path of the log of one session; None: of all."""
    folder = "" if session_id is None else f"/sessions/{session_id}"
    return f"{folder}/events?{urlencode(query)}"
