"""Checks of the state folder: its permissions and its disk."""

import shutil
import stat
from pathlib import Path

from server.cli.common.output import first_few
from server.cli.doctor.finding import Finding, ok, warning, wrong
from server.cli.serve.file_system import ADVICE, OTHERS_MODE_BITS, ignores_case
from server.cli.serve.preflight import OF_THE_VOLUME, OTHERS_WRITE_BITS
from server.core.paths import StateFolder

MIB = 1024 * 1024

#: With less free space than this the disk fills up soon.
DISK_WARNING_BYTES = 1_000 * MIB
#: With less free space than this SQLite may fail.
DISK_MINIMUM_BYTES = 100 * MIB


def check_permissions(folder: StateFolder) -> Finding:
    """Only one user can read the credentials, and replace them."""
    path = folder.path
    if not path.exists():
        return ok("permissions", f"{path} does not exist yet: the first `motte serve` makes it")
    owner = next(part for part in (folder.database, folder.sessions, path) if part.exists()).stat().st_uid
    parts = [part for part in path.iterdir() if part.name not in OF_THE_VOLUME]
    inside = [deep for part in parts for deep in (part, *part.rglob("*"))]
    open_ones = sorted(str(part) for part in inside if _is_open(part, owner))
    if open_ones or (path.stat().st_uid == owner and path.stat().st_mode & OTHERS_MODE_BITS):
        return wrong(
            "permissions",
            f"open to others, or another user's: {first_few(open_ones or [str(path)])}",
            f"chmod -R u+rwX,go= {path}, and see that all have one owner",
        )
    if path.stat().st_uid != owner and path.stat().st_mode & OTHERS_WRITE_BITS:
        return warning(
            "permissions",
            f"{path} belongs to the user {path.stat().st_uid}, and others may write to it: "
            "what is in it is private, but they could replace it",
            "give the folder to the user of Motte, if you can",
        )
    return ok("permissions", f"what is in {path} is its owner's alone")


def check_case(folder: StateFolder) -> Finding:
    """Ids that differ by case have folders of their own."""
    if ignores_case(folder):
        return wrong(
            "file system", "it ignores case: sessions whose ids differ by case share a folder", ADVICE
        )
    return ok("file system", "names that differ by case are different files")


def check_disk(folder: StateFolder) -> Finding:
    """The disk of the state folder has free space."""
    place = next(path for path in (folder.path, *folder.path.parents) if path.exists())
    free = shutil.disk_usage(place).free
    detail = f"{free // MIB} MiB free at {place}"
    if free < DISK_MINIMUM_BYTES:
        return wrong("disk", detail, "make room: without any, nothing can be stored")
    return warning("disk", detail, "make room soon") if free < DISK_WARNING_BYTES else ok("disk", detail)


def _is_open(path: Path, owner: int) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:  # a running Motte removed it
        return False
    except PermissionError:  # its folder may be listed, not entered
        return True
    if stat.S_ISLNK(status.st_mode):
        return False
    return bool(status.st_mode & OTHERS_MODE_BITS) or status.st_uid != owner
