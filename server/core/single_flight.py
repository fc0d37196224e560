"""One future for each piece of work under way, which every request for it awaits."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from server.core.errors import MotteError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FlightOutcome(Generic[Result]):
    """How a flight ended."""

    #: None: it failed, or was abandoned.
    result: Result | None
    error: BaseException | None
    #: How many requests joined it.
    joins: int
    #: From its beginning to its end.
    seconds: float


class SingleFlight(Generic[Result]):
    """The work under way, one of a kind for each key: the refreshes, by session id."""

    def __init__(self, *, landed: Callable[[FlightOutcome[Result]], None] = lambda landing: None) -> None:
        """landed: told of each flight when it has ended."""
        self._landed = landed
        #: Of each flight: when it began, and how many joined it.
        self._began: dict[asyncio.Future[Result], float] = {}
        self._joins: Counter[asyncio.Future[Result]] = Counter()
        #: Those that can be joined.
        self._single_flight: dict[str, asyncio.Future[Result]] = {}
        #: Those whose work goes on, among them some that can be joined no more.
        self._tasks: dict[asyncio.Future[Result], asyncio.Task[None]] = {}
        self._closed: MotteError | None = None

    def join(self, key: str, work: Callable[[], Coroutine[Any, Any, Result]]) -> asyncio.Future[Result]:
        """The flight of this key, begun with `work` where there is none.

        The place is taken before anything is awaited. Await it through `asyncio.shield`: a request that goes
        away must not cancel what others wait for.
        """
        if self._closed is not None:
            raise self._closed
        flight = self._single_flight.get(key)
        if flight is None:
            flight = self._single_flight[key] = asyncio.get_running_loop().create_future()
            self._tasks[flight] = asyncio.create_task(self._fly(key, flight, work), name=f"flight {key}")
            self._began[flight] = asyncio.get_running_loop().time()
        self._joins[flight] += 1
        return flight

    def is_flying(self, key: str) -> bool:
        """Whether there is a flight to join."""
        return key in self._single_flight

    def joinable(self) -> list[str]:
        """The keys of the flights that can be joined."""
        return list(self._single_flight)

    def count(self) -> int:
        """How much work is under way."""
        return len(self._tasks)

    def leave(self, key: str) -> None:
        """Let nobody join the flight whose work calls this: what is left of it brings no result.

        Work that has left may do so again: the next flight of its key keeps its place.
        """
        flight = self._single_flight.get(key)
        if flight is not None and self._tasks[flight] is asyncio.current_task():
            del self._single_flight[key]

    async def end(self, key: str, error: MotteError) -> None:
        """End one flight with this error; returns once its work has let go of everything."""
        flight = self._single_flight.get(key)
        if flight is not None:
            await self._end(key, flight, error)

    async def close(self, error: MotteError) -> None:
        """End every flight with this error, and refuse new ones."""
        self._closed = error
        keys = {flight: key for key, flight in self._single_flight.items()}
        await asyncio.gather(
            *(self._end(keys.get(flight, ""), flight, error) for flight in tuple(self._tasks))
        )

    async def _end(self, key: str, flight: asyncio.Future[Result], error: MotteError) -> None:
        task = self._tasks.get(flight)
        if task is None:
            return  # It has landed meanwhile.
        _fail(flight, error)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._remove(key, flight)  # A task that had not begun has not done so.

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
            self._remove(key, flight)
            flight.cancel()

    def _remove(self, key: str, flight: asyncio.Future[Result]) -> None:
        """Make room for the next flight, unless that has taken its place already."""
        if self._single_flight.get(key) is flight:
            del self._single_flight[key]
        self._tasks.pop(flight, None)
        began = self._began.pop(flight, None)
        if began is not None:
            seconds = asyncio.get_running_loop().time() - began
            self._landed(_landing(flight, joins=self._joins.pop(flight), seconds=seconds))


def _landing(flight: asyncio.Future[Result], *, joins: int, seconds: float) -> FlightOutcome[Result]:
    if not flight.done() or flight.cancelled():
        return FlightOutcome(None, None, joins, seconds)
    error = flight.exception()
    return FlightOutcome(None if error else flight.result(), error, joins, seconds)


def _fail(flight: asyncio.Future[Any], error: Exception) -> None:
    if not flight.done():
        flight.set_exception(error)
        flight.exception()  # Read once here: every waiter may have gone away.
