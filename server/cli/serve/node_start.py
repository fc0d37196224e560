"""One start of Node as connectors start it, while `motte serve` loads and checks other things.

It shows whether Node runs on this host, and how much memory it reserves: data_limit.py needs that figure, and
would have to start Node once more.
"""

import os
import re
import select
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from server.cli.serve.launch import NODE
from server.core.settings.model import Settings
from server.isolation.environment import connector_environment

#: Node starts in 50 ms. It hangs if it may have too few threads.
NODE_STARTS_WITHIN_SECONDS = 10.0

#: Options of V8 in supervisord.conf, apart from the limit of the heap. They also decide what V8 compiles: one
#: with others would not read the compile cache.
V8_OPTIONS: Final = ("--max-semi-space-size=1", "--v8-pool-size=1")

#: Says that it runs, and waits for its end.
_SCRIPT: Final = "fs.writeSync(1, '.'); process.stdin.resume()"


class NodeDoesNotRun(click.ClickException):
    """Node cannot be started here, and a person can fix that."""


class NodeStart:
    """Node, which has been started."""

    def __init__(self, node: Path, process: subprocess.Popen[bytes] | OSError) -> None:
        """process: the error, if Node could not be executed."""
        self._node = node
        self._process = process

    @classmethod
    @contextmanager
    def begun(cls, settings: Settings) -> Generator["NodeStart"]:
        """Starts Node, and does not wait for it. It is gone after the block."""
        node = settings.node or NODE
        process = _started(node, settings.connector_memory)
        try:
            yield cls(node, process)
        finally:
            if isinstance(process, subprocess.Popen):
                with process:
                    process.kill()

    def reserved_bytes(self) -> int | None:
        """Waits until Node has run, and returns how many bytes count as its data before it runs a program.

        None if the kernel does not say it. Raises NodeDoesNotRun: if the address space or the number of
        processes is limited, if a filter forbids Node's system calls, or if its folder is mounted without the
        right to execute.
        """
        if isinstance(self._process, OSError):
            raise NodeDoesNotRun(f"Node cannot be started: {self._node}: {self._process.strerror}")
        try:
            reserved = _data_bytes(self._process)
            _, errors = self._process.communicate(timeout=NODE_STARTS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            raise NodeDoesNotRun(
                f"Node does not run here: it did not end within {NODE_STARTS_WITHIN_SECONDS:g} seconds"
            ) from None
        if code := self._process.returncode:
            raise NodeDoesNotRun(
                f"Node does not run here: {_how(code)}{_why(errors)}; see whether memory "
                "(`ulimit -v`) or processes (`ulimit -u`, `pids`) are limited: `motte doctor` checks more"
            )
        return reserved


def _started(node: Path, memory: int) -> subprocess.Popen[bytes] | OSError:
    """memory: MiB of the setting."""
    command = [str(node), *V8_OPTIONS, f"--max-old-space-size={memory}", "--eval", _SCRIPT]
    try:
        return subprocess.Popen(  # noqa: S603  # our own Node
            command,
            env=connector_environment(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        return error


def _data_bytes(node: subprocess.Popen[bytes]) -> int | None:
    """Waits until it runs, or has ended. Raises TimeoutExpired."""
    output = node.stdout
    if output is None or not select.select([output], [], [], NODE_STARTS_WITHIN_SECONDS)[0]:
        raise subprocess.TimeoutExpired(node.args, NODE_STARTS_WITHIN_SECONDS)
    if not os.read(output.fileno(), 1):
        return None
    try:
        status = Path(f"/proc/{node.pid}/status").read_text()
    except OSError:
        return None
    found = re.search(r"^VmData:\s+(\d+) kB$", status, re.MULTILINE)
    return None if found is None else int(found[1]) * 1024


def _how(code: int) -> str:
    """Says how a process ended."""
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"


def _why(output: bytes) -> str:
    """Returns the first line with words in what Node printed: V8 surrounds its errors with `#`."""
    lines = (line.strip("# \t") for line in output.decode(errors="replace").splitlines())
    first = next((line for line in lines if line), "")
    return f" ({first[:200]})" if first else ""
