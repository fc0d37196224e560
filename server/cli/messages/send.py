"""`motte send`: sends a text."""

import secrets
import sys
from typing import Any

import click

from server.cli.common.numbers import WholeNumber
from server.cli.common.output import note, print_json, say
from server.cli.sessions.api import ask
from server.cli.sessions.options import STANDARD_INPUT, on_a_session, target

#: Seconds to wait until the message is sent, unless an option says otherwise.
DEFAULT_WAIT_SECONDS = 30

#: The message exists, and is not sent yet.
WAITING_EXIT_CODE = 4


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

    TEXT - reads the text from standard input. Prints the id of the message, and how far it is.

    Exit codes: 0 sent, 1 Motte refused, or the message failed, 2 wrong usage, 3 Motte does not run, 4 it
    waits to be sent.
    """
    body: dict[str, Any] = {"to": to, "text": sys.stdin.read() if text == STANDARD_INPUT else text}
    if reply_to is not None:
        body["replyTo"] = reply_to
    headers = {"Prefer": f"wait={wait}", "Idempotency-Key": key or secrets.token_hex(16)}
    path = f"/sessions/{session_id}/messages"
    message = ask(target(options), "POST", path, body, headers=headers, meanwhile="Sending")
    if output == "json":
        print_json(message)
    else:
        say(f"{message['id']} {message['status']}")
    if message["status"] == "failed":
        raise click.ClickException(f"the message failed: {message['statusReason']['detail']}")
    if message["status"] in ("queued", "handed"):
        note(f"It is not sent yet. To see how far it is: motte messages {session_id}")
        raise click.exceptions.Exit(WAITING_EXIT_CODE)
