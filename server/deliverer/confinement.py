"""What the process that delivers gives up: it reads what servers of others answer."""

import os
from pathlib import Path

from server.core.paths import StateFolder
from server.isolation import capabilities, kernel, landlock
from server.isolation.landlock import Access, Rule
from store.sqlite.read_only import SUFFIXES


def confine(folder: StateFolder) -> None:
    """Denies this process writing, but to the database, and starting programs. Raises OSError.

    Call it before the first thread: the kernel confines the thread that asks, and those that it starts.
    """
    database = [Path(f"{folder.database}{suffix}") for suffix in SUFFIXES]
    capabilities.drop(lambda: _can_write(folder))
    kernel.forbid_new_privileges()
    interface = landlock.version()
    if not interface:
        return
    landlock.restrict(
        [
            Rule(Path("/"), Access.READ),
            Rule(Path("/dev/null"), Access.READ_FILE | Access.WRITE_FILE),
            *(Rule(path, Access.KEEP_FILES) for path in database),
            Rule(folder.deliverer, Access.KEEP_FILES),
        ],
        interface=interface,
    )


def _can_write(folder: StateFolder) -> bool:
    paths = (folder.path, folder.deliverer, folder.database)
    return all(os.access(path, os.R_OK | os.W_OK, effective_ids=True) for path in paths)
