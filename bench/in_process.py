"""The baseline in_process.mjs: a gateway of sixty lines with all sessions in one process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bench.baseline import Baseline
from bench.stage import Stage
from tests.support.eventually import eventually

IN_PROCESS = "in_process.mjs, all sessions in one process"


class InProcess:
    """A running gateway."""

    def __init__(self, baseline: Baseline, http: aiohttp.ClientSession, url: str) -> None:
        self.pid = baseline.pid
        self._http = http
        self._url = url

    @classmethod
    @asynccontextmanager
    async def started(cls, stage: Stage, folder: Path) -> AsyncGenerator["InProcess"]:
        """Runs the gateway on a folder, whose sessions it opens, until the block ends."""
        async with (
            Baseline.started("in_process.mjs", *stage.whatsapp, str(folder)) as baseline,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            yield cls(baseline, http, f"http://127.0.0.1:{await baseline.until('port')}")

    async def create(self, session_id: str) -> dict[str, Any]:
        """Returns a new session with its code."""
        return await self._ask("POST", session_id)

    async def get(self, session_id: str) -> dict[str, Any]:
        """Returns a session."""
        return await self._ask("GET", session_id)

    async def delete(self, session_id: str) -> None:
        """Deletes a session."""
        await self._ask("DELETE", session_id)

    async def connected(self, *session_ids: str) -> None:
        """Returns once all of these are open."""
        for session_id in session_ids:
            await eventually(partial(self._is_open, session_id), within=60, every=0.005)

    async def _is_open(self, session_id: str) -> bool:
        return bool((await self.get(session_id)).get("status") == "connected")

    async def _ask(self, method: str, session_id: str) -> dict[str, Any]:
        async with self._http.request(method, f"{self._url}/sessions/{session_id}") as answer:
            return dict(await answer.json())
