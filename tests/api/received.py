"""Messages that a session has received, as callers read them."""

import asyncio
from base64 import urlsafe_b64encode
from typing import Any

import msgspec

from tests.api.conftest import Front
from tests.support.connector import FakeConnector
from tests.support.time import until


async def connected(front: Front) -> FakeConnector:
    """The connector of a session that is connected."""
    await front.pair()
    return front.connector()


async def page(front: Front, **params: Any) -> dict[str, Any]:
    response = await front.get("/sessions/shop/messages", params=params)
    assert response.status == 200, await response.text()
    return dict(await response.json())


async def texts(front: Front, **params: Any) -> list[str]:
    return [item["text"] for item in (await page(front, **params))["items"]]


async def acknowledged(connector: FakeConnector, seq: int | None = None) -> None:
    """Return once the front has acknowledged what the connector said last, or this event."""
    wanted = seq or connector.last_seq
    async with asyncio.timeout(20):
        await until(lambda: last_acknowledged(connector) >= wanted)


def last_acknowledged(connector: FakeConnector) -> int:
    """The event up to which the front has acknowledged all; 0: none."""
    return max((line["seq"] for line in connector.commands if line["command"] == "ack"), default=0)


def cursor(*numbers: int) -> str:
    return urlsafe_b64encode(msgspec.json.encode(numbers)).decode().rstrip("=")
