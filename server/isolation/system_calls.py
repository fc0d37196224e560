"""Filter of system calls: what a connector may not ask of the kernel (seccomp(2)).

Written as a program for the kernel's packet filter (bpf), which decides by number and arguments.
"""

import ctypes
import errno
import platform
import socket
import struct
from typing import Final

from server.isolation import kernel
from server.isolation.call_numbers import ARCHITECTURES, HIGHEST, REFUSED, RESTRICTED, SECCOMP

#: linux/bpf_common.h: load a word, compare it, end with a value.
_LOAD, _IS_EQUAL, _IS_ABOVE, _HAS_BITS, _END = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW: Final = 0x7FFF0000
_ERROR: Final = 0x00050000

#: Where linux/seccomp.h has the number, the architecture and the arguments. Their low halves come first: both
#: architectures are little-endian.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_SECCOMP_MODE_FILTER: Final = 2
_SET_MODE_FILTER: Final = 1
#: Without it, Linux before 5.16 makes all code of a filtered process slower.
_SPEC_ALLOW: Final = 1 << 2

#: A connector speaks TCP, and asks for names over UDP. glibc asks netlink for addresses, and does without.
_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)

#: linux/sched.h: CLONE_NEW… of all namespaces that clone can make.
_NEW_NAMESPACES: Final = 0x7E020000

Instruction = tuple[int, int, int, int]


def is_known(machine: str = platform.machine()) -> bool:
    """Whether there is a filter for this architecture, and the kernel can load filters."""
    try:
        kernel.prctl(kernel.PR_GET_SECCOMP)
    except OSError:
        return False
    return machine in ARCHITECTURES


def restrict(*, own_pid: int, machine: str = platform.machine()) -> None:
    """Loads the filter for this process and all that it starts. New privileges must be forbidden before.

    own_pid: the process that may be signalled. Raises OSError.
    """
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program(own_pid, machine))
    instructions = ctypes.create_string_buffer(code, len(code))
    descriptor = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    try:
        kernel.call(SECCOMP[ARCHITECTURES[machine][0]], _SET_MODE_FILTER, _SPEC_ALLOW, descriptor)
    except OSError:  # systemd's filter of an older unit refuses this call, and allows the older one
        kernel.prctl(kernel.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, descriptor)


def program(own_pid: int, machine: str) -> list[Instruction]:
    """Returns the filter's instructions: code, jump if true, jump if false, operand."""
    column, architecture = ARCHITECTURES[machine]
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IS_EQUAL, 1, 0, architecture),
        _refuse(errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
        # Also the 32-bit numbers of x86_64. An unknown call is answered as by an older kernel.
        (_IS_ABOVE, 0, 1, HIGHEST),
        _refuse(errno.ENOSYS),
        *(
            instruction
            for numbers in REFUSED.values()
            if (number := numbers[column]) is not None
            for instruction in ((_IS_EQUAL, 0, 1, number), _refuse(errno.EPERM))
        ),
        *_restricted(own_pid, column),
        (_END, 0, 0, _ALLOW),
    ]


def _restricted(own_pid: int, column: int) -> list[Instruction]:
    """Returns the instructions for calls that depend on an argument."""
    only_own = [(_IS_EQUAL, 1, 0, own_pid), _refuse(errno.EPERM)]
    checks: dict[str, list[Instruction]] = {
        # With flags in memory, which a filter cannot see. The C library then uses clone.
        "clone3": [_refuse(errno.ENOSYS)],
        "clone": [_argument(0), (_HAS_BITS, 0, 1, _NEW_NAMESPACES), _refuse(errno.EPERM)],
        "socket": [
            _argument(0),
            *((_IS_EQUAL, len(_FAMILIES) - index, 0, family) for index, family in enumerate(_FAMILIES)),
            _refuse(errno.EAFNOSUPPORT),
        ],
        "kill": [_argument(0), *only_own],
        "tgkill": [_argument(0), *only_own],
        "prlimit64": [_argument(0), (_IS_EQUAL, 2, 0, 0), *only_own],
    }
    return [
        instruction
        for name, check in checks.items()
        for instruction in (
            (_IS_EQUAL, 0, len(check) + 1, RESTRICTED[name][column]),
            *check,
            (_END, 0, 0, _ALLOW),
        )
    ]


def _argument(index: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index)


def _refuse(number: int) -> Instruction:
    return (_END, 0, 0, _ERROR | number)
