"""Makes the kernel kill a child process when its parent dies."""

import ctypes
import os
import signal

#: linux/prctl.h
PR_SET_PDEATHSIG = 1

# Loaded here, before any fork: a forked child should do as little as possible.
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent_pid: int) -> None:
    """Asks the kernel to kill this process when its parent ends. Called in the child, before exec.

    Call it after privileges are dropped, because setuid clears it. A parent that died before the call sends
    no signal: the process then has another parent, and kills itself.
    """
    if _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)
