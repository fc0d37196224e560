"""What is left of an older start of a connector comes up the real pipe, and changes nothing."""

import os

import msgspec

from server.core.clock import SystemClock
from server.protocol.events.codes import QrIssued, QrsExhausted
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Snapshot
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones


async def test_events_of_an_older_epoch_are_dropped(motte: Motte, phones: Phones) -> None:
    await motte.create()
    session = await motte.tell("shop", "restart")
    now = SystemClock().boot()
    for late in (
        QrIssued(epoch=1, ordinal=2, payload="the code of a socket that is gone", issued_at=now, lifetime=60),
        QrsExhausted(epoch=1),
        Snapshot(epoch=1, phase="connecting"),
    ):
        say(motte, late)
    await heard(motte)
    assert await motte.look() == session
    await phones.scan(session["qrCode"])
    await motte.until("connected")
    assert await phones.counts() == (2, 1)


def say(motte: Motte, event: AnyEvent) -> None:
    """Write it into the pipe, as a connector does."""
    write(motte, msgspec.json.encode(event))


def write(motte: Motte, line: bytes) -> None:
    pipe = os.open(motte.folder.session("shop").events, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(pipe, b"\n" + line + b"\n")
    finally:
        os.close(pipe)


async def heard(motte: Motte) -> None:
    """Returns once the front has read what is in the pipe: it logs a line that is not JSON."""
    write(motte, b"the end")

    async def complains() -> bool:
        return "session=shop event=unreadable" in motte.serve.logs()

    await eventually(complains)
