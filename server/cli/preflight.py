"""What must be so before supervisord starts, or it would fail out of sight."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import click

from server.cli.launch import CONFIGURATION, NODE, ROOT
from server.folders import StateFolder
from server.parsers import Address

#: Bits of a mode that let others in.
OTHERS = 0o077


class CannotServe(click.ClickException):
    """Something stands in the way, and a person can clear it."""


def check_installation() -> None:
    """Node and exactly the Baileys that the connector is written for are installed. Raises CannotServe."""
    if not CONFIGURATION.is_file():
        raise CannotServe(f"{CONFIGURATION} is missing: Motte runs from its source folder")
    if not os.access(NODE, os.X_OK):
        raise CannotServe(f"Node is missing at {NODE}: run `make install` in {ROOT}")
    wanted = _package(ROOT / "connector")["dependencies"]["baileys"]
    found = _package(ROOT / "connector" / "node_modules" / "baileys").get("version", "none")
    if found != wanted:
        raise CannotServe(f"Baileys {wanted} is wanted, {found} is installed: run `make install` in {ROOT}")


def make_private(folder: StateFolder) -> None:
    """See that the state folder is there and nobody else's. Raises CannotServe."""
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        if folder.path.stat().st_mode & OTHERS:
            _take_over(folder)
        for part in (folder.logs, folder.sessions):
            part.mkdir(exist_ok=True)
            part.chmod(0o700)
    except OSError as error:
        raise CannotServe(f"the state folder cannot be used: {error}") from None


def check_alone(folder: StateFolder) -> None:
    """No other `motte serve` has this state folder. Raises CannotServe."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(os.fspath(folder.supervisor_socket))
        except OSError:
            return  # none there, or one that a dead supervisord left behind: the next replaces it
    raise CannotServe(f"another `motte serve` runs on the state folder {folder.path}")


def check_free(address: Address, option: str) -> None:
    """A server could listen there. Raises CannotServe."""
    try:
        bind(address).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotServe(f"cannot listen on {address}: {reason}; choose another with {option}") from None


def bind(address: Address) -> socket.socket:
    """A socket bound there; port 0 takes a free one."""
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


def _take_over(folder: StateFolder) -> None:
    """Close it to others; not where it is plainly somebody's: /tmp, a home folder."""
    if not folder.database.exists() and any(folder.path.iterdir()):
        raise CannotServe(f"{folder.path} is neither empty nor a state folder: choose another with --state")
    folder.path.chmod(0o700)


def _package(folder: Path) -> Any:
    try:
        return json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return {}
