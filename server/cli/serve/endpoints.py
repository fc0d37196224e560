"""Addresses and API key of the running Motte, from its state folder."""

import json
import os
from pathlib import Path

import click

from server.cli.common.client import Unreachable
from server.core.paths import StateFolder


class NoKey(click.ClickException):
    """There is no API key for the request."""


def front_url(folder: StateFolder) -> str:
    """Returns the URL of the REST API. Raises Unreachable."""
    return _announced(folder.front, "url", f"Motte does not run on the state folder {folder.path}")


def control_url(folder: StateFolder) -> str:
    """Returns the URL that controls the sandbox's phones. Raises Unreachable."""
    return _announced(
        folder.sandbox,
        "controlUrl",
        f"no sandbox runs on the state folder {folder.path}: start it with `motte serve --sandbox`",
    )


def api_key(folder: StateFolder) -> str:
    """Returns the key in MOTTE_API_KEY, or the first key of this host. Raises NoKey."""
    key = os.environ.get("MOTTE_API_KEY")
    if key:
        return key
    try:
        return folder.admin_key.read_text().strip()
    except OSError as error:
        raise NoKey(f"MOTTE_API_KEY is not set, and {folder.admin_key}: {error.strerror}") from None


def _announced(file: Path, name: str, absence: str) -> str:
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))[name])
    except (OSError, ValueError, KeyError):
        raise Unreachable(absence) from None
