"""`motte messages`: prints the messages of a session."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import click

from server.api.schemas.cursors import PAGE_LIMIT
from server.cli.common.direction import direction
from server.cli.common.numbers import WholeNumber
from server.cli.common.output import COLUMN_GAP, in_one_line, print_json, say
from server.cli.sessions.api import ask
from server.cli.sessions.options import on_a_session, target
from server.cli.sessions.target import Target

#: Kinds of texts; the second and third are those of messages that Motte 0.2.0 stored.
TEXT_KINDS = ("text", "conversation", "extendedTextMessage")


@click.command()
@on_a_session
@click.option("--chat", metavar="TO", help="only messages of this chat: a phone number or an address")
@click.option("--limit", metavar="NUMBER", type=WholeNumber(1), help="only the newest ones, so many")
def messages(
    *, session_id: str, chat: str | None, limit: int | None, output: str, **options: str | None
) -> None:
    """Print the messages of the session ID, the oldest first.

    Each line has the time, the id, the other side of the chat, how far the message is, and its text. What
    is no text has its kind before its words, such as `(edit)`. In a group the author of what others wrote is
    shown too. A message that failed shows why.

    Exit codes: 0 printed, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    found = _read(target(options), session_id, chat, limit)
    if output == "json":
        print_json(found)
        return
    for message in found:
        say(as_line(message))


def _read(motte: Target, session_id: str, chat: str | None, limit: int | None) -> list[Any]:
    """Returns the messages of a session, the oldest first. limit: only the newest so many; None: all."""
    query = {} if chat is None else {"chat": chat}
    if limit is not None:
        query["order"] = "newest"
    found: list[Any] = []
    while limit is None or len(found) < limit:
        query["limit"] = str(PAGE_LIMIT if limit is None else min(PAGE_LIMIT, limit - len(found)))
        page = ask(motte, "GET", f"/sessions/{session_id}/messages?{urlencode(query)}")
        if not page["items"]:
            break
        found += page["items"]
        query["after"] = page["nextCursor"]
    return found if limit is None else found[::-1]


def as_line(message: Any) -> str:
    """Returns the line for people."""
    moment = datetime.fromisoformat(message["receivedAt"]).astimezone()
    begin = (f"{moment:%Y-%m-%d %H:%M:%S}", message["id"], direction(message))
    cells = (*begin, _progress(message), _content(message))
    return COLUMN_GAP.join(map(in_one_line, cells))


def _content(message: Any) -> str:
    """Returns the text, or the emoji of a reaction. What is neither has its kind before its words."""
    kind, words = message["kind"], message["text"]
    if kind == "reaction":
        return message["emoji"] or "(reaction removed)"
    if kind in TEXT_KINDS and words:
        return str(words)
    return f"({kind}) {words}" if words else f"({kind})"


def _progress(message: Any) -> str:
    reason = message["statusReason"]
    return message["status"] or "received" if reason is None else f"{message['status']} ({reason['detail']})"
