"""Texts to many chats at once, while WhatsApp confirms each in its own time and refuses some of them once."""

import asyncio

import pytest

from tests.end_to_end.sends import send
from tests.support.chance import seeded
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones

CHATS, TEXTS = 50, 40

#: Texts to a chat before those to the next: without a rule, they would be on their way at the same time.
IN_A_ROW = 5

#: Seconds at most from a text to its confirmation, and between two changes of that.
LATEST, CHANGE = 0.15, 0.25

#: Texts that WhatsApp refuses because of what is known of devices: each is sent once more.
REFUSED = 0.03

#: Seconds until all are sent.
WITHIN = 240.0


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def test_texts_are_in_order_in_each_of_fifty_chats_whatever_time_confirmations_take(
    motte: Motte, phones: Phones
) -> None:
    chance = seeded()
    await motte.connect()
    numbers = [f"4915100{number:05}" for number in range(CHATS)]
    for number in numbers:
        await phones.write("Hello", phone=number)  # a chat that nobody began is asked about first
    await eventually(lambda: has_messages(motte, CHATS))
    over = asyncio.Event()

    async def misbehave() -> None:
        while not over.is_set():
            latest = chance.uniform(0.0, LATEST)
            await phones.misbehave(ackDelay=[0, latest], messageError={"code": 479, "share": REFUSED})
            await asyncio.sleep(CHANGE)

    async def write() -> None:
        for first in range(0, TEXTS, IN_A_ROW):
            for number in numbers:
                for each in range(first, first + IN_A_ROW):
                    assert (await send(motte, to=number, text=f"{number} {each}")).status == 201

    async def is_settled() -> bool:
        ours = [one for one in await motte.messages() if one["fromMe"]]
        return len(ours) == CHATS * TEXTS and not {one["status"] for one in ours} & {"queued", "handed"}

    misbehaving = asyncio.create_task(misbehave())
    await write()
    await eventually(is_settled, within=WITHIN, every=1.0)
    over.set()
    await misbehaving

    failed = {one["text"] for one in await motte.messages() if one["status"] == "failed"}
    assert len(failed) < CHATS * TEXTS / 100  # refused twice
    for number in numbers:
        wanted = [text for each in range(TEXTS) if (text := f"{number} {each}") not in failed]
        shown = await phones.texts(number)
        assert (shown["chats"], shown["copies"], shown["dropped"]) == ({ANN: wanted}, 0, 0)


async def has_messages(motte: Motte, number: int) -> bool:
    return len(await motte.messages()) >= number
