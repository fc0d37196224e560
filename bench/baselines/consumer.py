"""A consumer of webhooks that answers at once, next to one that never answers.

Prints its `good` and `dead` address. For each line `{"count": n}` it prints `took`: the seconds from the
first to the last of the next n deliveries. For `{"rate": true}` it prints `came`: how many there were since.
"""

import asyncio
import json
import sys
from time import perf_counter
from typing import Any

from aiohttp import web


class Consumer:
    """Counts deliveries."""

    def __init__(self) -> None:
        self.came = 0
        self._begun = 0.0
        self._wanted = 0
        self._left = 0

    def expect(self, number: int) -> None:
        """Times the next so many."""
        self._wanted = self._left = number

    async def take(self, request: web.BaseRequest) -> web.Response:
        """Takes a delivery."""
        await request.read()
        self.came += 1
        if self._left:
            if self._left == self._wanted:
                self._begun = perf_counter()
            self._left -= 1
            if not self._left:
                say(took=perf_counter() - self._begun)
        return web.Response(status=204)


def say(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def never(request: web.BaseRequest) -> web.Response:
    """Answers nothing, until this process is ended."""
    return await asyncio.Future[web.Response]()


async def listen(handler: Any) -> str:
    runner = web.ServerRunner(web.Server(handler, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}/"


async def main() -> None:
    consumer = Consumer()
    say(addresses={"good": await listen(consumer.take), "dead": await listen(never)})
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        if "count" in request:
            consumer.expect(request["count"])
            say(ready=True)
        else:
            say(came=consumer.came)
            consumer.came = 0


asyncio.run(main())
