"""The filter of system calls: its numbers, and what it answers on each architecture."""

import ctypes
import errno
import struct
from collections.abc import Sequence

import pytest

from server.isolation.call_numbers import ARCHITECTURES, HIGHEST, REFUSED, RESTRICTED, SECCOMP
from server.isolation.system_calls import Instruction, program

OWN_PID = 4711
ALLOWED = 0x7FFF0000

NUMBERS = {**REFUSED, **RESTRICTED, "seccomp": SECCOMP}


def answer(instructions: Sequence[Instruction], number: int, architecture: int, *arguments: int) -> int:
    """What the kernel's machine gets from a filter. linux/seccomp.h has the layout of what it reads."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    memory = struct.pack("=IIQ6Q", number, architecture, 0, *padded)
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, operand = instructions[at]
        at += 1
        match code:
            case 0x20:
                [accumulator] = struct.unpack_from("=I", memory, operand)
            case 0x06:
                return operand
            case _:
                tests = {
                    0x15: accumulator == operand,
                    0x25: accumulator > operand,
                    0x45: bool(accumulator & operand),
                }
                at += if_true if tests[code] else if_false


def refused(number: int) -> int:
    return 0x00050000 | number


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_each_listed_call_is_refused(machine: str) -> None:
    column, architecture = ARCHITECTURES[machine]
    for name, numbers in REFUSED.items():
        number = numbers[column]
        if number is not None:
            assert answer(program(OWN_PID, machine), number, architecture) == refused(errno.EPERM), name


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_are_judged_by_their_arguments(machine: str) -> None:
    column, architecture = ARCHITECTURES[machine]

    def said(name: str, *arguments: int) -> int:
        return answer(program(OWN_PID, machine), RESTRICTED[name][column], architecture, *arguments)

    assert said("clone3") == refused(errno.ENOSYS)
    assert said("clone", 0x3D0F00) == ALLOWED  # a thread
    assert said("clone", 0x10000000 | 17) == refused(errno.EPERM)  # CLONE_NEWUSER
    assert [said("socket", family) for family in (2, 10)] == [ALLOWED, ALLOWED]
    assert {said("socket", family) for family in (0, 1, 3, 16, 17, 40)} == {refused(errno.EAFNOSUPPORT)}
    for name in ("kill", "tgkill"):
        assert said(name, OWN_PID) == ALLOWED
        for pid in (1, 0, OWN_PID + 1, 2**64 - 1):
            assert said(name, pid) == refused(errno.EPERM)
    assert [said("prlimit64", pid) for pid in (0, OWN_PID)] == [ALLOWED, ALLOWED]
    assert said("prlimit64", 1) == refused(errno.EPERM)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_other_architectures_and_newer_calls_are_refused(machine: str) -> None:
    _, architecture = ARCHITECTURES[machine]
    assert answer(program(OWN_PID, machine), 0, 0x40000003) == refused(errno.EPERM)  # i386
    assert answer(program(OWN_PID, machine), HIGHEST, architecture) != ALLOWED
    assert answer(program(OWN_PID, machine), HIGHEST + 1, architecture) == refused(errno.ENOSYS)
    assert answer(program(OWN_PID, machine), 0x40000000, architecture) == refused(errno.ENOSYS)  # x32
    assert answer(program(OWN_PID, machine), 0, architecture) == ALLOWED


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_numbers_are_those_of_libseccomp(machine: str) -> None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("no libseccomp")
    column, architecture = ARCHITECTURES[machine]
    for name, numbers in NUMBERS.items():
        known = library.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(architecture), name.encode())
        if known != -1:  # newer than this library
            assert (known if known >= 0 else None) == numbers[column], name
