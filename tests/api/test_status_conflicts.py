"""Which request fits which status: every pair of the table in docs/reference/sessions.md."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from store.records.sessions import Status
from tests.api.conftest import Front
from tests.support.time import until

#: Statuses in which a request is a conflict.
CONFLICTS: dict[str, set[str]] = {
    "stop": {"logged_out"},
    "start": {"logged_out"},
    "restart": set(),
    "forget": set(),
    "logout": {"starting", "qr_waiting", "failed", "stopped"},
    "pairing-code": {"pairing", "connected", "disconnected", "logged_out", "failed", "stopped"},
}


async def starting(front: Front) -> None:
    """Its connector is loading."""
    front.whatsapp.slow = True
    response = await front.client.post("/sessions", json={"id": "shop"}, headers={"Prefer": "respond-async"})
    assert response.status == 202
    await until(lambda: "shop" in front.supervisor.connectors)
    front.whatsapp.slow = False


async def pairing(front: Front) -> None:
    await front.create()
    front.connector().scan()
    await front.until("pairing")


async def disconnected(front: Front) -> None:
    await front.pair()
    front.connector().lose()
    await front.until("disconnected")


async def logged_out(front: Front) -> None:
    await front.pair()
    await front.ask("logout")


async def failed(front: Front) -> None:
    await front.create()
    front.connector().drop("passkey-required")
    await front.until("failed")


async def stopped(front: Front) -> None:
    await front.create()
    await front.ask("stop")


REACH: dict[str, Callable[[Front], Awaitable[Any]]] = {
    "starting": starting,
    "qr_waiting": Front.create,
    "pairing": pairing,
    "connected": Front.pair,
    "disconnected": disconnected,
    "logged_out": logged_out,
    "failed": failed,
    "stopped": stopped,
}


def test_every_status_is_reached() -> None:
    assert set(REACH) == {status.value for status in Status}


@pytest.mark.parametrize("request_name", CONFLICTS)
@pytest.mark.parametrize("status", REACH)
async def test_a_request_is_a_conflict_in_the_statuses_of_the_table_alone(
    front: Front, status: str, request_name: str
) -> None:
    await REACH[status](front)
    verb, body = request_name, dict[str, Any]()
    if request_name == "forget":
        verb, body = "restart", {"forget": True}
    if request_name == "pairing-code":
        body = {"phoneNumber": "15551234567"}
    asking = asyncio.create_task(front.client.post(f"/sessions/shop/{verb}", json=body or None))
    is_conflict = status in CONFLICTS[request_name]
    if status == "starting" and not is_conflict:
        front.connector().load()
    response = await asking
    answer = await response.json()
    if not is_conflict:
        assert response.status in (200, 201), answer
        return
    code = "already-connected" if (status, verb) == ("connected", "pairing-code") else "conflicting-state"
    assert (response.status, answer["code"], answer["retryable"]) == (409, code, False)
    assert code == "already-connected" or status in answer["detail"]
    assert answer["session"]["status"] == status
