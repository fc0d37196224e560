"""Runs a command under the unit's filters of system calls: `python -m tests.deploy.confined COMMAND …`.

The same filters that systemd would load, without systemd. Needs systemd-analyze, which knows what its sets
hold, and libseccomp.
"""

import ctypes
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

from tests.deploy import unit

#: seccomp.h
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EQUAL = 4

#: linux/socket.h: families are numbered from 0 to less than this.
FAMILIES = 64


class Argument(ctypes.Structure):
    """scmp_arg_cmp: what an argument of a system call is compared with."""

    _fields_ = (
        ("number", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("other", ctypes.c_uint64),
    )


def confine() -> None:
    """Load both filters, for this process and all that it starts. Raises OSError."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    _refuse_families(seccomp, {getattr(socket, name) for name in unit.one("RestrictAddressFamilies").split()})
    _allow_calls(seccomp, allowed_calls())


def allowed_calls() -> set[str]:
    """Names of the system calls that the unit allows."""
    allowed: set[str] = set()
    for line in unit.directives()["SystemCallFilter"]:
        calls = {call for name in line.removeprefix("~").split() for call in _expanded(name)}
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed | set(_expanded("@default"))


def _expanded(name: str) -> Iterator[str]:
    if not name.startswith("@"):
        yield name
        return
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines()[1:]:
        if not line.strip().startswith("#"):
            yield from _expanded(line.strip())


def _refuse_families(seccomp: ctypes.CDLL, allowed: set[int]) -> None:
    rules = ctypes.c_void_p(seccomp.seccomp_init(ALLOW))
    call = seccomp.seccomp_syscall_resolve_name(b"socket")
    for family in set(range(FAMILIES)) - allowed:
        compared = Argument(0, EQUAL, family, 0)
        seccomp.seccomp_rule_add_array(rules, ERRNO | errno.EAFNOSUPPORT, call, 1, (Argument * 1)(compared))
    _load(seccomp, rules)


def _allow_calls(seccomp: ctypes.CDLL, names: set[str]) -> None:
    """Names that this kernel's headers do not know have negative numbers: systemd leaves them out too."""
    rules = ctypes.c_void_p(seccomp.seccomp_init(ERRNO | errno.EPERM))
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            seccomp.seccomp_rule_add_array(rules, ALLOW, number, 0, None)
    _load(seccomp, rules)


def _load(seccomp: ctypes.CDLL, rules: ctypes.c_void_p) -> None:
    failure = seccomp.seccomp_load(rules)
    if failure:
        raise OSError(-failure, "seccomp_load")


if __name__ == "__main__":
    confine()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # no shell is wanted
