"""What a process may take of the host: open files, and no room on the disk for what it held in memory."""

import resource

#: supervisord holds three a connector, the front three a connector and one a caller.
OPEN_FILES = 65536


def raise_open_files() -> None:
    """Raise the soft limit as far as we may, for this process and its children.

    Not by `minfds`: above the hard limit supervisord would refuse to start.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < ceiling:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))


def keep_memory_off_disk() -> None:
    """No core file of a process that aborts, here or in a child: it would hold keys and credentials.

    V8 aborts where its heap has reached its limit.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
