"""A notice that is lost is made up for by the next comparison of rows and processes, within 30 seconds."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

import pytest

from server.cluster.request_queue import STORE_RETRY_SECONDS
from server.connectors.supervisor_client import Program
from server.core.errors import SupervisorUnavailable
from server.core.settings.model import Settings
from server.sessions.reconciler import (
    RECONCILE_SECONDS,
    RESTART_DELAY_SECONDS,
    SESSION_RETRY_SECONDS,
    SUPERVISOR_RETRY_SECONDS,
)
from store.errors import StoreUnavailable
from store.records.request_queue import QueuedRequest
from tests.api.conftest import Front, opened
from tests.api.second_front import another
from tests.api.test_heartbeat import compared, settle
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until


@pytest.fixture
async def front(settings: Settings, time: TurnedTime, supervisor: FakeSupervisor) -> AsyncGenerator[Front]:
    """One that has compared all once, and from then on gets no notice of an end."""
    async with opened(settings, time, supervisor) as front:
        await until(lambda: supervisor.lists == 1)
        await settle()
        supervisor.drops_notices = True
        yield front


async def test_a_paired_connector_whose_end_is_not_told_is_started_again(front: Front) -> None:
    await front.pair()
    front.connector().quit()
    await settle()
    assert (await front.row()).status == "connected"  # nobody has told
    front.time.advance(RECONCILE_SECONDS)
    await until(lambda: front.whatsapp.logins == 2)
    await front.until("connected")


async def test_a_code_whose_connector_ended_untold_leaves_the_row(front: Front) -> None:
    await front.create()
    front.connector().quit()
    await settle()
    assert (await front.row()).qr is not None
    await compared(front)
    await front.asleep()
    assert front.supervisor.starts == {"shop": 1}  # it is not paired: a read wakes it
    assert (await front.read())["qrCode"] is not None


async def test_a_session_whose_crash_is_not_told_is_disconnected_and_says_why(front: Front) -> None:
    await front.pair()
    front.supervisor.crash("shop")
    await settle()
    assert (await front.row()).status == "connected"
    front.time.advance(RECONCILE_SECONDS)
    gone = await front.until("disconnected")
    assert gone["statusReason"]["code"] == "connector-crashed"
    before = dict(front.supervisor.starts)
    await compared(front)
    assert front.supervisor.starts == before  # supervisord starts it, when its time has come


async def test_a_reason_is_not_written_again_while_a_crashed_connector_waits(front: Front) -> None:
    await front.pair()
    front.supervisor.crash("shop")
    front.time.advance(RECONCILE_SECONDS)
    await front.until("disconnected")
    row = await front.row()
    for _ in range(3):
        await compared(front)
    assert await front.row() == row


async def test_a_connector_that_is_given_up_untold_makes_its_session_failed(front: Front) -> None:
    await front.pair()
    front.connector().quit(78)
    await settle()
    assert (await front.row()).status == "connected"
    front.time.advance(RECONCILE_SECONDS)
    assert (await front.until("failed"))["statusReason"] is not None
    await stays_as_it_is(front, "failed")


async def test_a_stop_by_hand_that_is_not_told_is_seen_and_kept(front: Front) -> None:
    await front.pair()
    front.supervisor.stop_by_hand("shop")
    await settle()
    assert (await front.row()).status == "connected"
    front.time.advance(RECONCILE_SECONDS)
    await front.until("stopped")
    await stays_as_it_is(front, "stopped")


async def test_a_start_by_hand_that_is_not_told_is_seen(front: Front) -> None:
    await front.pair()
    front.supervisor.stop_by_hand("shop")
    front.time.advance(RECONCILE_SECONDS)
    await front.until("stopped")
    front.whatsapp.slow = True
    await front.supervisor.start("shop")
    front.connector().load(is_heard=False)
    front.time.advance(RECONCILE_SECONDS)
    await front.until("connected")


async def test_a_start_that_never_reached_supervisord_is_made_up_for(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.pair()
    await front.ask("stop")

    async def unreachable(session_id: str) -> Program:
        raise SupervisorUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(front.supervisor, "start", unreachable)
        assert (await front.refused("start"))["code"] == "supervisor-unavailable"
    front.time.advance(RECONCILE_SECONDS)
    await until(lambda: front.whatsapp.logins == 2)
    await front.until("connected")


async def test_a_start_that_fails_is_tried_again_soon(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    await front.pair()
    asked: list[str] = []

    async def unreachable(session_id: str) -> Program:
        asked.append(session_id)
        raise SupervisorUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(front.supervisor, "start", unreachable)
        front.connector().quit()
        front.time.advance(RECONCILE_SECONDS)
        await until(lambda: asked == ["shop"])
        await settle()
    front.time.advance(SESSION_RETRY_SECONDS)
    await settle()
    front.time.advance(RESTART_DELAY_SECONDS)
    await until(lambda: front.whatsapp.logins == 2)


async def test_a_connector_without_a_session_is_stopped(front: Front) -> None:
    await front.create()
    await front.whole.store.sessions.delete("shop", token=None)
    front.time.advance(RECONCILE_SECONDS)
    await until(lambda: front.supervisor.connectors == {})


@pytest.mark.parametrize("verb", ["stop", "logout"])
async def test_a_session_that_was_stopped_or_logged_out_is_never_started(front: Front, verb: str) -> None:
    await front.pair()
    status = (await front.ask(verb))["status"]
    await stays_as_it_is(front, status)


async def test_a_session_that_was_deleted_is_never_started(front: Front) -> None:
    await front.pair()
    assert (await front.client.delete("/sessions/shop")).status == 204
    before = dict(front.supervisor.starts)
    for _ in range(3):
        await compared(front)
    assert front.supervisor.starts == before


async def test_a_list_that_is_older_than_a_stop_of_the_front_is_read_again(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    pool = front.owner.connectors
    async with pool.hold("shop"):
        await pool.rest("shop")
        await pool.erase("shop")
    list_now = front.supervisor.list
    stopping = Program("shop", "STOPPED", None, 0, 0, None)  # supervisord has not removed it yet

    async def once_late() -> list[Program]:
        monkeypatch.setattr(front.supervisor, "list", list_now)
        return [*await list_now(), stopping]

    monkeypatch.setattr(front.supervisor, "list", once_late)
    front.time.advance(RECONCILE_SECONDS)
    await until(lambda: front.supervisor.list == list_now)
    await settle()
    await settle()
    assert (await front.row()).status != "stopped"
    assert (await front.read())["qrCode"] is not None


async def test_a_session_that_somebody_works_on_is_left_to_them(front: Front) -> None:
    await front.pair()
    async with front.owner.connectors.hold("shop"):
        front.connector().quit()
        await compared(front)
        assert (await front.row()).status == "connected"
    front.time.advance(SESSION_RETRY_SECONDS)
    await until(lambda: front.whatsapp.logins == 2)


async def test_sessions_that_are_in_order_cost_one_list_in_30_seconds(front: Front) -> None:
    await asyncio.gather(*(front.pair(session_id) for session_id in "abc"))
    await front.create("unpaired")
    await compared(front)
    lists = front.supervisor.lists
    rows = await front.whole.store.sessions.all()
    for _ in range(3):
        for _ in range(5):
            front.time.advance(RECONCILE_SECONDS / 6)
            await settle()
        assert front.supervisor.lists == lists
        front.time.advance(RECONCILE_SECONDS / 6)
        lists += 1
        await until(partial(has_listed, front, lists))
    assert [row for row in await front.whole.store.sessions.all() if row.phone_number] == [
        row for row in rows if row.phone_number
    ]


def has_listed(front: Front, times: int) -> bool:
    return front.supervisor.lists == times


async def test_a_supervisord_that_does_not_answer_is_asked_again_after_a_second(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.pair()
    asked = 0

    async def unreachable() -> list[Program]:
        nonlocal asked
        asked += 1
        raise SupervisorUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(front.supervisor, "list", unreachable)
        front.connector().quit()
        front.time.advance(RECONCILE_SECONDS)
        await until(lambda: asked == 1)
        await settle()
    front.time.advance(SUPERVISOR_RETRY_SECONDS)
    await until(lambda: front.whatsapp.logins == 2)


async def test_a_request_of_a_second_front_that_could_not_be_read_is_read_again(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    requests = front.whole.store.requests
    tried = asyncio.Event()

    async def unreadable(now: float) -> list[QueuedRequest]:
        tried.set()
        raise StoreUnavailable

    async with another(front) as second:
        with monkeypatch.context() as patched:
            patched.setattr(requests, "open", unreadable)
            stopping = asyncio.create_task(second.client.post("/sessions/shop/stop"))
            await tried.wait()
            await settle()
        front.time.advance(STORE_RETRY_SECONDS)
        assert (await (await stopping).json())["status"] == "stopped"


async def stays_as_it_is(front: Front, status: str) -> None:
    """The session keeps its status, and its connector is not started."""
    before = dict(front.supervisor.starts)
    for _ in range(3):
        await compared(front)
    assert front.supervisor.starts == before
    assert (await front.row()).status == status
