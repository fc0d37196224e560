"""Opens the state folder's database, for commands that read or write it themselves."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import click

from server.cli.backup.restore_stages import check_restored
from server.cli.serve.run_state import check_free_of_commands, leader_lock
from server.cli.serve.server_identity import sandbox_hint
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.errors import SchemaTooOld, StoreError
from store.ports.store import Store
from store.sqlite.store import open_store


class NoDatabase(click.ClickException):
    """There is no database, or it cannot be read."""


def check_database_exists(folder: StateFolder) -> None:
    """Raises NoDatabase, CutOff."""
    if not folder.database.is_file():
        check_restored(folder)
        hint = sandbox_hint(folder) or ": the first `motte serve` makes it"
        raise NoDatabase(f"there is no Motte in {folder.path} yet{hint}")


@asynccontextmanager
async def opened(folder: StateFolder, *, is_kept_stopped: bool = False) -> AsyncGenerator[Store]:
    """Opens an existing store, and migrates it unless a front of an older version may use it.

    is_kept_stopped: whether the caller keeps every front from leading. Raises NoDatabase, CutOff,
    FolderInUse, NotAccessible.
    """
    check_database_exists(folder)
    try:
        async with AsyncExitStack() as stack:
            try:
                store = await stack.enter_async_context(_open(folder, migrates=is_kept_stopped))
            except SchemaTooOld:
                await _migrate(folder)
                store = await stack.enter_async_context(_open(folder, migrates=False))
            yield store
    except SchemaTooOld as error:
        raise NoDatabase(
            f"{folder.database}: {error}: restart Motte, or read its log if it was restarted"
        ) from None
    except StoreError as error:
        raise NoDatabase(f"{folder.database}: {error}") from None


async def _migrate(folder: StateFolder) -> None:
    """Raises SchemaTooOld if a front runs, FolderInUse, StoreError, NotAccessible."""
    with leader_lock(folder) as lock:
        is_taken = await lock.take_soon()
        if not is_taken:
            check_free_of_commands(folder)
        async with _open(folder, migrates=is_taken):
            pass


def _open(folder: StateFolder, *, migrates: bool) -> AbstractAsyncContextManager[Store]:
    return open_store(folder.database, boot_id=SystemClock().boot_id, migrates=migrates)
