"""What a scrape says of connectors and of supervisord."""

import asyncio

import pytest

from server.connectors.supervisor_client import Program
from server.core.errors import SupervisorUnavailable
from server.core.settings.model import Settings
from tests.api.conftest import Front, opened, supervisor_of
from tests.api.scrape import value
from tests.support.time import TurnedTime


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
