"""Many readers of one session, in a light process: a client in Python would need a core for itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bench.baseline import LOAD, Baseline
from tests.support.serve import API_KEY


class Readers:
    """Clients of one front, each with a connection of its own."""

    def __init__(self, process: Baseline) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls, number: int, port: str) -> AsyncGenerator["Readers"]:
        """Yields so many readers."""
        async with Baseline.started("readers.mjs", port, API_KEY, str(number), folder=LOAD) as process:
            yield cls(process)

    async def read(self, session_id: str) -> tuple[float, float]:
        """All read a session at once. Returns the milliseconds until the first and the last response.

        Their connections are open before. All must get the same code.
        """
        await self._process.ask(path="/healthz")
        await self._process.read()
        await self._process.ask(path=f"/sessions/{session_id}")
        answer = await self._process.read()
        assert (answer["statuses"], answer["codes"]) == (["200"], 1), answer
        return answer["first"], answer["last"]
