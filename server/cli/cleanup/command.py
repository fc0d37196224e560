"""`motte cleanup`: removes what is no longer needed."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

import click

from server.cli.cleanup.leftovers import Leftover, Search
from server.cli.cleanup.removal import ApiRemover, OfflineRemover, Removal, RemovalResult, Remover
from server.cli.cleanup.views import count_by_kind, note_kept, print_found, print_removed
from server.cli.common.database import check_database_exists, opened
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import confirm, output_option
from server.cli.common.progress import show_progress, waiting
from server.cli.serve.run_state import front_runs, kept_stopped
from server.cli.sessions.target import LocalMotte
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import SystemClock
from server.core.errors import SupervisorUnavailable
from server.core.paths import StateFolder

AGE = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[mhd])")
SECONDS_PER_UNIT = {"m": 60.0, "h": 3_600.0, "d": 86_400.0}


class NotReached(click.ClickException):
    """A gateway runs, but a part of it does not answer."""

    exit_code = 3


def parse_age(_: click.Context, __: click.Parameter, text: str) -> float:
    match = AGE.fullmatch(text)
    if match is None:
        raise click.BadParameter("must be a number followed by m, h or d, such as 30m, 12h or 7d")
    return int(match["count"]) * SECONDS_PER_UNIT[match["unit"]]


@click.command()
@click.option(
    "--older-than",
    metavar="AGE",
    default="7d",
    show_default=True,
    callback=parse_age,
    help="remove sessions that are not paired or logged out, and unchanged for so long: 30m, 12h, 7d",
)
@click.option(
    "--linked-orphans",
    is_flag=True,
    help="also remove folders without a session that hold an account's credentials; they go to trash/",
)
@click.option("--dry-run", is_flag=True, help="only show what would be removed")
@click.option("--yes", is_flag=True, help="do not ask first")
@output_option
@setting_options([STATE])
def cleanup(
    *,
    older_than: float,
    linked_orphans: bool,
    dry_run: bool,
    yes: bool,
    output: str,
    **options: str | None,
) -> None:
    """Remove what is no longer needed.

    That is: sessions that are not paired or are logged out, have not changed for a week and have no messages;
    folders, processes and logs without a session; folders that were discarded a week ago; leases and
    requests that nothing needs any longer. A paired session is never removed, whatever its status.
    Credentials of an account without a session in the database are kept too: --linked-orphans moves them
    to trash/.

    If Motte runs, sessions are deleted through its API. If it does not run, this command deletes them itself,
    and a Motte that starts meanwhile waits.

    Exit codes: 0 all removed, or nothing to remove, 1 something could not be removed, or the answer was no,
    2 wrong usage, 3 Motte runs but cannot be reached.
    """
    os.umask(0o077)
    wanted = CleanupOptions(older_than, linked_orphans, dry_run, yes, output)
    asyncio.run(_cleanup(read_state(options[STATE.name]), wanted))


class CleanupOptions(NamedTuple):
    """What to remove, and how."""

    #: Seconds.
    older_than: float
    linked_orphans: bool
    dry_run: bool
    yes: bool
    output: str


async def _cleanup(folder: StateFolder, wanted: CleanupOptions) -> None:
    async with _prepared(folder, wanted) as (search, removal, programs):
        found = await search.run(programs)
        kept = [] if wanted.linked_orphans else await search.linked()
        if wanted.output == "table":
            print_found(found)
            note_kept(folder, kept)
        if found and not wanted.dry_run and not wanted.yes:
            confirm(f"Remove {count_by_kind(found)}?")
        removed = [] if wanted.dry_run else await _remove(removal, found)
    print_removed(found, removed, kept, dry_run=wanted.dry_run, output=wanted.output)


async def _remove(removal: Removal, found: list[Leftover]) -> list[RemovalResult]:
    removed = []
    with waiting("Removing"):
        for number, leftover in enumerate(found, 1):
            show_progress(f"Removing {number} of {len(found)}")
            removed.append(await removal.remove(leftover))
    return removed


@asynccontextmanager
async def _prepared(
    folder: StateFolder, wanted: CleanupOptions
) -> AsyncGenerator[tuple[Search, Removal, list[str] | None]]:
    """Yields search, removal and the running programs. None instead of programs: none can start meanwhile."""
    check_database_exists(folder)
    clock = SystemClock()
    async with (
        _remover(folder) as (remover, programs),
        opened(folder, is_kept_stopped=remover is None) as store,
    ):
        search = Search(
            folder, store, clock, older_than=wanted.older_than, linked_orphans=wanted.linked_orphans
        )
        removal = Removal(
            folder, store, clock, search=search, remover=remover or OfflineRemover(folder, store)
        )
        yield search, removal, programs


@asynccontextmanager
async def _remover(folder: StateFolder) -> AsyncGenerator[tuple[Remover | None, list[str] | None]]:
    """Yields the remover of a running gateway and its programs. None: no gateway can run during the block."""
    if not front_runs(folder):
        with kept_stopped(folder):
            yield None, None
        return
    supervisor = SupervisorClient(folder.supervisor_socket)
    try:
        async with LocalMotte(folder).client() as api:
            yield ApiRemover(api, supervisor), await _programs(supervisor)
    finally:
        await supervisor.close()


async def _programs(supervisor: SupervisorClient) -> list[str]:
    try:
        return [program.id for program in await supervisor.list()]
    except SupervisorUnavailable as error:
        raise NotReached(error.detail) from None
