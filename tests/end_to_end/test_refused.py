"""A real connector whose registrations WhatsApp refuses, and how often the sandbox is asked."""

import asyncio

import pytest

from tests.support.motte import Motte
from tests.support.phones import Phones


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """They make a Motte of this module's own: its host goes on to wait after the last test."""
    return {"MOTTE_REFRESH_TIMEOUT": "14"}


async def is_well_again(motte: Motte, phones: Phones) -> None:
    """A new session gets a code: nothing counts in a row any more."""
    await phones.misbehave()
    await motte.delete()
    await motte.create()


@pytest.mark.parametrize("reason", [401, 500])
async def test_a_create_that_whatsapp_refuses_registers_twice_and_reads_register_no_more(
    motte: Motte, phones: Phones, reason: int
) -> None:
    await phones.misbehave(registrationFailure=reason)
    answer = await motte.post()
    problem = answer.problem(502, "whatsapp-refused")
    assert f"status {reason}" in problem["detail"]
    assert 55 <= int(answer.headers["Retry-After"]) <= 60
    assert await phones.counts() == (2, 0)
    for again in await asyncio.gather(*(motte.get() for _ in range(20))):
        again.problem(502, "whatsapp-refused")
    await motte.asleep()
    assert (await motte.look())["status"] == "starting"
    assert await phones.counts() == (2, 0)
    await is_well_again(motte, phones)


async def test_the_words_of_whatsapp_reach_the_caller(motte: Motte, phones: Phones) -> None:
    texts = {"logout_message_header": "Not allowed", "logout_message_subtext": "See your phone"}
    await phones.misbehave(registrationFailure={"reason": 403, **texts})
    problem = (await motte.post()).problem(502, "account-banned")
    assert 'WhatsApp says "Not allowed / See your phone"' in problem["detail"]
    assert await phones.counts() == (1, 0)
    await is_well_again(motte, phones)


async def test_a_429_stops_every_session_of_the_host_even_one_whose_connector_is_started_again(
    motte: Motte, phones: Phones
) -> None:
    await motte.create("shown")
    await phones.misbehave(registrationFailure=429)
    (await motte.post("one")).problem(502, "whatsapp-refused")
    (await motte.post("two")).problem(502, "whatsapp-refused")
    assert await phones.counts() == (2, 0)

    await phones.misbehave()
    await motte.pid("shown", other_than=await motte.kill("shown"))
    await motte.asleep("shown")
    (await motte.get("shown")).problem(502, "whatsapp-refused")
    assert await phones.counts() == (2, 0)
