"""A disk that can be filled and cleared: one of its own, or what comes near it where none can be mounted."""

import resource
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from server.cli.sandbox.gateway import processes_of
from server.core.paths import StateFolder
from tests.support.serve import Serve

#: Bytes of a disk of its own; what Node compiles takes most of what is used.
SIZE = "48m"

#: Bytes written at once while it is filled, then one by one.
PIECE = 1 << 20


class Disk(Protocol):
    """What holds the state folder."""

    def fill(self) -> None:
        """From now on nothing can be written."""

    def clear(self) -> None:
        """From now on all can be written."""


class SmallDisk:
    """One of its own."""

    def __init__(self, folder: StateFolder) -> None:
        self._ballast = folder.path / "ballast"

    def fill(self) -> None:
        """To the last byte."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for piece in (PIECE, 1):
                with suppress(OSError):
                    while ballast.write(b"\0" * piece):
                        pass

    def clear(self) -> None:
        self._ballast.unlink(missing_ok=True)


class Forbidden:
    """The kernel refuses every write to a file: EFBIG in the place of ENOSPC. It needs no rights."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder

    def fill(self) -> None:
        self._limit(lambda _: 0)

    def clear(self) -> None:
        self._limit(lambda most: most)

    def _limit(self, size: Callable[[int], int]) -> None:
        """size: bytes of any file, of the most that a process may ask for; what it starts has the same."""
        limited: set[int] = set()
        while new := set(processes_of(self._folder)) - limited:  # one may start another meanwhile
            for pid in new:
                with suppress(ProcessLookupError):
                    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size(most), most))
            limited |= new


@contextmanager
def own_disk(place: Path) -> Generator[None]:
    """Make the folder a small disk, where this user may; it is an ordinary one elsewhere."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "motte-test", str(place)]
    with suppress(OSError):
        subprocess.run(mount, capture_output=True, check=False)
    try:
        yield
    finally:
        if place.is_mount():
            subprocess.run(["umount", str(place)], check=True)


@contextmanager
def on_own_disk(settings: Mapping[str, str]) -> Generator[Serve]:
    """A Motte whose state folder is on a disk of its own, where this user may mount one."""
    serve = Serve(settings)
    serve.folder.path.mkdir(mode=0o700)
    try:
        with own_disk(serve.folder.path):
            yield serve
            serve.stop()
    finally:
        serve.remove()


def disk_of(folder: StateFolder) -> Disk:
    return SmallDisk(folder) if folder.path.is_mount() else Forbidden(folder)
