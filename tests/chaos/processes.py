"""The processes of one state folder, and what each of them is."""

from pathlib import Path
from typing import NamedTuple

from server.cli.sandbox.gateway import processes_of
from server.core.paths import StateFolder

#: What command lines end with, or begin to end with.
FRONT = ["server", "front"]
DELIVERER = ["-m", "server.deliverer"]
CONNECTORS = {"connector/bundle/main.cjs", "connector/main.js"}


class Running(NamedTuple):
    """One that runs now."""

    pid: int
    #: What follows the name of its program.
    arguments: list[str]

    @property
    def is_front(self) -> bool:
        return self.arguments[-2:] == FRONT

    @property
    def is_deliverer(self) -> bool:
        return self.arguments[-2:] == DELIVERER

    @property
    def session_id(self) -> str | None:
        """The session whose connector it is. None if it is no connector."""
        return self.arguments[-1] if CONNECTORS & set(self.arguments[:-1]) else None


def running(folder: StateFolder) -> list[Running]:
    """All of them, however young: the kernel knows one before it has announced itself."""
    found = ((pid, _arguments(pid)) for pid in processes_of(folder))
    return [Running(pid, arguments) for pid, arguments in found if arguments]


def front(folder: StateFolder) -> int | None:
    """The process of the front."""
    return next((process.pid for process in running(folder) if process.is_front), None)


def deliverers(folder: StateFolder) -> list[int]:
    """The processes that deliver to webhooks. There is a second one only until it has the lock."""
    return [process.pid for process in running(folder) if process.is_deliverer]


def connectors(folder: StateFolder) -> dict[str, int]:
    """The processes of connectors, by session id."""
    return {process.session_id: process.pid for process in running(folder) if process.session_id}


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")[1:-1]
    except OSError:  # it has ended
        return []
