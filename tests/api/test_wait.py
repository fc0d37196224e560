"""Asking without polling: a read that waits for something newer."""

import asyncio

import pytest
from aiohttp import ClientResponse

from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.problem_documents import problem
from tests.api.test_slow_clients import until_idle

#: Seconds that nobody turns, for an answer that nothing holds up.
PROMPT = 5.0


async def seen(front: Front) -> str:
    """The version of the session that a caller has after a plain read."""
    response = await front.get("/sessions/shop")
    assert response.status == 200
    return response.headers["ETag"]


def waiting(front: Front, tag: str, *, wait: int = 30) -> asyncio.Task[ClientResponse]:
    headers = {"If-None-Match": tag, "Prefer": f"wait={wait}"}
    return asyncio.create_task(front.client.get("/sessions/shop", headers=headers))


async def test_a_wait_is_answered_by_the_next_code(front: Front) -> None:
    created = await front.create()
    tag = await seen(front)
    front.time.advance(50)
    task = waiting(front, tag)
    await front.watched()
    front.time.advance(10)
    response = await task
    assert response.status == 200
    assert (await response.json())["qrCode"] not in (None, created["qrCode"])


async def test_a_wait_wakes_a_session_whose_codes_ran_out(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    front.time.advance(161)
    await front.asleep()
    response = await waiting(front, tag)
    assert (response.status, front.whatsapp.registrations) == (200, 2)


async def test_a_wait_is_answered_when_the_phone_scanned(front: Front) -> None:
    await front.create()
    task = waiting(front, await seen(front))
    await front.watched()
    front.connector().scan()
    response = await task
    assert (await response.json())["status"] == "pairing"
    task = waiting(front, response.headers["ETag"])
    await front.watched()
    front.connector().restart()
    assert (await (await task).json())["status"] == "connected"


@pytest.mark.parametrize(("verb", "status"), [("restart", "disconnected"), ("logout", "logged_out")])
async def test_a_wait_is_answered_by_what_another_caller_does(front: Front, verb: str, status: str) -> None:
    await front.pair()
    task = waiting(front, await seen(front))
    await front.watched()
    await front.ask(verb)
    assert (await (await task).json())["status"] == status


async def test_a_wait_is_answered_by_another_proxy(front: Front) -> None:
    await front.pair()
    task = waiting(front, await seen(front))
    await front.watched()
    changed = await front.client.patch("/sessions/shop", json={"proxy": "http://127.0.0.1:3128"})
    assert changed.status == 200
    assert (await (await task).json())["proxy"] == "http://127.0.0.1:3128"


async def test_a_wait_is_told_of_a_scan_though_a_code_is_on_its_way(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    front.time.advance(59)
    task = waiting(front, tag)
    await front.flying()
    front.connector().scan()
    async with asyncio.timeout(PROMPT):
        assert (await (await task).json())["status"] == "pairing"


async def test_a_wait_in_which_nothing_happens_ends_with_304(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    task = waiting(front, tag, wait=10)
    await front.watched()
    front.time.advance(10.5)
    response = await task
    assert (response.status, response.headers["ETag"], await response.read()) == (304, tag, b"")


async def test_a_wait_that_ends_before_the_next_code_is_there_ends_with_304(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    front.time.advance(50)
    task = waiting(front, tag, wait=9)
    await front.watched()
    front.time.advance(9.5)
    response = await task
    assert (response.status, response.headers["ETag"], await response.read()) == (304, tag, b"")


async def test_a_wait_of_no_seconds_for_a_session_that_is_asleep_ends_with_304(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    front.time.advance(161)
    await front.asleep()
    response = await waiting(front, tag, wait=0)
    assert (response.status, response.headers["ETag"]) == (304, tag)


async def test_a_wait_that_ends_before_the_first_code_tells_a_status_that_is_news(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    await front.ask("stop")
    front.whatsapp.silent = True
    starting = asyncio.create_task(front.client.post("/sessions/shop/start"))
    await front.until("starting")
    response = await waiting(front, tag, wait=0)
    assert (response.status, (await response.json())["status"]) == (200, "starting")
    front.time.advance(31)
    await starting


async def test_a_look_at_a_code_that_has_expired_is_no_304(front: Front) -> None:
    await front.create()
    headers = {"If-None-Match": await seen(front)}
    front.time.advance(59)
    assert (await front.read(params={"refresh": "false"}, headers=headers))["qrCode"] is None


async def test_no_wait_is_longer_than_a_minute(front: Front) -> None:
    await front.pair()
    task = waiting(front, await seen(front), wait=86400)
    await front.watched()
    front.time.advance(59)
    await until_idle()
    assert not task.done()
    front.time.advance(1.5)
    assert (await task).status == 304


async def test_a_wait_is_told_why_there_is_no_code(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "refused")
    front.time.advance(161)
    response = await waiting(front, tag)
    assert (response.status, (await response.json())["code"]) == (502, "whatsapp-unreachable")


async def test_a_wait_for_a_session_that_is_deleted_is_not_found(front: Front) -> None:
    await front.create()
    task = waiting(front, await seen(front))
    await front.watched()
    await front.client.delete("/sessions/shop")
    assert (await task).status == 404


async def test_a_wait_ends_when_the_front_stops(front: Front) -> None:
    await front.create()
    task = waiting(front, await seen(front))
    await front.watched()
    await front.whole.stop_waiting()
    assert (await (await task).json())["code"] == "shutting-down"


async def test_a_conditional_read_without_a_wait_is_answered_at_once(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    assert (await front.get("/sessions/shop", headers={"If-None-Match": tag})).status == 304
    assert (await front.get("/sessions/shop", headers={"If-None-Match": '"other"'})).status == 200


async def test_a_create_that_prefers_no_wait_is_answered_at_once(front: Front) -> None:
    response = await front.client.post("/sessions", json={"id": "shop"}, headers={"Prefer": "respond-async"})
    session = await response.json()
    assert (response.status, session["status"], session["qrCode"]) == (202, "starting", None)
    assert response.headers["Location"] == "/sessions/shop"
    assert response.headers["Preference-Applied"] == "respond-async"
    assert (await front.read())["qrCode"] is not None
    assert front.whatsapp.registrations == 1


@pytest.mark.parametrize("form", ['W/"{}"', '"{}"', "{}", 'W/"{}-gzip"', '"{}";br', '"other", W/"{}"'])
async def test_a_wait_knows_what_its_client_has_whatever_became_of_the_etag(front: Front, form: str) -> None:
    await front.create()
    tag = await seen(front)
    task = waiting(front, form.format(tag.removeprefix('W/"').removesuffix('"')), wait=10)
    await front.watched()
    front.time.advance(10.5)
    response = await task
    assert (response.status, response.headers["ETag"]) == (304, tag)
    assert response.headers["Preference-Applied"] == "wait=10"


async def test_a_wait_may_be_a_fraction_of_seconds(front: Front) -> None:
    await front.create()
    headers = {"If-None-Match": await seen(front), "Prefer": "wait=2.5"}
    task = asyncio.create_task(front.client.get("/sessions/shop", headers=headers))
    await front.watched()
    front.time.advance(2.6)
    response = await task
    assert (response.status, response.headers["Preference-Applied"]) == (304, "wait=2.5")


async def test_a_wait_that_ends_with_news_is_reported_too(front: Front) -> None:
    await front.create()
    task = waiting(front, await seen(front), wait=3600)
    await front.watched()
    front.connector().scan()
    response = await task
    assert (response.status, response.headers["Preference-Applied"]) == (200, "wait=60")


async def test_a_wait_that_is_no_time_is_refused_instead_of_answered_at_once(front: Front) -> None:
    await front.create()
    headers = {"If-None-Match": await seen(front), "Prefer": "wait=3s"}
    refused = await problem(await front.get("/sessions/shop", headers=headers), 400, "bad-request")
    assert refused["detail"] == "the preference wait is not a number of seconds, such as wait=20 or wait=2.5"


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}, {"If-None-Match": '"of-another-service"'}])
async def test_a_read_that_did_not_wait_for_a_change_does_not_claim_it(
    front: Front, headers: dict[str, str]
) -> None:
    await front.create()
    response = await front.get("/sessions/shop", headers={"Prefer": "wait=10", **headers})
    assert response.status == 200
    assert "Preference-Applied" not in response.headers
