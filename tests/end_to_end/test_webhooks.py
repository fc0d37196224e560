"""The process that delivers to webhooks, under a real front."""

import asyncio
import json
import os
import signal
import sqlite3
from contextlib import closing

import pytest
from aiohttp import web

from tests.chaos.processes import deliverers
from tests.support.consumer import Delivery, consumer, status
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Those of test_message_examples.py: the modules share a Motte."""
    return {"MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1", "MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def one_other_than(motte: Motte, *pids: int) -> int:
    """The process that delivers, once there is one, and none of these is left."""

    async def look() -> int | None:
        found = deliverers(motte.folder)
        return found[0] if len(found) == 1 and found[0] not in pids else None

    return await eventually(look)


async def gone(motte: Motte, pid: int) -> None:
    """Returns once a process has ended, long before it would give up waiting for the database."""

    async def look() -> bool:
        return pid not in deliverers(motte.folder)

    await eventually(look, within=2.0)


async def test_a_killed_front_leaves_no_process_that_delivers_even_one_that_is_busy(
    motte: Motte, phones: Phones
) -> None:
    """It cannot write what it has delivered, because somebody else writes: it is killed nevertheless."""
    await motte.connect()
    with closing(sqlite3.connect(motte.folder.database, isolation_level=None)) as database:
        async with consumer() as hook:

            async def keep_busy(delivery: Delivery) -> web.StreamResponse:
                if not database.in_transaction and len(hook.got) == 1:
                    database.execute("BEGIN IMMEDIATE")
                return await status(204)(delivery)

            hook.answer = keep_busy
            body = {"url": hook.url, "types": ["message.received"]}
            webhook = (await motte.ask("POST", "/webhooks", json=body)).session(201)
            first = await one_other_than(motte)
            await phones.write("one", phone=BO, to=ANN)
            await hook.until(1)
            await asyncio.sleep(0.3)  # it waits for the database
            os.kill(json.loads(motte.folder.front.read_text())["pid"], signal.SIGKILL)
            await gone(motte, first)
            database.execute("ROLLBACK")
            second = await one_other_than(motte, first)
            await phones.write("two", phone=BO, to=ANN)
            await hook.until(3)
            os.kill(second, signal.SIGKILL)
            await phones.write("three", phone=BO, to=ANN)

            async def all_came() -> bool:  # each of the others may have come again
                return "three" in {delivery.event["data"]["text"] for delivery in hook.got}

            await eventually(all_came)
            await one_other_than(motte, first, second)
            await motte.ready()
            await motte.ask("DELETE", f"/webhooks/{webhook['id']}")
    seen = list(dict.fromkeys((delivery.id, delivery.event["data"]["text"]) for delivery in hook.got))
    assert [text for _, text in seen] == ["one", "two", "three"]
