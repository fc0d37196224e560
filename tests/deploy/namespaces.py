"""What stands in for a container: namespaces of the kernel, where we may make them."""

import os
import subprocess

import pytest

#: Root may; others may where the kernel lets them be root of a namespace of their own.
UNSHARE = ["unshare", *(() if os.geteuid() == 0 else ("--user", "--map-root-user"))]


def may_unshare() -> bool:
    """Whether this host lets us."""
    try:
        tried = subprocess.run([*UNSHARE, "--mount", "--pid", "--fork", "true"], capture_output=True)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


has_namespaces = pytest.mark.skipif(not may_unshare(), reason="needs unshare, and leave to use it")
