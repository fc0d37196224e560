"""`retryable`: the same request succeeds after `Retry-After` seconds, once what caused the error is gone."""

import asyncio
from collections.abc import Callable
from errno import EMFILE, ENOSPC, EROFS
from typing import Any

import pytest
from aiohttp import ClientResponse

from server.core.errors import SupervisorUnavailable
from server.core.settings.model import Settings
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.second_front import another
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime

#: What each reason of a socket that brings no code is, to a read.
REFUSALS = {
    "whatsapp-unreachable": "whatsapp-unreachable",
    "certificate-outdated": "whatsapp-unreachable",
    "proxy-failed": "proxy-failed",
    "version-rejected": "version-rejected",
    "account-banned": "account-banned",
    "whatsapp-rate-limited": "whatsapp-refused",
    "client-rejected": "whatsapp-refused",
    "no-codes": "qr-timeout",
}


async def sleeping(front: Front) -> None:
    """A session that has to open a socket for its next code."""
    await front.create()
    front.connector().drop("qrs-exhausted")
    await front.asleep()


def raising(error: Exception) -> Callable[..., Any]:
    """A coroutine function that does nothing else."""

    async def fail(*_: Any) -> None:
        raise error

    return fail


async def succeeds_after(front: Front, response: ClientResponse, code: str) -> None:
    problem = await response.json()
    assert (problem["code"], problem["retryable"]) == (code, True), problem
    assert "session" not in problem or problem["session"]["status"] in ("starting", "qr_waiting")
    front.time.advance(int(response.headers["Retry-After"]))
    assert (await front.read())["qrCode"] is not None


@pytest.mark.parametrize(("reason", "code"), REFUSALS.items())
async def test_a_read_that_whatsapp_gave_no_code_succeeds_later(front: Front, reason: str, code: str) -> None:
    await sleeping(front)
    front.whatsapp.refusal = Reason(reason, "")
    response = await front.get("/sessions/shop")
    front.whatsapp.refusal = None
    await succeeds_after(front, response, code)


async def test_a_read_that_got_no_code_in_time_succeeds_later(front: Front) -> None:
    await sleeping(front)
    front.whatsapp.silent = True
    reading = asyncio.create_task(front.get("/sessions/shop"))
    await front.started()
    front.time.advance(31)
    front.whatsapp.silent = False
    await succeeds_after(front, await reading, "qr-timeout")


async def test_a_read_whose_connector_crashed_succeeds_later(front: Front) -> None:
    await sleeping(front)
    front.whatsapp.silent = True
    reading = asyncio.create_task(front.get("/sessions/shop"))
    await front.started()
    front.supervisor.crash("shop")
    front.whatsapp.silent = False
    await succeeds_after(front, await reading, "connector-crashed")


async def test_a_read_whose_connector_is_given_up_is_not_to_be_repeated(front: Front) -> None:
    await sleeping(front)
    front.whatsapp.silent = True
    reading = asyncio.create_task(front.get("/sessions/shop"))
    connector = await front.started()
    connector.quit(status=79)
    response = await reading
    problem = await response.json()
    assert (response.status, problem["code"], problem["retryable"]) == (503, "connector-unavailable", False)
    assert (problem["session"]["status"], response.headers["Retry-After"]) == ("failed", "10")
    front.time.advance(10)
    assert (await front.read())["status"] == "failed"  # a person is needed


async def test_a_read_that_supervisord_did_not_serve_succeeds_later(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sleeping(front)
    with monkeypatch.context() as patched:
        patched.setattr(front.supervisor, "start", raising(SupervisorUnavailable()))
        response = await front.get("/sessions/shop")
    await succeeds_after(front, response, "supervisor-unavailable")


@pytest.mark.parametrize(
    ("number", "code"), [(EMFILE, "overloaded"), (ENOSPC, "store-unavailable"), (EROFS, "store-unavailable")]
)
async def test_a_read_for_which_the_host_had_no_room_succeeds_later(
    front: Front, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    await sleeping(front)
    with monkeypatch.context() as patched:
        patched.setattr(front.supervisor, "start", raising(OSError(number, "")))
        response = await front.get("/sessions/shop")
    await succeeds_after(front, response, code)


async def test_a_read_that_a_stop_of_motte_ended_succeeds_at_the_next_front(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as first:
        await sleeping(first)
        first.whatsapp.silent = True
        reading = asyncio.create_task(first.get("/sessions/shop"))
        await first.started()
        await first.whole.stop_waiting()
        response = await reading
        await response.read()
    await supervisor.stop("shop")
    supervisor.whatsapp.silent = False
    async with opened(settings, time, supervisor) as second:
        await succeeds_after(second, response, "shutting-down")


async def test_an_error_is_the_same_at_a_second_front(front: Front) -> None:
    await sleeping(front)
    async with another(front) as second:
        front.whatsapp.silent = True
        reading = asyncio.create_task(second.client.get("/sessions/shop"))
        (await front.started()).quit(status=79)
        problem = await (await reading).json()
    assert (problem["code"], problem["retryable"]) == ("connector-unavailable", False)
