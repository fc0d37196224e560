"""What can be scraped: that it is true, that it names nobody, that it is cheap."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics

from server.connectors.supervisor_client import Program
from server.core.errors import SupervisorUnavailable
from server.core.settings.model import Settings
from server.protocol.events.codes import QrIssued
from store.records.reason import Reason
from tests.api.conftest import READ_KEY, Front, opened, supervisor_of
from tests.api.crossings import count_crossings, without_looks
from tests.api.scrape import samples, value
from tests.api.test_problems import problem
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


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text; version=1.0.0"])
async def test_a_scrape_says_of_no_series_when_it_began(front: Front, accept: str) -> None:
    await front.create()
    text = await (await front.get("/metrics", headers={"Accept": accept})).text()
    assert "motte_sessions{" in text
    assert "_created" not in text


async def test_a_route_costs_a_dozen_lines_of_a_scrape(front: Front) -> None:
    for _ in range(2):
        lines = (await (await front.get("/metrics")).text()).splitlines()
    about = [line for line in lines if line.startswith("motte_http_request_seconds") and "/metrics" in line]
    assert 10 < len(about) <= 13


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


async def test_nothing_that_a_caller_chose_is_in_a_label(front: Front) -> None:
    await front.create("chosen")
    await front.key("chosen", "sessions:read", sessions=["chosen"])
    for path in ("/sessions/chosen", "/chosen", "/sessions/chosen/chosen", "/sessions?status=chosen"):
        await front.get(path, headers={"X-Request-Id": "chosen", "User-Agent": "chosen"})
    assert "chosen" not in (await (await front.get("/metrics")).text()).lower()


async def test_a_scrape_costs_the_database_two_reads(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    await samples(front)  # by then the front has started in full
    crossings = count_crossings(monkeypatch)
    await samples(front)
    assert without_looks(crossings) == {"read": 2}


async def test_who_may_read_every_session_may_scrape(front: Front) -> None:
    assert (await front.get("/metrics", headers={"X-Api-Key": READ_KEY})).status == 200
    writer = await front.key("writer", "sessions:write")
    await problem(await front.get("/metrics", headers=writer), 403, "forbidden")
    bound = await front.key("bound", "sessions:read", sessions=["shop"])
    await problem(await front.get("/metrics", headers=bound), 403, "forbidden")
    async with front.stranger() as stranger:
        await problem(await stranger.get("/metrics"), 401, "unauthorized")


async def test_a_scraper_that_speaks_openmetrics_gets_it(front: Front) -> None:
    accept = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    response = await front.get("/metrics", headers={"Accept": accept})
    assert response.content_type == "application/openmetrics-text"
    families = open_metrics(await response.text())  # type: ignore[no-untyped-call]
    assert "motte_sessions" in [family.name for family in families]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/openmetrics-text;version=abc", "text/plain"),
        ("application/openmetrics-text;version=2.0.0,text/plain;version=abc", "text/plain"),
        ("application/openmetrics-text; escaping=x; version=0.0.1", "text/plain"),
        ('application/openmetrics-text; version="1.0.0"', "application/openmetrics-text"),
        ("text/plain;version=1.0.0;q=0.5,application/openmetrics-text", "application/openmetrics-text"),
        ("text/plain,application/openmetrics-text;version=1.0.0;q=0.5", "text/plain"),
        (
            # Prometheus 3
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,*/*;q=0.2",
            "application/openmetrics-text",
        ),
        ("text/html", "text/plain"),
        (";version=,;=", "text/plain"),
        ("\udcff;version=\udcff", "text/plain"),
    ],
)
async def test_a_scraper_gets_a_format_whatever_it_accepts(
    front: Front, accept: str, content_type: str
) -> None:
    response = await front.get("/metrics", headers={"Accept": accept})
    assert (response.status, response.content_type) == (200, content_type), await response.text()


async def test_it_is_said_what_runs(front: Front) -> None:
    (build,) = [sample for sample in await samples(front) if sample.name == "motte_build_info"]
    assert set(build.labels) == {"version", "python"}
    assert await value(front, "process_resident_memory_bytes")


async def test_connectors_are_counted_and_weighed_together(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def programs() -> list[Program]:
        named = {"a": ("RUNNING", 70), "b": ("RUNNING", 50), "c": ("BACKOFF", None)}
        return [Program(one, state, 1, None, 0, None, memory=size) for one, (state, size) in named.items()]

    monkeypatch.setattr(front.supervisor, "list", programs)
    assert await value(front, "motte_connectors", state="running") == 2
    assert await value(front, "motte_connectors", state="backoff") == 1
    assert await value(front, "motte_connectors", state="fatal") == 0
    assert await value(front, "motte_connector_memory_bytes") == 120
    assert await value(front, "motte_connector_memory_largest_bytes") == 70


async def test_restarts_only_grow_even_where_a_session_that_had_some_is_deleted(front: Front) -> None:
    name = "motte_connector_restarts_total"
    front.supervisor.restarts.update({"a": 2, "b": 3})
    assert await value(front, name, why="crash") == 5
    await front.supervisor.forget("b")
    assert await value(front, name, why="crash") == 5
    front.supervisor.restarts.update({"a": 3, "b": 1})
    assert await value(front, name, why="crash") == 7
    assert await value(front, name, why="memory") == 0


async def test_restarts_do_not_fall_when_the_front_starts_again(settings: Settings, time: TurnedTime) -> None:
    programs = supervisor_of(settings, time)
    programs.restarts.update({"a": 2, "b": 3})
    for _ in range(2):
        async with opened(settings, time, programs) as front:
            assert await value(front, "motte_connector_restarts_total", why="crash") == 5
        await programs.forget("b")


async def test_there_is_no_number_of_restarts_before_supervisord_has_told_it(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse() -> list[Program]:
        raise SupervisorUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(front.supervisor, "list", refuse)
        assert await value(front, "motte_connector_restarts_total", why="crash") is None
    assert await value(front, "motte_connector_restarts_total", why="crash") == 0


async def test_a_scrape_does_without_a_supervisord_that_does_not_answer(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse() -> list[Program]:
        raise SupervisorUnavailable

    assert await value(front, "motte_supervisor_up") == 1
    monkeypatch.setattr(front.supervisor, "list", refuse)
    assert await value(front, "motte_supervisor_up") == 0


async def test_a_scrape_does_not_wait_for_a_supervisord_that_hangs(
    front: Front, time: TurnedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def hang() -> list[Program]:
        asked.set()
        await asyncio.get_running_loop().create_future()
        return []

    monkeypatch.setattr(front.supervisor, "list", hang)
    scrape = asyncio.create_task(value(front, "motte_supervisor_up"))
    await asked.wait()
    time.advance(2)
    assert await scrape == 0
