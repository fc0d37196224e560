"""Codes as a person meets them: sixty seconds for the first, twenty for each that follows, then sleep.

The tests share two sessions that were created together, and stand in the order of their moments.
"""

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic, time
from typing import Any

import pytest
import pytest_asyncio

from tests.end_to_end.motte import Motte
from tests.end_to_end.serve import Serve
from tests.end_to_end.whatsapp import NotScanned, Phones, Sandbox
from tests.slow.moments import moment

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Seconds from the first code of a socket to the end of its last one.
ALL_CODES = 160


class Lives:
    """`shop` is read now and then, `quiet` by nobody, from one moment on."""

    def __init__(self, shop: dict[str, Any], quiet: dict[str, Any]) -> None:
        self.shop = shop
        self.quiet = quiet
        self._begun = monotonic()

    async def reach(self, age: float) -> None:
        """Return when the sessions are this old. age: seconds."""
        await asyncio.sleep(self._begun + age - monotonic())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phones(sandbox: Sandbox) -> AsyncGenerator[Phones]:
    async with Phones(sandbox.control_url) as phones:
        await phones.reset()
        yield phones


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def motte(serve: Serve, phones: Phones) -> AsyncGenerator[Motte]:
    async with Motte.opened(serve, phones) as motte:
        yield motte
        await motte.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lives(motte: Motte) -> Lives:
    return Lives(await motte.create("shop"), await motte.create("quiet"))


async def test_a_create_answers_with_a_code_for_a_minute(lives: Lives) -> None:
    for created in (lives.shop, lives.quiet):
        assert created["qrCode"] is not None
        assert 58 < left(created) <= 60


async def test_a_read_after_55_seconds_gives_the_same_code_with_the_same_expiry(
    lives: Lives, motte: Motte
) -> None:
    await lives.reach(55)
    assert await motte.read("shop") == lives.shop


async def test_a_read_after_65_seconds_gives_another_that_expires_later_and_a_phone_can_scan(
    lives: Lives, motte: Motte, phones: Phones
) -> None:
    await lives.reach(65)
    read = await motte.read("shop")
    assert read["qrCode"] not in (None, lives.shop["qrCode"])
    assert lives.shop["qrExpiresAt"] < read["qrExpiresAt"]
    assert 0 < left(read) <= 20
    with pytest.raises(NotScanned, match="code-dead"):
        await phones.scan(lives.shop["qrCode"])
    await phones.scan(read["qrCode"])
    await motte.until("connected", "shop")


async def test_a_connector_whose_codes_nobody_read_is_gone_after_the_last_one(
    lives: Lives, motte: Motte
) -> None:
    await lives.reach(ALL_CODES - 2)
    assert "quiet" in await motte.programs()
    await lives.reach(ALL_CODES + 2)
    assert "quiet" not in await motte.programs()


async def test_a_list_and_a_look_show_a_session_that_sleeps_without_a_code_and_do_not_wake_it(
    lives: Lives, motte: Motte, phones: Phones
) -> None:
    before = await phones.counts()
    listed = (await motte.ask("GET", "/sessions")).body["items"]
    (quiet,) = (session for session in listed if session["id"] == "quiet")
    for seen in (quiet, await motte.look("quiet")):
        assert (seen["status"], seen["qrCode"], seen["qrExpiresAt"]) == ("qr_waiting", None, None)
    await lives.reach(ALL_CODES + 5)
    assert "quiet" not in await motte.programs()
    assert await phones.counts() == before


async def test_the_next_read_of_a_session_that_sleeps_gives_a_fresh_code_for_a_minute(
    lives: Lives, motte: Motte, phones: Phones
) -> None:
    read = await motte.read("quiet")
    assert read["qrCode"] not in (None, lives.quiet["qrCode"])
    assert 58 < left(read) <= 60
    await phones.scan(read["qrCode"], "15557654321")
    await motte.until("connected", "quiet")
    assert (await phones.state())["unknownQueries"] == []


def left(session: dict[str, Any]) -> float:
    """Seconds until its code expires."""
    return moment(session["qrExpiresAt"]) - time()
