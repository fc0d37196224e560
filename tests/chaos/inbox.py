"""A program that reads the messages of one session as they come, page by page."""

import asyncio
from random import Random
from typing import Any

from tests.chaos.scene import Scene

#: Seconds between two pages, and messages of a page.
RESTS = (0.0, 1.0)
PAGE = (1, 100)


class Inbox:
    """What it was given, in the order in which it came."""

    def __init__(self, scene: Scene, session_id: str, *, random: Random) -> None:
        self.items: list[dict[str, Any]] = []
        self._scene = scene
        self._session_id = session_id
        self._random = random
        self._cursor: str | None = None

    async def follow(self, over: asyncio.Event) -> None:
        """Read until it is over."""
        while not over.is_set():
            await self.turn()
            await asyncio.sleep(self._random.uniform(*RESTS))

    async def turn(self) -> int:
        """Read the next page; returns how many messages are on it."""
        params = {"limit": str(self._random.randint(*PAGE))}
        if self._cursor is not None:
            params["after"] = self._cursor
        answer = await self._scene.asker.ask("messages", self._session_id, params=params)
        if answer is None or answer.status != 200:
            return 0
        self._cursor = answer.body["nextCursor"]
        self.items += answer.body["items"]
        return len(answer.body["items"])
