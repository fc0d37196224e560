"""How many files a process may open."""

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
