"""A real `motte serve` on a state folder of its own: started, asked, killed, stopped."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.launch import ROOT
from server.core.parent_death import die_with
from server.core.paths import StateFolder
from server.core.settings.definitions import PREFIX

API_KEY = "motte_of-the-end-to-end-tests-only"

#: Seconds that everything gets to stop.
STOP_WITHIN = 10.0


class Ctl(NamedTuple):
    """What `motte ctl` printed, and how it ended."""

    output: str
    exit: int


class Serve:
    """It can be started again on the same folder. Its settings are what the environment says."""

    def __init__(self, settings: Mapping[str, str], *options: str) -> None:
        """The folder is a short one: a socket lies in it, whose path may have 107 bytes."""
        self.place = Path(tempfile.mkdtemp(prefix="motte-"))
        self.folder = StateFolder(self.place / "state")
        own = {"MOTTE_LISTEN": "127.0.0.1:0", "MOTTE_API_KEY": API_KEY, "MOTTE_WHATSAPP_VERSION": "builtin"}
        self.settings = {**own, **settings}
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """supervisord's: `motte serve` becomes it."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "server", "serve", *self._options]

    def start(self) -> None:
        """Returns at once. What an earlier run announced is gone then."""
        self.folder.front.unlink(missing_ok=True)
        with (self.place / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),
            )

    def stop(self) -> None:
        """End it as a host's init would; it ends in time, and nothing of it is left."""
        if self._process is None:
            return
        if self.is_running:
            os.kill(self.pid, signal.SIGTERM)
        try:
            self._process.wait(STOP_WITHIN)
        finally:
            self._process.kill()
            self._process.wait()
        assert processes_of(self.folder) == []

    def exit_code(self) -> int:
        """How it ended by itself, once it has."""
        assert self._process is not None
        return self._process.wait(STOP_WITHIN)

    def kill(self) -> None:
        """End supervisord as the kernel would, short of memory."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def remove(self) -> None:
        shutil.rmtree(self.place)

    def url(self) -> str | None:
        """Where the front listens, once it does."""
        try:
            return str(json.loads(self.folder.front.read_text())["url"])
        except FileNotFoundError:
            return None

    async def ctl(self, *arguments: str) -> Ctl:
        """Run `motte ctl`."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "ctl", *arguments),
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode is not None
        return Ctl(output.decode(), process.returncode)

    def environment(self) -> dict[str, str]:
        """The environment of the test run, with our settings only."""
        foreign = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {**foreign, **self.settings, "MOTTE_STATE": str(self.folder.path)}

    def logs(self) -> str:
        """What was logged, in every file."""
        files = [self.place / "serve.log", *sorted(self.folder.logs.glob("*"))]
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')}" for file in files)
