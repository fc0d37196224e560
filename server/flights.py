"""One future for each refresh under way, which every request for it awaits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from server.errors import MotteError
from store.records import Session

Work = Callable[[], Coroutine[Any, Any, Session]]


class Flights:
    """The refreshes under way, one a session."""

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Future[Session]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed: MotteError | None = None

    def join(self, session_id: str, work: Work) -> asyncio.Future[Session]:
        """The flight of this session, begun with `work` where there is none.

        The place is taken before anything is awaited. Await it through `asyncio.shield`: a request that goes
        away must not cancel what others wait for.
        """
        if self._closed is not None:
            raise self._closed
        flight = self._flights.get(session_id)
        if flight is None:
            flight = self._flights[session_id] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(self._fly(session_id, flight, work), name=f"flight {session_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return flight

    def is_flying(self, session_id: str) -> bool:
        """Whether somebody waits for a refresh of this session."""
        return session_id in self._flights

    async def close(self, error: MotteError) -> None:
        """End every flight with this error, and refuse new ones."""
        self._closed = error
        for flight in self._flights.values():
            _fail(flight, error)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fly(self, session_id: str, flight: asyncio.Future[Session], work: Work) -> None:
        try:
            session = await work()
        except Exception as error:
            _fail(flight, error)
        else:
            if not flight.done():
                flight.set_result(session)
        finally:
            del self._flights[session_id]
            flight.cancel()


def _fail(flight: asyncio.Future[Session], error: Exception) -> None:
    if not flight.done():
        flight.set_exception(error)
        flight.exception()  # Read once here: every waiter may have gone away.
