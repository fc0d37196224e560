"""Starts and stops a `motte serve --sandbox` in a temporary folder, for another command."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import IO, Self

import click

from server.cli.common.client import Client, Refused, Unreachable
from server.cli.serve.endpoints import api_key, control_url, front_url
from server.cli.serve.launch import ROOT
from server.core.parent_death import die_with
from server.core.paths import StateFolder
from server.core.settings.definitions import LOCATIONS, PREFIX

#: Interval at which readiness is checked.
POLL_SECONDS = 0.05

#: `motte serve` stops in less than ten seconds.
STOP_TIMEOUT_SECONDS = 15.0

#: Last lines of each log that are shown after a failure.
LOG_TAIL_LINES = 15


class Failed(click.ClickException):
    """The gateway failed."""


class Gateway:
    """A running `motte serve --sandbox` on free ports."""

    def __init__(self, process: asyncio.subprocess.Process, folder: StateFolder) -> None:
        self._process = process
        self.folder = folder

    @classmethod
    async def start(cls, place: Path) -> Self:
        """Starts a gateway. Its state folder and output are in `place`."""
        folder = StateFolder(place / "state")
        with (place / "serve.log").open("wb") as log:
            process = await _spawn(folder, log)
        return cls(process, folder)

    async def ready(self, *, within: float) -> None:
        """Returns once its API and its sandbox are ready. within: seconds. Raises Failed."""
        try:
            async with asyncio.timeout(within):
                while not await self._is_ready():
                    if self._process.returncode is not None:
                        raise Failed(f"motte serve ended with exit code {self._process.returncode}")
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise Failed(f"motte serve was not ready within {within:g} seconds") from None

    def api(self) -> Client:
        """Returns a client of its REST API, with its first key."""
        return Client(front_url(self.folder), key=api_key(self.folder))

    def phones(self) -> Client:
        """Returns a client of its sandbox's control port."""
        return Client(control_url(self.folder))

    async def stop(self) -> None:
        """Stops it with its child processes. Raises Failed if it had to be killed, or a process is left."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise Failed(
                f"motte serve did not stop within {STOP_TIMEOUT_SECONDS:g} seconds and was killed"
            ) from None
        left = processes_of(self.folder)
        if left:
            raise Failed(f"motte serve left processes behind: {', '.join(map(str, left))}")

    def logs(self) -> str:
        """Returns the last lines of every log."""
        files = [self.folder.path.parent / "serve.log", *sorted(self.folder.logs.glob("*.log"))]
        return "\n".join(_tail(file) for file in files)

    async def _is_ready(self) -> bool:
        try:
            control_url(self.folder)
            async with self.api() as api:
                await api.ask("GET", "/readyz")
        except (Unreachable, Refused, click.ClickException):
            return False
        return True


def processes_of(folder: StateFolder) -> list[int]:
    """Returns every process that was started on this state folder, which is in its environment."""
    mark = b"MOTTE_STATE=" + os.fsencode(folder.path)
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if mark in _environment(process)]


async def _spawn(folder: StateFolder, log: IO[bytes]) -> asyncio.subprocess.Process:
    options = ["--state", str(folder.path), "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "serve", "--sandbox", *options),
        cwd=ROOT,
        env={
            name: value
            for name, value in os.environ.items()
            if not name.startswith(PREFIX) or name in (*LOCATIONS, "MOTTE_NODE")
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for this process, which then stops the gateway
        preexec_fn=partial(die_with, os.getpid()),  # the kernel does if this process cannot
    )


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or belongs to another user
        return []


def _tail(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
    except OSError:
        lines = []
    return "\n".join([f"--- {file.name}", *lines])
