"""`motte cleanup`: removes what nobody needs any longer."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import click

from server.cli.cleanup.leftovers import Kind, Leftover, Search
from server.cli.cleanup.removal import ApiRemover, OfflineRemover, Removal, Removed, Remover
from server.cli.common.database import check_recorded, opened
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import note, output_option, say_json, say_table
from server.cli.common.progress import say, waiting
from server.cli.serve.presence import front_runs, kept_stopped
from server.cli.sessions.api import client
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import SystemClock
from server.core.errors import SupervisorUnavailable
from server.core.paths import StateFolder

SPAN = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[mhd])")
SECONDS = {"m": 60.0, "h": 3_600.0, "d": 86_400.0}


class NotAllRemoved(click.ClickException):
    """Something could not be removed."""


class NotReached(click.ClickException):
    """A gateway runs, and a part of it does not answer."""

    exit_code = 3


def _span(_: click.Context, __: click.Parameter, text: str) -> float:
    match = SPAN.fullmatch(text)
    if match is None:
        raise click.BadParameter("must be a number with m, h or d behind it, such as 30m, 12h or 7d")
    return int(match["count"]) * SECONDS[match["unit"]]


@click.command()
@click.option(
    "--older-than",
    metavar="SPAN",
    default="7d",
    show_default=True,
    callback=_span,
    help="how long a session that is not paired, or is logged out, may go without a change: 30m, 12h, 7d",
)
@click.option(
    "--linked-orphans",
    is_flag=True,
    help="also take folders of no session that hold an account's credentials; they go to trash/",
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
    """Remove what nobody needs any longer.

    That is: sessions that are not paired or are logged out, have not changed for a week and hold no
    messages; folders, processes and logs whose session is gone; what was discarded a week ago; expired leases
    and errands. A paired session is never touched, whatever its status. Nor are an account's credentials
    whose session is not in the database: --linked-orphans moves them to trash/.

    Beside a running Motte, sessions are deleted through its API. Where Motte does not run, everything is done
    here, and one that starts meanwhile waits.

    Exit codes: 0 all removed, or nothing to remove, 1 something could not be removed, or the answer was no,
    2 wrong usage, 3 Motte runs but cannot be reached.
    """
    os.umask(0o077)
    wish = Wish(older_than, linked_orphans, dry_run, yes, output)
    asyncio.run(_cleanup(read_state(options[STATE.name]), wish))


class Wish(NamedTuple):
    """What to remove, and how to go about it."""

    #: Seconds.
    older_than: float
    linked_orphans: bool
    dry_run: bool
    yes: bool
    output: str


async def _cleanup(folder: StateFolder, wish: Wish) -> None:
    async with _at_work(folder, wish) as (search, removal, programs):
        found = await search.run(programs)
        kept = [] if wish.linked_orphans else await search.linked()
        if wish.output == "table":
            _say_found(found)
            _say_kept(folder, kept)
        if found and not wish.dry_run and not wish.yes:
            click.confirm(f"Remove {_counts(found)}?", abort=True, err=True)
        removed = [] if wish.dry_run else await _remove(removal, found)
    _say_removed(found, removed, kept, wish)


async def _remove(removal: Removal, found: list[Leftover]) -> list[Removed]:
    removed = []
    with waiting("Removing"):
        for number, leftover in enumerate(found, 1):
            say(f"Removing {number} of {len(found)}")
            removed.append(await removal.remove(leftover))
    return removed


@asynccontextmanager
async def _at_work(
    folder: StateFolder, wish: Wish
) -> AsyncGenerator[tuple[Search, Removal, list[str] | None]]:
    """What finds and what removes, and the programs that run; None: nothing can run for the block."""
    check_recorded(folder)
    clock = SystemClock()
    async with _hand(folder) as (hand, programs), opened(folder) as store:
        search = Search(folder, store, clock, older_than=wish.older_than, linked_orphans=wish.linked_orphans)
        removal = Removal(folder, store, clock, search=search, hand=hand or OfflineRemover(folder, store))
        yield search, removal, programs


@asynccontextmanager
async def _hand(folder: StateFolder) -> AsyncGenerator[tuple[Remover | None, list[str] | None]]:
    """That of a running gateway, with its programs; None: nothing runs, and nothing can for the block."""
    if not front_runs(folder):
        with kept_stopped(folder):
            yield None, None
        return
    supervisor = SupervisorClient(folder.supervisor_socket)
    try:
        async with client(folder) as api:
            yield ApiRemover(api, supervisor), await _programs(supervisor)
    finally:
        await supervisor.close()


async def _programs(supervisor: SupervisorClient) -> list[str]:
    try:
        return [program.id for program in await supervisor.list()]
    except SupervisorUnavailable as error:
        raise NotReached(error.detail) from None


def _say_found(found: list[Leftover]) -> None:
    if found:
        say_table(
            ("KIND", "NAME", "WHY"), [(leftover.kind, leftover.name, leftover.why) for leftover in found]
        )
    else:
        click.echo("There is nothing to clean up.")


def _say_kept(folder: StateFolder, kept: list[Leftover]) -> None:
    for orphan in kept:
        note(
            f"{folder.sessions / orphan.name} stays: it holds the credentials of an account, and its session "
            "is not in the database. Bring it back (docs/reference/sessions.md), "
            "or take it with --linked-orphans."
        )


def _say_removed(found: list[Leftover], removed: list[Removed], kept: list[Leftover], wish: Wish) -> None:
    failed = [outcome for outcome in removed if outcome.error]
    if wish.output == "json":
        say_json(
            {
                "dryRun": wish.dry_run,
                "items": _as_json(found, removed),
                "kept": [{"kind": orphan.kind, "name": orphan.name, "why": orphan.why} for orphan in kept],
            }
        )
    elif removed:
        gone = [outcome.leftover for outcome in removed if not outcome.error]
        click.echo(f"Removed {_counts(gone)}.")
    if failed:
        lines = [f"{outcome.leftover.kind} {outcome.leftover.name}: {outcome.error}" for outcome in failed]
        raise NotAllRemoved("\n".join(["not everything could be removed", *lines]))


def _as_json(found: list[Leftover], removed: list[Removed]) -> list[dict[str, Any]]:
    outcomes = removed or [Removed(leftover, None) for leftover in found]
    return [
        {
            "kind": leftover.kind,
            "name": leftover.name,
            "why": leftover.why,
            "removed": bool(removed) and error is None,
            "error": error,
        }
        for leftover, error in outcomes
    ]


def _counts(leftovers: list[Leftover]) -> str:
    """`2 sessions, 1 folder`."""
    counts = Counter(leftover.kind for leftover in leftovers)
    words = [f"{counts[kind]} {kind}{'s' * (counts[kind] != 1)}" for kind in Kind if counts[kind]]
    return ", ".join(words) or "nothing"
