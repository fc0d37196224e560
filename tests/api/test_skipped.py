"""What the front knows of messages that take too long."""

from server.protocol.events.messages import MessageSkipped
from server.protocol.events.process import Pong
from tests.api.conftest import Front
from tests.api.scrape import value
from tests.support.time import until


async def test_skipped_messages_are_counted_and_move_nothing(front: Front) -> None:
    await front.pair()
    before = await front.read()
    front.connector().say_spooled(MessageSkipped, times=1)
    front.connector().say_spooled(MessageSkipped, times=2)
    await until(lambda: front.connector().commands[-1].get("seq") == front.connector().last_seq)
    assert await value(front, "motte_messages_skipped_total") == 2
    assert await front.read() == before


async def test_the_age_of_a_message_that_is_taken_in_is_what_the_last_pong_said(front: Front) -> None:
    await front.pair()
    line = front.owner.connectors.channels()["shop"]
    front.connector().say(Pong(epoch=front.connector().epoch, head_age=12.5))
    await until(lambda: line.head_age > 0)
    assert await value(front, "motte_message_head_age_seconds") == 12.5
    front.connector().say(Pong(epoch=front.connector().epoch))
    await until(lambda: line.head_age == 0)
    assert await value(front, "motte_message_head_age_seconds") == 0
