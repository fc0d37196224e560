"""Opens the state folder's database, for commands that read or write it themselves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from server.cli.backup.restore_stages import check_restored
from server.cli.serve.server_identity import sandbox_hint
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.errors import StoreError
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
async def opened(folder: StateFolder) -> AsyncGenerator[Store]:
    """Opens an existing store. Raises NoDatabase, CutOff."""
    check_database_exists(folder)
    try:
        async with open_store(folder.database, boot_id=SystemClock().boot_id) as store:
            yield store
    except StoreError as error:
        raise NoDatabase(f"{folder.database}: {error}") from None
