"""`motte tail`: follows the event log."""

import asyncio
import json
from contextlib import aclosing
from datetime import datetime

import click

from server.cli.common.numbers import WholeNumber
from server.cli.common.output import say
from server.cli.common.since import checked_since
from server.cli.common.streams import until_nobody_reads
from server.cli.sessions.completion import session_ids
from server.cli.sessions.options import all_checked, on_a_motte, target
from server.cli.tail.lines import as_line
from server.cli.tail.log_reader import LogReader
from server.core.tasks import until_one_ends
from server.events.types import PASSING, EventType

#: Types of events that the log has.
TYPES = [kind.value for kind in EventType if kind not in PASSING]


@click.command()
@click.argument("session_ids", metavar="[ID]...", nargs=-1, callback=all_checked, shell_complete=session_ids)
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice(TYPES),
    metavar="TYPE",
    help="only events of this type; may be given more than once",
)
@click.option("--after", metavar="CURSOR", help="begin with the first event after this cursor")
@click.option(
    "--since",
    metavar="SECONDS|MOMENT",
    callback=checked_since,
    help="begin with the events of the last SECONDS, or since MOMENT: 2026-05-25T12:00:00Z",
)
@click.option("--limit", metavar="NUMBER", type=WholeNumber(1), help="end after so many events")
@on_a_motte
def tail(
    *,
    session_ids: tuple[str, ...],
    types: tuple[str, ...],
    after: str | None,
    since: datetime | None,
    limit: int | None,
    output: str,
    **options: str | None,
) -> None:
    """Print the event log as it grows, of the sessions ID, or of all sessions, until Ctrl-C.

    It begins with the next event. Each line has the time, the session, the type and what happened, with the
    texts of messages; as JSON, each event is one line. If Motte stops or cannot be reached, the command waits
    for it, and goes on behind the last event. It ends once every session ID was deleted.

    Exit codes: 0 the sessions were deleted, or --limit is reached, 1 Motte refused, or the cursor has
    expired, 2 wrong usage, 3 Motte did not run at the beginning, 130 ended with Ctrl-C.
    """
    if after is not None and since is not None:
        raise click.UsageError("give --after or --since, not both")
    reader = LogReader(target(options), session_ids, types, after=after, since=since)
    asyncio.run(until_one_ends(_print(reader, limit, output), until_nobody_reads()))


async def _print(reader: LogReader, limit: int | None, output: str) -> None:
    """Prints events until there were `limit` of them, or none follows."""
    number = 0
    async with aclosing(reader.events()) as events:
        async for event in events:
            say(json.dumps(event) if output == "json" else as_line(event))
            number += 1
            if number == limit:
                return
