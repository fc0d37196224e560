"""Everything stops and starts again: what was paired stays paired."""

import asyncio

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones

#: Seconds. A right to refresh that nobody gave back would last longer.
PROMPTLY = 3


async def restart(motte: Motte) -> None:
    await asyncio.to_thread(motte.serve.stop)
    await motte.ready()


async def has_logged_in(phones: Phones, *, times: int) -> bool:
    return (await phones.counts())[1] == times


async def test_paired_sessions_connect_again_without_a_scan_and_others_stay_asleep_until_a_read(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect("paired")
    created = await motte.create("waiting")
    assert await phones.counts() == (2, 1)
    await restart(motte)

    waiting = await motte.look("waiting")
    assert (waiting["status"], waiting["qrCode"]) == ("qr_waiting", None)
    await eventually(lambda: has_logged_in(phones, times=2))
    await motte.until("connected", "paired")
    assert await phones.counts() == (2, 2)
    assert set(await motte.programs()) == {"paired"}

    woken = await motte.read("waiting")
    assert woken["qrCode"] not in (None, created["qrCode"])
    await phones.scan(woken["qrCode"], "15557654321")
    await motte.until("connected", "waiting")


async def test_a_create_that_waits_when_everything_stops_is_told_so_and_its_session_stays(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(noRefs=True)
    creating = asyncio.create_task(motte.post())
    await eventually(lambda: has_registered(phones))
    await asyncio.to_thread(motte.serve.stop)
    problem = (await creating).problem(503, "shutting-down")
    assert problem["session"]["id"] == "shop"
    assert (await creating).headers["Location"] == "/sessions/shop"
    assert (await creating).headers["Retry-After"] == "5"
    await phones.misbehave()
    await motte.ready()
    async with asyncio.timeout(PROMPTLY):
        assert (await motte.read())["qrCode"] is not None


async def has_registered(phones: Phones) -> bool:
    return await phones.counts() == (1, 0)
