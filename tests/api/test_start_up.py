"""How a front begins, with what an earlier one left."""

import asyncio

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import AT_ONCE, Front, opened
from tests.support.credentials import leave_credentials
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until

TEN = "abcdefghij"


async def pair_ten(front: Front) -> None:
    for session_id in TEN:
        await front.pair(session_id)


async def ten_connected(front: Front, *, but: str = "") -> None:
    await asyncio.gather(*(front.until("connected", session_id) for session_id in TEN if session_id != but))


async def test_paired_sessions_come_back_without_a_scan_a_few_at_a_time(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await pair_ten(front)
    await supervisor.close()
    supervisor.most_starting = 0
    async with opened(settings, time, supervisor) as front:
        await until(lambda: supervisor.whatsapp.logins == 2 * len(TEN))
        await ten_connected(front)
    assert 0 < supervisor.most_starting <= AT_ONCE
    assert supervisor.whatsapp.registrations == len(TEN)


async def test_no_session_is_called_connected_before_it_is(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await pair_ten(front)
    await supervisor.close()
    async with opened(settings, time, supervisor) as front:
        await until(lambda: bool(supervisor.connectors))
        listed = (await (await front.get("/sessions")).json())["items"]
        connected = {session["id"] for session in listed if session["status"] == "connected"}
        assert connected <= set(supervisor.connectors)
        await ten_connected(front)


async def test_an_unpaired_session_comes_back_asleep(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await front.create()
    await supervisor.close()
    async with opened(settings, time, supervisor) as front:
        read = await front.read(params={"refresh": "false"})
        assert (read["status"], read["qrCode"]) == ("qr_waiting", None)
        assert supervisor.connectors == {}
        assert (await front.read())["qrCode"] is not None


async def test_a_session_that_was_scanned_right_before_everything_was_killed_needs_no_read_to_connect(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    """The connector had it on its disk, and no front in its store."""
    async with opened(settings, time, supervisor) as front:
        await front.create()
        leave_credentials(front.folder.session("shop").path, linked=True)
        supervisor.whatsapp.paired["shop"] = "15551234567"
    await supervisor.close()
    async with opened(settings, time, supervisor) as front:
        await front.until("connected")
    assert supervisor.whatsapp.registrations == 1


async def test_a_session_that_is_read_during_the_start_keeps_the_code_it_got(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await pair_ten(front)
        await front.create("shop")
    await supervisor.close()
    async with opened(settings, time, supervisor) as front:
        read = await front.read("shop")
        await until(lambda: supervisor.whatsapp.logins == 2 * len(TEN))
        await ten_connected(front)
        assert await front.read("shop", params={"refresh": "false"}) == read


async def test_a_connector_of_nobody_is_stopped(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await front.create()
        await front.whole.store.sessions.delete("shop", token=None)
    async with opened(settings, time, supervisor):
        await until(lambda: supervisor.connectors == {})


async def test_a_connector_that_went_on_without_a_front_keeps_its_code(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        created = await front.create()
    async with opened(settings, time, supervisor) as front:
        assert (await front.read())["qrCode"] == created["qrCode"]
    assert supervisor.whatsapp.registrations == 1


async def test_a_connector_that_was_stopped_by_hand_while_no_front_was_there_stays_so(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await pair_ten(front)
    supervisor.stop_by_hand("c", is_heard=False)
    before = dict(supervisor.starts)
    async with opened(settings, time, supervisor) as front:
        assert (await front.until("stopped", "c"))["phoneNumber"] is not None
        await ten_connected(front, but="c")
        assert supervisor.starts == before
        await supervisor.start("c")  # by hand, as it was stopped
        await front.until("connected", "c")


@pytest.mark.parametrize(("code", "is_tried"), [("other-server", True), ("connection-replaced", False)])
async def test_a_session_that_was_taken_to_another_server_is_tried_at_the_next_start(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor, code: str, is_tried: bool
) -> None:
    async with opened(settings, time, supervisor) as front:
        await front.pair()
        front.connector().drop(code)
        await front.until("failed")
    await supervisor.close()
    async with opened(settings, time, supervisor) as front:
        if is_tried:
            assert (await front.until("connected"))["statusReason"] is None
        else:
            await front.create("last")
            assert (await front.read())["status"] == "failed"
