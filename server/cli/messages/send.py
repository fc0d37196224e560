"""`motte send`: sends a text."""

import secrets
import sys
from typing import Any

import click

from server.cli.common.client import Refused, Unreachable
from server.cli.common.numbers import WholeNumber
from server.cli.common.output import note, print_json, say
from server.cli.sessions.api import ask
from server.cli.sessions.options import STANDARD_INPUT, on_a_session, target
from server.cli.sessions.target import Target

#: Seconds to wait until the message is sent, unless an option says otherwise.
DEFAULT_WAIT_SECONDS = 30

#: The message exists, and is not sent yet.
WAITING_EXIT_CODE = 4

#: Statuses of a session that sends only after a start.
NEEDS_A_START = ("stopped", "failed")


@click.command()
@on_a_session
@click.argument("to", metavar="TO")
@click.argument("text", metavar="TEXT")
@click.option("--reply-to", metavar="MESSAGE", help="id of the message that this one replies to")
@click.option("--key", metavar="TEXT", help="idempotency key: the same key and text send no second message")
@click.option(
    "--wait",
    metavar="SECONDS",
    type=WholeNumber(0, 60, of="seconds"),
    default=DEFAULT_WAIT_SECONDS,
    show_default=True,
    help="wait until it is sent; 0: do not wait",
)
def send(
    *,
    session_id: str,
    to: str,
    text: str,
    reply_to: str | None,
    key: str | None,
    wait: int,
    output: str,
    **options: str | None,
) -> None:
    """Send TEXT from the session ID to TO, a phone number or an address.

    TEXT - reads the text from standard input, without the line break at its end. Prints the id of the
    message, and how far it is. If it waits, standard error says why.

    Exit codes: 0 sent, 1 Motte refused, or the message failed, 2 wrong usage, 3 Motte does not run, 4 it
    waits to be sent.
    """
    body: dict[str, Any] = {"to": to, "text": _typed() if text == STANDARD_INPUT else text}
    if reply_to is not None:
        body["replyTo"] = reply_to
    headers = {"Prefer": f"wait={wait}", "Idempotency-Key": key or secrets.token_hex(16)}
    path = f"/sessions/{session_id}/messages"
    motte = target(options)
    message = ask(motte, "POST", path, body, headers=headers, meanwhile="Sending")
    if output == "json":
        print_json(message)
    else:
        say(f"{message['id']} {message['status']}")
    if message["status"] == "failed":
        raise click.ClickException(f"the message failed: {message['statusReason']['detail']}")
    if message["status"] in ("queued", "handed"):
        why = _why_it_waits(motte, session_id, message["status"])
        note(f"It is not sent yet{why}. To see how far it is: motte messages {session_id}")
        raise click.exceptions.Exit(WAITING_EXIT_CODE)


def _typed() -> str:
    """Returns standard input without the line break at its end, which `echo` and editors add."""
    return sys.stdin.read().removesuffix("\n")


def _why_it_waits(motte: Target, session_id: str, status: str) -> str:
    """Returns the rest of a sentence; nothing if only WhatsApp is awaited, or Motte cannot tell.

    status: of the message.
    """
    try:
        session = ask(motte, "GET", f"/sessions/{session_id}?refresh=false")
    except (Refused, Unreachable):  # the key may not read sessions
        return ""
    if session["status"] in NEEDS_A_START:
        return f": {session_id} is {session['status']}. To start it: motte sessions start {session_id}"
    if session["status"] != "connected":
        return f": {session_id} is {session['status']}"
    if status != "queued":
        return ""
    if session["sending"]["state"] == "restricted":
        return ": WhatsApp lets the account begin no chats for now"
    return ": maybe because of MOTTE_NEW_CHAT_RATE, which lets first messages to new chats wait"
