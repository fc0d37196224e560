"""Single flight: one future for each running piece of work, awaited by every request for it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from server.core.errors import MotteError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FlightOutcome(Generic[Result]):
    """Result of a flight, for those who did not await it."""

    key: str
    #: None if it failed or was abandoned.
    result: Result | None
    error: BaseException | None
    #: Number of requests that joined it.
    joins: int
    #: Its duration.
    seconds: float


class SingleFlight(Generic[Result]):
    """Running work, at most one for each key. Refreshes of sessions use the session's id as key."""

    def __init__(self, *, landed: Callable[[FlightOutcome[Result]], None] = lambda landing: None) -> None:
        """landed: called at the end of each flight."""
        self._landed = landed
        #: When each flight began.
        self._began: dict[asyncio.Future[Result], float] = {}
        #: How many requests joined each flight.
        self._joins: Counter[asyncio.Future[Result]] = Counter()
        #: Flights that can be joined.
        self._joinable: dict[str, asyncio.Future[Result]] = {}
        #: Flights whose work is running, joinable or not.
        self._tasks: dict[asyncio.Future[Result], asyncio.Task[None]] = {}
        self._closed: MotteError | None = None

    def join(self, key: str, work: Callable[[], Coroutine[Any, Any, Result]]) -> asyncio.Future[Result]:
        """Returns the flight of this key, and begins it with `work` if necessary.

        The flight is registered before anything is awaited. Await it through `asyncio.shield`: a cancelled
        request must not cancel the work that others wait for.
        """
        if self._closed is not None:
            raise self._closed
        flight = self._joinable.get(key)
        if flight is None:
            flight = self._joinable[key] = asyncio.get_running_loop().create_future()
            self._tasks[flight] = asyncio.create_task(self._fly(key, flight, work), name=f"flight {key}")
            self._began[flight] = asyncio.get_running_loop().time()
        self._joins[flight] += 1
        return flight

    def is_flying(self, key: str) -> bool:
        """Whether there is a flight to join."""
        return key in self._joinable

    def joinable(self) -> list[str]:
        """Returns the keys of the flights that can be joined."""
        return list(self._joinable)

    def count(self) -> int:
        """Returns how many flights are running."""
        return len(self._tasks)

    def leave(self, key: str) -> None:
        """Closes the flight whose work calls this to new requests, because it will bring no result.

        A second call changes nothing: the next flight of the key can still be joined.
        """
        flight = self._joinable.get(key)
        if flight is not None and self._tasks[flight] is asyncio.current_task():
            del self._joinable[key]

    async def end(self, key: str, error: MotteError) -> None:
        """Ends one flight with this error. Returns once its work has released everything."""
        flight = self._joinable.get(key)
        if flight is not None:
            await self._end(key, flight, error)

    async def close(self, error: MotteError) -> None:
        """Ends every flight with this error, and refuses new ones."""
        self._closed = error
        keys = {flight: key for key, flight in self._joinable.items()}
        await asyncio.gather(
            *(self._end(keys.get(flight, ""), flight, error) for flight in tuple(self._tasks))
        )

    async def _end(self, key: str, flight: asyncio.Future[Result], error: MotteError) -> None:
        task = self._tasks.get(flight)
        if task is None:
            return  # it has ended meanwhile
        _fail(flight, error)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._remove(key, flight)  # a task that had not begun did not do it

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
        """Removes an ended flight. The next flight of its key may have begun already: it stays."""
        if self._joinable.get(key) is flight:
            del self._joinable[key]
        self._tasks.pop(flight, None)
        began = self._began.pop(flight, None)
        if began is not None:
            seconds = asyncio.get_running_loop().time() - began
            self._landed(_outcome(key, flight, joins=self._joins.pop(flight), seconds=seconds))


def _outcome(
    key: str, flight: asyncio.Future[Result], *, joins: int, seconds: float
) -> FlightOutcome[Result]:
    if not flight.done() or flight.cancelled():
        return FlightOutcome(key, None, None, joins, seconds)
    error = flight.exception()
    return FlightOutcome(key, None if error else flight.result(), error, joins, seconds)


def _fail(flight: asyncio.Future[Any], error: Exception) -> None:
    if not flight.done():
        flight.set_exception(error)
        flight.exception()  # marks it as retrieved: all waiters may have been cancelled
