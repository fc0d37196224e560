"""Keys that are wrong, empty or in the wrong place."""

import asyncio
import logging

import pytest

from server.auth.failed_auth_limiter import MAX_PER_ADDRESS
from server.auth.key_texts import new_key
from tests.api.conftest import ADMIN_KEY, Front
from tests.api.problem_documents import problem
from tests.support.time import TurnedTime


def wrong(number: int) -> dict[str, str]:
    return {"Authorization": f"Bearer wrong-{number}"}


@pytest.mark.parametrize(
    "name", ["apikey", "api_key", "API-Key", "apiKey", "key", "token", "access_token", "access-token"]
)
@pytest.mark.parametrize("is_admin", [True, False])
async def test_a_key_in_the_address_is_refused_and_never_logged(
    front: Front, caplog: pytest.LogCaptureFixture, name: str, is_admin: bool
) -> None:
    async with front.stranger() as stranger:
        client = front.client if is_admin else stranger
        with caplog.at_level(logging.DEBUG, "server"):
            response = await client.get("/sessions", params={name: ADMIN_KEY})
        text = await response.text()
        document = await problem(response, 401, "unauthorized")
    assert "Authorization: Bearer" in document["detail"]
    assert ADMIN_KEY not in text
    assert ADMIN_KEY not in caplog.text


@pytest.mark.parametrize("query", ["k={}", "auth=Bearer+{}", "cursor={}", "limit=1&limit={}", "{}", "{}=1"])
async def test_a_key_that_motte_made_is_refused_wherever_it_is_in_a_query(front: Front, query: str) -> None:
    address = f"/sessions?{query.format(new_key())}"
    document = await problem(await front.get(address), 401, "unauthorized")
    assert "replace this key" in document["detail"]
    await problem(await front.get("/sessions?cursor=motte_"), 400, "bad-cursor")


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer "}, {"X-Api-Key": ""}, {"apikey": ""}, {"Authorization": "Bearer"}]
)
async def test_an_empty_key_is_none(front: Front, headers: dict[str, str]) -> None:
    async with front.stranger() as stranger:
        for _ in range(MAX_PER_ADDRESS + 1):
            await problem(await stranger.get("/sessions", headers=headers), 401, "unauthorized")


async def test_of_a_thousand_wrong_keys_in_a_row_ten_are_looked_at_kindly(
    front: Front, time: TurnedTime
) -> None:
    statuses = [(await front.get("/sessions", headers=wrong(number))).status for number in range(1000)]
    assert statuses == [401] * 10 + [429] * 990
    time.advance(13.5)
    response = await front.get("/sessions", headers=wrong(0))
    document = await problem(response, 429, "rate-limited")
    assert document["retryable"]
    assert response.headers["Retry-After"] == "47"


async def test_a_key_that_was_used_before_is_admitted_among_a_thousand_wrong_ones(front: Front) -> None:
    assert (await front.get("/sessions")).status == 200
    for number in range(100):
        await front.get("/sessions", headers=wrong(number))
    assert (await front.get("/sessions")).status == 200


async def test_a_key_that_motte_made_is_admitted_among_a_thousand_wrong_ones(front: Front) -> None:
    for number in range(100):
        await front.get("/sessions", headers=wrong(number))
    fresh = await front.key(new_key(), "sessions:read")
    assert (await front.get("/sessions", headers=fresh)).status == 200


async def test_a_guess_that_is_right_finds_out_nothing_after_ten_wrong_ones(
    front: Front, time: TurnedTime
) -> None:
    chosen = await front.key("correct-horse-battery-staple-0123456789", "admin")
    async with asyncio.TaskGroup() as tasks:
        guesses = [tasks.create_task(front.get("/sessions", headers=wrong(n))) for n in range(100)]
    assert {guess.result().status for guess in guesses} == {401, 429}
    document = await problem(await front.get("/sessions", headers=chosen), 429, "rate-limited")
    assert "was not looked at" in document["detail"]
    time.advance(60)
    assert (await front.get("/sessions", headers=chosen)).status == 200


async def test_an_address_that_a_header_claims_is_not_believed(front: Front) -> None:
    for number in range(MAX_PER_ADDRESS):
        await front.get("/sessions", headers={**wrong(number), "X-Forwarded-For": f"192.0.2.{number}"})
    response = await front.get("/sessions", headers={**wrong(99), "X-Forwarded-For": "192.0.2.99"})
    await problem(response, 429, "rate-limited")


async def test_requests_without_any_key_do_not_count_as_wrong_ones(front: Front) -> None:
    async with front.stranger() as stranger:
        for _ in range(MAX_PER_ADDRESS + 5):
            await problem(await stranger.get("/sessions"), 401, "unauthorized")
