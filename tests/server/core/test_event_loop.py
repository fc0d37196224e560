"""The event loop takes in a crowd in small parts."""

import asyncio
import os

from server.core.event_loop import MOST_IN_A_TURN, new_event_loop

#: Pipes that are ready at once.
CROWD = 3 * MOST_IN_A_TURN + 1


async def in_turns() -> list[int]:
    """Makes many pipes ready at once. Returns how many of them each turn of the loop served, in order."""
    loop, turns, served = asyncio.get_running_loop(), [0], asyncio.Event()
    pipes = [os.pipe() for _ in range(CROWD)]

    def serve(reader: int) -> None:
        loop.remove_reader(reader)
        turns[-1] += 1
        if sum(turns) == CROWD:
            served.set()

    def end_turn() -> None:
        turns.append(0)
        if not served.is_set():
            loop.call_soon(end_turn)

    for reader, writer in pipes:
        loop.add_reader(reader, serve, reader)
        os.write(writer, b".")
    loop.call_soon(end_turn)
    await served.wait()
    for end in sum(pipes, ()):
        os.close(end)
    return [number for number in turns if number]


def test_a_turn_serves_few_and_all_get_their_turn() -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        turns = runner.run(in_turns())
    assert sum(turns) == CROWD
    assert max(turns) == MOST_IN_A_TURN


def test_those_that_are_always_ready_do_not_keep_others_waiting() -> None:
    """The kernel goes round: who was served comes last."""

    async def last_of_many() -> None:
        loop, served = asyncio.get_running_loop(), asyncio.Event()
        busy = [os.pipe() for _ in range(2 * MOST_IN_A_TURN)]
        for reader, writer in busy:
            loop.add_reader(reader, lambda: None)  # reads nothing, so it stays ready
            os.write(writer, b".")
        await asyncio.sleep(0)
        reader, writer = os.pipe()
        loop.add_reader(reader, served.set)
        os.write(writer, b".")
        async with asyncio.timeout(10):
            await served.wait()
        for ends in (*busy, (reader, writer)):
            loop.remove_reader(ends[0])
            for end in ends:
                os.close(end)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(last_of_many())
