"""One piece of work for everybody who wants it."""

import asyncio

import pytest

from server.core.errors import NoSuchSession, QrTimeout, ShuttingDown
from server.core.single_flight import SingleFlight
from tests.support.time import until


class Work:
    """Counts how often it was begun, and ends when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> int:
        self.begun += 1
        return await self.end


async def test_whoever_joins_before_the_end_shares_the_work_and_its_result() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    work = Work()
    joined = [asyncio.shield(single_flight.join("key", work)) for _ in range(1000)]
    work.end.set_result(7)
    assert await asyncio.gather(*joined) == [7] * 1000
    assert (work.begun, single_flight.count()) == (1, 0)


async def test_whoever_joins_shares_the_error_too() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    work = Work()
    joined = [asyncio.shield(single_flight.join("key", work)) for _ in range(3)]
    work.end.set_exception(QrTimeout())
    errors = await asyncio.gather(*joined, return_exceptions=True)
    assert [type(error) for error in errors] == [QrTimeout] * 3


async def test_after_the_end_the_next_one_begins_anew() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    first, second = Work(), Work()
    first.end.set_result(1)
    second.end.set_result(2)
    assert await single_flight.join("key", first) == 1
    assert await single_flight.join("key", second) == 2


async def test_a_flight_that_is_ended_makes_room_at_once() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    flight = single_flight.join("key", Work())
    await single_flight.end("key", NoSuchSession())
    with pytest.raises(NoSuchSession):
        await flight
    work = Work()
    work.end.set_result(2)
    assert await single_flight.join("key", work) == 2


async def test_work_that_lets_nobody_join_any_more_leaves_the_next_flight_its_place() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    gates = [asyncio.Event(), asyncio.Event()]

    async def leaving_twice() -> int:
        for gate in gates:
            await gate.wait()
            single_flight.leave("key")
        return 1

    first = single_flight.join("key", leaving_twice)
    gates[0].set()
    await until(lambda: not single_flight.is_flying("key"))
    work = Work()
    second = single_flight.join("key", work)
    gates[1].set()
    assert await first == 1
    assert single_flight.join("key", Work()) is second
    work.end.set_result(2)
    assert await second == 2


async def test_flights_that_are_closed_end_with_the_error_and_take_nobody_in() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    flight = single_flight.join("key", Work())
    await single_flight.close(ShuttingDown())
    with pytest.raises(ShuttingDown):
        await flight
    with pytest.raises(ShuttingDown):
        single_flight.join("key", Work())


async def test_a_flight_that_lands_while_all_are_closed_disturbs_nothing() -> None:
    single_flight: SingleFlight[int] = SingleFlight()
    work = Work()
    flight = single_flight.join("key", work)
    await asyncio.sleep(0)
    work.end.set_result(7)
    await single_flight.close(ShuttingDown())
    assert await flight == 7
    assert single_flight.count() == 0
