"""Codes are sent to webhooks that name them."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from aiohttp import web

from server.core.tasks import in_background
from server.domain.expiry import Expiry
from server.webhooks.code_sender import CodeSender
from server.webhooks.http_client import WebhookClient
from server.webhooks.once_sender import MAX_AT_ONCE
from store.records.sessions import Session, Status
from tests.server.webhooks.conftest import Bench
from tests.store.samples import QR, session
from tests.support.consumer import Consumer, Delivery, status

CODED = replace(
    session("a"),
    status=Status.QR_WAITING,
    qr=replace(QR, issued_at=1000.0, expires_at=1060.0),
)


async def test_sixteen_codes_are_on_their_way_at_most(bench: Bench, good: Consumer) -> None:
    over = asyncio.Event()

    async def wait(delivery: Delivery) -> web.StreamResponse:
        await over.wait()
        return await status(204)(delivery)

    good.answer = wait
    for number in range(MAX_AT_ONCE + 1):
        await bench.add(good.url, f"wh_{number}", types=("session.qr",))
    codes: asyncio.Queue[Session] = asyncio.Queue()

    async def coming() -> AsyncGenerator[Session]:
        while True:
            yield await codes.get()

    async with WebhookClient(allow_private=True) as client:
        sender = CodeSender(
            bench.store.webhooks, bench.time.clock, Expiry(bench.time.clock, min_validity=2), client
        )
        async with in_background("codes", lambda: sender.run(coming())):
            codes.put_nowait(CODED)
            await good.until(MAX_AT_ONCE)
            over.set()
            await asyncio.sleep(0.1)
            assert len(good.got) == MAX_AT_ONCE
            codes.put_nowait(CODED)
            await good.until(2 * MAX_AT_ONCE)


async def test_a_failing_or_disabled_webhook_gets_no_code(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url, "wh_1", types=("session.qr",), disabled="off")
    await bench.add(good.url, "wh_2", types=("session.qr", "session.status"), failing_since=1)
    await bench.add(good.url, "wh_3", types=("session.qr",), sessions=("b",))
    await bench.add(good.url, "wh_4", types=("session.qr",), sessions=("a",))

    async def one() -> AsyncGenerator[Session]:
        yield CODED
        await good.until(1)

    async with WebhookClient(allow_private=True) as client:
        sender = CodeSender(
            bench.store.webhooks, bench.time.clock, Expiry(bench.time.clock, min_validity=2), client
        )
        await sender.run(one())

    assert len(good.got) == 1
