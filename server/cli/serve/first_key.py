"""The first API key, without which nobody could ask for anything."""

import os
from pathlib import Path

from server.auth.api_keys import Scope, digest, new_key
from server.cli.serve.preflight import CannotServe
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.ports import KeyStore
from store.sqlite.store import open_store

#: Names of keys in the record.
FROM_ENVIRONMENT = "environment"
FIRST = "admin"


async def prepare_record(folder: StateFolder, *, given: str | None) -> str | None:
    """Make or migrate the record, and see that it holds a key: `given`, or one made now, which is returned.

    Raises StoreError, CannotServe.
    """
    clock = SystemClock()
    async with open_store(folder.database, boot_id=clock.boot_id) as store:
        keys = store.keys
        if given is not None:
            await _take(keys, digest(given), clock.wall())
        if await keys.any():
            return None
        made = new_key()
        # The file first: a row whose key nobody has would lock everybody out.
        _write_private(folder.admin_key, made + "\n")
        await keys.add(FIRST, digest(made), [Scope.ADMIN], clock.wall())
        return made


async def _take(keys: KeyStore, sha256: str, now: int) -> None:
    """Let the key of the environment in. One that is known stays as it is, and makes nobody an admin."""
    known = await keys.find(sha256)
    if known is None:
        await keys.add(FROM_ENVIRONMENT, sha256, [Scope.ADMIN], now)
    elif Scope.ADMIN not in known.scopes:
        raise CannotServe(f"MOTTE_API_KEY is the key {known.name}, which is no admin's: choose another one")


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # one that is there already may be open to others
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # the name as well, before the row that makes it the only key
    os.close(folder)
