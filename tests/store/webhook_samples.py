"""Webhooks, and what tests of their store share."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from store.records.webhooks import DeadLetter, Lane, Progress, Try, Webhook
from store.sqlite.store import SqliteStore

HOOK = Webhook(
    id="wh_1",
    url="https://a.example/?token=secret",
    types=("message.received", "session.status"),
    sessions=("a", "b"),
    headers={"Authorization": "Bearer secret"},
    secret="whsec_secret",
    old_secret="whsec_older_secret",
    old_until=7,
    give_up_after=60,
    created_at=5,
)


TRY = Try(
    webhook_id="wh_1",
    event_id="evt_1",
    type="message.received",
    session_id="a",
    ordinal=1,
    at=1,
    took=2,
    status=500,
    error="HTTP 500",
)


@asynccontextmanager
async def statements(store: SqliteStore) -> AsyncGenerator[list[str]]:
    """What the writing connection runs until the block ends."""
    found: list[str] = []
    await store.database.write(lambda connection: connection.set_trace_callback(found.append))
    found.clear()  # the end of that transaction
    yield found
    await store.database.write(lambda connection: connection.set_trace_callback(None))
    del found[-1:]


def lane(done: int, **others: Any) -> Progress:
    made = Lane(webhook_id="wh_1", session_id="a", done=done)
    return Progress(lanes={("wh_1", "a"): replace(made, **others)})


def dead(event: int, **others: Any) -> DeadLetter:
    made = DeadLetter(webhook_id="wh_1", event=event, session_id="a", tries=3, error="HTTP 500", at=9)
    return replace(made, **others)
