"""`motte backup`: one file with everything that lasts, taken while Motte runs or not."""

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import mkstemp
from typing import IO

import click

from server.cli.backup.archive import write
from server.cli.backup.manifest import RECORD, Manifest
from server.cli.common.database import check_recorded
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option, say_json
from server.cli.common.progress import say, waiting
from server.connectors.credentials import FILE
from server.core.clock import SystemClock, iso
from server.core.paths import StateFolder
from server.domain.states import PAIRED
from store.errors import StoreError, StoreUnavailable
from store.records import Status
from store.sqlite.backup import Entry, copy_of, roll
from store.sqlite.integrity import inspect

#: How often a copy is begun anew because a session was paired or removed meanwhile.
TRIES = 5


class NoBackup(click.ClickException):
    """None was made; a file that was there is as it was."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@output_option
@setting_options([STATE])
def backup(*, file: Path, output: str, **options: str | None) -> None:
    """Copy sessions, credentials and keys into FILE.

    Motte may run meanwhile: the copy is of one moment. FILE is a tar that only you can read; one of that name
    is replaced, once the new one is whole. Whoever has it can act as the accounts: keep it as you keep keys.

    Exit codes: 0 made, 1 it cannot be made, 2 wrong usage, 7 made, but without the credentials of some
    sessions, which are damaged.
    """
    os.umask(0o077)
    folder = read_state(options[STATE.name])
    check_recorded(folder)
    try:
        with waiting("Copying"):
            manifest = make_backup(folder, file)
    except (StoreError, OSError) as error:
        raise NoBackup(f"no backup was made: {error}") from None
    if output == "json":
        say_json({"file": str(file), **manifest.summary})
    else:
        click.echo(f"{file}: {manifest.sessions} session{'s' * (manifest.sessions != 1)}, {manifest.created}")
    manifest.check_complete()


def make_backup(folder: StateFolder, file: Path) -> Manifest:
    """Write the backup beside `file`, then put it in its place. Raises NoBackup, StoreError, OSError."""
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise NoBackup(f"{file} is no plain file")
    number, name = mkstemp(prefix=f".{target.name}.", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(number, "wb") as out:
            manifest = _fill(folder, out)
            out.flush()
            os.fsync(number)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _fill(folder: StateFolder, out: IO[bytes]) -> Manifest:
    for _ in range(TRIES):
        out.seek(0)
        out.truncate()
        before = roll(folder.database)
        manifest = write(
            out,
            _members(folder, before),
            version=version("motte"),
            schema=inspect(folder.database).schema,
            created=iso(SystemClock().wall()),
        )
        if _standing(roll(folder.database)) == _standing(before):
            return manifest
    raise NoBackup("sessions were paired or removed during each try: ask again in a quieter moment")


def _members(folder: StateFolder, sessions: list[Entry]) -> Iterator[tuple[str, bytes | None]]:
    """The record first: what a connector says after that is in its own file, and is said again.

    The other way round, the record would take it for said already.
    """
    yield RECORD, copy_of(folder.database)
    for number, session in enumerate(sessions, 1):
        say(f"Copying session {number} of {len(sessions)}")
        record = folder.session(session.id).path / FILE
        if record.exists():  # its connector may never have run
            yield f"sessions/{session.id}/{FILE}", _copy_unless_damaged(record)
    for file in (folder.admin_key, folder.path / "sandbox.state"):
        if file.exists():
            yield file.name, file.read_bytes()


def _copy_unless_damaged(record: Path) -> bytes | None:
    """One session's damage is not that of all others."""
    try:
        return copy_of(record)
    except StoreUnavailable:
        return None


def _standing(sessions: list[Entry]) -> list[tuple[str, bool, bool, str | None]]:
    """Whose credentials there are. A link that comes and goes does not matter."""
    return [
        (session.id, session.status in PAIRED, session.status == Status.LOGGED_OUT, session.phone_number)
        for session in sessions
    ]
