"""`motte sessions events`: prints what happens."""

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import click

from server.cli.common.client import Unreachable
from server.cli.common.event_stream import Event
from server.cli.common.output import COLUMN_GAP, printable, say
from server.cli.sessions.completion import session_ids
from server.cli.sessions.options import checked, on_a_motte, target
from server.cli.sessions.target import Target

#: Names of events that the API sends.
DELETED = "session.deleted"
STOPPED = "stream.stopped"


class StreamEnded(Unreachable):
    """Motte stopped, or the connection was lost."""


@click.command()
@click.argument("session_id", metavar="[ID]", required=False, callback=checked, shell_complete=session_ids)
@on_a_motte
def events(*, session_id: str | None, output: str, **options: str | None) -> None:
    """Print what happens to the session ID, or to all sessions, until Ctrl-C.

    The present state comes first. With an ID, Motte keeps its code fresh meanwhile, and the command ends when
    the session is deleted. Lines for people leave codes and texts out; as JSON, each event is one line.

    Exit codes: 0 the session was deleted, 1 Motte refused, 2 wrong usage, 3 Motte does not run, has stopped,
    or the connection was lost, 130 ended with Ctrl-C.
    """
    asyncio.run(_print_events(target(options), session_id, output))


async def _print_events(motte: Target, session_id: str | None, output: str) -> None:
    path = "/events" if session_id is None else f"/sessions/{session_id}/events"
    async with motte.client() as api, aclosing(api.events(path)) as stream:
        async for event in stream:
            if output == "json":
                say(json.dumps(event.data))
            elif (line := as_line(event, session_id, datetime.now(UTC))) is not None:
                say(line)
            if event.name == STOPPED:
                raise StreamEnded("Motte has stopped")
            if event.name == DELETED and session_id is not None:
                return
    raise StreamEnded(f"the connection to {api.url} was lost")


def as_line(event: Event, session_id: str | None, now: datetime) -> str | None:
    """Returns the line for people; None if the event says nothing about a session.

    session_id: the session that the stream is about; None: all sessions.
    """
    if event.name.startswith("stream."):
        return None
    cells = (f"{now.astimezone():%H:%M:%S}", event.data["sessionId"] or session_id or "-", _what(event))
    return COLUMN_GAP.join(map(printable, cells))


def _what(event: Event) -> str:
    data = event.data["data"]
    match event.name:
        case "session.deleted":
            return "deleted"
        case "session.problem":
            return f"{data['code']}: {data['detail']}"
        case "session.status" | "session.qr":
            return status_words(data)
        case "message.received":
            where = "from the phone to" if data["fromMe"] else "in"
            return f"{event.name} {data['kind']} {where} {data['chat']}"
        case "message.status":
            return f"{event.name} {data['id']} to {data['number'] or data['chat']} {_progress(data)}"
        case _:
            return event.name


def _progress(message: Any) -> str:
    """Returns how far a message is, and why it failed."""
    reason = message["statusReason"]
    return str(message["status"]) if reason is None else f"{message['status']} ({reason['detail']})"


def status_words(session: Any) -> str:
    """Returns the status, why, the account, and until when there is a code."""
    words = [session["status"]]
    if reason := session["statusReason"]:
        words.append(f"({reason['code']}: {reason['detail']})")
    if session["phoneNumber"] is not None:
        words.append(f"as {session['phoneNumber']}")
    if session["qrExpiresAt"] is not None:
        until = datetime.fromisoformat(session["qrExpiresAt"]).astimezone()
        words.append(f"with a code until {until:%H:%M:%S}")
    return " ".join(words)
