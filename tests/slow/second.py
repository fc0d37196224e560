"""A front beside the one of `motte serve`, on the same state folder, as in a rolling restart."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp

from server.cli.serve.launch import ROOT
from server.core.parent_death import die_with
from tests.support.eventually import eventually
from tests.support.serve import Serve


class SecondFront:
    """`motte front`, on a port of its own."""

    def __init__(self, serve: Serve, program: str) -> None:
        self.port = a_free_port()
        self.log = serve.place / f"second-{self.port}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", program, "front", "--listen", f"127.0.0.1:{self.port}"],
                cwd=ROOT,
                env=serve.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with, os.getpid()),  # no threads here
            )

    @classmethod
    @asynccontextmanager
    async def beside(cls, serve: Serve, program: str = "server") -> AsyncGenerator["SecondFront"]:
        """One that answers, until the block ends. program: the module that is run."""
        front = cls(serve, program)
        try:
            await eventually(front._answers)
            yield front
        finally:
            front.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def exit_code(self) -> int:
        """How it ended, once it has."""
        return self._process.wait(10)

    def stop(self) -> None:
        """It ends in order and in time."""
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
        sys.stdout.write(self.log.read_text())  # shown where the test has failed
        assert self._process.returncode == 0

    async def says(self, event: str) -> None:
        """Return once its log names this event."""

        async def look() -> bool:
            return f"event={event}" in self.log.read_text()

        await eventually(look)

    async def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        try:
            async with aiohttp.request("GET", f"{self.url}/healthz") as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False


def a_free_port() -> int:
    """One that nobody listens on now. The second front announces itself only once it owns the pipes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
