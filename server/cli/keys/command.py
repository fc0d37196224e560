"""`motte keys`: API keys."""

import asyncio
import os
import re
from contextlib import suppress

import click

from server.api.schemas.session_fields import ID_RULE
from server.auth.key_texts import digest, new_key
from server.auth.scopes import Scope
from server.cli.common.absent import note_absent
from server.cli.common.database import opened
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import confirm, note, output_option, print_json, print_table, say
from server.cli.keys.views import COLUMNS, as_json, as_row
from server.cli.serve.first_key import FROM_ENVIRONMENT
from server.cli.sessions.completion import key_names, session_ids
from server.core.clock import SystemClock
from server.core.paths import StateFolder, is_session_id
from store.files import read_regular
from store.ports.keys import KeyStore
from store.records.keys import Key

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
NAME_RULE = "must be 1 to 64 of the characters A-Z a-z 0-9 _ . -, and begin with none of _ . -"


class NotChanged(click.ClickException):
    """The keys are unchanged."""


def _checked(_: click.Context, __: click.Parameter, name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise click.BadParameter(NAME_RULE)
    return name


def _checked_sessions(_: click.Context, __: click.Parameter, ids: tuple[str, ...]) -> tuple[str, ...]:
    for session_id in ids:
        if not is_session_id(session_id):
            raise click.BadParameter(ID_RULE)
    return ids


@click.group()
def keys() -> None:
    """Make, show and revoke API keys.

    These commands work on the database, even if Motte does not run. A change counts from the next request on.
    """


@keys.command()
@click.argument("name", metavar="NAME", callback=_checked)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    required=True,
    help="what the key may do; may be given more than once",
)
@click.option(
    "--session",
    "sessions",
    metavar="ID",
    multiple=True,
    callback=_checked_sessions,
    shell_complete=session_ids,
    help="bind it to this session, which need not exist yet; may be given more than once",
)
@output_option
@setting_options([STATE])
def create(
    *, name: str, scopes: tuple[str, ...], sessions: tuple[str, ...], output: str, **options: str | None
) -> None:
    """Make a key called NAME and print it.

    The key is printed only once: Motte stores its digest. Without --session it is valid for every session.

    Exit codes: 0 made, 1 a key of that name exists, or there is no Motte in the state folder, 2 wrong usage.
    """
    os.umask(0o077)
    text = new_key()
    key = _new(name, scopes, sessions)
    absent = asyncio.run(_add(read_state(options[STATE.name]), key, text))
    if output == "json":
        print_json({**as_json(key), "key": text})
    else:
        say(text)
        note(f"This is the key {name}. It is shown only once: store it now.")
    note_absent(absent)


@keys.command(name="list")
@output_option
@setting_options([STATE])
def list_keys(*, output: str, **options: str | None) -> None:
    """List the keys: what each may do and when it was last used. The keys themselves are not shown.

    Exit codes: 0 shown, 1 there is no Motte in the state folder, 2 wrong usage.
    """
    os.umask(0o077)
    found = asyncio.run(_all(read_state(options[STATE.name])))
    if output == "json":
        print_json([as_json(key) for key in found])
    else:
        print_table(COLUMNS, [as_row(key) for key in found])
        if not found:
            note("There is no key: the next `motte serve` makes a first one.")


@keys.command()
@click.argument("name", metavar="NAME", shell_complete=key_names)
@click.option("--yes", is_flag=True, help="do not ask whether to revoke it")
@click.option("--force", is_flag=True, help="do not ask a second time if it is the last admin key")
@output_option
@setting_options([STATE])
def revoke(*, name: str, yes: bool, force: bool, output: str, **options: str | None) -> None:
    """Revoke the key called NAME.

    Asks first, and once more if no other key has the scope admin. As JSON it prints the revoked key.

    Exit codes: 0 revoked, 1 there is no key of that name, or the answer was no, 2 wrong usage.
    """
    os.umask(0o077)
    folder = read_state(options[STATE.name])
    known = asyncio.run(_all(folder))
    key = next((key for key in known if key.name == name), None)
    if key is None:
        raise NotChanged(f"there is no key {name}")
    if not yes:
        confirm(f"Revoke the key {name} ({' '.join(key.scopes)})?")
    if is_last_admin(key, known) and not force:
        confirm("It is the last one with the scope admin. Revoke it all the same?")
    asyncio.run(_revoke(folder, name))
    if output == "json":
        print_json(as_json(key))
    else:
        say(f"{name}: revoked")
    if name == FROM_ENVIRONMENT:
        note("The next `motte serve` with this key in MOTTE_API_KEY makes it valid again.")


def is_last_admin(key: Key, known: list[Key]) -> bool:
    """Whether no other key has the scope admin."""
    admins = [other.name for other in known if Scope.ADMIN in other.scopes]
    return admins == [key.name]


def _new(name: str, scopes: tuple[str, ...], sessions: tuple[str, ...]) -> Key:
    if name == FROM_ENVIRONMENT:
        raise NotChanged(f"the name {name} is that of the key in MOTTE_API_KEY: choose another")
    if sessions and Scope.ADMIN in scopes:
        raise click.UsageError(f"the scope {Scope.ADMIN} means everything: leave it out, or --session")
    return Key(
        name=name,
        scopes=tuple(dict.fromkeys(scopes)),
        sessions=tuple(dict.fromkeys(sessions)) or None,
        created_at=SystemClock().wall(),
    )


async def _add(folder: StateFolder, key: Key, text: str) -> list[str]:
    """Stores the key. Returns its sessions that do not exist."""
    async with opened(folder) as store:
        if key.name in [other.name for other in await store.keys.all()]:
            raise NotChanged(
                f"there is a key {key.name} already: choose another name, or revoke that one first"
            )
        await store.keys.add(key.name, digest(text), key.scopes, key.created_at, sessions=key.sessions)
        return [one for one in key.sessions or () if await store.sessions.get(one) is None]


async def _all(folder: StateFolder) -> list[Key]:
    async with opened(folder) as store:
        return await store.keys.all()


async def _revoke(folder: StateFolder, name: str) -> None:
    """Also removes the file with the first admin key if it holds this key: it would be useless."""
    async with opened(folder) as store:
        in_file = await _key_in_file(folder, store.keys)
        await store.keys.delete(name)
    if in_file == name:
        folder.admin_key.unlink(missing_ok=True)


async def _key_in_file(folder: StateFolder, keys: KeyStore) -> str | None:
    with suppress(OSError):
        key = await keys.find(digest(read_regular(folder.admin_key).decode().strip()))
        return key.name if key else None
    return None
