"""The process that delivers to webhooks, under a real front."""

import json
import os
import signal

import pytest

from tests.chaos.processes import deliverers
from tests.support.consumer import consumer
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


async def test_a_killed_front_leaves_no_process_that_delivers_even_one_that_stands_still(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    async with consumer() as hook:
        body = {"url": hook.url, "types": ["message.received"]}
        webhook = (await motte.ask("POST", "/webhooks", json=body)).session(201)
        first = await one_other_than(motte)
        await phones.write("one", phone=BO, to=ANN)
        await hook.until(1)
        os.kill(first, signal.SIGSTOP)
        await phones.write("two", phone=BO, to=ANN)
        os.kill(json.loads(motte.folder.front.read_text())["pid"], signal.SIGKILL)
        second = await one_other_than(motte, first)
        await hook.until(2)
        os.kill(second, signal.SIGKILL)
        await phones.write("three", phone=BO, to=ANN)
        await one_other_than(motte, first, second)
        await hook.until(3)
        await motte.ready()
        await motte.ask("DELETE", f"/webhooks/{webhook['id']}")
    seen = list(dict.fromkeys((delivery.id, delivery.event["data"]["text"]) for delivery in hook.got))
    assert [text for _, text in seen] == ["one", "two", "three"]
