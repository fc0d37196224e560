"""Opens regular files only: a named pipe in the place of a file would hold the whole process up."""

import os
import secrets
import stat
from pathlib import Path


class NotARegularFile(OSError):
    """A pipe, a device or a folder is in the place of a file."""


def check_regular(path: Path) -> None:
    """Checks a file that a library opens, if it exists. Raises NotARegularFile, OSError."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    _check(path, found.st_mode)


def read_regular(path: Path, *, limit: int) -> bytes:
    """Returns the first `limit` bytes of a file. Raises NotARegularFile, OSError."""
    # O_NONBLOCK: to open a pipe would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _check(path, os.fstat(descriptor).st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Replaces a file atomically, with mode 0600. A link in its place is not followed. Raises OSError."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _check(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotARegularFile(0, f"{path.name} is no regular file")
