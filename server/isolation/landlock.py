"""Landlock: a process denies itself, and all that it starts, files and signals (landlock(7)).

It restricts what a process opens, makes and removes. It does not restrict what needs no open file, such as
chmod and connect to a unix socket: system_calls.py does.
"""

import errno
import os
import stat
import struct
from collections.abc import Iterable
from enum import IntFlag
from pathlib import Path
from typing import Final, NamedTuple

from server.isolation import kernel

#: linux/landlock.h: asks for the version of the interface.
_CREATE_RULESET_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1

#: Versions of the interface from which the kernel knows something more.
TRUNCATE_SINCE: Final = 3
NETWORK_SINCE: Final = 4
SCOPES_SINCE: Final = 6


class Access(IntFlag):
    """LANDLOCK_ACCESS_FS_…"""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_FOLDER = 1 << 3
    REMOVE_FOLDER = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHARACTER_DEVICE = 1 << 6
    MAKE_FOLDER = 1 << 7
    MAKE_FILE = 1 << 8
    MAKE_SOCKET = 1 << 9
    MAKE_PIPE = 1 << 10
    MAKE_BLOCK_DEVICE = 1 << 11
    MAKE_LINK = 1 << 12
    MOVE = 1 << 13
    TRUNCATE = 1 << 14
    CONTROL_DEVICE = 1 << 15

    READ = READ_FILE | READ_FOLDER
    #: A database with its journals, and pipes that are there already.
    KEEP_FILES = READ | WRITE_FILE | TRUNCATE | MAKE_FILE | REMOVE_FILE
    #: A folder with folders in it.
    KEEP_FOLDERS = KEEP_FILES | MAKE_FOLDER
    #: What may be allowed for something that is no folder.
    OF_FILES = EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE | CONTROL_DEVICE


#: LANDLOCK_ACCESS_NET_BIND_TCP
_BIND_TCP: Final = 1 << 0
#: LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL
_BOTH_SCOPES: Final = 0b11


class Rule(NamedTuple):
    """What is allowed for a file, or for a folder and everything below it."""

    path: Path
    access: Access


def version() -> int:
    """Returns the version of the interface that this kernel has; 0 if it has none, or may not be used."""
    try:
        return kernel.call(kernel.LANDLOCK_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def restrict(rules: Iterable[Rule], *, interface: int) -> None:
    """Denies this process every access that no rule allows. New privileges must be forbidden before.

    Paths that do not exist are passed over. interface: `version()`, not 0. Raises OSError.
    """
    handled = _known(interface)
    ruleset = _create(handled, interface)
    try:
        for rule in rules:
            _add(ruleset, rule.path, rule.access & handled)
        kernel.call(kernel.LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _known(interface: int) -> Access:
    """Returns what this version of the interface can deny."""
    first = {1: 13, 2: 14, 3: 15, 4: 15}
    return Access((1 << first.get(interface, 16)) - 1)


def _create(handled: Access, interface: int) -> int:
    attributes = struct.pack("=Q", handled)
    if interface >= NETWORK_SINCE:
        attributes += struct.pack("=Q", _BIND_TCP)
    if interface >= SCOPES_SINCE:
        attributes += struct.pack("=Q", _BOTH_SCOPES)
    return kernel.call(kernel.LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)


def _add(ruleset: int, path: Path, access: Access) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
            return
        raise
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            access &= Access.OF_FILES
        rule = struct.pack("=Qi", access, place)
        kernel.call(kernel.LANDLOCK_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
