"""The bond between supervisord and its children: they die with it, by the kernel's hand."""

import ctypes
import os
import signal

#: linux/prctl.h
PR_SET_PDEATHSIG = 1

# Loaded here, before any fork: the child of a fork should do as little as it can.
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends. Called in the child, before exec.

    After privileges are dropped: setuid clears it. A parent that died before we asked sends nothing any more:
    then it is no longer our parent.
    """
    if _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
