"""One peer's lines are read at a measured pace, and others have their turn in between."""

import asyncio

from server.connectors.read_budget import BURST_LINES, LINES_PER_SECOND, TURN_LINES, ReadBudget
from tests.support.time import TurnedTime


class Spender:
    """A peer that has endless lines to read."""

    def __init__(self, budget: ReadBudget, cost: int = 1) -> None:
        self.lines = 0
        self._budget = budget
        self._cost = cost

    async def run(self) -> None:
        while True:
            self.lines += 1
            await self._budget.spend(self._cost)


async def lines_within(seconds: float, *, budget: ReadBudget | None = None, cost: int = 1) -> float:
    """How many lines are read in so many seconds, if the event loop has turns enough for all of them."""
    loop = asyncio.get_running_loop()
    time = TurnedTime(loop)
    began = loop.time()
    spender = Spender(budget or ReadBudget(), cost)
    running = asyncio.create_task(spender.run())
    for _ in range(int(seconds * 1000)):
        time.advance(0.001)
        for _ in range(3):
            await asyncio.sleep(0)
    late = loop.time() - began - seconds  # the time that the test itself took goes by too
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return spender.lines - late * LINES_PER_SECOND / cost


async def test_others_have_a_turn_after_some_lines() -> None:
    spender = Spender(ReadBudget())
    running = asyncio.create_task(spender.run())
    for turn in range(1, 4):
        await asyncio.sleep(0)
        assert spender.lines == turn * TURN_LINES
    running.cancel()


async def test_a_peer_that_saved_nothing_reads_so_many_lines_a_second() -> None:
    budget = ReadBudget()
    await lines_within(2, budget=budget)
    assert abs(await lines_within(1, budget=budget) - LINES_PER_SECOND) < LINES_PER_SECOND / 20


async def test_what_was_not_read_is_saved_up_to_a_bound() -> None:
    assert abs(await lines_within(1) - (BURST_LINES + LINES_PER_SECOND)) < LINES_PER_SECOND / 20


async def test_long_lines_cost_more() -> None:
    budget = ReadBudget()
    await lines_within(2, budget=budget, cost=100)
    assert abs(await lines_within(1, budget=budget, cost=100) - LINES_PER_SECOND / 100) <= 1


async def test_what_a_dead_peer_left_is_read_at_once_and_in_turns() -> None:
    budget = ReadBudget()
    budget.is_waived = True
    assert await lines_within(1, budget=budget) > 10 * (BURST_LINES + LINES_PER_SECOND)
