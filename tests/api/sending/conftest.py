"""A session that is connected, and sends without a pace unless a test wants one."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import AT_ONCE, Front, opened
from tests.support.connector import FakeConnector
from tests.support.time import TurnedTime, patience, until

BO = "4915112345678@s.whatsapp.net"

#: In the order in which a message has them; "failed" comes after any of them.
PROGRESS = ("queued", "handed", "sent", "delivered", "read", "played")


@dataclass
class Shop:
    """The session `shop` of a front."""

    front: Front

    @property
    def connector(self) -> FakeConnector:
        return self.front.connector()

    async def post(self, **body: Any) -> dict[str, Any]:
        """Sends a message; a text to Bo unless the test says otherwise."""
        response = await self.front.client.post(
            "/sessions/shop/messages", json={"to": BO, "text": "Hello"} | body
        )
        assert response.status == 201, await response.text()
        return dict(await response.json())

    async def about(self, path: str, method: str, body: Any = None) -> dict[str, Any]:
        """Sends an edit, a revoke or a reaction."""
        response = await self.front.client.request(method, path, json=body)
        assert response.status == 202, await response.text()
        return dict(await response.json())

    async def refused(self, method: str, path: str, status: int, **options: Any) -> dict[str, Any]:
        """The problem that a request is answered with."""
        response = await self.front.client.request(method, f"/sessions/shop{path}", **options)
        assert response.status == status, await response.text()
        return dict(await response.json())

    async def message(self, message_id: str) -> dict[str, Any]:
        response = await self.front.get(f"/sessions/shop/messages/{message_id}")
        assert response.status == 200, await response.text()
        return dict(await response.json())

    async def becomes(self, message_id: str, status: str) -> dict[str, Any]:
        """The message once it has this status, or is further than that: nobody sees each status."""
        statuses = PROGRESS[PROGRESS.index(status) :] if status in PROGRESS else (status,)
        message: dict[str, Any] = {}
        with self.front.whole.service.subscriptions.subscribe("shop", wants_messages=True) as news:
            async with patience(lambda: f"the status {status}; this is the message: {message}"):
                while (message := await self.message(message_id))["status"] not in statuses:
                    await news.next()
        return message

    async def stored(self) -> None:
        """Return once the front has stored what the connector said last."""
        ack = {"command": "ack", "seq": self.connector.last_seq}
        await until(lambda: ack in self.connector.commands)

    async def meet(self, *numbers: str) -> None:
        """These people wrote."""
        for number in numbers:
            address = f"{number}@s.whatsapp.net"
            self.connector.receive(number, chat=address, sender=address, chat_lid=None, sender_lid=None)
        await self.stored()

    async def handed(self, number: int) -> list[dict[str, Any]]:
        """What the connector was to send, once there is so much."""
        await until(lambda: len(self.connector.sent()) >= number)
        return self.connector.sent()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        state=tmp_path, start_concurrency=AT_ONCE, min_free_memory=0, send_rate=0, new_chat_rate=0
    )


async def linked(front: Front) -> Shop:
    """The session once it is connected."""
    await front.pair()
    await until(lambda: front.owner.connectors.can_send("shop"))
    return Shop(front)


@pytest.fixture
async def shop(front: Front) -> Shop:
    return await linked(front)


@pytest.fixture
async def paced(settings: Settings, time: TurnedTime) -> AsyncGenerator[Shop]:
    """The same with the paces of the settings' defaults."""
    async with opened(replace(settings, send_rate=1.0, new_chat_rate=6.0), time) as front:
        yield await linked(front)
