"""The gateway with all sessions in one process, killed and started again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from os import kill
from pathlib import Path
from signal import SIGKILL
from time import perf_counter

from bench.in_process import InProcess
from bench.stage import Stage

#: Seconds after which a session that is open has written its files: a kill before that loses it.
WRITTEN = 2.0


class MortalInProcess:
    """A running gateway whose sessions are open."""

    def __init__(self, stage: Stage, folder: Path, names: tuple[str, ...], stack: AsyncExitStack) -> None:
        self._stage = stage
        self._folder = folder
        self._names = names
        self._stack = stack

    @classmethod
    @asynccontextmanager
    async def paired(
        cls, stage: Stage, folder: Path, phones: Mapping[str, str]
    ) -> AsyncGenerator["MortalInProcess"]:
        """Runs it on a folder until the block ends. phones: by session, which phone scans its code."""
        async with AsyncExitStack() as stack:
            mortal = cls(stage, folder, tuple(phones), stack)
            gateway = await mortal._start()
            for name, phone in phones.items():
                await stage.phones.scan((await gateway.create(name))["qrCode"], phone)
            await gateway.connected(*phones)
            yield mortal

    async def kill(self) -> float:
        """Kills it, and starts it again at once. Returns the milliseconds until all its sessions are open."""
        await asyncio.sleep(WRITTEN)
        begun = perf_counter()
        kill(self._gateway.pid, SIGKILL)
        gateway = await self._start()
        await gateway.connected(*self._names)
        return (perf_counter() - begun) * 1000

    async def _start(self) -> InProcess:
        self._gateway = await self._stack.enter_async_context(InProcess.started(self._stage, self._folder))
        return self._gateway
