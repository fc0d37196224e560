"""Calls of the kernel that Python does not offer: numbers, structures and errors."""

import ctypes
import os
from typing import Final

# Loaded here, before any fork: a forked child should do as little as possible.
_libc: Final = ctypes.CDLL(None, use_errno=True)

#: linux/prctl.h
PR_GET_SECCOMP: Final = 21
PR_SET_SECCOMP: Final = 22
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

# System calls, which have the same numbers on every architecture.
LANDLOCK_CREATE_RULESET: Final = 444
LANDLOCK_ADD_RULE: Final = 445
LANDLOCK_RESTRICT_SELF: Final = 446

#: Any argument of a system call. Bytes are passed by their address.
Argument = int | bytes | None


def call(number: int, *arguments: Argument) -> int:
    """Makes a system call. Raises OSError."""
    return _checked(_libc.syscall(number, *map(_converted, arguments)), f"system call {number}")


def prctl(operation: int, *arguments: Argument) -> int:
    """Changes a property of this process: prctl(2). Raises OSError."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_libc.prctl(operation, *map(_converted, padded)), f"prctl {operation}")


def capset(header: bytes, sets: bytes) -> None:
    """Sets the capabilities of this process: capset(2). Raises OSError."""
    _checked(_libc.capset(header, sets), "capset")


def forbid_new_privileges() -> None:
    """From now on, no program gains privileges by being executed: no set-user-ID, no capability of a file."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def _converted(argument: Argument) -> ctypes.c_ulong | bytes | None:
    return ctypes.c_ulong(argument) if isinstance(argument, int) else argument


def _checked(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
