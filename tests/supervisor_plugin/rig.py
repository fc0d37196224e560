"""A real supervisord on a folder of its own, with stand-ins for the front, the sandbox and the connectors."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any, Self

from server.connectors.supervisor_client import SupervisorClient
from server.core.paths import StateFolder
from tests.supervisor_plugin.log import Log
from tests.supervisor_plugin.sessions import TEST_TIMEOUT_SECONDS, Session

PROJECT = Path(__file__).parents[2]

STAND_INS = Path(__file__).with_name("children")

#: Every path of these tests holds a space and a percent sign.
AWKWARD = "100% mine"

#: Bytes that a stand-in has before it does anything.
RESERVED = 64 << 20

#: Starts a command in the shell, and becomes supervisord as `motte serve` does.
EARLY = """
import os, sys
from subprocess import PIPE, STDOUT, Popen
from server.supervisor_plugin.early_front import EarlyFront
front = Popen(["/bin/sh", "-c", sys.argv[1]], stdin=PIPE, stdout=PIPE, stderr=STDOUT, process_group=0)
early = EarlyFront(front.pid, front.stdin.fileno(), front.stdout.fileno())
os.execve(sys.executable, [sys.executable, *sys.argv[2:]], {**os.environ, **early.handed_on()})
"""


class Rig:
    """supervisord, and the two ends of its pipes."""

    def __init__(self, folder: Path, **options: str) -> None:
        """options: replace those of `[rpcinterface:motte]`."""
        self.folder = StateFolder(folder / AWKWARD)
        self.folder.logs.mkdir(parents=True, mode=0o700)
        self.folder.sessions.mkdir(mode=0o700)
        self.root = _install(folder / "a root")
        self.config = folder / "supervisord.conf"
        self.configure("rpcinterface:motte", **options)
        self.environment = self._environment()
        self.supervisor = SupervisorClient(self.folder.supervisor_socket)
        self._launched = False
        self.process: Process
        self.notices = Log(self.folder.logs / "supervisord.log")
        self._sessions: list[Session] = []

    def configure(self, section: str, **options: str) -> None:
        """Replace options of the packaged file."""
        config = RawConfigParser()
        config.read(self.config if self.config.exists() else PROJECT / "supervisord.conf")
        config[section].update(options)
        with self.config.open("w") as file:
            config.write(file)

    async def start(self) -> Self:
        """Starts supervisord; returns when the front is up."""
        await self.launch(stdout=PIPE)
        await self.shown("front is up")
        return self

    async def launch(
        self,
        *,
        stdout: int,
        stderr: int | None = None,
        prepare: Callable[[], None] | None = None,
        early: str | None = None,
    ) -> None:
        """Starts supervisord. stdout: its terminal. prepare: called in the child before supervisord loads.

        early: a command for the shell, which was started as the front before supervisord.
        """
        self._launched = True
        before = () if early is None else ("-c", EARLY, early)
        supervisord = ("-m", "supervisor.supervisord", "--nodaemon", "-c", str(self.config))
        command = (sys.executable, *before, *supervisord)
        leak = os.open(os.devnull, os.O_RDONLY)  # no child of supervisord may inherit it
        self.process = await asyncio.create_subprocess_exec(
            *command,
            stdout=stdout,
            stderr=stderr,
            env=self.environment,
            cwd="/",
            pass_fds=[leak],
            preexec_fn=prepare,
        )
        os.close(leak)

    async def stop(self) -> None:
        """Stops supervisord and its children if it runs. Asserts that no process is left."""
        if not self._launched:
            return
        self._launched = False
        await self.supervisor.close()
        await self._end()
        for session in self._sessions:
            session.close()
        assert list(self.running()) == []

    async def _end(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.communicate(), TEST_TIMEOUT_SECONDS)
        except TimeoutError:
            self.process.kill()
            raise

    def session(self, session_id: str) -> Session:
        """A new session, not started."""
        session = Session(self.folder, session_id)
        self._sessions.append(session)
        return session

    async def started(self, session_id: str) -> Session:
        """A new session whose connector is up."""
        session = self.session(session_id)
        await self.supervisor.start(session_id)
        await session.events.next(event="up")
        return session

    async def shown(self, text: str) -> str:
        """The next line on supervisord's terminal that contains a text."""
        assert self.process.stdout
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
            async for line in self.process.stdout:
                if text in line.decode():
                    return line.decode()
        raise AssertionError(f"supervisord ended and did not show {text!r}")

    async def logged(self, file: str, text: str) -> str:
        """Waits until a log contains a text; returns the log."""
        log = self.folder.logs / file
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
            while text not in log.read_text():  # noqa: ASYNC110 - a file sends no event when it grows
                await asyncio.sleep(0.01)
        return log.read_text()

    async def call(self, method: str, *arguments: Any) -> Any:
        """supervisord's answer to any XML-RPC."""
        return await self.supervisor._call(method, *arguments)

    async def ctl(self, *arguments: str) -> str:
        """What supervisorctl prints."""
        ctl = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "supervisor.supervisorctl", "-c", str(self.config), *arguments),
            stdout=PIPE,
            env=self.environment,
            cwd="/",
        )
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
            out, _ = await ctl.communicate()
        return out.decode()

    def running(self) -> Iterator[int]:
        """Every process that belongs to this folder."""
        mark = f"MOTTE_STATE={self.folder.path}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    yield int(process.name)
            except OSError:
                continue  # it has ended, or belongs to another user

    def environment_of(self, pid: int) -> dict[str, str]:
        """What a process was started with."""
        pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}

    def _environment(self) -> dict[str, str]:
        # By these `make coverage` measures supervisord too.
        of_coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        return {
            **of_coverage,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "MOTTE_STATE": str(self.folder.path),
            "MOTTE_ROOT": str(self.root),
            "MOTTE_CONNECTOR_PROGRAM": "main.js",
            "MOTTE_PYTHON": sys.executable,
            "MOTTE_NODE": str(_node(self.root)),
            "MOTTE_CONNECTOR_MEMORY": "256",
            "MOTTE_NODE_RESERVED": str(RESERVED),
            "MOTTE_CONNECTOR_ISOLATION": "off",  # the stand-ins are no Node
            "MOTTE_WARM_SPARES": "0",
            "MOTTE_MIN_FREE_MEMORY": "0",
            "MOTTE_SANDBOX": "1",
            "MOTTE_SANDBOX_LISTEN": "127.0.0.1:0",
            "MOTTE_API_KEY": "secret",
        }


def _node(root: Path) -> Path:
    """Runs Python instead of Node, without the options for V8."""
    node = root / "node"
    skip = 'while case "$1" in --*) true ;; *) false ;; esac; do shift; done'
    run = f'unset COVERAGE_PROCESS_CONFIG; exec "{sys.executable}" "$@"'
    node.write_text(f"#!/bin/sh\n{skip}\n{run}\n")
    node.chmod(0o700)
    return node


def _install(root: Path) -> Path:
    """Makes a project folder whose programs are the stand-ins, run by Python instead of Node."""
    for child, path in (
        ("connector.py", "connector/main.js"),
        ("sandbox.py", "connector/sandbox/main.js"),
        ("__init__.py", "server/__init__.py"),
        ("front.py", "server/__main__.py"),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(STAND_INS / child, root / path)
    return root


async def gone(pid: int) -> None:
    """Waits for the end of a process that need not be a child of ours."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(watch, ended.set)
    try:
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
            await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watch)
        os.close(watch)
