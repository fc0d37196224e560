"""Removes leftovers, beside a running gateway or in its place."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import click

from server.cli.cleanup.leftovers import GONE, Kind, Leftover, Search, logged
from server.cli.common.client import Client, Refused
from server.connectors.credentials import is_worth_keeping
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import Clock
from server.core.errors import MotteError
from server.core.paths import StateFolder
from server.core.trash import Trash
from store.errors import StoreError
from store.ports import Store

#: Why what was found is left alone.
ANEW = "there is a session of that name again"


class Removed(NamedTuple):
    """What became of a leftover."""

    leftover: Leftover
    #: Why it is still there; None: it is gone.
    error: str | None


class StillNeeded(click.ClickException):
    """It was a leftover when it was found, and is none now."""


class Remover(Protocol):
    """What ends sessions and programs."""

    async def delete(self, session_id: str) -> None:
        """Delete a session with all that it has."""

    async def stop(self, session_id: str) -> None:
        """Stop a connector."""


class ApiRemover:
    """A gateway runs: it does it."""

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
    """Nothing runs, and nothing can start meanwhile."""

    def __init__(self, folder: StateFolder, store: Store) -> None:
        self._folder = folder
        self._sessions = store.sessions

    async def delete(self, session_id: str) -> None:
        """The row first: what is left after a crash is an orphan, which the next search finds.

        Raises OSError if the folder could not be removed.
        """
        await self._sessions.delete(session_id, token=None)
        path = self._folder.session(session_id).path
        if path.exists():
            remove_renamed(path)
        for file in self._folder.logs.glob(f"connector-{session_id}.log*"):
            file.unlink(missing_ok=True)

    async def stop(self, session_id: str) -> None:
        """There is none."""


class Removal:
    """Removes what a search has found."""

    def __init__(
        self, folder: StateFolder, store: Store, clock: Clock, *, search: Search, hand: Remover
    ) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._search = search
        self._hand = hand
        self._trash = Trash(folder, clock)

    async def remove(self, leftover: Leftover) -> Removed:
        """Remove one thing. What changed since the search is left alone."""
        try:
            await self._remove(leftover)
        except (click.ClickException, MotteError, StoreError, OSError) as error:
            message = error.message if isinstance(error, click.ClickException) else str(error)
            return Removed(leftover, message)
        return Removed(leftover, None)

    async def _remove(self, leftover: Leftover) -> None:
        match leftover.kind:
            case Kind.SESSION:
                await self._session(leftover.name)
            case Kind.PROGRAM:
                await self._check_gone(leftover.name)
                await self._hand.stop(leftover.name)
            case Kind.FOLDER:
                await self._orphan(leftover.name)
            case Kind.TRASH:
                shutil.rmtree(self._folder.trash / leftover.name)
            case Kind.LOG:
                await self._check_gone(logged(leftover.name))
                (self._folder.logs / leftover.name).unlink(missing_ok=True)
            case Kind.LEASE:
                await self._store.leases.forget(leftover.name)
            case Kind.ERRAND:
                await self._store.requests.sweep(self._clock.boot())

    async def _session(self, session_id: str) -> None:
        session = await self._store.sessions.get(session_id)
        if session is None:
            return
        if await self._search.why(session) is None:
            raise StillNeeded("somebody uses it again")
        await self._hand.delete(session_id)

    async def _check_gone(self, session_id: str | None) -> None:
        if session_id is not None and await self._store.sessions.get(session_id) is not None:
            raise StillNeeded(ANEW)

    async def _orphan(self, name: str) -> None:
        """Renamed while no session of that name can be made, then removed at leisure.

        One that holds what nobody can make again goes to the trash.
        """
        path = self._folder.sessions / name
        if not name.startswith(GONE) and is_worth_keeping(path):
            await self._unless_recorded(name, lambda: self._trash.keep(name, path))
            return
        doomed = path.with_name(f"{GONE}{secrets.token_hex(8)}")
        await self._unless_recorded(name, lambda: path.rename(doomed))
        shutil.rmtree(doomed)

    async def _unless_recorded(self, name: str, act: Callable[[], object]) -> None:
        """Raises StillNeeded."""

        def do() -> None:
            act()

        if not await self._store.sessions.if_absent(name, do):
            raise StillNeeded(ANEW)


def remove_renamed(path: Path) -> None:
    """Removes a folder. A removal that is cut off is finished by the next cleanup. Raises OSError."""
    doomed = path.with_name(f"{GONE}{secrets.token_hex(8)}")
    path.rename(doomed)
    shutil.rmtree(doomed)
