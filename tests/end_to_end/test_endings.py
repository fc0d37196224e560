"""How links end: by the phone, by WhatsApp, by the network."""

import pytest

from tests.support.motte import Motte
from tests.support.phones import NotScanned, Phones


async def test_a_phone_that_unlinks_the_device_leaves_the_session_logged_out(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await phones.unlink()
    session = await motte.until("logged_out")
    assert (session["statusReason"]["code"], session["connectedAt"]) == ("logged-out", None)
    await motte.asleep()
    assert await phones.counts() == (1, 1)


async def test_a_login_that_is_refused_right_after_the_pairing_leaves_the_session_logged_out(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(loginFailure=401)
    await phones.scan((await motte.create())["qrCode"])
    assert (await motte.until("logged_out"))["statusReason"]["code"] == "removed-at-once"
    await motte.asleep()


async def test_a_session_that_is_banned_for_a_time_says_until_when_and_comes_back_by_itself(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    ban = {"reason": 402, "code": 101, "expire": 4}
    await phones.misbehave(loginFailure={"value": ban, "times": 1})
    await phones.drop()
    await motte.until("disconnected")
    reasons = [seen["statusReason"] for seen in await motte.history("connected") if seen["statusReason"]]
    assert reasons[-1]["code"] == "account-restricted"
    assert "until 20" in reasons[-1]["detail"]
    assert (await motte.look())["statusReason"] is None


async def test_a_session_that_another_login_replaces_fails_and_does_not_fight_back(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(streamErrorOnLogin="conflict")
    await phones.scan((await motte.create())["qrCode"])
    assert (await motte.until("failed"))["statusReason"]["code"] == "connection-replaced"
    await motte.asleep()
    assert (await motte.read())["status"] == "failed"
    assert await phones.counts() == (1, 1)


async def test_a_connection_that_is_cut_is_opened_again_by_itself(motte: Motte, phones: Phones) -> None:
    connected = await motte.connect()
    pid = await motte.pid()
    await phones.drop()
    seen = await motte.until("disconnected")
    assert (seen["statusReason"]["code"], seen["qrCode"]) == ("connection-lost", None)
    again = await motte.until("connected")
    assert again["statusReason"] is None
    assert again["connectedAt"] > connected["connectedAt"]
    assert (await motte.pid(), await phones.counts()) == (pid, (1, 2))


async def test_a_connection_that_is_cut_after_the_scan_loses_no_pairing(motte: Motte, phones: Phones) -> None:
    await phones.misbehave(dropAfterScan="signed")
    await phones.scan((await motte.create())["qrCode"])
    await motte.until("connected")
    assert await phones.counts() == (1, 1)


async def test_a_pairing_that_whatsapp_never_heard_of_is_no_session_for_ever(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(dropAfterScan="unsigned")
    with pytest.raises(NotScanned, match="not-signed"):
        await phones.scan((await motte.create())["qrCode"])
    await motte.until("logged_out")
    await phones.misbehave()
    await phones.scan((await motte.tell("shop", "restart"))["qrCode"])
    await motte.until("connected")


async def test_a_phone_whose_signature_is_forged_is_not_believed(motte: Motte, phones: Phones) -> None:
    created = await motte.create()
    await phones.misbehave(forgedAccountSignature=True)
    with pytest.raises(NotScanned, match="not-signed"):
        await phones.scan(created["qrCode"])
    await motte.without_a_code()
    await phones.misbehave()
    await phones.scan((await motte.read())["qrCode"])
    await motte.until("connected")
