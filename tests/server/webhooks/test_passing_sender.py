"""Events that no log keeps are sent to webhooks that name them: once, signed, without a trace."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from server.core.tasks import in_background
from server.documents.typing import TypingDocument
from server.events.passing import PassingEvents
from server.webhooks.http_client import WebhookClient
from server.webhooks.once_sender import MAX_AT_ONCE, MAX_OF_ONE
from server.webhooks.passing_sender import READ_SECONDS, PassingSender
from server.webhooks.target import FAILING_AFTER
from tests.server.webhooks.conftest import BUSY, Bench, Held
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually
from tests.support.time import until

BO = "4915112345678@s.whatsapp.net"
TYPED = TypingDocument(chat=BO, sender=BO, number="4915112345678", kind="text", is_typing=True)


@asynccontextmanager
async def sending(bench: Bench) -> AsyncGenerator[PassingEvents]:
    """A sender at work."""
    passing = PassingEvents(bench.time.clock)
    async with WebhookClient(allow_private=True) as client:
        sender = PassingSender(bench.store.webhooks, bench.time.clock, client, passing)
        async with in_background("passing events", sender.run):
            await until(lambda: bool(passing._followers))
            yield passing


async def test_only_a_webhook_that_names_the_type_and_the_session_and_works_gets_it(
    bench: Bench, good: Consumer, bad: Consumer
) -> None:
    await bench.add(bad.url, "wh_1")
    await bench.add(bad.url, "wh_2", types=("session.problem",))
    await bench.add(bad.url, "wh_3", types=("typing",), sessions=("b",))
    await bench.add(bad.url, "wh_4", types=("typing",), disabled="off")
    await bench.add(bad.url, "wh_5", types=("typing", "message.received"), failing_since=1)
    await bench.add(good.url, "wh_6", types=("typing", "message.received"), sessions=("a",))
    async with sending(bench) as passing:
        passing.publish("typing", "a", TYPED)
        await good.until(1)
        passing.publish("typing", "a", TYPED)
        await good.until(2)
    first, second = (one.event for one in good.got)
    assert (first["type"], first["sessionId"], first["cursor"]) == ("typing", "a", None)
    assert first["data"]["isTyping"] is True
    assert first["id"] != second["id"]
    assert bad.got == []
    assert await bench.store.webhooks.tries("wh_6", limit=10) == []


async def test_one_that_fails_is_not_tried_again_and_holds_no_lane(bench: Bench, bad: Consumer) -> None:
    bad.answers = [500]
    await bench.add(bad.url, types=("typing", "message.received"))
    async with bench.delivering(), sending(bench) as passing:
        passing.publish("typing", "a", TYPED)
        await bad.until(1)
        await bench.happen("a", "a message")
        await bad.until(2)
        await bench.arrived("a")
        bench.time.advance(86_400)
        await bench.happen("a", "another")
        await bad.until(3)
    assert [one.event["type"] for one in bad.got] == ["typing", "message.received", "message.received"]


async def test_a_webhook_that_is_made_meanwhile_gets_what_follows(bench: Bench, good: Consumer) -> None:
    async with sending(bench) as passing:
        passing.publish("typing", "a", TYPED)
        await bench.add(good.url, types=("typing",))

        async def came() -> bool:
            passing.publish("typing", "a", TYPED)
            bench.time.advance(READ_SECONDS)
            return bool(good.got)

        await eventually(came)


class Waiting:
    """Makes a consumer wait before it answers."""

    def __init__(self, consumer: Consumer, answer: int = 204) -> None:
        self.over = asyncio.Event()
        self._answer = status(answer)
        consumer.answer = self._wait

    async def _wait(self, delivery: Delivery) -> web.StreamResponse:
        await self.over.wait()
        return await self._answer(delivery)


async def test_sixteen_events_are_on_their_way_at_most_and_four_to_one_webhook(
    bench: Bench, good: Consumer
) -> None:
    waiting = Waiting(good)
    webhooks = MAX_AT_ONCE // MAX_OF_ONE + 1
    for number in range(webhooks):
        await bench.add(good.url, f"wh_{number}", types=("typing",))
    async with sending(bench) as passing:
        for _ in range(MAX_OF_ONE + 1):
            passing.publish("typing", "a", TYPED)
        await good.until(MAX_AT_ONCE)
        waiting.over.set()
        await asyncio.sleep(0.1)
        assert len(good.got) == MAX_AT_ONCE
        passing.publish("typing", "a", TYPED)
        await good.until(MAX_AT_ONCE + webhooks)


async def test_one_webhook_has_four_events_on_their_way_at_most(bench: Bench, good: Consumer) -> None:
    waiting = Waiting(good)
    await bench.add(good.url, types=("typing",))
    async with sending(bench) as passing:
        for _ in range(MAX_OF_ONE + 1):
            passing.publish("typing", "a", TYPED)
        await good.until(MAX_OF_ONE)
        waiting.over.set()
        await asyncio.sleep(0.1)
        assert len(good.got) == MAX_OF_ONE


async def test_webhooks_that_never_answer_take_no_turn_of_a_good_one(
    bench: Bench, good: Consumer, bad: Consumer
) -> None:
    waiting = Waiting(bad, answer=503)
    for number in range(3):
        await bench.add(bad.url, f"wh_dead_{number}", types=("typing",))
    await bench.add(good.url, "wh_good", types=("typing",))
    async with sending(bench) as passing:
        for number in range(1, 41):
            passing.publish("typing", "a", TYPED)
            await good.until(number)
        assert len(bad.got) == 3 * MAX_OF_ONE
        waiting.over.set()


async def test_a_webhook_that_fails_while_nothing_can_be_written_is_shown_by_the_next_request(
    bench: Bench, bad: Consumer, held: Held
) -> None:
    bad.answer = status(503)
    await bench.add(bad.url, types=("typing",))
    async with sending(bench) as passing:
        for number in range(1, FAILING_AFTER + 1):
            if number == FAILING_AFTER:
                held.begin()

            async def came(wanted: int = number) -> bool:
                passing.publish("typing", "a", TYPED)
                return len(bad.got) >= wanted

            await eventually(came)
        await asyncio.sleep(2 * BUSY)
        held.end()
        bench.time.advance(10)

        async def is_shown() -> bool:
            passing.publish("typing", "a", TYPED)
            found = await bench.store.webhooks.get("wh_1")
            return found is not None and found.failing_since is not None

        await eventually(is_shown)


async def test_a_webhook_with_nothing_but_such_events_is_shown_as_failing_and_rests(
    bench: Bench, bad: Consumer
) -> None:
    bad.answer = status(503)
    await bench.add(bad.url, types=("typing",))

    async def failing_since() -> int | None:
        found = await bench.store.webhooks.get("wh_1")
        assert found is not None
        return found.failing_since

    async with sending(bench) as passing:
        for number in range(1, FAILING_AFTER + 1):

            async def came(wanted: int = number) -> bool:
                passing.publish("typing", "a", TYPED)
                return len(bad.got) >= wanted

            await eventually(came)
        assert await eventually(failing_since) is not None
        for _ in range(3):
            passing.publish("typing", "a", TYPED)
        await asyncio.sleep(0.1)
        assert len(bad.got) == FAILING_AFTER, "it gets nothing for a while"
        bad.answer = status(204)

        async def works() -> bool:
            bench.time.advance(READ_SECONDS)
            passing.publish("typing", "a", TYPED)
            return await failing_since() is None

        await eventually(works)
