"""WhatsApp cuts everybody off at once: more connectors are needed than the host can start in a time-out."""

import asyncio
import sys
from time import perf_counter
from typing import Any

import pytest

from tests.support.motte import Motte
from tests.support.phones import Phones

SESSIONS = [f"shop-{number}" for number in range(40)]

#: Seconds until the last session has a code again. To start so many keeps two cores busy for ten.
ALL_AGAIN = 40.0


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Time for some of them to start, but not for all."""
    return {"MOTTE_REFRESH_TIMEOUT": "4"}


async def persistent(motte: Motte, session_id: str) -> dict[str, Any]:
    """What a reader gets who asks until there is a code."""
    answer = await motte.get(session_id)
    while answer.status != 200:
        answer = await motte.get(session_id)
    return answer.session()


async def test_readers_who_ask_again_all_get_a_code_when_more_are_cut_off_than_can_start_in_a_time_out(
    motte: Motte, phones: Phones
) -> None:
    for session_id in SESSIONS:
        await motte.create(session_id)
    await phones.drop()
    begun = perf_counter()
    async with asyncio.timeout(ALL_AGAIN):
        sessions = await asyncio.gather(*(persistent(motte, session_id) for session_id in SESSIONS))
    span = perf_counter() - begun
    registrations = (await phones.counts())[0] - len(SESSIONS)
    sys.stdout.write(f"{len(SESSIONS)} sessions again after {span:.1f} s, {registrations} registrations\n")
    assert None not in {session["qrCode"] for session in sessions}
