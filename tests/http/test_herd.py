"""Many sessions that want their connectors at the same moment."""

import asyncio

from tests.http.conftest import Front

FIFTY = [f"shop-{number}" for number in range(50)]


async def test_of_fifty_sessions_that_are_read_at_once_few_connectors_start_at_once(front: Front) -> None:
    for session_id in FIFTY:
        await front.create(session_id)
    front.time.advance(161)
    await asyncio.gather(*(front.asleep(session_id) for session_id in FIFTY))
    front.supervisor.most_starting = 0
    sessions = await asyncio.gather(*(front.read(session_id) for session_id in FIFTY))
    assert len({session["qrCode"] for session in sessions} - {None}) == len(FIFTY)
    assert 0 < front.supervisor.most_starting <= front.whole.settings.start_concurrency
