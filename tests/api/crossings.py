"""How often requests and events cross to the threads of the database."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from store.sqlite.database import Database

#: Tasks that no request waits for, and that look into the database from time to time, or for each code.
BACKGROUND = {"webhooks", "webhook sweep", "codes"}


def count_crossings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return a counter of reads, writes and looks of the background into the database from now on."""
    counted: Counter[str] = Counter()

    def counting(name: str) -> Callable[..., Any]:
        method = getattr(Database, name)

        async def call(self: Database, fn: Any) -> Any:
            task = asyncio.current_task()
            counted["look" if task and task.get_name() in BACKGROUND else name] += 1
            return await method(self, fn)

        return call

    for name in ("read", "write"):
        monkeypatch.setattr(Database, name, counting(name))
    return counted


def without_looks(crossings: Counter[str]) -> dict[str, int]:
    return {name: number for name, number in crossings.items() if name != "look"}
