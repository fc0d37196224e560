"""Checks before supervisord starts, because its own errors would not be shown."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import click

from server.cli.common.output import first_few
from server.cli.serve.launch import CONFIGURATION, NODE, ROOT
from server.connectors.credentials import is_linked
from server.core.addresses import Address
from server.core.paths import StateFolder

#: Bits of a file's mode that give access to others.
OTHERS_MODE_BITS = 0o077


class CannotServe(click.ClickException):
    """`motte serve` cannot start, and a person can fix that."""


def check_installation() -> None:
    """Checks that Node and the right version of Baileys are installed. Raises CannotServe."""
    if not CONFIGURATION.is_file():
        raise CannotServe(f"{CONFIGURATION} is missing: Motte runs from its source folder")
    if not os.access(NODE, os.X_OK):
        raise CannotServe(f"Node is missing at {NODE}: run `make install` in {ROOT}")
    wanted = _package(ROOT / "connector")["dependencies"]["baileys"]
    found = _package(ROOT / "connector" / "node_modules" / "baileys").get("version", "none")
    if found != wanted:
        raise CannotServe(f"Baileys {wanted} is wanted, {found} is installed: run `make install` in {ROOT}")


def make_private(folder: StateFolder) -> None:
    """Creates the state folder if necessary, and makes it private. Raises CannotServe."""
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        _check_owner(folder)
        _check_kinds(folder)
        if folder.path.stat().st_mode & OTHERS_MODE_BITS:
            _close_to_others(folder)
        for part in (folder.logs, folder.sessions):
            part.mkdir(exist_ok=True)
            part.chmod(0o700)
    except OSError as error:
        raise CannotServe(f"the state folder cannot be used: {error}") from None


def check_database(folder: StateFolder) -> None:
    """Checks that linked accounts have a database: a new one would not know them. Raises CannotServe."""
    if folder.database.exists() and folder.database.stat().st_size:
        return
    linked = [path.name for path in sorted(folder.sessions.glob("*")) if is_linked(path)]
    if linked:
        raise CannotServe(
            f"{folder.database} is gone, and {folder.sessions} holds the credentials of linked accounts "
            f"({first_few(linked)}): `motte restore --force` a backup, or move that folder away"
        )


def check_alone(folder: StateFolder) -> None:
    """Checks that no other `motte serve` uses this state folder. Raises CannotServe."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(os.fspath(folder.supervisor_socket))
        except OSError:
            return  # there is no socket, or a dead supervisord left it: the next one replaces it
    raise CannotServe(f"another `motte serve` runs on the state folder {folder.path}")


def check_free(address: Address, option: str) -> None:
    """Checks that a server can listen on an address. Raises CannotServe."""
    try:
        bind(address).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotServe(f"cannot listen on {address}: {reason}; choose another with {option}") from None


def bind(address: Address) -> socket.socket:
    """Returns a socket bound to an address. Port 0 is any free port."""
    (family, kind, protocol, _, place), *_ = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    server = socket.socket(family, kind, protocol)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(place)
    except OSError:
        server.close()
        raise
    return server


def _check_owner(folder: StateFolder) -> None:
    """Another user could not read the files: only their owner can."""
    owner = folder.path.stat().st_uid
    if owner != os.geteuid():
        raise CannotServe(
            f"{folder.path} belongs to the user {owner}, this is {os.geteuid()}: run as it, or chown -R"
        )


def _check_kinds(folder: StateFolder) -> None:
    for part in (folder.logs, folder.sessions, folder.cache):
        if part.exists() and not part.is_dir():
            raise CannotServe(f"{part} is not a folder, but Motte needs one there: move it away")
    sockets_and_pipes = (folder.supervisor_socket, folder.wakeup_pipe)
    files = (folder.database, folder.admin_key, folder.lock, folder.front, folder.path / "supervisord.pid")
    for file in (*files, *sockets_and_pipes, *folder.logs.glob("*.log")):
        if file.is_dir():
            raise CannotServe(f"{file} is a folder, but Motte needs a file there: move it away")


def _close_to_others(folder: StateFolder) -> None:
    """Refuses a folder that has another use, such as /tmp or a home folder."""
    if not folder.database.exists() and any(folder.path.iterdir()):
        raise CannotServe(f"{folder.path} is neither empty nor a state folder: choose another with --state")
    folder.path.chmod(0o700)


def _package(folder: Path) -> Any:
    try:
        return json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return {}
