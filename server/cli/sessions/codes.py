"""`motte sessions create` and `motte sessions qr`: show a session's code, which a phone scans."""

import asyncio
from typing import Any

import click

from server.cli.common.client import Refused
from server.cli.common.output import note, print_json, say
from server.cli.sandbox.command import no_code
from server.cli.sessions.api import ask
from server.cli.sessions.display import show_until_connected
from server.cli.sessions.options import checked, on_a_motte, on_a_session, proxy_option, proxy_text, target
from server.cli.sessions.qr import NotDrawn, drawing, expiry, terminal
from server.cli.sessions.target import Target
from server.cli.sessions.views import print_session
from server.core.errors import SessionExists
from server.core.interrupts import INTERRUPTED_EXIT_CODE


@click.command()
@click.argument("session_id", metavar="[ID]", required=False, callback=checked)
@click.option("--name", metavar="TEXT", help="a label of your choice")
@click.option("--device-name", metavar="TEXT", help="name that the phone shows under Linked devices")
@proxy_option
@click.option(
    "--qr", is_flag=True, help="draw each code in the place of the last one, until the session is connected"
)
@on_a_motte
def create(
    *,
    session_id: str | None,
    name: str | None,
    device_name: str | None,
    proxy: str | None,
    qr: bool,
    output: str,
    **options: str | None,
) -> None:
    """Create a session and wait for its first code.

    Without an ID, Motte makes one. If no code comes, the session is kept: `motte sessions qr ID` tries again.

    Exit codes: 0 created, with --qr connected, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte does
    not run, 4 the session shows no code, 6 it cannot be drawn here, 130 ended with Ctrl-C.
    """
    motte = target(options)
    given = {"id": session_id, "name": name, "deviceName": device_name, "proxy": proxy_text(proxy)}
    wanted = {key: text for key, text in given.items() if text is not None}
    if qr:
        created = _created_without_a_code(motte, wanted)
        _show_until_connected(motte, created["id"], output)
        return
    session = ask(motte, "POST", "/sessions", wanted, meanwhile="Waiting for the first code")
    print_session(session, output)
    if output == "table":
        note(f"Its code: motte sessions qr {session['id']}")


@click.command()
@click.option(
    "--follow",
    is_flag=True,
    help="draw each code in the place of the last one, until the session is connected",
)
@on_a_session
def qr(*, session_id: str, follow: bool, output: str, **options: str | None) -> None:
    """Draw the code of the session ID, which a phone scans.

    Waits for a new code if the last one has expired.

    Exit codes: 0 drawn, with --follow connected, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte
    does not run, 4 the session shows no code, 6 it cannot be drawn here, 130 ended with Ctrl-C.
    """
    motte = target(options)
    if follow:
        _show_until_connected(motte, session_id, output)
        return
    session = ask(motte, "GET", f"/sessions/{session_id}", meanwhile="Waiting for a code")
    if session["qrCode"] is None:
        raise no_code(session)
    if output == "json":
        print_json(session)
        return
    try:
        say(drawing(session, terminal()), nl=False)
        say(expiry(session))
    except NotDrawn as reason:
        say(reason.with_link(_link(motte, session_id, reason)))


def _created_without_a_code(motte: Target, wanted: dict[str, str]) -> dict[str, Any]:
    """Returns the new session. Does not wait for its code, so that Ctrl-C does not lose the session's id."""
    try:
        return dict(ask(motte, "POST", "/sessions", wanted, headers={"Prefer": "respond-async"}))
    except Refused as refusal:
        if refusal.code == SessionExists.code:
            note(f"To show its code: motte sessions qr {wanted['id']} --follow")
        raise


def _link(motte: Target, session_id: str, reason: NotDrawn) -> str:
    """Returns a scan link, or raises the reason why one is needed."""
    try:
        return str(ask(motte, "POST", f"/sessions/{session_id}/scan-link")["url"])
    except Refused:
        raise reason from None


def _show_until_connected(motte: Target, session_id: str, output: str) -> None:
    async def show() -> None:
        async with motte.client() as api:
            await show_until_connected(api, session_id, output)

    try:
        asyncio.run(show())
    except KeyboardInterrupt:
        note(f"{session_id} is kept. To go on: motte sessions qr {session_id} --follow")
        raise click.exceptions.Exit(INTERRUPTED_EXIT_CODE) from None
