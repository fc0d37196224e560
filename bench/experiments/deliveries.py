"""From a message that WhatsApp delivers to a webhook's consumer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from statistics import quantiles
from time import perf_counter

from aiohttp import web

from bench.rows import Row, Samples
from bench.stage import Stage, opened

ROWS = (
    Row(
        name="webhook-p95",
        what="a message in, until a webhook's consumer has it, 100 a second, 95th percentile",
        unit="ms",
        direction="at-most",
        goal=50,
    ),
)

BUDGET = 15

#: Messages in one round, and seconds between two of them.
MESSAGES, PAUSE = 300, 0.01

ROUNDS = 3

OWN, CONTACT = "15550000001", "4915100000001"


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with Consumer.opened() as consumer, opened(MOTTE_ALLOW_PRIVATE_WEBHOOKS="1") as stage:
        await stage.motte.connect("shop", OWN)
        await consumer.follow(stage)
        for number in range(ROUNDS):
            samples.add("webhook-p95", await consumer.delays(stage, f"round {number}"))


class Consumer:
    """Takes events, and notes when each text came."""

    def __init__(self, url: str, came: dict[str, float]) -> None:
        self._url = url
        self._came = came

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncGenerator["Consumer"]:
        """Yields one that listens on the loopback."""
        came: dict[str, float] = {}

        async def take(request: web.Request) -> web.Response:
            event = await request.json()
            came[event["data"]["text"]] = perf_counter()
            return web.Response()

        app = web.Application()
        app.router.add_post("/", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield cls(f"http://127.0.0.1:{runner.addresses[0][1]}/", came)
        finally:
            await runner.cleanup()

    async def follow(self, stage: Stage) -> None:
        """Makes a webhook."""
        webhook = {"url": self._url, "types": ["message.received"]}
        assert (await stage.motte.ask("POST", "/webhooks", json=webhook)).status == 201

    async def delays(self, stage: Stage, name: str, *, to: str = OWN) -> float:
        """Returns the 95th percentile of the delays, in ms. Each begins when the phone is asked to write.

        name: of this round; texts begin with it. to: the account.
        """
        asked: dict[str, float] = {}
        writing = []
        for number in range(MESSAGES):
            text = f"{name}, text {number}"
            asked[text] = perf_counter()
            writing.append(asyncio.create_task(stage.phones.write(text, phone=CONTACT, to=to)))
            await asyncio.sleep(max(0.0, asked[text] + PAUSE - perf_counter()))
        await asyncio.gather(*writing)
        async with asyncio.timeout(60):
            while not asked.keys() <= self._came.keys():  # noqa: ASYNC110 - the consumer tells nobody
                await asyncio.sleep(0.01)
        return quantiles([(self._came[text] - asked[text]) * 1000 for text in asked], n=20)[-1]
