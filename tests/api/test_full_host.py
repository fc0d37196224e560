"""A host on which there is no room for another session."""

import asyncio
from dataclasses import replace

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.problem_documents import problem
from tests.support.credentials import leave_credentials
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime

MAX_SESSIONS = 2
#: MiB. No host has as much free.
TOO_MUCH = 2**40


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, max_sessions=MAX_SESSIONS)


async def refused(front: Front, session_id: str) -> str:
    """Why the create is refused."""
    response = await front.client.post("/sessions", json={"id": session_id})
    document = await problem(response, 503, "overloaded")
    assert (document["retryable"], response.headers["Retry-After"]) == (True, "60")
    return str(document["detail"])


async def test_one_session_more_than_the_setting_allows_is_refused(front: Front) -> None:
    await front.create("a")
    await front.create("b")
    assert "MOTTE_MAX_SESSIONS is 2" in await refused(front, "c")
    assert (await front.get("/sessions/c")).status == 404
    assert (await front.read("a"))["status"] == "qr_waiting"
    assert (await front.client.delete("/sessions/a")).status == 204
    await front.create("c")


async def test_of_many_creates_at_once_as_many_succeed_as_there_is_room_for(front: Front) -> None:
    creates = [front.client.post("/sessions", json={"id": f"s{number}"}) for number in range(10)]
    statuses = [response.status for response in await asyncio.gather(*creates)]
    assert sorted(statuses) == [201] * MAX_SESSIONS + [503] * (10 - MAX_SESSIONS)
    assert len(await front.whole.store.sessions.all()) == MAX_SESSIONS


async def test_an_id_that_is_taken_is_a_conflict_on_a_full_host_too(front: Front) -> None:
    await front.create("a")
    await front.create("b")
    await problem(await front.client.post("/sessions", json={"id": "a"}), 409, "session-exists")


async def test_a_create_that_is_refused_leaves_an_older_folder_where_it_is(front: Front) -> None:
    await front.create("a")
    await front.create("b")
    folder = front.folder.session("c").path
    folder.mkdir()
    leave_credentials(folder, linked=True)
    before = sorted(path.name for path in folder.iterdir())
    await refused(front, "c")
    assert sorted(path.name for path in folder.iterdir()) == before


async def leave_sessions(settings: Settings, time: TurnedTime, supervisor: FakeSupervisor) -> None:
    """An earlier Motte on the state folder: `a` waits for a scan, `b` is connected."""
    async with opened(settings, time, supervisor) as before:
        await before.create("a")
        await before.pair("b")
    await supervisor.close()


async def test_sessions_beyond_a_limit_that_was_lowered_go_on(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await leave_sessions(settings, time, supervisor)
    async with opened(replace(settings, max_sessions=1), time, supervisor) as front:
        await front.until("connected", "b")
        assert (await front.read("a"))["status"] == "qr_waiting"
        await refused(front, "c")


async def test_without_free_memory_paired_sessions_start_and_no_others(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await leave_sessions(settings, time, supervisor)
    poor = replace(settings, max_sessions=9, min_free_memory=TOO_MUCH)
    async with opened(poor, time, supervisor) as front:
        await front.until("connected", "b")
        assert "MOTTE_MIN_FREE_MEMORY" in await refused(front, "c")
        await problem(await front.get("/sessions/a"), 503, "overloaded")
        assert (await front.client.post("/sessions/a/stop")).status == 200
        await problem(await front.client.post("/sessions/a/start"), 503, "overloaded")
        assert "a" not in supervisor.connectors
        metrics = await (await front.get("/metrics")).text()
        assert 'motte_starts_refused_total{why="memory"} 3.0' in metrics


async def test_without_free_memory_a_restart_starts_no_process_and_changes_nothing(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as before:
        await before.create("a")
        await before.create("b")
        await before.client.post("/sessions/b/stop")
    await supervisor.close()
    poor = replace(settings, min_free_memory=TOO_MUCH)
    async with opened(poor, time, supervisor) as front:
        for body in ({}, {"forget": True}):
            response = await front.client.post("/sessions/a/restart", json=body)
            await problem(response, 503, "overloaded")
        response = await front.client.post("/sessions/b/restart", json={"forget": True})
        await problem(response, 503, "overloaded")
        assert (await (await front.get("/sessions/b?refresh=false")).json())["status"] == "stopped"
        assert not supervisor.connectors.keys() & {"a", "b"}
        assert not front.folder.trash.exists()


async def test_a_session_with_a_process_is_restarted_without_free_memory(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as before:
        await before.create("a")
    async with opened(replace(settings, min_free_memory=TOO_MUCH), time, supervisor) as front:
        assert (await front.read("a"))["status"] == "qr_waiting"
        assert (await front.client.post("/sessions/a/restart")).status == 200
