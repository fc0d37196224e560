"""A process that takes the lease of each session named on its stdin, with many tasks at once.

Arguments: the database, the name of this process. A line down, a session; a line up, its winners as JSON.
"""

import asyncio
import json
import sys
from pathlib import Path

from store.ports.leases import LeaseStore
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore

TASKS = 20


async def main(path: Path, name: str) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        leases = SqliteStore(database).leases
        print(json.dumps([]), flush=True)  # noqa: T201  # says that it is ready
        while session_id := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(json.dumps(await winners(leases, session_id, name)), flush=True)  # noqa: T201


async def winners(leases: LeaseStore, session_id: str, name: str) -> list[list[str | int]]:
    owners = [f"{name}-{task}" for task in range(TASKS)]
    tokens = await asyncio.gather(
        *(leases.take(session_id, owner=owner, now=100.0, ttl=15.0) for owner in owners)
    )
    return [[owner, token] for owner, token in zip(owners, tokens, strict=True) if token is not None]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
