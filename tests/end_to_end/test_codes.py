"""Codes that rotate: what a read answers with can be scanned."""

import asyncio
import random
import sys
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pytest

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, NotScanned, Phones

#: Seconds that each code is shown.
LIFETIME = 3.0

#: Seconds in which codes are read: more than two rotations.
READING = 7.0


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_QR_LIFETIME": str(LIFETIME)}


async def test_codes_that_are_read_at_any_moment_of_the_rotation_can_be_scanned(
    motte: Motte, phones: Phones
) -> None:
    moments = sorted(random.uniform(0, READING) for _ in range(10))  # noqa: S311
    sys.stdout.write(f"read at {moments}\n")  # shown where the test has failed
    await asyncio.gather(
        *(read_and_scan(motte, phones, str(number), moments[number::5]) for number in range(5))
    )


async def test_a_scan_at_the_very_end_of_a_code_counts_for_both_or_for_none(
    motte: Motte, phones: Phones
) -> None:
    offsets = (-1.0, -0.1, 0.2, 0.45, 1.0)
    verdicts = await asyncio.gather(
        *(scan_late(motte, phones, str(number), offset) for number, offset in enumerate(offsets))
    )
    assert (verdicts[0], verdicts[-1]) == (True, False)
    assert len((await phones.state())["devices"]) == len(offsets)


async def test_two_hundred_readers_of_an_expired_code_cause_one_registration_and_get_one_code(
    motte: Motte, phones: Phones
) -> None:
    created = await motte.create()
    await phones.drop()
    await motte.asleep()
    sessions = await asyncio.gather(*(motte.read() for _ in range(200)))
    codes = {session["qrCode"] for session in sessions}
    assert len(codes) == 1
    assert codes != {created["qrCode"]}
    assert await phones.counts() == (2, 0)


async def no_sockets(phones: Phones) -> bool:
    """Whether WhatsApp has no connection; it may notice the end of one after the front."""
    return bool((await phones.state())["sockets"] == 0)


async def test_a_session_whose_codes_ran_out_sleeps_until_the_next_read(motte: Motte, phones: Phones) -> None:
    await phones.show_codes_for(LIFETIME, count=1)
    created = await motte.create()
    await motte.asleep()
    session = await motte.look()
    assert (session["status"], session["qrCode"], session["qrExpiresAt"]) == ("qr_waiting", None, None)
    await eventually(lambda: no_sockets(phones))
    woken = await motte.read()
    assert woken["qrCode"] not in (None, created["qrCode"])
    await phones.scan(woken["qrCode"])
    await motte.until("connected")


async def test_a_reader_who_waits_for_news_is_answered_with_the_next_code(
    motte: Motte, phones: Phones
) -> None:
    await motte.create()
    first = await motte.get()
    headers = {"If-None-Match": first.headers["ETag"], "Prefer": "wait=30"}
    second = (await motte.get(headers=headers)).session(200)
    assert second["qrCode"] not in (None, first.body["qrCode"])
    await phones.scan(second["qrCode"])


async def test_a_code_whose_secret_was_retired_is_there_at_once_with_another_one(
    motte: Motte, phones: Phones
) -> None:
    await phones.misbehave(refreshRegistration=True)
    created = await motte.create()
    first = await motte.get()
    headers = {"If-None-Match": first.headers["ETag"], "Prefer": "wait=30"}
    waiting = asyncio.create_task(motte.get(headers=headers))
    with pytest.raises(NotScanned, match="secret-retired"):
        await phones.scan(created["qrCode"])
    renewed = (await waiting).session(200)
    assert renewed["qrExpiresAt"] == created["qrExpiresAt"]
    assert ref_of(renewed) == ref_of(created)
    await phones.scan(renewed["qrCode"])
    await motte.until("connected")
    assert (await phones.state())["notifications"] == {"sent": 1, "acknowledged": 1}


async def test_a_pairing_code_that_somebody_types_outlives_the_qr_codes_and_all_polls(
    motte: Motte, phones: Phones
) -> None:
    await phones.show_codes_for(LIFETIME, count=1)
    await motte.create()
    issued = await motte.ask("POST", "/sessions/shop/pairing-code", json={"phoneNumber": ANN})
    await asyncio.sleep(LIFETIME + 0.5)
    sessions = await asyncio.gather(*(motte.read() for _ in range(20)))
    shown = {(session["qrCode"], session["statusReason"]["code"]) for session in sessions}
    assert shown == {(None, "pairing-code-awaited")}
    await phones.type_code(issued.body["code"])
    await motte.until("connected")
    assert await phones.counts() == (1, 1)


async def test_a_pairing_code_ends_with_its_socket_and_the_next_read_has_a_qr_code(
    motte: Motte, phones: Phones
) -> None:
    await phones.show_codes_for(LIFETIME, count=1, ended_after=LIFETIME + 1)
    await motte.create()
    await motte.ask("POST", "/sessions/shop/pairing-code", json={"phoneNumber": ANN})
    await motte.asleep()
    assert (await motte.look())["statusReason"] is None
    await phones.scan((await motte.read())["qrCode"])
    await motte.until("connected")


def ref_of(session: dict[str, Any]) -> str:
    """What WhatsApp calls the code."""
    return str(session["qrCode"]).partition("#")[2].partition(",")[0]


async def read_and_scan(motte: Motte, phones: Phones, number: str, moments: list[float]) -> None:
    """A reader who comes back, and whose phone takes the last answer. moments: seconds after the create."""
    await motte.create(f"shop-{number}")
    created_at = monotonic()
    for moment in moments:
        await asyncio.sleep(created_at + moment - monotonic())
        session = await motte.read(f"shop-{number}")
    await phones.scan(session["qrCode"], f"1555123000{number}")
    await motte.until("connected", f"shop-{number}")


async def scan_late(motte: Motte, phones: Phones, number: str, offset: float) -> bool:
    """Whether the phone accepted a code so many seconds after Motte let it expire."""
    session_id, phone = f"shop-{number}", f"1555123000{number}"
    session = await motte.create(session_id)
    expires_at = datetime.fromisoformat(session["qrExpiresAt"])
    await asyncio.sleep((expires_at - datetime.now(UTC)).total_seconds() + offset)
    try:
        await phones.scan(session["qrCode"], phone)
    except NotScanned:
        await phones.scan((await motte.read(session_id))["qrCode"], phone)
        return False
    finally:
        await motte.until("connected", session_id)
    return True
