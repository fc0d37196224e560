"""Somebody types, on the real parts."""

import asyncio
import json

import pytest

from tests.support.consumer import consumer
from tests.support.eventually import PATIENCE
from tests.support.motte import Motte
from tests.support.phones import BO, Phones


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Those of test_message_examples.py: the modules share a Motte."""
    return {"MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1", "MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def test_typing_reaches_a_stream_and_a_webhook_if_whatsapp_tells_of_it(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    assert await phones.type() == []  # the devices of Motte are not shown as online
    async with consumer() as hook, motte.stream("/events?types=typing") as lines:
        body = {"url": hook.url, "types": ["typing"]}
        webhook = (await motte.ask("POST", "/webhooks", json=body)).session(201)
        async with asyncio.timeout(PATIENCE):
            await lines.readuntil(b"id: ")
            assert await phones.type(kind="voice", isForAll=True) != []
            assert await phones.type(isTyping=False, isForAll=True) != []
            await hook.until(2)
            came = [json.loads((await lines.readuntil(b"}}\n")).partition(b"data: ")[2]) for _ in range(2)]
        await motte.ask("DELETE", f"/webhooks/{webhook['id']}")
    assert came == [delivery.event for delivery in hook.got]
    chat = f"{BO}@s.whatsapp.net"
    typing = {"chat": chat, "sender": chat, "number": BO, "kind": "voice", "isTyping": True}
    assert [event["data"] for event in came] == [typing, {**typing, "kind": "text", "isTyping": False}]
    assert [event["cursor"] for event in came] == [None, None]
