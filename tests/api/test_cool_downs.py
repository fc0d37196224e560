"""What callers are told when WhatsApp refuses to register devices, and how often it is asked."""

import asyncio

import pytest

from server.core.settings.model import Settings
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.refusals import LIMITED, REFUSED, assert_refused, post
from tests.api.scrape import value
from tests.api.second_front import another
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until


async def test_a_create_asks_twice_and_says_why_whatsapp_refuses(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    problem = await assert_refused(response := await post(front), after=60)
    assert front.whatsapp.registrations == 2
    assert problem["detail"].startswith("as the test wants it; this session asks WhatsApp again from 2026-")
    assert response.headers["Location"] == "/sessions/shop"
    assert (problem["session"]["status"], problem["session"]["statusReason"]["code"]) == (
        "starting",
        "whatsapp-refused",
    )


async def test_nothing_is_asked_again_after_a_429(front: Front) -> None:
    front.whatsapp.refusal = LIMITED
    await assert_refused(await post(front), after=60)
    assert front.whatsapp.registrations == 1


async def test_a_read_in_the_cool_down_is_answered_at_once_and_asks_nothing(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    front.time.advance(20)
    problem = await assert_refused(await front.get("/sessions/shop"), after=40)
    assert problem["retryable"] is True
    assert front.whatsapp.registrations == 2
    assert (await front.read(params={"refresh": "false"}))["status"] == "starting"


async def test_a_read_after_the_cool_down_gets_a_code(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    front.whatsapp.refusal = None
    front.time.advance(60)
    session = await front.read()
    assert (session["status"], session["statusReason"]) == ("qr_waiting", None)


async def test_the_cool_downs_grow_and_each_ends_with_one_try(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    lengths = [60, 120, 300, 900, 900]
    for tries, (length, longer) in enumerate(zip(lengths, [*lengths[1:], 900], strict=True), start=3):
        front.time.advance(length)
        await assert_refused(await front.get("/sessions/shop"), after=longer)
        assert front.whatsapp.registrations == tries


async def test_a_code_resets_the_cool_down(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    front.time.advance(60)
    await front.get("/sessions/shop")
    front.whatsapp.refusal = None
    front.time.advance(120)
    await front.read()
    front.time.advance(161)
    await front.asleep()
    front.whatsapp.refusal = REFUSED
    await assert_refused(await front.get("/sessions/shop"), after=60)


async def test_other_sessions_go_on_while_one_cools_down(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    front.whatsapp.refusal = None
    assert (await post(front, "bar")).status == 201


async def test_a_429_cools_the_whole_host_down(front: Front) -> None:
    front.whatsapp.refusal = LIMITED
    await post(front)
    front.whatsapp.refusal = None
    problem = await assert_refused(await post(front, "bar"), after=60)
    assert "this host asks WhatsApp again" in problem["detail"]
    assert problem["session"]["statusReason"]["code"] == "whatsapp-rate-limited"
    assert front.whatsapp.registrations == 1
    front.time.advance(60)
    assert (await front.read("bar"))["qrCode"] is not None
    assert (await front.read("shop"))["qrCode"] is not None


async def test_three_sessions_in_a_row_cool_the_host_down_and_two_do_not(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    for session_id in ("one", "two"):
        await post(front, session_id)
    front.whatsapp.refusal = None
    assert (await post(front, "well")).status == 201
    front.whatsapp.refusal = REFUSED
    for session_id in ("three", "four", "five"):
        await post(front, session_id)
    registrations = front.whatsapp.registrations
    await assert_refused(await post(front, "six"), after=60)
    assert front.whatsapp.registrations == registrations


async def test_a_caller_that_deletes_and_creates_again_is_slowed_down_as_well(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    for _ in range(10):
        await post(front)
        await front.client.delete("/sessions/shop")
    assert front.whatsapp.registrations == 6


async def test_a_thousand_readers_in_a_cool_down_ask_nothing(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    responses = await asyncio.gather(*(front.get("/sessions/shop") for _ in range(1000)))
    assert {(response.status, response.headers["Retry-After"]) for response in responses} == {(502, "60")}
    assert front.whatsapp.registrations == 2


async def test_sessions_that_come_at_once_after_a_429_ask_one_after_the_other(front: Front) -> None:
    front.whatsapp.refusal = LIMITED
    ids = [f"s{number}" for number in range(30)]
    await asyncio.gather(*(post(front, session_id) for session_id in ids))
    burst = front.whatsapp.registrations
    assert burst < 10  # those that were on their way when the first was refused
    front.time.advance(60)
    responses = await asyncio.gather(*(front.get(f"/sessions/{session_id}") for session_id in ids))
    assert {response.headers["Retry-After"] for response in responses} == {"120"}
    assert front.whatsapp.registrations == burst + 1
    front.whatsapp.refusal = None
    front.time.advance(120)
    sessions = await asyncio.gather(*(front.read(session_id) for session_id in ids))
    assert all(session["qrCode"] for session in sessions)


async def test_a_temporary_ban_is_waited_out(front: Front) -> None:
    front.whatsapp.refusal = Reason("account-restricted", "until then")
    front.whatsapp.refuses_for = 21_600
    await assert_refused(await post(front), after=21_600)
    assert front.whatsapp.registrations == 1
    front.whatsapp.refusal = None
    front.time.advance(21_600)
    assert (await front.read())["qrCode"] is not None


@pytest.mark.parametrize(
    ("reason", "code", "registrations"),
    [
        ("version-rejected", "version-rejected", 1),
        ("account-banned", "account-banned", 1),
        ("client-rejected", "whatsapp-refused", 1),
        ("bad-session", "whatsapp-refused", 2),
        ("connection-lost", "whatsapp-unreachable", 2),
        ("whatsapp-unavailable", "whatsapp-unreachable", 1),
        ("no-codes", "qr-timeout", 2),
        ("of-a-newer-connector", "whatsapp-unreachable", 2),
    ],
)
async def test_no_request_asks_more_than_twice(
    front: Front, reason: str, code: str, registrations: int
) -> None:
    front.whatsapp.refusal = Reason(reason, "")
    response = await post(front)
    assert (await response.json())["code"] == code
    assert front.whatsapp.registrations == registrations
    assert (await front.row()).status == "starting"


@pytest.mark.parametrize("reason", ["connection-lost", "no-codes"])
async def test_sockets_that_close_ten_times_in_a_row_without_a_code_are_a_refusal(
    front: Front, reason: str
) -> None:
    front.whatsapp.refusal = Reason(reason, "")
    await post(front)
    while front.whatsapp.registrations < 10:
        front.time.advance(1)
        await front.get("/sessions/shop")
    response = await front.get("/sessions/shop")
    assert response.headers["Retry-After"] == "60"
    assert front.whatsapp.registrations == 10


@pytest.mark.parametrize("reason", ["whatsapp-unavailable", "connection-lost", "no-codes"])
async def test_what_is_no_refusal_cools_nothing_down(front: Front, reason: str) -> None:
    front.whatsapp.refusal = Reason(reason, "")
    await post(front)
    front.whatsapp.refusal = None
    front.time.advance(1)
    assert (await front.read())["qrCode"] is not None


async def test_the_second_front_tells_how_long_to_wait(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    async with another(front) as second:
        response = await second.client.post("/sessions", json={"id": "shop"})
        problem = await assert_refused(response, after=60)
        assert (problem["retryable"], problem["session"]["id"]) == (False, "shop")
        front.time.advance(20)
        await assert_refused(await second.client.get("/sessions/shop"), after=40)
    assert front.whatsapp.registrations == 2


async def test_the_page_behind_a_link_says_when_it_goes_on(front: Front) -> None:
    await front.create()
    link = (await (await front.client.post("/sessions/shop/scan-link")).json())["url"]
    front.time.advance(161)
    await front.asleep()
    front.whatsapp.refusal = REFUSED
    await front.get("/sessions/shop")
    path = "/scan/" + link.rpartition("/scan/")[2]
    assert "links no new device" in await (await front.client.get(path)).text()
    async with front.client.get(f"{path}/events") as stream:
        told = b""
        while b"tries again in 60 seconds" not in told:
            told += await stream.content.readany()


async def test_metrics_show_refusals_and_who_waits(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    assert await value(front, "motte_registrations_refused_total", reason="whatsapp-refused") == 2
    assert await value(front, "motte_sessions_cooling_down") == 1
    assert await value(front, "motte_registration_cool_down_seconds") == 0
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    assert await value(front, "motte_registration_cool_down_seconds") == 60


async def test_a_new_front_keeps_the_cool_down(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    supervisor.whatsapp.refusal = LIMITED
    async with opened(settings, time, supervisor) as front:
        await post(front)
    time.advance(10)
    async with opened(settings, time, supervisor) as front:
        await assert_refused(await front.get("/sessions/shop"), after=50)
        await assert_refused(await post(front, "bar"), after=50)
        time.advance(50)
        await assert_refused(await front.get("/sessions/shop"), after=120)
    assert supervisor.whatsapp.registrations == 2


async def test_a_step_of_the_wall_clock_changes_no_cool_down(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    front.time.clock.step_wall(-86_400)
    await assert_refused(await front.get("/sessions/shop"), after=60)
    front.time.clock.step_wall(2 * 86_400)
    await assert_refused(await front.get("/sessions/shop"), after=60)


@pytest.mark.parametrize(("stepped", "left"), [(20, 40), (-86_400, 60), (86_400, None)])
async def test_after_a_reboot_wall_time_says_what_is_left_but_never_more_than_the_whole(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor, stepped: float, left: int | None
) -> None:
    supervisor.whatsapp.refusal = LIMITED
    async with opened(settings, time, supervisor) as front:
        await post(front)
    await until(lambda: not supervisor.connectors)
    time.clock.step_wall(stepped)
    time.clock.reboot("boot-2")
    supervisor.whatsapp.refusal = None
    async with opened(settings, time, supervisor) as front:
        response = await front.get("/sessions/shop")
        if left is None:
            assert response.status == 200
        else:
            await assert_refused(response, after=left)
