"""Opens files of the expected kind only: a named pipe in the place of a file would hold the process up.

Connectors and other programs of this user can put anything below the state folder.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

#: Bytes of the largest file that is read as a whole, unless its reader says otherwise.
MAX_FILE_BYTES = 64 * 1024

#: O_NONBLOCK: to open a pipe would wait for its other end. O_NOCTTY: a terminal would become this process's.
_WARY = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class WrongKind(OSError):
    """A file of another kind is in the place of a regular file or of a pipe."""

    def __init__(self, path: Path, wanted: str) -> None:
        super().__init__(errno.EINVAL, f"not a {wanted}: move it away", str(path))


def check_regular(path: Path) -> None:
    """Checks a file that a library opens, if it exists. Raises WrongKind, OSError."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise WrongKind(path, "regular file")


def open_regular(path: Path, flags: int, mode: int = 0o600) -> int:
    """Returns a descriptor of a regular file. Raises WrongKind, OSError."""
    return _open(path, flags, mode, stat.S_ISREG, "regular file")


def open_pipe(path: Path, flags: int) -> int:
    """Returns a descriptor of a named pipe, which does not block. Links are not followed.

    Raises WrongKind, OSError.
    """
    return _open(path, flags | os.O_NOFOLLOW, 0, stat.S_ISFIFO, "named pipe")


def read_regular(path: Path, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """Returns the content of a file of `limit` bytes at most. Raises WrongKind, OSError."""
    with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


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


def _open(path: Path, flags: int, mode: int, is_kind: Callable[[int], bool], kind: str) -> int:
    descriptor = os.open(path, flags | _WARY, mode)
    if is_kind(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise WrongKind(path, kind)
