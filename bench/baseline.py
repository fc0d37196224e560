"""Baselines: plain scripts that do without Motte what Motte does, as processes of their own."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from server.cli.serve.launch import NODE
from server.core.parent_death import die_with

FOLDER = Path(__file__).with_name("baselines")

#: Puts load on what is measured.
LOAD = Path(__file__).with_name("load")

#: Seconds for one answer.
PATIENCE = 120.0


class Baseline:
    """A script that prints objects of JSON, one a line, and reads requests in the same form."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    @asynccontextmanager
    async def started(cls, script: str, *arguments: str, folder: Path = FOLDER) -> AsyncGenerator[Self]:
        """Runs a script of bench/baselines with Node or Python until the block ends."""
        async with _process(folder / script, *arguments) as process:
            yield cls(process)

    async def read(self) -> dict[str, Any]:
        """Returns the next answer. Raises EOFError if the script has ended."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self._process.stdout.readline()
        if not line:
            raise EOFError("the baseline has ended")
        return dict(json.loads(line))

    async def until(self, name: str) -> Any:
        """Returns the value of that name, in the next answer that has it."""
        while name not in (answer := await self.read()):
            pass
        return answer[name]

    async def ask(self, **request: Any) -> None:
        """Sends a request. `until` returns what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        await self._process.stdin.drain()


async def load(script: str, *arguments: str) -> dict[str, Any]:
    """Runs a script of bench/load with Node. Returns what it prints."""
    async with _process(LOAD / script, *arguments) as process:
        output, _ = await process.communicate()
        assert process.returncode == 0, f"{script} failed"
        return dict(json.loads(output))


@asynccontextmanager
async def _process(script: Path, *arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Runs a script until the block ends."""
    interpreter = sys.executable if script.suffix == ".py" else str(NODE)
    process = await asyncio.create_subprocess_exec(
        interpreter,
        str(script),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
        start_new_session=True,  # Ctrl-C is for the bench, which then ends it
        preexec_fn=partial(die_with, os.getpid()),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
