"""What is in a session's folder before its connector runs: two pipes, and nothing else."""

import os
import shutil
import stat
from pathlib import Path

from server.core.paths import SessionFolder


def make_fifo(path: Path) -> None:
    """Makes the pipe, readable by its owner alone, unless it exists. Any other file there is removed."""
    if path.is_symlink() or (path.exists() and not path.is_fifo()):
        path.unlink()
    if not path.exists():
        os.mkfifo(path, 0o600)


def furnish(folder: SessionFolder) -> None:
    """Makes the folder and its pipes, as far as they are missing. Raises OSError."""
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_fifo(folder.commands)
    make_fifo(folder.events)


def is_blank(folder: SessionFolder) -> bool:
    """Whether no connector has run there: there is no folder, or nothing but pipes in it.

    False if that cannot be found out.
    """
    try:
        if folder.path.is_symlink():
            return False
        with os.scandir(folder.path) as entries:
            return all(_is_pipe(entry, folder) for entry in entries)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def replace_blank(folder: SessionFolder, by: SessionFolder) -> None:
    """Puts a furnished folder in the place of a blank one, or of none.

    A kill in between leaves no folder, which the next start makes. Raises OSError, and has changed nothing.
    """
    old = by.path.with_name(f"{by.path.name}.old")
    has_old = folder.path.exists()
    if has_old:
        folder.path.rename(old)
    try:
        by.path.rename(folder.path)
    except OSError:
        if has_old:
            old.rename(folder.path)
        raise
    if has_old:
        shutil.rmtree(old, ignore_errors=True)


def _is_pipe(entry: os.DirEntry[str], folder: SessionFolder) -> bool:
    mode = entry.stat(follow_symlinks=False).st_mode
    return entry.name in (folder.commands.name, folder.events.name) and stat.S_ISFIFO(mode)
