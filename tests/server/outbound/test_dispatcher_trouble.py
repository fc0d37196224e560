"""A dispatcher goes on after errors of the store."""

import asyncio
from typing import Any, cast

import pytest

from server.domain.transitions import Now
from server.outbound.dispatcher import STORE_RETRY_SECONDS, Dispatcher
from server.outbound.dispatcher_parts import DispatcherParts
from store.errors import StoreUnavailable
from store.records.outbox import OutboxEntry, SendTerms
from tests.support.time import TurnedTime, until

TERMS = SendTerms(until=9999.0, until_wall=9_999_000, boot_id="boot-1")
ENTRY = OutboxEntry(
    number=1, message_id="3EB0", chat="4915112345678@s.whatsapp.net", handed=False, terms=TERMS
)


class _Outbox:
    """Has one message, and fails in some reads."""

    def __init__(self, *failing: int) -> None:
        self._failing = failing
        self.reads = 0

    async def entries(self, _: str, *, after: int = 0) -> list[OutboxEntry]:
        self.reads += 1
        if self.reads in self._failing:
            raise StoreUnavailable("disk I/O error")
        return [ENTRY] if after < ENTRY.number else []


@pytest.mark.parametrize("failing", [1, 2], ids=["the first read", "the read when the link opens"])
async def test_a_read_that_fails_is_tried_again_after_a_second(failing: int) -> None:
    outbox = _Outbox(failing)
    nothing: Any = None
    dispatcher = Dispatcher(
        "shop",
        DispatcherParts(
            outbox=cast("Any", outbox),
            within=nothing,
            now=lambda: Now(wall=1_000_000, boot=1000.0, boot_id="boot-1"),
            checks=nothing,
            session=nothing,
            link=lambda _: 7,
            send=nothing,
            changed=lambda _: None,
            rate=0,
            new_chats_per_minute=0,
        ),
    )
    dispatcher.wake()
    time = TurnedTime(asyncio.get_running_loop())
    running = asyncio.create_task(dispatcher.run())
    await until(lambda: outbox.reads == failing)
    assert not running.done()
    time.advance(STORE_RETRY_SECONDS)
    await until(lambda: outbox.reads == 3)  # of new messages, and of all once the link is open
    running.cancel()
    await asyncio.wait({running})
