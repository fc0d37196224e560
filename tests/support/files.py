"""The files of a folder that running processes write to.

Those processes remove files too, such as the temporary files of Node's compile cache.
A file that is gone by the time it is looked at is passed over.
"""

import stat
from pathlib import Path


def holders(folder: Path, *texts: str) -> set[str]:
    """The names of the files below the folder that contain one of the texts."""
    return {path.name for path in folder.rglob("*") if any(text.encode() in contents(path) for text in texts)}


def contents(path: Path) -> bytes:
    """A regular file's bytes; none for everything else, and for a file that was removed."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


def modes(folder: Path) -> dict[Path, int]:
    """The permission bits of the folder and of all that is in it, links not followed."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        try:
            found[path] = stat.S_IMODE(path.lstat().st_mode)
        except FileNotFoundError:
            continue
    return found
