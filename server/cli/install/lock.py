"""A lock that lets one process install at a time.

npm and Node inherit its descriptor. So the lock is held until they have ended, even if the process that
started them is killed.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock_file(file: Path, say: Callable[[str], None]) -> Iterator[int]:
    """Holds the lock of a file, which is made if it is missing. Yields its descriptor. Raises OSError."""
    with _held(os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644), say) as descriptor:
        yield descriptor


@contextmanager
def lock_folder(folder: Path, say: Callable[[str], None]) -> Iterator[int]:
    """Holds the lock of a folder, in which no file is made for it. Yields its descriptor. Raises OSError."""
    with _held(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), say) as descriptor:
        yield descriptor


@contextmanager
def _held(descriptor: int, say: Callable[[str], None]) -> Iterator[int]:
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another installation")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
