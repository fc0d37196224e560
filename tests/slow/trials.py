"""A conversation in both directions with a webhook, and what must be true of it after any trouble."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import aiohttp

from tests.end_to_end.sends import send
from tests.support.consumer import Consumer
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones

#: A Motte that sends without a pace, and may reach the consumers of tests.
SETTINGS = {
    "MOTTE_SEND_RATE": "0",
    "MOTTE_NEW_CHAT_RATE": "0",
    "MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1",
}

#: Seconds within which all is well again after the trouble is over.
WELL_WITHIN = 60.0

ORDER = ["queued", "handed", "sent", "delivered", "read"]


@dataclass
class Trial:
    """One session that talks with Bo, and a webhook for all of it."""

    motte: Motte
    phones: Phones
    consumer: Consumer
    #: Texts, in the order in which they were sent.
    outbound: list[str] = field(default_factory=list)
    inbound: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        """Registers the webhook, and links the session."""
        body = {"url": self.consumer.url, "types": ["message.received", "message.status"]}
        (await self.motte.ask("POST", "/webhooks", json=body)).session(201)
        await self.motte.connect()

    async def say(self, text: str, *, through: Motte | None = None) -> None:
        """Sends a text; again with the same key until somebody takes it."""
        self.outbound.append(text)
        while True:
            with suppress(aiohttp.ClientError):
                answer = await send(through or self.motte, key=text.replace(" ", "-"), text=text)
                if answer.status in (200, 201):
                    return
                assert answer.body["retryable"], answer.body
            await asyncio.sleep(0.05)  # it waits for a process to come back, or for room

    async def hear(self, text: str) -> None:
        """Bo writes."""
        self.inbound.append(text)
        await self.phones.write(text)

    async def assert_well(self) -> None:
        """Every text arrives once and in order, and the webhook gets every event of it, in order."""
        await eventually(self._is_over, within=WELL_WITHIN)
        shown = await self.phones.texts(BO)
        assert shown["chats"][ANN] == self.outbound
        messages = await self.motte.messages()
        assert [one["text"] for one in messages if not one["fromMe"]] == self.inbound
        assert [one["text"] for one in messages if one["fromMe"]] == self.outbound
        bodies: dict[str, set[bytes]] = defaultdict(set)
        for delivery in self.consumer.got:
            bodies[delivery.id].add(delivery.body)
        assert all(len(found) == 1 for found in bodies.values()), "an event has one form"
        first = list({delivery.id: delivery.event for delivery in self.consumer.got}.values())
        assert self.received(first) == self.inbound
        for text in self.outbound:
            statuses = [event["data"]["status"] for event in first if event["data"]["text"] == text]
            assert statuses[:3] == ORDER[:3], text
            assert all(ORDER.index(one) < ORDER.index(other) for one, other in pairwise(statuses)), statuses

    @staticmethod
    def received(events: list[Any]) -> list[str]:
        """The texts of messages that came."""
        return [event["data"]["text"] for event in events if event["type"] == "message.received"]

    async def _is_over(self) -> bool:
        """Whether the last text of each direction was delivered, and the webhook knows."""
        events = [delivery.event for delivery in self.consumer.got]
        sent = {event["data"]["text"] for event in events if event["data"]["status"] == "delivered"}
        return sent >= set(self.outbound) and set(self.received(events)) >= set(self.inbound)
