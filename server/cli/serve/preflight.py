"""Checks before supervisord starts, because its own errors would not be shown."""

import json
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from server.cli.common.node import UnusableNode, version_of
from server.cli.common.options import BadSettings
from server.cli.common.output import first_few, say
from server.cli.common.program import in_words
from server.cli.serve.file_system import OTHERS_MODE_BITS, UnfitFileSystem, check_file_system
from server.cli.serve.launch import CONFIGURATION, INSTALL_ADVICE, NODE, REINSTALL_ADVICE, ROOT
from server.connectors.credentials import is_linked
from server.core.addresses import Address, SocketPath
from server.core.listeners import CannotListen, bind_all, close_all
from server.core.paths import StateFolder
from server.core.settings.model import Isolation, Settings
from server.isolation.confinement import Confinement, Offered
from store.files import check_regular

#: Bits of a folder's mode that let others replace what is in it.
OTHERS_WRITE_BITS = 0o022

#: What file systems and storage systems put into a new volume.
OF_THE_VOLUME = {
    "lost+found",
    ".snapshot",
    ".snapshots",
    ".zfs",
    "@eaDir",
    "#recycle",
    "#snapshot",
    "System Volume Information",
    ".Trashes",
    ".fseventsd",
    ".DS_Store",
}


class CannotServe(click.ClickException):
    """`motte serve` cannot start, and a person can fix that."""


def check_installation() -> None:
    """Checks that the right version of Baileys is installed. Raises CannotServe."""
    if not CONFIGURATION.is_file():
        raise CannotServe(f"{CONFIGURATION} is missing: this Motte is not whole, install it again")
    wanted = _package(ROOT / "connector")["dependencies"]["baileys"]
    found = _package(ROOT / "connector" / "node_modules" / "baileys").get("version", "none")
    if found != wanted:
        raise CannotServe(f"Baileys {wanted} is wanted, {found} is installed: {REINSTALL_ADVICE}")


def check_node(settings: Settings) -> None:
    """Checks the Node that runs the connectors. Raises CannotServe, BadSettings."""
    own = settings.node
    if own is None:
        if not os.access(NODE, os.X_OK):
            raise CannotServe(f"Node is missing at {NODE}: {INSTALL_ADVICE}")
        return
    try:
        version_of(own)
    except UnusableNode as error:
        raise BadSettings(f"MOTTE_NODE: {own} {error}") from None
    if settings.connector_isolation is Isolation.ON:
        _check_isolated(own, StateFolder(settings.state))


def _check_isolated(own: Path, folder: StateFolder) -> None:
    """Runs the operator's Node as a connector would be: its libraries may be where connectors cannot read."""
    confinement = Confinement(Offered.here(), folder.path, ROOT / "connector", folder.cache, own)
    try:
        version_of(
            own,
            options=confinement.node_options(),
            before_exec=lambda: confinement.enter(os.environ),
        )
    except UnusableNode as error:
        raise BadSettings(
            f"MOTTE_NODE: isolated, {own} {error}. Name Node itself, not a script that starts it, "
            "or set MOTTE_CONNECTOR_ISOLATION=off"
        ) from None


def make_private(folder: StateFolder) -> None:
    """Creates the state folder if necessary, and makes it private if it is this user's.

    Raises CannotServe, UnfitFileSystem.

    A folder is judged by what can be done in it. It may belong to another user, as a container's volume does
    whose group was set for it: what Motte makes in it is private all the same.
    """
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        _check_access(folder)
        _check_kinds(folder)
        if folder.path.stat().st_mode & OTHERS_MODE_BITS:
            _close_to_others(folder)
        made = [part for part in (folder.logs, folder.sessions) if not part.exists()]
        for part in (folder.logs, folder.sessions):
            part.mkdir(exist_ok=True)
            part.chmod(0o700)
        _check_file_system(folder, made)
    except OSError as error:
        raise CannotServe(f"the state folder cannot be used: {in_words(error)}") from None


def _check_file_system(folder: StateFolder, made: Iterable[Path]) -> None:
    """made: empty folders, which are removed if the file system is refused. Raises UnfitFileSystem."""
    try:
        check_file_system(folder)
    except UnfitFileSystem:
        for part in made:
            part.rmdir()
        raise


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


def check_free(addresses: Iterable[Address | SocketPath], setting: str) -> None:
    """Checks that a server can listen on all addresses, as the server does it. Raises CannotServe.

    setting: the option and the variable that choose the addresses, for people.
    """
    try:
        close_all(bind_all(addresses))
    except CannotListen as error:
        raise CannotServe(
            f"cannot listen on {error.address}: {error.strerror}; choose another with {setting}"
        ) from None


def _check_access(folder: StateFolder) -> None:
    """This user must be able to write to the folder, and own what an earlier Motte made in it."""
    if os.statvfs(folder.path).f_flag & os.ST_RDONLY:
        raise CannotServe(
            f"{folder.path} is on a read-only file system: mount a volume there that can be written"
        )
    if not os.access(folder.path, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        raise CannotServe(
            f"the user {os.geteuid()} may not write to {folder.path}, which belongs to the user "
            f"{folder.path.stat().st_uid}: give it to that user (chown), or to a group of that user "
            f"(chgrp, chmod g+rwx)"
        )
    for part in (folder.database, folder.admin_key, folder.sessions, folder.logs):
        if part.exists() and (owner := part.stat().st_uid) != os.geteuid():
            raise CannotServe(
                f"{part} belongs to the user {owner}, this is {os.geteuid()}: "
                f"run as it, or chown -R {folder.path}"
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
    for file in (*files, *folder.path.glob("*.json"), *folder.path.glob("*.key")):
        check_regular(file)


def _close_to_others(folder: StateFolder) -> None:
    """Refuses a folder that has another use, such as /tmp or a home folder."""
    if not folder.database.exists() and any(path.name not in OF_THE_VOLUME for path in folder.path.iterdir()):
        raise CannotServe(
            f"{folder.path} is neither empty nor a state folder: choose another with --state or MOTTE_STATE"
        )
    try:
        folder.path.chmod(0o700)
    except PermissionError:  # another user's
        status = folder.path.stat()
        if status.st_mode & OTHERS_WRITE_BITS:
            say(
                f"Warning: {folder.path} belongs to the user {status.st_uid}, and others may write to it. "
                "What Motte keeps in it is private, but they could replace it.",
                err=True,
            )


def _package(folder: Path) -> Any:
    try:
        return json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError):
        return {}
