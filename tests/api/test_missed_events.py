"""What a reader of a stream has missed."""

import re
from dataclasses import replace

import pytest

from server.domain.session_fields import SessionFields
from server.events.types import session_status
from server.streams import event_tail
from server.streams.event_tail import MAX_EVENTS, READ_EVENTS
from store.ports.unit_of_work import UnitOfWork
from tests.api.conftest import Front
from tests.api.second_front import another
from tests.api.test_events import SHOP
from tests.support.stream import following


async def test_what_a_reader_missed_is_told_when_it_comes_back(front: Front) -> None:
    await front.create()
    async with following(front.client, SHOP) as reader:
        place = await reader.placed()
    await front.scan()
    async with following(front.client, SHOP, headers={"Last-Event-ID": place}) as reader:
        assert [(await reader.next())[1]["status"] for _ in range(2)] == ["pairing", "connected"]


async def test_a_code_that_died_before_a_reader_came_back_is_not_told(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as reader:
        place = await reader.placed()
    front.time.advance(60)
    await front.read()
    front.time.advance(101)
    await front.asleep()
    await front.ask("stop")
    async with following(front.client, "/events", headers={"Last-Event-ID": place}) as reader:
        event, document = await reader.next()
        assert (event, document["status"], document["qrCode"]) == ("session.status", "stopped", None)


@pytest.mark.parametrize("place", ["0123abcd-1", "nonsense", "-", "9" * 99])
async def test_a_reader_of_another_feed_is_told_how_things_stand(front: Front, place: str) -> None:
    session = await front.create()
    async with following(front.client, "/events", headers={"Last-Event-ID": place}) as reader:
        assert await reader.next() == ("stream.reset", {})
        assert await reader.next() == ("session.status", session)


async def test_a_reader_that_cannot_keep_up_misses_nothing(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One read of the log brings more events than stay in memory."""
    monkeypatch.setattr(event_tail, "MAX_EVENTS", 10)
    await front.create()
    async with following(front.client, "/events") as reader:
        await reader.placed()
        await rename(front, times=READ_EVENTS + 50)
        names = [(await reader.next())[1]["name"] for _ in range(READ_EVENTS + 50)]
    assert names == [str(number) for number in range(READ_EVENTS + 50)]


async def test_a_reader_whose_events_are_no_longer_kept_is_told_how_things_stand(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as every, following(front.client, SHOP) as one:
        places = {"/events": await every.placed(), SHOP: await one.placed()}
    await rename(front, times=2)
    await front.whole.store.events.forget(front.time.clock.wall() + 1)
    for path, place in places.items():
        async with following(front.client, path, headers={"Last-Event-ID": place}) as reader:
            assert await reader.next() == ("stream.reset", {})
            assert (await reader.next())[1]["id"] == "shop"
            assert await reader.placed() != place


async def rename(front: Front, *, times: int, session_id: str = "shop") -> None:
    """So much happens that no stream has a moment to tell it."""
    await front.owner.state_machine.update(session_id, SessionFields(name="0"))
    session = await front.row(session_id)

    def work(unit: UnitOfWork) -> None:
        for number in range(1, times):
            unit.add_event(session_status(replace(session, name=str(number)), session.updated_at))

    token = front.owner.state_machine._tokens[session_id]
    await front.whole.store.transact(session_id, work, token=token)


@pytest.mark.parametrize("path", ["/events", SHOP])
async def test_the_ids_of_a_stream_say_nothing_of_other_sessions(front: Front, path: str) -> None:
    await front.create()
    await front.create("cafe")
    key = await front.key("bot", "sessions:read", sessions=["shop"])
    places = []
    for _ in range(2):
        async with following(front.client, path, headers=key) as reader:
            places.append(await reader.placed())
        await rename(front, times=3, session_id="cafe")
    assert places[0] == places[1]
    async with following(front.client, path, headers=key) as reader:
        await reader.placed()
        for times in (1, 2):
            await rename(front, times=times, session_id="cafe")
            await rename(front, times=times)
            await reader.until("session.status", name=str(times - 1))
            places.append(reader.place or "")
    assert len(set(places)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", place) for place in places)


async def test_a_client_that_saw_no_event_reads_on_after_those_of_others(front: Front) -> None:
    await front.create("cafe")
    key = await front.key("bot", "sessions:read", sessions=["shop"])
    async with following(front.client, "/events", headers=key) as reader:
        place = await reader.placed()
    await rename(front, times=3, session_id="cafe")
    await front.create()
    async with following(front.client, "/events", headers={**key, "Last-Event-ID": place}) as reader:
        assert (await reader.next())[1]["id"] == "shop"


async def test_a_reader_misses_nothing_however_long_it_was_away(front: Front) -> None:
    """The front that it left has stopped meanwhile, and the events are more than any front has in memory."""
    await front.create()
    async with following(front.client, "/events") as reader:
        place = await reader.placed()
    await rename(front, times=MAX_EVENTS + 1)
    async with another(front) as second:
        await front.stop()
        async with following(second.client, "/events", headers={"Last-Event-ID": place}) as reader:
            names = [(await reader.next())[1]["name"] for _ in range(MAX_EVENTS + 1)]
    assert names == [str(number) for number in range(MAX_EVENTS + 1)]
