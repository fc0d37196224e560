"""The record in the state folder, for commands that read or write it themselves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from server.cli.backup.restore_stages import check_restored
from server.cli.serve.server_identity import sandbox_hint
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.errors import StoreError
from store.ports import Store
from store.sqlite.store import open_store


class NoRecord(click.ClickException):
    """There is nothing to read, or it cannot be read."""


def check_recorded(folder: StateFolder) -> None:
    """Raises NoRecord, CutOff."""
    if not folder.database.is_file():
        check_restored(folder)
        hint = sandbox_hint(folder) or ": the first `motte serve` makes it"
        raise NoRecord(f"there is no Motte in {folder.path} yet{hint}")


@asynccontextmanager
async def opened(folder: StateFolder) -> AsyncGenerator[Store]:
    """The store, which is not made where there is none. Raises NoRecord, CutOff."""
    check_recorded(folder)
    try:
        async with open_store(folder.database, boot_id=SystemClock().boot_id) as store:
            yield store
    except StoreError as error:
        raise NoRecord(f"the record in {folder.path} cannot be used: {error}") from None
