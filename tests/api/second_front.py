"""A second front on the state folder of the first."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.test_utils import TestClient

from server.app import make_app
from server.assembly import Gateway, gateway
from tests.api.conftest import ADMIN_KEY, Front, deliver_here
from tests.api.described import HeldServer


class Second:
    """A front that came second."""

    def __init__(self, client: TestClient[Any, Any], whole: Gateway) -> None:
        self.client = client
        self.whole = whole

    async def read(self, session_id: str = "shop") -> dict[str, Any]:
        response = await self.client.get(f"/sessions/{session_id}")
        assert response.status == 200, await response.text()
        return dict(await response.json())


@asynccontextmanager
async def another(front: Front) -> AsyncGenerator[Second]:
    async with gateway(
        front.whole.settings, front.time.clock, front.supervisor, deliver=deliver_here
    ) as whole:
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        async with TestClient(HeldServer(make_app(whole)), headers=headers) as client:
            yield Second(client, whole)
