"""Addresses and API key of the running Motte, from its state folder."""

import json
import os
from pathlib import Path

import click

from server.cli.common.client import ApiKey, Unreachable
from server.cli.serve.server_identity import not_running
from server.core.addresses import VISIBLE_ASCII
from server.core.paths import StateFolder
from store.files import read_regular

VARIABLE = "MOTTE_API_KEY"

#: Of a file with a key; a longer one is not a key.
MAX_KEY_CHARACTERS = 4096


class NoKey(click.ClickException):
    """There is no API key for the request."""


def front_url(folder: StateFolder) -> str:
    """Returns the URL of the REST API. Raises Unreachable."""
    url = _announced(folder.front, "url")
    if url is None:
        raise Unreachable(not_running(folder))
    return url


def control_url(folder: StateFolder) -> str:
    """Returns the URL that controls the sandbox's phones. Raises Unreachable."""
    url = _announced(folder.sandbox, "controlUrl")
    if url is None:
        raise Unreachable(
            f"no sandbox runs on the state folder {folder.path}: start it with `motte serve --sandbox`"
        )
    return url


def api_key(folder: StateFolder) -> ApiKey:
    """Returns the key in MOTTE_API_KEY, or the first key of this host. Raises NoKey."""
    return given_key(None) or local_key(folder)


def local_key(folder: StateFolder) -> ApiKey:
    """Returns the first key of this host. Raises NoKey."""
    try:
        text = read_regular(folder.admin_key).decode(errors="replace").strip()
    except OSError as error:
        raise NoKey(f"{VARIABLE} is not set, and {folder.admin_key}: {error.strerror}") from None
    return ApiKey(text, origin=str(folder.admin_key))


def remote_key(file: Path | None) -> ApiKey:
    """Returns the key for another host. The first key of this host is never sent there. Raises NoKey."""
    key = given_key(file)
    if key is None:
        raise NoKey(f"no API key for that address: put it into {VARIABLE}, or name its file with --key-file")
    return key


def given_key(file: Path | None) -> ApiKey | None:
    """Returns the key in the file, or the one in MOTTE_API_KEY; None if neither is given. Raises NoKey."""
    if file is None:
        key, origin = os.environ.get(VARIABLE) or None, VARIABLE
    else:
        key, origin = _read_key(file), str(file)
    if key is not None and not VISIBLE_ASCII.fullmatch(key):
        raise NoKey(f"{origin} must hold one API key: visible ASCII characters without spaces")
    return None if key is None else ApiKey(key, origin)


def _read_key(file: Path) -> str:
    try:
        with file.open(encoding="ascii") as source:
            text = source.read(MAX_KEY_CHARACTERS + 1)
            return text.strip() if len(text) <= MAX_KEY_CHARACTERS else ""
    except UnicodeError:
        return ""
    except OSError as error:
        raise NoKey(f"{file}: {error.strerror}") from None


def _announced(file: Path, name: str) -> str | None:
    """Returns an address that a running process announces, or None."""
    try:
        return str(json.loads(read_regular(file))[name])
    except (OSError, ValueError, KeyError):
        return None
