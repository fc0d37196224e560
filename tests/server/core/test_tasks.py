"""Work of the disk runs in a thread, and is over when its caller goes on."""

import asyncio
import threading

import pytest

from server.core.tasks import in_thread


async def test_the_event_loop_goes_on_meanwhile() -> None:
    goes_on = threading.Event()
    asyncio.get_running_loop().call_soon(goes_on.set)
    await in_thread(lambda: _awaited(goes_on))


async def test_a_cancelled_caller_goes_on_only_after_the_work() -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        _awaited(goes_on)

    caller = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait)
    caller.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not caller.done()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_its_error_reaches_the_caller() -> None:
    def work() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        await in_thread(work)


def _awaited(event: threading.Event) -> None:
    assert event.wait(30), "the loop stood still"
