"""A scrape: who may make it, in which format, at which cost; it names nobody."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics

from tests.api.conftest import READ_KEY, Front
from tests.api.crossings import count_crossings, without_looks
from tests.api.problem_documents import problem
from tests.api.scrape import samples, value


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
