"""Resource limits of supervisord and its children: open files and core dumps."""

import resource

#: supervisord needs three for each connector. The front needs three for each connector, one for each client.
MAX_OPEN_FILES = 65536


def raise_open_files() -> None:
    """Raises the soft limit as far as allowed, for this process and its children.

    `minfds` cannot do that: supervisord refuses to start if it is above the hard limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < ceiling:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))


def disable_core_dumps() -> None:
    """A core file would hold keys and credentials. V8 aborts when its heap reaches its limit."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
