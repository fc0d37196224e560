"""The files that a connector may use, as rules of Landlock."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from server.isolation.landlock import Access, Rule

#: Libraries, and the loader of programs, which the kernel executes.
_LIBRARIES: Final = (
    *("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64"),
    *("/usr/local/lib", "/nix/store"),
)

#: What Node, the C library and OpenSSL read when they start, or when they look a name up.
_SYSTEM: Final = (
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/usr/share/zoneinfo",
    "/dev/urandom",
)

#: What Node reads again and again: free memory, the memory of its process, the boot clock.
_KERNEL_FILES: Final = ("/proc/meminfo", "/proc/self", "/proc/uptime")

#: How names are looked up.
_NAMES: Final = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
)

#: Variables that name files or folders, joined by colons.
_NAMED_BY: Final = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")


def rules(*, own: Path, code: Path, cache: Path, node: Path, environ: Mapping[str, str]) -> list[Rule]:
    """Returns what a connector may use.

    own: the session's folder. code: connector/ with its packages. cache: Node's compile cache. node: the
    program. environ: what the connector sees.
    """
    return [
        Rule(own, Access.KEEP_FOLDERS if own == cache else Access.KEEP_FILES),
        Rule(Path("/dev/null"), Access.READ_FILE | Access.WRITE_FILE),
        Rule(node, Access.READ_FILE | Access.EXECUTE),
        Rule(node.resolve().parent.parent / "lib", Access.READ | Access.EXECUTE),
        *(Rule(Path(path), Access.READ | Access.EXECUTE) for path in _LIBRARIES),
        *(Rule(path, Access.READ) for path in (code, cache, *_system(), *_named(environ))),
    ]


def hold_kernel_files() -> None:
    """Keeps files of /proc in the kernel's memory until this process, and the program it becomes, ends.

    Under memory pressure the kernel forgets such a file and makes it again, and a rule holds the old one
    alone. A file that is open is not forgotten. Raises OSError.
    """
    for path in _KERNEL_FILES:
        with suppress(FileNotFoundError, PermissionError):
            os.set_inheritable(os.open(path, os.O_PATH), True)


def _system() -> Iterator[Path]:
    yield from map(Path, (*_SYSTEM, *_KERNEL_FILES))
    yield from _name_service()


def _name_service() -> Iterator[Path]:
    """Yields what the C library reads to look a name up.

    These files may be replaced while a connector runs, and a rule holds a file, not its name. So an ordinary
    user's connectors may read what others may read in /etc. For root that would be everything: its
    connectors see a replaced file after their next start, unless it is reached by a link to another folder.
    """
    if os.geteuid() != 0:
        yield Path("/etc")
    for name in _NAMES:
        yield Path(name)
        target = Path(name).resolve()
        if target.parent != Path("/etc"):  # as systemd-resolved has it, in /run
            yield target.parent


def _named(environ: Mapping[str, str]) -> Iterator[Path]:
    for name in _NAMED_BY:
        yield from (Path(path) for path in environ.get(name, "").split(":") if path)
