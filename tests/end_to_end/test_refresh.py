"""What happens to a session while a read waits for its next code, and what the reader is told."""

import pytest

from tests.support.motte import Motte
from tests.support.phones import NotScanned, Phones


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """A code counts as expired after half a second, and a phone can scan it for eleven more."""
    return {"MOTTE_QR_LIFETIME": "12", "MOTTE_QR_MIN_VALIDITY": "11.5"}


@pytest.fixture
async def code(motte: Motte) -> str:
    """What the connector of `shop` shows, though no read would answer with it any more."""
    code = str((await motte.create())["qrCode"])
    await motte.without_a_code()
    return code


async def test_a_session_that_connects_is_answered_as_connected(
    motte: Motte, phones: Phones, code: str
) -> None:
    read = await motte.waiting()
    await phones.scan(code)
    connected = (await read).session(200)
    assert (connected["status"], connected["qrCode"], connected["pushName"]) == ("connected", None, "Ann")
    assert await phones.counts() == (1, 1)


async def test_a_phone_that_wants_a_passkey_is_a_conflict_that_needs_a_person(
    motte: Motte, phones: Phones, code: str
) -> None:
    read = await motte.waiting()
    await phones.misbehave(passkey=True)
    with pytest.raises(NotScanned, match="passkey-required"):
        await phones.scan(code)
    problem = (await read).problem(409, "passkey-required")
    assert (problem["retryable"], problem["session"]["status"]) == (False, "failed")
    assert (await motte.read())["statusReason"]["code"] == "passkey-required"
    assert await phones.counts() == (1, 0)


async def test_a_connection_that_is_cut_is_opened_again_within_the_same_read(
    motte: Motte, phones: Phones, code: str
) -> None:
    read = await motte.waiting()
    assert await phones.drop() == 1
    fresh = (await read).session(200)
    assert (fresh["status"], fresh["qrCode"] == code) == ("qr_waiting", False)
    assert await phones.counts() == (2, 0)
    await phones.scan(fresh["qrCode"])
    await motte.until("connected")


@pytest.mark.usefixtures("code")
async def test_a_connector_that_is_killed_is_told_and_the_next_read_gives_a_code(
    motte: Motte, phones: Phones
) -> None:
    read = await motte.waiting()
    await motte.kill()
    (await read).problem(502, "connector-crashed")
    await phones.scan((await motte.read())["qrCode"])
    await motte.until("connected")


@pytest.mark.usefixtures("code")
async def test_a_session_that_is_deleted_is_not_found(motte: Motte) -> None:
    read = await motte.waiting()
    await motte.delete()
    (await read).problem(404, "session-not-found")
    assert await motte.programs() == {}


@pytest.mark.usefixtures("code")
async def test_a_session_that_is_stopped_is_answered_as_stopped(motte: Motte) -> None:
    read = await motte.waiting()
    await motte.tell("shop", "stop")
    assert (await read).session(200)["status"] == "stopped"
    assert await motte.programs() == {}


@pytest.mark.usefixtures("code")
async def test_a_whatsapp_that_went_away_is_told(motte: Motte, phones: Phones) -> None:
    read = await motte.waiting()
    await phones.misbehave(refuse=True)
    await phones.drop()
    (await read).problem(502, "whatsapp-unreachable")
    await phones.misbehave()
    await phones.scan((await motte.read())["qrCode"])
    await motte.until("connected")
