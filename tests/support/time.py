"""Time that a test turns: the gateway's clock and the event loop's, together."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeVar

from tests.support.clock import TurnedClock

#: Seconds that nobody turns. Far more than anything here takes; a test that waits so long has failed.
PATIENCE = 30.0

#: Seconds that nobody turns: what falls due takes less, as a rule.
SETTLING = 0.5

Result = TypeVar("Result")


@asynccontextmanager
async def patience(what: str | Callable[[], str], *, within: float = PATIENCE) -> AsyncGenerator[None]:
    """Ends a block that waits too long with an AssertionError, however the clocks of a test are turned.

    what: what the block waits for, as the message says. within: seconds that nobody turns.
    """
    loop = asyncio.get_running_loop()
    given_up_at = monotonic() + within
    timer: asyncio.TimerHandle
    try:
        async with asyncio.timeout(None) as limit:

            def look() -> None:
                nonlocal timer
                left = given_up_at - monotonic()
                if left > 0:  # a test has turned the loop's clock
                    timer = loop.call_later(left, look)
                else:
                    limit.reschedule(loop.time())

            timer = loop.call_later(within, look)
            try:
                yield
            finally:
                timer.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
        said = what if isinstance(what, str) else what()
        raise AssertionError(f"waited {within:.0f} s in vain for {said}") from None


class TurnedTime:
    """Both clocks of a test. Time-outs and timers fall due when it is turned, and by themselves as ever."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._turned = 0.0
        self._loop_time = loop.time
        self.clock = TurnedClock()
        loop.time = lambda: self._loop_time() + self._turned  # type: ignore[method-assign]

    def advance(self, seconds: float) -> None:
        """Let seconds go by at once."""
        self._turned += seconds
        self.clock.advance(seconds)

    async def advance_until(self, over: "asyncio.Future[Result]", seconds: float) -> Result:
        """Let seconds go by, and again if a timer was set only then. Returns what `over` gives."""
        while not over.done():
            self.advance(seconds)
            await asyncio.wait({over}, timeout=SETTLING)
        return over.result()


async def until(condition: Callable[[], bool]) -> None:
    """Turn the event loop, and no clock, until the condition holds."""
    given_up_at = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < given_up_at, "it does not come to that"
        await asyncio.sleep(0)  # it waits for the progress of a task, which sets no event
