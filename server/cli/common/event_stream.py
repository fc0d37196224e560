"""Parser of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import json
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any, NamedTuple

EVENT_STREAM = "text/event-stream"


class Event(NamedTuple):
    """One event of a stream."""

    name: str
    #: What a client sends as `Last-Event-ID`; None if this event has none.
    id: str | None
    #: JSON document.
    data: Any


async def read_events(lines: AsyncIterable[bytes]) -> AsyncGenerator[Event]:
    """Yields each event that has data. Comments, which show that a stream is alive, are skipped."""
    fields: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.decode(errors="replace").rstrip("\r\n").partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif line.startswith(b":"):
            continue
        else:
            if "data" in fields:
                yield Event(fields.get("event", "message"), fields.get("id"), json.loads(fields["data"]))
            fields = {}
