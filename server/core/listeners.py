"""Sockets on which the REST API listens: the check before the start and the start bind the same ones."""

import errno
import os
import socket
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from server.core.addresses import Address, SocketPath

#: Mode of a unix socket: its group may connect too, as a proxy that runs as another user does.
SOCKET_MODE = 0o660

#: The address that means every address, of either family.
ANY_IPV6 = "::"


class CannotListen(OSError):
    """An address cannot be listened on; `strerror` says why."""

    def __init__(self, address: Address | SocketPath, reason: str) -> None:
        super().__init__(errno.EADDRNOTAVAIL, reason)
        self.address = address


def bind_all(addresses: Iterable[Address | SocketPath]) -> list[socket.socket]:
    """Returns sockets bound to all addresses, none of which listens yet. Raises CannotListen."""
    bound: list[socket.socket] = []
    try:
        for address in addresses:
            try:
                bound += [_bind_path(address)] if isinstance(address, SocketPath) else bind(address)
            except OSError as error:
                raise CannotListen(address, error.strerror or str(error)) from None
    except CannotListen:
        close_all(bound)
        raise
    return bound


def bind(address: Address) -> list[socket.socket]:
    """Returns a socket for each address of a host, bound to one port. Port 0 is any free port.

    `[::]` takes IPv4 as well, where the host has it. Raises OSError.
    """
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    port = address.port
    try:
        for family, kind, protocol, _, place in dict.fromkeys(found):
            server = socket.socket(family, kind, protocol)
            bound.append(server)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, _is_for_ipv6_alone(address.host))
            server.bind((place[0], port, *place[2:]))
            port = server.getsockname()[1]
    except OSError:
        close_all(bound)
        raise
    return bound


def close_all(bound: Iterable[socket.socket]) -> None:
    """Closes sockets, and removes the files of unix sockets."""
    for server in bound:
        path = server.getsockname() if server.family == socket.AF_UNIX else None
        server.close()
        if path:
            with suppress(FileNotFoundError):
                Path(path).unlink()


def _is_for_ipv6_alone(host: str) -> bool:
    """Whether IPv4 clients are refused: `[::]` and addresses such as `[::ffff:127.0.0.1]` take them."""
    return host != ANY_IPV6 and not host.lower().startswith("::ffff:")


def _bind_path(path: SocketPath) -> socket.socket:
    _remove_dead(Path(path))
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        server.bind(path)
        Path(path).chmod(SOCKET_MODE)
    except OSError:
        server.close()
        raise
    return server


def _remove_dead(path: Path) -> None:
    """Removes a socket whose server has ended. Raises OSError if it has not, or if another file is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError(errno.EEXIST, "a file that is no socket is there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
