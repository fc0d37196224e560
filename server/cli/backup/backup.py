"""`motte backup`: copies everything that lasts into one file. Motte may run meanwhile."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import IO

import click

from server.cli.backup.archive import write
from server.cli.backup.manifest import DATABASE, Contents, Manifest, summary
from server.cli.common.database import check_database_exists
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option, print_json, say
from server.cli.common.progress import show_progress, waiting
from server.connectors.credentials import FILE
from server.core.clock import SystemClock, iso
from server.core.paths import StateFolder
from server.core.version import VERSION
from server.domain.states import PAIRED
from store.errors import StoreError, StoreUnavailable
from store.files import read_regular
from store.records.sessions import Status
from store.sqlite.backup import Entry, copy_database, read_entries
from store.sqlite.integrity import inspect

#: A copy starts again if a session was paired or removed meanwhile.
MAX_COPY_TRIES = 5

#: Bytes of a file that is no database: a key, or the devices that the sandbox has linked.
MAX_SIDE_FILE_BYTES = 100_000_000


class NoBackup(click.ClickException):
    """No backup was made. A file of that name is unchanged."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@output_option
@setting_options([STATE])
def backup(*, file: Path, output: str, **options: str | None) -> None:
    """Copy sessions, credentials and keys into FILE.

    Motte may run meanwhile. FILE is a tar file that only you can read. An existing
    file is replaced once the new one is complete. Anyone with FILE can act as the accounts: keep it secret.

    Exit codes: 0 made, 1 not made, 2 wrong usage, 7 made, but without the credentials of some sessions, which
    are damaged.
    """
    os.umask(0o077)
    folder = read_state(options[STATE.name])
    check_database_exists(folder)
    try:
        with waiting("Copying"):
            manifest = make_backup(folder, file)
            contents = Contents.of(folder, manifest)
    except (StoreError, OSError) as error:
        raise NoBackup(f"no backup was made: {error}") from None
    if output == "json":
        print_json(summary(file, manifest, contents))
    else:
        say(f"{file}: {contents}, {manifest.created}")
    manifest.check_complete()


def make_backup(folder: StateFolder, file: Path) -> Manifest:
    """Writes the backup next to `file`, then renames it to `file`. Raises NoBackup, StoreError, OSError."""
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise NoBackup(f"{file} is not a plain file")
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
    for _ in range(MAX_COPY_TRIES):
        out.seek(0)
        out.truncate()
        before = read_entries(folder.database)
        manifest = write(
            out,
            _members(folder, before),
            version=VERSION,
            schema=inspect(folder.database).schema,
            created=iso(SystemClock().wall()),
        )
        if _linked(read_entries(folder.database)) == _linked(before):
            return manifest
    raise NoBackup("sessions were paired or removed during each try: try again later")


def _members(folder: StateFolder, sessions: list[Entry]) -> Iterator[tuple[str, bytes | None]]:
    """Yields the store first. Events that a connector spools after that are in its own database, and it sends
    them again. In the other order the store would hold their sequence numbers already.
    """
    yield DATABASE, copy_database(folder.database)
    for number, session in enumerate(sessions, 1):
        show_progress(f"Copying session {number} of {len(sessions)}")
        database = folder.session(session.id).path / FILE
        if database.exists():  # its connector may never have run
            yield f"sessions/{session.id}/{FILE}", _copy_unless_damaged(database)
    for file in (folder.admin_key, folder.path / "sandbox.state"):
        if file.exists():
            yield file.name, read_regular(file, limit=MAX_SIDE_FILE_BYTES)


def _copy_unless_damaged(database: Path) -> bytes | None:
    """Returns None if one session's database is damaged: the others are copied all the same."""
    try:
        return copy_database(database)
    except StoreUnavailable:
        return None


def _linked(sessions: list[Entry]) -> list[tuple[str, bool, bool, str | None]]:
    """Returns which sessions have credentials. A link that is lost and restored changes nothing."""
    return [
        (session.id, session.status in PAIRED, session.status == Status.LOGGED_OUT, session.phone_number)
        for session in sessions
    ]
