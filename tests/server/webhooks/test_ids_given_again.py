"""An id that is given to a new session brings nobody what the one before had."""

from dataclasses import replace

from server.webhooks.deliverer import Deliverer
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer


async def assert_a_replay_brings_the_second_alone(bench: Bench, good: Consumer) -> None:
    """The session that has the id now has one event, which comes twice; nothing comes of the one before."""
    async with bench.delivering():
        await bench.happen("a", "of the second")
        await good.until(1)
        await bench.arrived("a")
        await bench.store.webhooks.replay("wh_1", after=0, now=bench.time.clock.wall())
        bench.changes.notify()
        await good.until(2)

    assert good.of("a") == ["of the second", "of the second"]


async def give_again_before_a_look(bench: Bench, good: Consumer, deliverer: Deliverer) -> None:
    """Gives the id of a session again, before the deliverer looks for changed webhooks the next time."""
    await bench.happen("a", "of the first")
    await good.until(1)
    deliverer._look_at = float("inf")
    await bench.happen("a", "end", kind="session.deleted")
    await bench.give_again("a")
    await bench.happen("a", "of the second")


async def test_a_replay_brings_nothing_of_a_session_that_was_deleted_before_the_webhook(
    bench: Bench, good: Consumer
) -> None:
    await bench.happen("a", "of the first")
    await bench.store.sessions.delete("a", token=None)
    await bench.add(good.url)
    await bench.sessions("a")
    await assert_a_replay_brings_the_second_alone(bench, good)


async def test_a_webhook_that_was_there_gets_the_end_of_a_deleted_session_before_the_next_one(
    bench: Bench, good: Consumer
) -> None:
    await bench.add(good.url)
    await bench.happen("a", "of the first")
    await bench.give_again("a")
    await bench.happen("a", "of the second")
    async with bench.delivering():
        await good.until(2)

    assert good.of("a") == ["of the first", "of the second"]


async def test_a_webhook_that_was_read_before_an_id_was_given_again_brings_nothing_of_the_other_session(
    bench: Bench, good: Consumer
) -> None:
    """The key is gone; the deliverer looks for changed webhooks once a second."""
    await bench.add(good.url, sessions=("a", "b"), maker="1 gone")
    async with bench.delivering() as deliverer:
        await give_again_before_a_look(bench, good, deliverer)
        await bench.happen("b", "of b")
        await good.until(3)

    assert good.of("a") == ["of the first", "end"]
    assert good.of("b") == ["of b"]


async def test_a_webhook_whose_key_exists_goes_on_with_the_next_session_of_the_id(
    bench: Bench, good: Consumer
) -> None:
    await bench.store.keys.add("tenant", "0" * 64, ["webhooks"], 1, sessions=["a"])
    await bench.add(good.url, sessions=("a",), types=("message.received",), maker="1 tenant")
    async with bench.delivering() as deliverer:
        await give_again_before_a_look(bench, good, deliverer)
        await good.until(2)

    assert good.of("a") == ["of the first", "of the second"]


async def test_a_replay_brings_nothing_of_a_session_that_had_the_id_before_it_was_named(
    bench: Bench, good: Consumer
) -> None:
    await bench.add(good.url, sessions=("b",))
    await bench.happen("a", "of the first")
    await bench.give_again("a")
    await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("a",)))
    await assert_a_replay_brings_the_second_alone(bench, good)
