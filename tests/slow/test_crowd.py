"""A thousand callers read a session whose code has expired: one refresh, one code, at once."""

import sys

import pytest

from tests.slow.crowd import AT_ONCE, Crowd, lateness, the_one_code, told
from tests.support.motte import Motte
from tests.support.phones import Phones

READERS = 1000

#: How often each is done; in each run the last answer comes in time.
RUNS = 5

#: Seconds that a code lives.
LIFETIME = 3.0


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Codes that live for moments, and count as expired long enough for a crowd to gather."""
    return {"MOTTE_QR_LIFETIME": str(LIFETIME), "MOTTE_QR_MIN_VALIDITY": "1.5"}


async def test_a_thousand_reads_of_a_session_that_sleeps_cause_one_registration(
    motte: Motte, phones: Phones
) -> None:
    await motte.create()
    spans = []
    async with Crowd.of(READERS, str(motte.serve.url())) as crowd:
        for run in range(RUNS):
            if run > 0:  # the first time its codes run out, which takes a while
                await phones.drop()
            await motte.asleep()
            await crowd.connect()
            arrivals = await crowd.read()
            the_one_code(arrivals)
            assert (await phones.counts())[0] == 2 + run
            spans.append(lateness(arrivals, lifetime=LIFETIME))
    sys.stdout.write(told("1,000 readers of a session that sleeps", spans))
    assert max(spans) < AT_ONCE


async def test_a_thousand_reads_while_the_next_code_is_due_cause_no_registration(
    motte: Motte, phones: Phones
) -> None:
    spans = []
    async with Crowd.of(READERS, str(motte.serve.url())) as crowd:
        for run in range(RUNS):
            created = await motte.create()
            await crowd.connect()
            await motte.without_a_code()
            arrivals = await crowd.read()
            assert the_one_code(arrivals) != created["qrCode"]
            assert (await phones.counts())[0] == 1 + run
            spans.append(lateness(arrivals, lifetime=LIFETIME))
            await motte.delete()
    sys.stdout.write(told("1,000 readers of a living socket", spans))
    assert max(spans) < AT_ONCE
