"""The leader does each request of a follower once."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import cast

from server.cluster.request_queue import RequestWorker, wake_leader
from server.cluster.session_service import SessionService
from store.errors import StoreUnavailable
from store.ports.request_queue import RequestQueue
from store.records.request_queue import QueuedRequest
from tests.support.clock import TurnedClock
from tests.support.time import until

REQUEST = QueuedRequest(id=1, session_id="shop", verb="stop", argument="{}", until=60.0)


class StaleQueue:
    """A queue whose next list may have been read before the answer to a request in it was written."""

    def __init__(self) -> None:
        self.listed = [REQUEST]
        self.lists = 0
        self.answers: list[int] = []
        self.is_full = False

    async def open(self, now: float) -> list[QueuedRequest]:
        listed = list(self.listed)
        await asyncio.sleep(0)
        self.lists += 1
        return listed

    async def answer(self, number: int, answer: str) -> bool:
        if self.is_full:
            raise StoreUnavailable
        self.answers.append(number)
        return True

    async def sweep(self, now: float) -> None:
        return


class CountedService:
    """Counts the stops that it is asked for."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    async def stop(self, session_id: str) -> None:
        self.done[session_id] += 1


async def lists_after(queue: StaleQueue, pipe: Path, lists: list[list[QueuedRequest]]) -> Counter[str]:
    """How often the session was stopped, once the leader was woken for each of the lists."""
    service = CountedService()
    worker = RequestWorker(cast(RequestQueue, queue), cast(SessionService, service), TurnedClock())
    running = asyncio.create_task(worker.run(pipe))
    try:
        for number, listed in enumerate(lists, 1):
            queue.listed = listed
            if number > 1:
                wake_leader(pipe)
            await until(lambda number=number: queue.lists >= number)  # type: ignore[misc]
            for _ in range(10):  # what was begun ends
                await asyncio.sleep(0)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return service.done


async def test_a_request_in_a_list_that_is_older_than_its_answer_is_not_done_again(tmp_path: Path) -> None:
    queue = StaleQueue()
    done = await lists_after(queue, tmp_path / "front.fifo", [[REQUEST], [REQUEST], []])
    assert (done, queue.answers) == ({"shop": 1}, [1])


async def test_a_request_whose_answer_could_not_be_written_is_not_done_again(tmp_path: Path) -> None:
    queue = StaleQueue()
    queue.is_full = True
    assert await lists_after(queue, tmp_path / "front.fifo", [[REQUEST], [REQUEST]]) == {"shop": 1}
