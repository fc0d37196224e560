"""What a scrape says of sessions, codes and requests."""

import asyncio
from dataclasses import replace
from typing import Any

from server.protocol.events.codes import QrIssued
from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.problem_documents import problem
from tests.api.scrape import value
from tests.support.time import TurnedTime, until


async def counted(front: Front, number: int, name: str, **labels: str) -> None:
    """Return once this was counted so often."""
    async with asyncio.timeout(10):
        await until(lambda: front.whole.metrics.registry.get_sample_value(name, labels) == number)


async def crowd(front: Front, number: int) -> list[asyncio.Task[dict[str, Any]]]:
    """Reads that all wait for the same code."""
    reads = [asyncio.create_task(front.read()) for _ in range(number)]
    await counted(front, number, "motte_qr_expired_on_read_total")
    return reads


async def test_sessions_are_counted_by_status_and_the_others_are_zero(front: Front) -> None:
    for session_id in ("a", "b", "c"):
        await front.create(session_id)
    await front.scan("c")
    assert await value(front, "motte_sessions", status="qr_waiting") == 2
    assert await value(front, "motte_sessions", status="connected") == 1
    assert await value(front, "motte_sessions", status="failed") == 0
    await front.client.delete("/sessions/a")
    assert await value(front, "motte_sessions", status="qr_waiting") == 1


async def test_messages_that_cannot_be_read_are_counted_and_others_are_not(front: Front) -> None:
    await front.create()
    await front.scan()
    front.connector().receive("readable")
    front.connector().receive("ID", kind="undecryptable")
    await counted(front, 1, "motte_messages_undecryptable_total")


async def test_a_crowd_that_waits_for_one_code_is_one_refresh_with_many_waiters(
    front: Front, time: TurnedTime
) -> None:
    await front.create()
    time.advance(58.5)
    reads = await crowd(front, 20)
    time.advance(1.5)
    assert len({(await read)["qrCode"] for read in reads}) == 1
    assert await value(front, "motte_qr_refreshes_total", outcome="code") == 2  # the create's and this one
    assert await value(front, "motte_qr_refresh_waiters_bucket", le="10.0") == 1
    assert await value(front, "motte_qr_refresh_waiters_bucket", le="20.0") == 2
    assert await value(front, "motte_qr_expired_on_read_total") == 20


async def test_the_time_to_a_code_is_told_apart_by_whether_a_socket_had_to_be_opened(
    front: Front, time: TurnedTime
) -> None:
    await front.create()
    assert await value(front, "motte_time_to_qr_seconds_count", socket="new") == 1
    time.advance(58.5)
    (read,) = await crowd(front, 1)
    time.advance(1.5)
    await read
    assert await value(front, "motte_time_to_qr_seconds_bucket", socket="living", le="1.0") == 0
    assert await value(front, "motte_time_to_qr_seconds_count", socket="living") == 1


async def test_a_read_of_a_code_that_lives_is_no_refresh(front: Front) -> None:
    await front.create()
    await front.read()
    assert await value(front, "motte_qr_expired_on_read_total") == 0
    assert await value(front, "motte_qr_refresh_waiters_count") == 1


async def test_a_refresh_that_brings_no_code_is_counted_by_its_error(front: Front) -> None:
    front.whatsapp.refusal = Reason("version-rejected", "too old")
    await problem(await front.client.post("/sessions", json={"id": "shop"}), 502, "version-rejected")
    assert await value(front, "motte_qr_refreshes_total", outcome="version-rejected") == 1
    assert await value(front, "motte_qr_refreshes_total", outcome="code") == 0
    assert await value(front, "motte_time_to_qr_seconds_count", socket="new") is None


async def test_a_refresh_during_which_the_phone_scans_is_counted_as_connected(
    front: Front, time: TurnedTime
) -> None:
    await front.create()
    time.advance(58.5)
    (read,) = await crowd(front, 1)
    await front.scan()
    assert (await read)["status"] == "connected"
    assert await value(front, "motte_qr_refreshes_total", outcome="connected") == 1


async def test_a_scan_is_counted_by_the_code_that_was_scanned(front: Front, time: TurnedTime) -> None:
    await front.create()
    time.advance(61)
    await front.read()
    await front.scan()
    assert await value(front, "motte_scans_total", ordinal="2") == 1
    assert await value(front, "motte_scans_total", ordinal="1") == 0


async def test_a_scan_without_a_code_is_counted_as_unknown(front: Front) -> None:
    await front.create()
    await front.owner.state_machine.rewrite("shop", lambda session: replace(session, qr=None))
    await front.scan()
    assert await value(front, "motte_scans_total", ordinal="unknown") == 1
    assert await value(front, "motte_scans_total", ordinal="1") == 0


async def test_a_connector_that_crashes_is_counted(front: Front) -> None:
    await front.create()
    front.supervisor.crash("shop")
    await front.closed()
    await counted(front, 1, "motte_connector_ends_total", how="backoff")
    assert await value(front, "motte_connector_ends_total", how="backoff") == 1


async def test_the_way_of_a_code_through_the_pipe_is_measured(front: Front, time: TurnedTime) -> None:
    await front.create()
    issued_at = time.clock.boot() - 0.3
    code = QrIssued(epoch=1, ordinal=2, payload="late", issued_at=issued_at, lifetime=20)
    front.connector().say(code)
    await counted(front, 2, "motte_pipe_lag_seconds_count")
    assert await value(front, "motte_pipe_lag_seconds_bucket", le="0.25") == 1
    assert await value(front, "motte_pipe_lag_seconds_bucket", le="0.5") == 2


async def test_requests_are_measured_by_the_template_of_their_route(front: Front) -> None:
    await front.create()
    await front.read()
    await front.get("/sessions/nobody")
    await front.get("/nothing/at/all")
    await front.client.request("PROPFIND", "/sessions")
    name = "motte_http_request_seconds_count"
    assert await value(front, name, method="POST", route="/sessions", status="201") == 1
    assert await value(front, name, method="GET", route="/sessions/{id}", status="200") == 1
    assert await value(front, name, method="GET", route="/sessions/{id}", status="404") == 1
    assert await value(front, name, method="GET", route="unknown", status="404") == 1
    assert await value(front, name, method="other", route="unknown", status="405") == 1


async def test_a_refused_key_is_measured_too(front: Front) -> None:
    async with front.stranger() as stranger:
        await stranger.get("/sessions")
    name = "motte_http_request_seconds_count"
    assert await value(front, name, method="GET", route="/sessions", status="401") == 1


async def test_a_request_that_waits_is_in_flight(front: Front, time: TurnedTime) -> None:
    await front.create()
    time.advance(58.5)
    (read,) = await crowd(front, 1)
    assert await value(front, "motte_http_requests_in_flight") == 2  # the scrape is one itself
    time.advance(1.5)
    await read
    assert await value(front, "motte_http_requests_in_flight") == 1
