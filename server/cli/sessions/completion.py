"""Ids of sessions and names of keys that a shell completes."""

import asyncio
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from server.cli.common.options import STATE, read_state
from server.cli.sessions.api import every_session
from server.cli.sessions.target import RemoteMotte
from server.core.settings.definitions import URL_VARIABLE
from store.errors import StoreError
from store.sqlite.backup import read_entries, read_key_names

#: Names of parameters, next to those of settings.
KEY_FILE = "key_file"

#: A person waits for the next character.
REMOTE_TIMEOUT_SECONDS = 2.0


def session_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the ids that begin so, with their statuses. No id if the sessions cannot be read."""
    return _beginning(incomplete, lambda: _sessions(ctx.params))


def sandbox_session_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns those of the sandbox."""
    return _beginning(incomplete, lambda: _stored(ctx.params, sandbox=True))


def key_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the names of API keys that begin so. No name if the keys cannot be read."""
    return _beginning(
        incomplete,
        lambda: [(name, "") for name in read_key_names(read_state(ctx.params.get(STATE.name)).database)],
    )


def _beginning(incomplete: str, names: Callable[[], list[tuple[str, str]]]) -> list[CompletionItem]:
    """names: returns names and their explanations; may raise errors, which a shell could not show."""
    try:
        found = names()
    except (click.ClickException, StoreError, OSError, TimeoutError):
        return []
    return [CompletionItem(name, help=text or None) for name, text in found if name.startswith(incomplete)]


def _sessions(params: dict[str, Any]) -> list[tuple[str, str]]:
    """Reads the database of this host, or asks the Motte elsewhere."""
    url = params.get(URL_VARIABLE)
    if url is None or params.get(STATE.name) is not None:
        return _stored(params)
    return asyncio.run(_remote(RemoteMotte(url, params.get(KEY_FILE))))


def _stored(params: dict[str, Any], *, sandbox: bool = False) -> list[tuple[str, str]]:
    """Reads the database, which needs no key and no running Motte, and changes nothing in it."""
    folder = read_state(params.get(STATE.name), sandbox=sandbox)
    return [(entry.id, entry.status) for entry in read_entries(folder.database)]


async def _remote(motte: RemoteMotte) -> list[tuple[str, str]]:
    async with asyncio.timeout(REMOTE_TIMEOUT_SECONDS), motte.client() as api:
        return [(session["id"], session["status"]) for session in await every_session(api, None)]
