"""Connectors that are killed: whatever the moment, the session comes back or says what became of it."""

import asyncio
import os
from contextlib import suppress

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, NotScanned, Phones

#: Where a session ends up whose connector was killed while a phone scanned. The connector may not have heard
#: of the scan (qr_waiting), or WhatsApp not of the pairing that the connector believes in (logged_out).
FATES = {"connected", "logged_out", "qr_waiting"}


async def test_a_kill_between_a_scan_and_the_login_loses_no_pairing(motte: Motte, phones: Phones) -> None:
    session = await motte.create()
    first = await motte.pid()
    await phones.misbehave(hangHandshake=True)
    await phones.scan(session["qrCode"])
    await motte.pid(other_than=first)
    await eventually(lambda: logs_in(phones))
    await motte.kill()
    await phones.misbehave()
    assert (await motte.until("connected"))["phoneNumber"] == ANN
    assert await phones.counts() == (1, 1)


async def test_a_kill_during_the_restart_after_a_scan_loses_no_pairing(motte: Motte, phones: Phones) -> None:
    session = await motte.create()
    first = await motte.pid()
    await phones.scan(session["qrCode"])
    os.kill(await motte.pid(other_than=first), 9)
    await motte.until("connected")
    assert len((await phones.state())["devices"]) == 1


async def test_a_kill_at_any_moment_of_a_scan_leaves_no_session_stuck(motte: Motte, phones: Phones) -> None:
    delays = (0.0, 0.01, 0.02, 0.04, 0.08)
    fates = await asyncio.gather(
        *(fate_of_a_kill(motte, phones, number, delay) for number, delay in enumerate(delays))
    )
    assert set(fates) <= FATES, fates


async def test_a_connector_that_is_killed_while_connected_connects_again_by_itself(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.kill()
    await motte.until("disconnected")
    connected = await motte.until("connected")
    assert connected["phoneNumber"] is not None
    assert await phones.counts() == (1, 2)


async def test_a_read_while_a_session_is_pairing_starts_no_process_and_no_socket(
    motte: Motte, phones: Phones
) -> None:
    session = await motte.create()
    first = await motte.pid()
    await phones.misbehave(hangHandshake=True)
    await phones.scan(session["qrCode"])
    second = await motte.pid(other_than=first)
    await eventually(lambda: logs_in(phones))
    answers = await asyncio.gather(*(motte.read() for _ in range(20)))
    assert {answer["status"] for answer in answers} == {"pairing"}
    assert await motte.pid() == second
    assert (await phones.state())["sockets"] == 1
    await phones.misbehave()
    await phones.drop()
    await motte.until("connected")


async def fate_of_a_kill(motte: Motte, phones: Phones, number: int, delay: float) -> str:
    """What becomes of a session whose connector is killed so many seconds after a phone begins to scan."""
    session_id = f"shop-{number}"
    session = await motte.create(session_id)
    pid = await motte.pid(session_id)
    scan = asyncio.create_task(phones.scan(session["qrCode"], f"1555123000{number}"))
    await asyncio.sleep(delay)
    with suppress(ProcessLookupError):  # it was quick, and has been started again
        os.kill(pid, 9)
    try:
        await scan
    except NotScanned:
        return await eventually(lambda: fate(motte, session_id))
    return str((await motte.until("connected", session_id))["status"])


async def fate(motte: Motte, session_id: str) -> str | None:
    """Where a session is that shows a code again, or says that it is over; None: neither so far."""
    answer = await motte.get(session_id)
    if answer.status != 200:
        answer.problem(502, "connector-crashed")
        return None
    is_over = answer.body["status"] == "logged_out"
    return str(answer.body["status"]) if is_over or answer.body["qrCode"] else None


async def logs_in(phones: Phones) -> bool:
    """Whether the connector that was paired has come back."""
    return bool((await phones.state())["sockets"] == 1)
