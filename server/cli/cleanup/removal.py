"""Removes leftovers, through a running gateway or without one."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import click

from server.cli.cleanup.leftovers import REMOVING_PREFIX, Kind, Leftover, Search, logged
from server.cli.common.client import Client, Refused
from server.connectors.credentials import is_worth_keeping
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import Clock, SystemClock
from server.core.errors import MotteError
from server.core.paths import StateFolder
from server.core.trash import Trash
from server.events.types import session_deleted
from store.errors import StoreError
from store.ports.store import Store

#: Why a leftover is kept.
ID_REUSED = "there is a session of that name again"


class RemovalResult(NamedTuple):
    """Result of removing a leftover."""

    leftover: Leftover
    #: Why it was not removed; None if it was.
    error: str | None


class StillNeeded(click.ClickException):
    """It was a leftover when it was found, and is needed again."""


class Remover(Protocol):
    """Deletes sessions and stops connectors."""

    async def delete(self, session_id: str) -> None:
        """Deletes a session with its data."""

    async def stop(self, session_id: str) -> None:
        """Stops a connector."""


class ApiRemover:
    """Remover that uses a running gateway."""

    def __init__(self, api: Client, supervisor: SupervisorClient) -> None:
        self._api = api
        self._supervisor = supervisor

    async def delete(self, session_id: str) -> None:
        """Raises Refused, Unreachable."""
        try:
            await self._api.ask("DELETE", f"/sessions/{session_id}")
        except Refused as refusal:
            if refusal.code != "session-not-found":
                raise

    async def stop(self, session_id: str) -> None:
        """Raises SupervisorUnavailable."""
        await self._supervisor.stop(session_id)


class OfflineRemover:
    """Remover for a stopped gateway, which cannot start meanwhile."""

    def __init__(self, folder: StateFolder, store: Store) -> None:
        self._folder = folder
        self._sessions = store.sessions

    async def delete(self, session_id: str) -> None:
        """Deletes the row first. After a crash the rest is an orphan, which the next search finds.

        Raises OSError if the folder could not be removed.
        """
        event = session_deleted(session_id, SystemClock().wall())
        await self._sessions.delete(session_id, token=None, event=event)
        path = self._folder.session(session_id).path
        if path.exists():
            remove_renamed(path)
        for file in self._folder.logs.glob(f"connector-{session_id}.log*"):
            file.unlink(missing_ok=True)

    async def stop(self, session_id: str) -> None:
        """Does nothing: no connector runs."""


class Removal:
    """Removes what a search found."""

    def __init__(
        self, folder: StateFolder, store: Store, clock: Clock, *, search: Search, remover: Remover
    ) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._search = search
        self._remover = remover
        self._trash = Trash(folder, clock)

    async def remove(self, leftover: Leftover) -> RemovalResult:
        """Removes one leftover, unless it changed since the search."""
        try:
            await self._remove(leftover)
        except (click.ClickException, MotteError, StoreError, OSError) as error:
            message = error.message if isinstance(error, click.ClickException) else str(error)
            return RemovalResult(leftover, message)
        return RemovalResult(leftover, None)

    async def _remove(self, leftover: Leftover) -> None:
        match leftover.kind:
            case Kind.SESSION:
                await self._session(leftover.name)
            case Kind.PROGRAM:
                await self._check_gone(leftover.name)
                await self._remover.stop(leftover.name)
            case Kind.FOLDER:
                await self._orphan(leftover.name)
            case Kind.TRASH:
                shutil.rmtree(self._folder.trash / leftover.name)
            case Kind.LOG:
                await self._check_gone(logged(leftover.name))
                (self._folder.logs / leftover.name).unlink(missing_ok=True)
            case Kind.LEASE:
                await self._store.leases.forget(leftover.name)
            case Kind.REQUEST:
                await self._store.requests.sweep(self._clock.boot())

    async def _session(self, session_id: str) -> None:
        session = await self._store.sessions.get(session_id)
        if session is None:
            return
        if await self._search.why(session) is None:
            raise StillNeeded("it is used again")
        await self._remover.delete(session_id)

    async def _check_gone(self, session_id: str | None) -> None:
        if session_id is not None and await self._store.sessions.get(session_id) is not None:
            raise StillNeeded(ID_REUSED)

    async def _orphan(self, name: str) -> None:
        """Renames the folder while no session of that name can be created, then removes it.

        A folder with data that cannot be recovered goes to the trash.
        """
        path = self._folder.sessions / name
        if not name.startswith(REMOVING_PREFIX) and is_worth_keeping(path):
            await self._unless_recorded(name, lambda: self._trash.keep(name, path))
            return
        doomed = path.with_name(f"{REMOVING_PREFIX}{secrets.token_hex(8)}")
        await self._unless_recorded(name, lambda: path.rename(doomed))
        shutil.rmtree(doomed)

    async def _unless_recorded(self, name: str, act: Callable[[], object]) -> None:
        """Raises StillNeeded."""

        def do() -> None:
            act()

        if not await self._store.sessions.if_absent(name, do):
            raise StillNeeded(ID_REUSED)


def remove_renamed(path: Path) -> None:
    """Renames a folder, then removes it. The next cleanup completes a removal that was interrupted.

    Raises OSError.
    """
    doomed = path.with_name(f"{REMOVING_PREFIX}{secrets.token_hex(8)}")
    path.rename(doomed)
    shutil.rmtree(doomed)
