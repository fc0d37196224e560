"""A start that is refused leaves nothing behind."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from server.core.paths import StateFolder


@contextmanager
def no_traces(folder: StateFolder) -> Generator[None]:
    """Removes what the block made of the state folder if it raises a ClickException.

    What is removed is empty: folders, the ones above the state folder too, and a named pipe.
    """
    parts = [folder.wakeup_pipe, folder.logs, folder.sessions, folder.path, *folder.path.parents]
    made = [part for part in parts if not _exists(part)]
    try:
        yield
    except click.ClickException:
        for part in made:
            with suppress(OSError):  # it was not made, or somebody put something into it
                _remove(part)
        raise


def _exists(path: Path) -> bool:
    """A path that may not be looked at counts as there."""
    try:
        return path.exists()
    except OSError:
        return True


def _remove(path: Path) -> None:
    if path.is_fifo():
        path.unlink()
    else:
        path.rmdir()
