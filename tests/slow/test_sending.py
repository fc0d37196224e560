"""Messages that callers send while fronts and connectors are killed."""

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from tests.end_to_end.kills import kill_connector, kill_front
from tests.end_to_end.sends import send
from tests.support.chance import seeded
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, CY, Phones

#: Texts to each of two chats, and processes that are killed meanwhile.
COUNT, KILLS = 30, 10


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def surely(motte: Motte, key: str, **body: Any) -> None:
    """Sends a message; again with the same key until somebody answers."""
    while True:
        with suppress(aiohttp.ClientError):
            if (await send(motte, key=key, **body)).status in (200, 201):
                return
        await asyncio.sleep(0.05)  # it waits for a process to come back


async def test_texts_are_shown_once_and_in_order_while_fronts_and_connectors_are_killed(
    motte: Motte, phones: Phones
) -> None:
    chance = seeded()
    await motte.connect()
    group = await phones.make_group(ANN, BO, CY)
    wanted = [f"text {number}" for number in range(COUNT)]

    async def write() -> None:
        for text in wanted:
            for to, name in ((BO, "bo"), (group, "group")):
                await surely(motte, f"{name}-{text}".replace(" ", "-"), to=to, text=text)
            await asyncio.sleep(chance.uniform(0, 0.3))

    writing = asyncio.create_task(write())
    for number in range(KILLS):
        await asyncio.sleep(chance.uniform(0, 1.2))
        if number % 2:
            await kill_connector(motte)
        else:
            kill_front(motte)
    await writing
    await motte.ready()

    async def has_settled() -> bool:
        messages = await motte.messages()
        return len(messages) == 2 * COUNT and all(one["sentAt"] is not None for one in messages)

    await eventually(has_settled, within=120)
    for phone, chats in ((BO, {ANN: wanted, group: wanted}), (CY, {group: wanted})):
        assert (await phones.texts(phone))["chats"] == chats
