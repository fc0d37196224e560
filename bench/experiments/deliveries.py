"""From a message that WhatsApp delivers to a webhook's consumer."""

import asyncio
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

#: Messages in one round, and seconds between two of them.
MESSAGES, PAUSE = 300, 0.01

ROUNDS = 3

OWN, CONTACT = "15550000001", "4915100000001"


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    came: dict[str, float] = {}

    async def take(request: web.Request) -> web.Response:
        event = await request.json()
        came[event["data"]["text"]] = perf_counter()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        async with opened(MOTTE_ALLOW_PRIVATE_WEBHOOKS="1") as stage:
            await stage.motte.connect("shop", OWN)
            webhook = {"url": url, "types": ["message.received"]}
            assert (await stage.motte.ask("POST", "/webhooks", json=webhook)).status == 201
            for number in range(ROUNDS):
                samples.add("webhook-p95", await _round(stage, came, f"round {number}"))
    finally:
        await runner.cleanup()


async def _round(stage: Stage, came: dict[str, float], name: str) -> float:
    """Returns the 95th percentile of the delays, in ms. Each begins when the phone is asked to write."""
    asked: dict[str, float] = {}
    writing = []
    for number in range(MESSAGES):
        text = f"{name}, text {number}"
        asked[text] = perf_counter()
        writing.append(asyncio.create_task(stage.phones.write(text, phone=CONTACT, to=OWN)))
        await asyncio.sleep(max(0.0, asked[text] + PAUSE - perf_counter()))
    await asyncio.gather(*writing)
    async with asyncio.timeout(60):
        while not asked.keys() <= came.keys():  # noqa: ASYNC110 - the consumer tells nobody
            await asyncio.sleep(0.01)
    return quantiles([(came[text] - asked[text]) * 1000 for text in asked], n=20)[-1]
