"""How long events are kept."""

from pathlib import Path

from server.events.retention import HELD_SECONDS, KEPT_SECONDS, EventRetention
from store.records.events import NewEvent
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session
from tests.support.clock import TurnedClock

WEEK = 7 * 86_400.0


async def kept(path: Path, *, age: float, keep: float = WEEK, is_held: bool = False) -> bool:
    """Whether an event of this age, in seconds, outlives a sweep."""
    clock = TurnedClock()
    async with open_store(path, boot_id="boot-1") as store:
        await _add(store, clock)
        clock.advance(age)

        async def held_from() -> int | None:
            return 1 if is_held else None

        await EventRetention(store.events, clock.wall, keep=keep, held_from=held_from).forget()
        return await store.events.after(0, limit=1) != []


async def _add(store: SqliteStore, clock: TurnedClock) -> None:
    event = NewEvent(type="session.status", at=clock.wall(), data="{}")
    await store.sessions.add(session(), event=event)


async def test_an_event_is_kept_for_a_day_and_not_a_millisecond_longer(tmp_path: Path) -> None:
    assert await kept(tmp_path / "1.db", age=KEPT_SECONDS)
    assert not await kept(tmp_path / "2.db", age=KEPT_SECONDS + 0.001)


async def test_an_event_goes_with_the_messages_if_those_are_kept_for_less(tmp_path: Path) -> None:
    assert await kept(tmp_path / "1.db", age=3600, keep=3600)
    assert not await kept(tmp_path / "2.db", age=3600.001, keep=3600)


async def test_an_event_that_a_webhook_has_still_to_get_is_held_for_a_day_more(tmp_path: Path) -> None:
    assert await kept(tmp_path / "1.db", age=KEPT_SECONDS + HELD_SECONDS, is_held=True)
    assert not await kept(tmp_path / "2.db", age=KEPT_SECONDS + HELD_SECONDS + 0.001, is_held=True)


async def test_nothing_goes_while_the_time_is_not_certain(tmp_path: Path) -> None:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        await _add(store, TurnedClock())

        await EventRetention(store.events, lambda: None, keep=0).forget()

        assert await store.events.newest() == 1
        assert len(await store.events.after(0, limit=1)) == 1
