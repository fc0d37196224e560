"""Callers that read the event log of a Motte whose processes may be killed meanwhile."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp

from tests.support.motte import Motte

#: Seconds after which a reader asks a front again that is not there.
PAUSE = 0.05

JSON = {"Accept": "application/json"}


async def events_after(motte: Motte, cursor: str | None = None) -> tuple[list[dict[str, Any]], str]:
    """All events after a cursor, and the cursor behind them."""
    found: list[dict[str, Any]] = []
    while True:
        params = {"limit": "200"} if cursor is None else {"limit": "200", "after": cursor}
        answer = await motte.ask("GET", "/events", params=params, headers=JSON)
        assert answer.status == 200, answer.body
        found += answer.body["items"]
        cursor = answer.body["nextCursor"]
        if not answer.body["items"]:
            return found, str(cursor)


async def texts_by_polling(motte: Motte, found: list[str], *, after: str, until: str) -> None:
    """Adds the texts of messages to the list, page by page behind a cursor, until this one came."""
    cursor = {"after": after}
    while until not in found[-1:]:
        try:
            answer = await motte.ask(
                "GET", "/events", params={"limit": "7", **cursor}, headers={**JSON, "Prefer": "wait=5"}
            )
        except aiohttp.ClientError:
            await asyncio.sleep(PAUSE)
            continue
        if answer.status == 503:  # the front stops
            continue
        assert answer.status == 200, answer.body
        found += [text(event) for event in answer.body["items"] if event["type"] == "message.received"]
        cursor = {"after": answer.body["nextCursor"]}


async def texts_of_a_stream(
    motte: Motte, found: list[str], *, after: str, until: str, rest: float = 0
) -> None:
    """Adds the same, from streams that continue behind the last event. rest: seconds after each message."""
    place = after
    while until not in found[-1:]:
        with suppress(aiohttp.ClientError):
            async with motte.stream("/events", headers={"Last-Event-ID": place}) as lines:
                async for line in lines:
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    assert (name, value) != ("event", "stream.reset"), "it lost events"
                    if name == "id":
                        place = value
                    elif name == "data" and (event := json.loads(value))["type"] == "message.received":
                        found.append(text(event))
                        if until in found[-1:]:
                            return
                        if rest:
                            await asyncio.sleep(rest)
        await asyncio.sleep(PAUSE)


def text(event: dict[str, Any]) -> str:
    """The text of the message that an event is about."""
    return str(event["data"]["text"])
