"""The first API key, without which the API could not be used."""

import os
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing
from pathlib import Path

from server.auth.key_texts import digest, new_key
from server.auth.scopes import Scope
from server.cli.serve.preflight import CannotServe
from server.cluster.leader_lock import LeaderLock
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.errors import SchemaTooOld
from store.ports.keys import KeyStore
from store.ports.store import Store
from store.sqlite.store import open_store

#: Names of keys in the database.
FROM_ENVIRONMENT = "environment"
FIRST = "admin"


async def prepare_database(folder: StateFolder, *, given: str | None) -> str | None:
    """Creates or migrates the database, and adds a key if it has none.

    A front may run on the folder, started by hand. If it is of an older version, SchemaTooOld is raised.

    given: the key of MOTTE_API_KEY, which is added. Returns a key that was made. Raises StoreError,
    CannotServe, OSError.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        lock = stack.enter_context(closing(LeaderLock(folder, is_command=True)))
        keys = (await _open(folder, lock, stack)).keys
        if given is not None:
            await _take(keys, digest(given), clock.wall())
        if await keys.any():
            return None
        made = new_key()
        # The file first: with a row whose key is in no file, nobody could use the API.
        _write_private(folder.admin_key, made + "\n")
        await keys.add(FIRST, digest(made), [Scope.ADMIN], clock.wall())
        return made


async def _open(folder: StateFolder, lock: LeaderLock, stack: AsyncExitStack) -> Store:
    """Opens the database until the stack ends. Raises SchemaTooOld if a front leads, StoreError."""

    def opened(*, migrates: bool) -> AbstractAsyncContextManager[Store]:
        return open_store(folder.database, boot_id=SystemClock().boot_id, migrates=migrates)

    try:
        return await stack.enter_async_context(opened(migrates=lock.take()))
    except SchemaTooOld:  # another command may have the lock for a moment
        return await stack.enter_async_context(opened(migrates=await lock.take_soon()))


async def _take(keys: KeyStore, sha256: str, now: int) -> None:
    """Adds the key of the environment. A known key is not changed; it must have the scope admin."""
    known = await keys.find(sha256)
    if known is None:
        await keys.add(FROM_ENVIRONMENT, sha256, [Scope.ADMIN], now)
    elif Scope.ADMIN not in known.scopes:
        raise CannotServe(f"MOTTE_API_KEY is the key {known.name}, which is not an admin key: choose another")


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # an existing file may be readable by others
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # the name too, before the row makes it the only key
    os.close(folder)
