"""`motte sessions start` and `motte sessions restart`."""

import asyncio
from typing import Any, NamedTuple

import click

from server.cli.common.client import Client, Refused
from server.cli.common.output import confirm, note, print_json, print_table, say
from server.cli.common.progress import show_progress, waiting
from server.cli.sessions.api import ask, every_session
from server.cli.sessions.completion import session_ids
from server.cli.sessions.options import checked, on_a_motte, on_a_session, target
from server.cli.sessions.target import Target
from server.cli.sessions.views import print_session
from server.core.trash import KEPT_DAYS
from server.protocol.reasons import TABLE

#: Sessions that are started at the same time.
MAX_CONCURRENT_STARTS = 4


class NotAllStarted(click.ClickException):
    """Some sessions could not be started."""


class StartResult(NamedTuple):
    """Result of starting one session."""

    id: str
    #: None if the request was refused.
    status: str | None
    #: Code and sentence of the error; None if the request succeeded.
    error: str | None


@click.command()
@click.argument("session_id", metavar="[ID]", required=False, callback=checked, shell_complete=session_ids)
@click.option("--all", "is_all", is_flag=True, help="every session that failed")
@click.option(
    "--reason",
    metavar="CODE",
    type=click.Choice(sorted(TABLE)),
    help="with --all, only those that failed for this reason, such as connection-replaced",
)
@on_a_motte
def start(
    *, session_id: str | None, is_all: bool, reason: str | None, output: str, **options: str | None
) -> None:
    """Start the session ID, which was stopped or has failed.

    A paired session reconnects without a scan, any other waits for a code. With --all, every session that
    failed is tried again with its credentials; each has a line in the output.

    Exit codes: 0 done, 1 Motte refused, or no code came, with --all for one session at least, 2 wrong usage,
    3 Motte does not run.
    """
    if is_all is (session_id is not None):
        raise click.UsageError("give the ID of a session, or --all")
    if reason is not None and not is_all:
        raise click.UsageError("--reason goes with --all")
    motte = target(options)
    if session_id is None:
        _start_all(motte, reason, output)
    else:
        meanwhile = f"Starting {session_id}"
        print_session(ask(motte, "POST", f"/sessions/{session_id}/start", meanwhile=meanwhile), output)


@click.command()
@click.option("--forget", is_flag=True, help="discard its link to the account, and begin a new pairing")
@click.option("--yes", is_flag=True, help="with --forget, do not ask first")
@on_a_session
def restart(*, session_id: str, forget: bool, yes: bool, output: str, **options: str | None) -> None:
    """Restart the process of the session ID.

    A linked session keeps its link, also after a failure; any other begins a pairing. With --forget, the link
    is discarded first, and kept in the folder trash/ for seven days. WhatsApp is not informed: the phone goes
    on listing the old device.

    Exit codes: 0 done, 1 Motte refused, no code came, or the answer was no, 2 wrong usage, 3 Motte does not
    run.
    """
    motte = target(options)
    motte.check_runs()
    if forget and not yes:
        session = ask(motte, "GET", f"/sessions/{session_id}?refresh=false")
        note(_consequence(session))
        confirm(f"Discard the link of {session_id}{motte.place} and begin a new pairing?")
    body = {"forget": True} if forget else None
    path = f"/sessions/{session_id}/restart"
    print_session(ask(motte, "POST", path, body, meanwhile=f"Restarting {session_id}"), output)


def _consequence(session: Any) -> str:
    number = session["phoneNumber"]
    if number is None:
        return f"Motte knows of no account that {session['id']} is linked to."
    return (
        f"{session['id']} is linked to +{number}. A phone has to scan a new code after this. "
        f"What is discarded is kept in trash/ for {KEPT_DAYS} days. The phone goes on listing the old device."
    )


def _start_all(motte: Target, reason: str | None, output: str) -> None:
    with waiting("Starting"):
        tried = asyncio.run(_start_failed(motte, reason))
    failed = [outcome for outcome in tried if outcome.error]
    if output == "json":
        print_json({"items": [outcome._asdict() for outcome in tried]})
    elif tried:
        print_table(("ID", "STATUS", "ERROR"), tried)
    else:
        say("No session has failed" + f" with {reason}." if reason else "No session has failed.")
    if failed:
        raise NotAllStarted(f"{len(failed)} of {len(tried)} could not be started")


async def _start_failed(motte: Target, reason: str | None) -> list[StartResult]:
    async with motte.client() as api:
        failed = [
            session["id"]
            for session in await every_session(api, "failed")
            if reason in (None, (session["statusReason"] or {}).get("code"))
        ]
        slots = asyncio.Semaphore(MAX_CONCURRENT_STARTS)

        async def start(number: int, session_id: str) -> StartResult:
            async with slots:
                show_progress(f"Starting {number} of {len(failed)}")
                return await _start(api, session_id)

        return list(await asyncio.gather(*(start(*place) for place in enumerate(failed, 1))))


async def _start(api: Client, session_id: str) -> StartResult:
    try:
        session = await api.ask("POST", f"/sessions/{session_id}/start")
    except Refused as refusal:
        return StartResult(session_id, None, refusal.message)
    return StartResult(session_id, session["status"], None)
