"""Refusals of WhatsApp to register a device, and what callers are answered."""

from typing import Any

from aiohttp import ClientResponse

from store.records.reason import Reason
from tests.api.conftest import Front

REFUSED = Reason("whatsapp-refused", "as the test wants it")

LIMITED = Reason("whatsapp-rate-limited", "as the test wants it")


async def post(front: Front, session_id: str = "shop", **options: Any) -> ClientResponse:
    return await front.client.post("/sessions", json={"id": session_id}, **options)


async def assert_refused(response: ClientResponse, *, after: int) -> dict[str, Any]:
    """The problem: WhatsApp refused, and the next try is made after so many seconds."""
    problem = dict(await response.json())
    assert (response.status, problem["code"]) == (502, "whatsapp-refused"), problem
    assert response.headers["Retry-After"] == str(after)
    return problem
