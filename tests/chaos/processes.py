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
    #: Its working directory; that of a connector which was a warm spare is its session's folder.
    place: Path

    @property
    def is_front(self) -> bool:
        return self.arguments[-2:] == FRONT

    @property
    def is_deliverer(self) -> bool:
        return self.arguments[-2:] == DELIVERER

    @property
    def is_spare(self) -> bool:
        """Whether it is a connector that waits for a session."""
        return self.place.parent.name == "spares"

    @property
    def session_id(self) -> str | None:
        """The session whose connector it is. None if it is no connector, or a warm spare."""
        if self.is_spare:
            return None
        if self.place.parent.name == "sessions":
            return self.place.name
        return self.arguments[-1] if CONNECTORS & set(self.arguments[:-1]) else None


def running(folder: StateFolder) -> list[Running]:
    """All of them, however young: the kernel knows one before it has announced itself."""
    found = (Running(pid, _arguments(pid), _place(pid)) for pid in processes_of(folder))
    return [process for process in found if process.arguments]


def front(folder: StateFolder) -> int | None:
    """The process of the front."""
    return next((process.pid for process in running(folder) if process.is_front), None)


def deliverers(folder: StateFolder) -> list[int]:
    """The processes that deliver to webhooks. There is a second one only until it has the lock."""
    return [process.pid for process in running(folder) if process.is_deliverer]


def connectors(folder: StateFolder) -> dict[str, int]:
    """The processes of connectors, by session id."""
    return {process.session_id: process.pid for process in running(folder) if process.session_id}


def spares(folder: StateFolder) -> list[int]:
    """The processes that wait for a session."""
    return [process.pid for process in running(folder) if process.is_spare]


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")[1:-1]
    except OSError:  # it has ended
        return []


def _place(pid: int) -> Path:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return Path()
