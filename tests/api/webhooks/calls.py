"""What a caller asks about webhooks, and an event that they get."""

from typing import Any

from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from tests.api.conftest import Front

URL = "https://93.184.216.34/motte?token=s3cret"

DAY = 86_400


async def make(front: Front, url: str = URL, **others: Any) -> dict[str, Any]:
    response = await front.client.post("/webhooks", json={"url": url, **others})
    assert response.status == 201, await response.text()
    return dict(await response.json())


async def refused(front: Front, method: str, path: str, **options: Any) -> tuple[int, str, str]:
    """Status, code and detail of the problem that the request is answered with."""
    response = await front.client.request(method, path, **options)
    document = await response.json()
    return response.status, document["code"], document["detail"]


async def happen(front: Front, session_id: str = "shop", data: str = '{"n":1}') -> None:
    """Adds an event to the log."""

    def work(unit: UnitOfWork) -> None:
        unit.add_event(NewEvent(type="message.received", at=front.time.clock.wall(), data=data))

    token = front.owner.state_machine._tokens[session_id]
    await front.whole.store.transact(session_id, work, token=token)


async def deliveries(front: Front, webhook_id: str, **params: str) -> list[Any]:
    response = await front.get(f"/webhooks/{webhook_id}/deliveries", params=params)
    assert response.status == 200, await response.text()
    return list((await response.json())["items"])
