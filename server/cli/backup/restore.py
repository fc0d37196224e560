"""`motte restore`: a state folder as a backup has it."""

import asyncio
import os
import shutil
from pathlib import Path

import click

from server.cli.backup.archive import Archive
from server.cli.backup.manifest import RECORD, Manifest
from server.cli.backup.restore_stages import CutOff, staged
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import note, output_option, say_json
from server.cli.common.progress import waiting
from server.cli.serve.preflight import make_private
from server.cli.serve.presence import GatewayRuns, kept_stopped, supervisord_runs
from server.connectors.credentials import is_linked
from server.core.clock import SystemClock
from server.core.paths import StateFolder, is_session_id
from server.core.trash import KEPT_DAYS, Trash
from store.errors import StoreError, StoreUnavailable
from store.sqlite.backup import fold_log, roll
from store.sqlite.integrity import NEWEST, inspect
from store.sqlite.store import open_store

#: What a restore replaces, in the order in which it goes. What comes, comes in the reverse one: the record
#: last, since without it nothing in the folder counts.
REPLACED = (RECORD, f"{RECORD}-wal", f"{RECORD}-shm", "sessions", "admin.key", "link.key", "sandbox.state")

#: Bytes that stay free.
MARGIN = 10_000_000


class NotRestored(click.ClickException):
    """The state folder is as it was."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force",
    is_flag=True,
    help="replace the sessions that are in the state folder; their credentials go to trash/",
)
@output_option
@setting_options([STATE])
def restore(*, file: Path, force: bool, output: str, **options: str | None) -> None:
    """Make the state folder what it was when `motte backup` wrote FILE.

    Refused while Motte runs, and where the folder holds sessions. FILE is checked as a whole before anything
    is written. The Motte that it was taken from must not run again with the same sessions.

    Exit codes: 0 restored, 1 refused, the state folder is as it was, 2 wrong usage, 7 restored, but without
    the credentials of some sessions, which are damaged.
    """
    os.umask(0o077)
    with waiting("Restoring"):
        manifest = restore_backup(read_state(options[STATE.name]), file, force=force)
    if output == "json":
        say_json({"file": str(file), **manifest.summary})
    else:
        click.echo(
            f"Restored {manifest.sessions} session{'s' * (manifest.sessions != 1)} of {manifest.created}."
        )
        note(
            "Paired ones connect when Motte starts. Elsewhere they must not run any more: WhatsApp drops one."
        )
    manifest.check_complete()


def restore_backup(folder: StateFolder, file: Path, *, force: bool) -> Manifest:
    """Raises BadArchive, NotRestored, GatewayRuns, CannotServe, CutOff."""
    try:
        with file.open("rb") as source:
            archive = Archive.check(source, room=lambda manifest: _check_room(folder, manifest))
            if archive.manifest.schema > NEWEST:
                raise NotRestored(f"the backup is a newer Motte's, {archive.manifest.version}: update Motte")
            make_private(folder)
            with kept_stopped(folder), staged(folder) as stage:
                _check_empty(folder, force=force)
                archive.extract(stage / "new")
                damaged = _settle(stage / "new")
                _replace(folder, stage)
                _keep_replaced(folder, stage / "old" / "sessions")
    except (StoreError, OSError) as error:
        raise NotRestored(f"nothing was restored: {error}") from None
    return archive.manifest.without(damaged)


def _check_empty(folder: StateFolder, *, force: bool) -> None:
    if not force and holds_sessions(folder):
        raise NotRestored(
            f"{folder.path} holds sessions already; --force replaces them; their credentials go to trash/"
        )


def _check_room(folder: StateFolder, manifest: Manifest) -> None:
    """The folder need not exist yet: whatever will hold it tells the room."""
    needed = manifest.size + MARGIN
    nearest = next(path for path in (folder.path, *folder.path.absolute().parents) if path.exists())
    if shutil.disk_usage(nearest).free < needed:
        raise NotRestored(f"there is no room for {needed // 1_000_000} MB in {folder.path}")


def holds_sessions(folder: StateFolder) -> bool:
    """Whether something would be lost. A record that cannot be read may hold some."""
    if any(folder.sessions.glob("*")):
        return True
    try:
        return folder.database.exists() and bool(roll(folder.database))
    except StoreError:
        return True


def _settle(new: Path) -> list[str]:
    """Sound databases, the record at this Motte's schema, and nothing in it of a moment that is past.

    Returns the names of those that are damaged, and were removed: a Motte before this one copied them too.
    """
    if inspect(new / RECORD).damage:
        raise NotRestored(f"{RECORD} in the backup is damaged")
    damaged = [file for file in sorted(new.glob("sessions/*/*.db")) if not _is_sound(file)]
    for file in damaged:
        file.unlink()
    asyncio.run(_forget_passing(new / RECORD))
    for file in new.rglob("*.db"):
        fold_log(file)
    for file in new.rglob("*.db-*"):
        file.unlink()
    return [str(file.relative_to(new)) for file in damaged]


def _is_sound(file: Path) -> bool:
    try:
        return not inspect(file).damage
    except StoreUnavailable:
        return False


async def _forget_passing(record: Path) -> None:
    async with open_store(record, boot_id=SystemClock().boot_id) as store:
        if not all(is_session_id(session.id) for session in await store.sessions.all()):
            raise NotRestored("the backup holds a session whose id is none")
        await store.forget_transient()


def _replace(folder: StateFolder, stage: Path) -> None:
    if supervisord_runs(folder):
        raise GatewayRuns(f"Motte was started on the state folder {folder.path} meanwhile: stop it first")
    aside = [(folder.path / name, stage / "old" / name) for name in REPLACED]
    place = [(stage / "new" / name, folder.path / name) for name in reversed(REPLACED)]
    os.sync()  # what comes is on the disk before what goes has gone
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
    """The accounts that were linked before go to the trash: some may be younger than the backup."""
    trash = Trash(folder, SystemClock())
    linked = [path for path in sorted(old.glob("*")) if is_session_id(path.name) and is_linked(path)]
    try:
        for path in linked:
            trash.keep(path.name, path)
    except OSError as error:
        note(f"The credentials that were there before could not be kept: {error}")
    else:
        if linked:
            note(f"The credentials that were there before are kept in {folder.trash} for {KEPT_DAYS} days.")


def _put_back(stage: Path, done: list[tuple[Path, Path]]) -> None:
    try:
        for source, target in reversed(done):
            target.rename(source)
    except OSError:
        raise CutOff(stage) from None
