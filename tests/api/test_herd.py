"""Many sessions that want their connectors at the same moment."""

import asyncio
from dataclasses import replace

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import AT_ONCE, Front, opened
from tests.support.time import TurnedTime, until

FIFTY = [f"shop-{number}" for number in range(50)]


async def test_of_fifty_sessions_that_are_read_at_once_few_connectors_start_at_once(front: Front) -> None:
    for session_id in FIFTY:
        await front.create(session_id)
    front.time.advance(161)
    await asyncio.gather(*(front.asleep(session_id) for session_id in FIFTY))
    front.supervisor.most_starting = 0
    sessions = await asyncio.gather(*(front.read(session_id) for session_id in FIFTY))
    assert len({session["qrCode"] for session in sessions} - {None}) == len(FIFTY)
    assert 0 < front.supervisor.most_starting <= AT_ONCE


async def test_a_connector_that_loads_when_time_is_up_is_left_to_go_on(
    settings: Settings, time: TurnedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The refresh itself answers, when all that it does is done.
    monkeypatch.setattr("server.sessions.refresh.GRACE_SECONDS", 60)
    async with opened(replace(settings, refresh_timeout=4.0), time) as front:
        await front.create()
        time.advance(161)
        await front.asleep()
        front.whatsapp.slow = True
        reading = asyncio.create_task(front.get("/sessions/shop"))
        await until(lambda: "shop" in front.supervisor.connectors)
        connector = front.connector()
        time.advance(5)
        assert (await reading).status == 504
        reading = asyncio.create_task(front.get("/sessions/shop"))
        time.advance(1)
        connector.load()
        assert (await reading).status == 200
        assert front.supervisor.starts["shop"] == 2
