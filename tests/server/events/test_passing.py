"""Events that no log keeps reach those who follow, and wait for none of them."""

import asyncio
import json

import pytest

from server.documents.typing import TypingDocument
from server.events.passing import MAX_WAITING, PassingEvents
from tests.support.clock import TurnedClock

BO = "4915112345678@s.whatsapp.net"


def typed(kind: str = "text") -> TypingDocument:
    return TypingDocument(chat=BO, sender=BO, number="4915112345678", kind=kind, is_typing=True)


@pytest.fixture
def passing() -> PassingEvents:
    return PassingEvents(TurnedClock())


async def test_everybody_gets_the_same_bytes_in_an_envelope_without_a_cursor(passing: PassingEvents) -> None:
    with passing.followed(None) as one, passing.followed(["shop", "cafe"]) as other:
        passing.publish("typing", "shop", typed())
        event = await one.next()
        assert await other.next() == event
    envelope = json.loads(event.body)
    assert (envelope["id"], envelope["type"], envelope["sessionId"]) == (event.id, "typing", "shop")
    assert envelope["cursor"] is None
    assert envelope["data"] == {
        "chat": BO,
        "sender": BO,
        "number": "4915112345678",
        "kind": "text",
        "isTyping": True,
    }


async def test_nobody_gets_the_events_of_another_session_or_of_before(passing: PassingEvents) -> None:
    passing.publish("typing", "shop", typed("before"))
    with passing.followed(["cafe"]) as other, passing.followed(["shop"]) as one:
        passing.publish("typing", "shop", typed("meanwhile"))
        passing.publish("typing", "cafe", typed("there"))
        assert b"meanwhile" in (await one.next()).body
        assert b"there" in (await other.next()).body
        for follower in (one, other):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await follower.next()


async def test_of_those_that_wait_for_one_who_is_slow_the_oldest_go(passing: PassingEvents) -> None:
    with passing.followed(None) as slow:
        for number in range(MAX_WAITING):
            passing.publish("typing", "shop", typed(str(number)))
        assert json.loads((await slow.next()).body)["data"]["kind"] == "0"
        for number in range(MAX_WAITING, MAX_WAITING + 2):
            passing.publish("typing", "shop", typed(str(number)))
        kinds = [json.loads((await slow.next()).body)["data"]["kind"] for _ in range(MAX_WAITING)]
    assert kinds == [str(number) for number in range(2, MAX_WAITING + 2)]


async def test_who_has_gone_is_forgotten(passing: PassingEvents) -> None:
    with passing.followed(["shop"]), passing.followed(None):
        pass
    assert not passing._followers
