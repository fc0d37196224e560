"""Deleting at the wrong moment, and again and again."""

import asyncio

from tests.support.motte import Motte
from tests.support.phones import Phones

#: How often an id is used; a hundred times in tests/slow.
TIMES = 30

#: Seconds. A right to refresh that nobody gave back would last longer.
PROMPTLY = 3


async def create_and_delete(motte: Motte, *, times: int) -> None:
    """One id again and again; two of three are deleted before their connector has said a word."""
    codes = set()
    for number in range(times):
        if number % 3:
            (await motte.post(headers={"Prefer": "respond-async"})).session(202)
        else:
            codes.add((await motte.create())["qrCode"])
        await motte.delete()
    assert len(codes) == len(range(0, times, 3))


async def test_an_id_can_be_created_and_deleted_again_and_again(motte: Motte, phones: Phones) -> None:
    await create_and_delete(motte, times=TIMES)
    assert await motte.programs() == {}
    assert list(motte.folder.sessions.iterdir()) == []
    await motte.connect()
    assert len((await phones.state())["devices"]) == 1


async def test_a_create_whose_session_is_deleted_meanwhile_is_told_so(motte: Motte, phones: Phones) -> None:
    await phones.misbehave(noRefs=True)
    creating = asyncio.create_task(motte.post())
    await motte.pid()
    await motte.delete()
    (await creating).problem(404, "session-not-found")


async def test_an_id_is_free_at_once_when_its_session_is_deleted_during_a_create(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(noRefs=True)
    creating = asyncio.create_task(motte.post())
    await motte.pid()
    await motte.delete()
    await phones.misbehave()
    async with asyncio.timeout(PROMPTLY):
        await motte.create()
    await creating


async def test_a_session_is_deleted_in_time_though_whatsapp_does_not_answer(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await phones.freeze()
    async with asyncio.timeout(8):
        await motte.delete()
    assert list(motte.folder.sessions.iterdir()) == []


async def test_a_session_that_is_deleted_while_it_is_disconnected_is_unlinked_too(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await phones.drop()
    await motte.until("disconnected")
    await motte.delete()
    assert (await phones.state())["devices"] == []
