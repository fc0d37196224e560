"""Messages that tests send through a Motte."""

from typing import Any

from tests.support.motte import Answer, Motte
from tests.support.phones import BO


async def send(motte: Motte, *, key: str | None = None, wait: int | None = None, **body: Any) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    headers |= {} if wait is None else {"Prefer": f"wait={wait}"}
    return await motte.ask("POST", "/sessions/shop/messages", json={"to": BO} | body, headers=headers)


async def sent(motte: Motte, **body: Any) -> dict[str, Any]:
    """A message that WhatsApp has confirmed."""
    message = (await send(motte, wait=30, **body)).session(201)
    assert message["status"] in ("sent", "delivered"), message
    return message


async def has_status(motte: Motte, message_id: str, status: str) -> bool:
    answer = await motte.ask("GET", f"/sessions/shop/messages/{message_id}")
    return bool(answer.session()["status"] == status)
