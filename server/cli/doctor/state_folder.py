"""Checks of the state folder: its permissions and its disk."""

import shutil
import stat
from pathlib import Path

from server.cli.common.output import first_few
from server.cli.doctor.finding import Finding, ok, warning, wrong
from server.cli.serve.preflight import OTHERS_MODE_BITS
from server.core.paths import StateFolder

MEGABYTE = 1_000_000

#: With less free space than this the disk fills up soon.
DISK_WARNING_BYTES = 1_000 * MEGABYTE
#: With less free space than this SQLite may fail.
DISK_MINIMUM_BYTES = 100 * MEGABYTE


def check_permissions(folder: StateFolder) -> Finding:
    """Only the owner can read the credentials."""
    if not folder.path.exists():
        return ok("permissions", f"{folder.path} does not exist yet: the first `motte serve` makes it")
    owner = folder.path.stat().st_uid
    open_ones = sorted(str(path) for path in (folder.path, *folder.path.rglob("*")) if _is_open(path, owner))
    if open_ones:
        return wrong(
            "permissions",
            f"open to others, or another user's: {first_few(open_ones)}",
            f"chmod -R go= {folder.path}, and see that all have one owner",
        )
    return ok("permissions", f"{folder.path} is its owner's alone")


def check_disk(folder: StateFolder) -> Finding:
    """The disk of the state folder has free space."""
    place = next(path for path in (folder.path, *folder.path.parents) if path.exists())
    free = shutil.disk_usage(place).free
    detail = f"{free // MEGABYTE} MB free at {place}"
    if free < DISK_MINIMUM_BYTES:
        return wrong("disk", detail, "make room: without any, nothing can be stored")
    return warning("disk", detail, "make room soon") if free < DISK_WARNING_BYTES else ok("disk", detail)


def _is_open(path: Path, owner: int) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:  # a running Motte removed it
        return False
    if stat.S_ISLNK(status.st_mode):
        return False
    return bool(status.st_mode & OTHERS_MODE_BITS) or status.st_uid != owner
