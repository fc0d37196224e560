"""What a caller is told when there is no code, and that the next read finds one once the fault is gone."""

import asyncio
from functools import partial

import pytest

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones

#: A fault that one connection meets.
ONCE = {"value": True, "times": 1}


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """What is told at once is told within these seconds."""
    return {"MOTTE_QR_TIMEOUT": "2"}


async def test_a_whatsapp_that_turns_us_away_is_told_at_once_and_found_again_by_the_next_read(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(refuse=ONCE, upgradeStatus={"value": 503, "times": 1})
    answers = await asyncio.gather(motte.post("refused"), motte.post("unavailable"))
    for answer in answers:
        problem = answer.problem(502, "whatsapp-unreachable")
        assert (answer.headers["Retry-After"], problem["retryable"]) == ("5", False)
        assert answer.headers["Location"] == f"/sessions/{problem['session']['id']}"
    assert await phones.counts() == (0, 0)
    await asyncio.gather(recovers(motte, phones, "refused"), recovers(motte, phones, "unavailable"))


@pytest.mark.parametrize(
    ("fault", "code"),
    [("foreignRoot", "certificate-rejected"), ("outdatedCertificate", "certificate-outdated")],
)
async def test_a_server_whose_certificate_proves_nothing_is_told_and_the_next_read_tries_again(
    motte: Motte, phones: Phones, fault: str, code: str
) -> None:
    await phones.misbehave(**{fault: True})
    (await motte.post()).problem(502, "whatsapp-unreachable")
    assert (await motte.look())["statusReason"]["code"] == code
    assert await phones.counts() == (0, 0)
    await phones.misbehave()
    await recovers(motte, phones, "shop")


async def test_a_whatsapp_that_falls_silent_is_a_time_out_and_the_next_read_tries_again(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(halfDead=ONCE, hangHandshake=ONCE, noRefs=ONCE)
    ids = ("upgraded", "greeted", "registered")
    for answer in await asyncio.gather(*(motte.post(session_id) for session_id in ids)):
        problem = answer.problem(504, "qr-timeout")
        assert (answer.headers["Retry-After"], problem["session"]["qrCode"]) == ("2", None)
    for session_id in ids:
        await eventually(partial(is_over, motte, session_id))
    await asyncio.gather(*(recovers(motte, phones, session_id) for session_id in ids))


async def test_a_client_version_that_whatsapp_rejects_is_told_and_not_tried_again(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(versionRejected=True)
    (await motte.post()).problem(502, "version-rejected")
    assert (await motte.get()).problem(502, "version-rejected")["retryable"] is True
    session = await motte.look()
    assert (session["status"], session["statusReason"]["code"]) == ("starting", "version-rejected")
    await motte.asleep()
    assert await phones.counts() == (1, 0)


async def test_a_connector_that_is_killed_during_a_create_is_told_and_the_next_read_gives_a_code(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(noRefs=True)
    creating = asyncio.create_task(motte.post())
    await eventually(lambda: has_registered(phones))
    await motte.kill()
    answer = await creating
    answer.problem(502, "connector-crashed")
    assert answer.headers["Retry-After"] == "2"
    await phones.misbehave()
    await recovers(motte, phones, "shop")


async def test_a_second_create_of_an_id_is_told_where_the_first_one_is(motte: Motte, phones: Phones) -> None:
    await motte.create()
    answer = await motte.post()
    answer.problem(409, "session-exists")
    assert answer.headers["Location"] == "/sessions/shop"
    assert await phones.counts() == (1, 0)


async def has_registered(phones: Phones) -> bool:
    return await phones.counts() == (1, 0)


async def is_over(motte: Motte, session_id: str) -> bool:
    """Whether its silent socket is closed. What was loading when time was up goes on, and has a code."""
    return session_id not in await motte.programs() or (await motte.look(session_id))["qrCode"] is not None


async def recovers(motte: Motte, phones: Phones, session_id: str) -> None:
    """A read gets a code that can be scanned, now that WhatsApp is well."""
    await phones.scan((await motte.read(session_id))["qrCode"])
    assert (await motte.until("connected", session_id))["statusReason"] is None
