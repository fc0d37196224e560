"""Codes as a person meets them: sixty seconds for the first, twenty for each that follows, then sleep.

A pairing code lasts until WhatsApp ends the socket. The tests share sessions that were created together, and
stand in the order of their moments.
"""

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic, time
from typing import Any

import pytest
import pytest_asyncio

from tests.support.moments import moment
from tests.support.motte import Motte
from tests.support.phones import NotScanned, Phones, Sandbox
from tests.support.serve import Serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Seconds from the first code of a socket to the end of its last one.
ALL_CODES = 160
#: Seconds until WhatsApp ends a socket on which nobody was linked.
SOCKET = 210

#: The phones of the sessions that are linked with a pairing code.
TYPED = {"typed": "15550000001", "untyped": "15550000002"}


class Lives:
    """`shop` is read now and then, `quiet` by nobody; `typed` and `untyped` have pairing codes."""

    def __init__(self, shop: dict[str, Any], quiet: dict[str, Any], codes: dict[str, dict[str, Any]]) -> None:
        self.shop = shop
        self.quiet = quiet
        self.codes = codes
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
    codes = {}
    for session_id, number in TYPED.items():
        await motte.create(session_id)
        path = f"/sessions/{session_id}/pairing-code"
        codes[session_id] = (await motte.ask("POST", path, json={"phoneNumber": number})).body
    return Lives(await motte.create("shop"), await motte.create("quiet"), codes)


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


async def test_a_pairing_code_outlives_the_last_qr_code_and_every_read(
    lives: Lives, motte: Motte, phones: Phones
) -> None:
    for age in range(ALL_CODES + 10, SOCKET - 10, 5):
        await lives.reach(age)
        for session_id in TYPED:
            session = await motte.read(session_id)
            assert (session["qrCode"], session["statusReason"]["code"]) == (None, "pairing-code-awaited")
    await phones.type_code(lives.codes["typed"]["code"], TYPED["typed"])
    await motte.until("connected", "typed")


async def test_a_pairing_code_that_nobody_typed_ends_with_its_socket(lives: Lives, motte: Motte) -> None:
    until = moment(lives.codes["untyped"]["expiresAt"])
    assert abs(until - time()) < SOCKET - (ALL_CODES + 10)
    await lives.reach(SOCKET + 3)
    assert until < time()
    session = await motte.look("untyped")
    assert (session["status"], session["statusReason"]) == ("qr_waiting", None)
    assert "untyped" not in await motte.programs()
    assert 58 < left(await motte.read("untyped")) <= 60


def left(session: dict[str, Any]) -> float:
    """Seconds until its code expires."""
    return moment(session["qrExpiresAt"]) - time()
