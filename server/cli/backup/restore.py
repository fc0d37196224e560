"""`motte restore`: restores a state folder from a backup."""

import asyncio
import os
import shutil
from pathlib import Path

import click

from server.cli.backup.archive import Archive
from server.cli.backup.manifest import DATABASE, Contents, Manifest, summary
from server.cli.backup.restore_stages import CutOff, staged
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import note, output_option, print_json, say
from server.cli.common.progress import waiting
from server.cli.serve.preflight import make_private
from server.cli.serve.run_state import FolderInUse, kept_stopped, supervisord_runs
from server.connectors.credentials import is_linked
from server.core.clock import SystemClock
from server.core.paths import StateFolder, is_session_id
from server.core.trash import KEPT_DAYS, Trash
from server.outbound.status_changes import status_event
from store.errors import StoreError, StoreUnavailable
from store.sqlite.backup import checkpoint, read_entries
from store.sqlite.integrity import NEWEST_SCHEMA, inspect
from store.sqlite.store import open_store

#: What a restore replaces. Old files are moved away in this order, new ones come in reverse order: the
#: database last, because without it the rest of the folder is not used.
REPLACED = (
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    "sessions",
    "admin.key",
    "link.key",
    "sandbox.state",
)

MIB = 1024 * 1024

#: Bytes of the disk that must stay free.
RESERVED_BYTES = 10 * MIB


class NotRestored(click.ClickException):
    """The state folder is unchanged."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force",
    is_flag=True,
    help="replace the sessions in the state folder; their credentials go to trash/",
)
@click.option(
    "--resend",
    is_flag=True,
    help="send what waited when the backup was made, even if that was sent since; else it fails",
)
@output_option
@setting_options([STATE])
def restore(*, file: Path, force: bool, resend: bool, output: str, **options: str | None) -> None:
    """Restore the state folder from FILE, which `motte backup` made.

    Refused while Motte runs, or if the folder has sessions. FILE is checked completely before anything is
    written. The Motte that made the backup must not run again with the same sessions.

    Exit codes: 0 restored, 1 refused, the state folder is unchanged, 2 wrong usage, 7 restored, but without
    the credentials of some sessions, which are damaged.
    """
    os.umask(0o077)
    with waiting("Restoring"):
        folder = read_state(options[STATE.name])
        manifest = restore_backup(folder, file, force=force, resends=resend)
        contents = Contents.of(folder, manifest)
    if output == "json":
        print_json(summary(file, manifest, contents))
    else:
        say(f"Restored {contents}, of {manifest.created}.")
        note("Paired sessions connect when Motte starts. Do not run them elsewhere too: WhatsApp drops one.")
    manifest.check_complete()


def restore_backup(folder: StateFolder, file: Path, *, force: bool, resends: bool = False) -> Manifest:
    """Raises BadArchive, NotRestored, FolderInUse, CannotServe, CutOff.

    resends: messages that waited are sent; else they have failed.
    """
    if not file.is_file():  # opening a named pipe would wait for ever
        raise NotRestored(f"{file} is not a regular file")
    try:
        with file.open("rb") as source:
            archive = Archive.check(source, room=lambda manifest: _check_room(folder, manifest))
            if archive.manifest.schema > NEWEST_SCHEMA:
                raise NotRestored(f"the backup is a newer Motte's, {archive.manifest.version}: update Motte")
            make_private(folder)
            with kept_stopped(folder), staged(folder) as stage:
                _check_empty(folder, force=force)
                archive.extract(stage / "new")
                damaged = _prepare(stage / "new", resends=resends)
                _replace(folder, stage)
                _keep_replaced(folder, stage / "old" / "sessions")
    except (StoreError, OSError) as error:
        raise NotRestored(f"nothing was restored: {error}") from None
    return archive.manifest.without(damaged)


def _check_empty(folder: StateFolder, *, force: bool) -> None:
    if not force and has_sessions(folder):
        raise NotRestored(
            f"{folder.path} has sessions already; --force replaces them; their credentials go to trash/"
        )


def _check_room(folder: StateFolder, manifest: Manifest) -> None:
    """Checks the free space of the disk that holds or will hold the folder."""
    needed = manifest.size + RESERVED_BYTES
    nearest = next(path for path in (folder.path, *folder.path.absolute().parents) if path.exists())
    if shutil.disk_usage(nearest).free < needed:
        raise NotRestored(f"there is no room for {needed // MIB} MiB in {folder.path}")


def has_sessions(folder: StateFolder) -> bool:
    """Whether a restore would replace sessions. A database that cannot be read may have some."""
    if any(folder.sessions.glob("*")):
        return True
    try:
        return folder.database.exists() and bool(read_entries(folder.database))
    except StoreError:
        return True


def _prepare(new: Path, *, resends: bool) -> list[str]:
    """Checks the databases, migrates the store to this Motte's schema and deletes its transient rows.

    Returns the names of damaged databases, which it removes: older versions of Motte copied them too.
    """
    if inspect(new / DATABASE).damage:
        raise NotRestored(f"{DATABASE} in the backup is damaged")
    damaged = [file for file in sorted(new.glob("sessions/*/*.db")) if not _is_sound(file)]
    for file in damaged:
        file.unlink()
    asyncio.run(_forget_transient(new / DATABASE, resends=resends))
    for file in new.rglob("*.db"):
        checkpoint(file)
    for file in new.rglob("*.db-*"):
        file.unlink()
    return [str(file.relative_to(new)) for file in damaged]


def _is_sound(file: Path) -> bool:
    try:
        return not inspect(file).damage
    except StoreUnavailable:
        return False


async def _forget_transient(database: Path, *, resends: bool) -> None:
    async with open_store(database, boot_id=SystemClock().boot_id) as store:
        if not all(is_session_id(session.id) for session in await store.sessions.all()):
            raise NotRestored("the backup holds a session with an invalid id")
        now = SystemClock().wall()
        await store.forget_transient(
            resends=resends, now=now, report=lambda message: status_event(message, at=now)
        )


def _replace(folder: StateFolder, stage: Path) -> None:
    if supervisord_runs(folder):
        raise FolderInUse(f"Motte was started on the state folder {folder.path} meanwhile: stop it first")
    aside = [(folder.path / name, stage / "old" / name) for name in REPLACED]
    place = [(stage / "new" / name, folder.path / name) for name in reversed(REPLACED)]
    os.sync()  # the new files must be on the disk before the old ones are moved
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in aside + place:
            if source.exists():
                source.rename(target)
                done.append((source, target))
    except BaseException:
        _put_back(stage, done)
        raise


def _keep_replaced(folder: StateFolder, old: Path) -> None:
    """Moves the linked accounts from before the restore to the trash: some may be newer than the backup."""
    trash = Trash(folder, SystemClock())
    linked = [path for path in sorted(old.glob("*")) if is_session_id(path.name) and is_linked(path)]
    try:
        for path in linked:
            trash.keep(path.name, path)
    except OSError as error:
        note(f"The previous credentials could not be kept: {error}")
    else:
        if linked:
            note(f"The previous credentials are kept in {folder.trash} for {KEPT_DAYS} days.")


def _put_back(stage: Path, done: list[tuple[Path, Path]]) -> None:
    try:
        for source, target in reversed(done):
            target.rename(source)
    except OSError:
        raise CutOff(stage) from None
