"""One future for each piece of work under way, which every request for it awaits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from server.errors import MotteError

Result = TypeVar("Result")


class Flights(Generic[Result]):
    """The work under way, one of a kind for each key: the refreshes, by session id."""

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Future[Result]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed: MotteError | None = None

    def join(self, key: str, work: Callable[[], Coroutine[Any, Any, Result]]) -> asyncio.Future[Result]:
        """The flight of this key, begun with `work` where there is none.

        The place is taken before anything is awaited. Await it through `asyncio.shield`: a request that goes
        away must not cancel what others wait for.
        """
        if self._closed is not None:
            raise self._closed
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(self._fly(key, flight, work), name=f"flight {key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return flight

    def is_flying(self, key: str) -> bool:
        """Whether somebody waits for it."""
        return key in self._flights

    def count(self) -> int:
        """How much work is under way."""
        return len(self._flights)

    async def close(self, error: MotteError) -> None:
        """End every flight with this error, and refuse new ones."""
        self._closed = error
        for flight in self._flights.values():
            _fail(flight, error)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fly(
        self, key: str, flight: asyncio.Future[Result], work: Callable[[], Coroutine[Any, Any, Result]]
    ) -> None:
        try:
            result = await work()
        except Exception as error:
            _fail(flight, error)
        else:
            if not flight.done():
                flight.set_result(result)
        finally:
            del self._flights[key]
            flight.cancel()


def _fail(flight: asyncio.Future[Any], error: Exception) -> None:
    if not flight.done():
        flight.set_exception(error)
        flight.exception()  # Read once here: every waiter may have gone away.
