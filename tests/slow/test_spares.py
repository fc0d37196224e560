"""kill -9 of the front, of the spare and of supervisord, at every moment of a create that gets a spare."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import aiohttp

from tests.chaos.processes import connectors, front, spares
from tests.end_to_end.conftest import *  # noqa: F403  # a Motte of its own
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.spares import warm_spare

#: A create with a spare takes some 40 ms. Seconds from its beginning to the kill.
MOMENTS = [step / 200 for step in range(12)]

Kill = Callable[[Motte, int], Awaitable[None]]


async def kill_front(motte: Motte, _: int) -> None:
    pid = front(motte.folder)
    assert pid is not None
    os.kill(pid, 9)


async def kill_spare(_: Motte, spare: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(spare, 9)


async def kill_supervisord(motte: Motte, _: int) -> None:
    await asyncio.to_thread(motte.serve.kill)


async def created_while(mine: Motte, kill: Kill) -> None:
    """Creates a session for each moment, and kills then. Afterwards all is as if nothing had been killed."""
    keys: list[str] = []
    for number, moment in enumerate(MOMENTS):
        spare = await warm_spare(mine)
        name = f"shop-{number}"
        creating = asyncio.create_task(mine.post(name))
        await asyncio.sleep(moment)
        await kill(mine, spare)
        with suppress(aiohttp.ClientError):
            await creating
        await mine.ready()
        listed = (await mine.ask("GET", "/sessions", params={"limit": "200"})).body["items"]
        if name not in [session["id"] for session in listed]:  # the kill came before its row
            await mine.create(name)
    rows = {f"shop-{number}" for number in range(len(MOMENTS))}
    for name in sorted(rows):
        keys += (await eventually(partial(code, mine, name))).split(",")[1:4]
    assert len(set(keys)) == len(keys) == 3 * len(rows)
    await warm_spare(mine)
    assert {path.name for path in mine.folder.sessions.iterdir()} == rows
    assert set(await mine.programs()) == rows
    await eventually(partial(each_runs, mine, rows))  # one that was killed last is started again
    assert len(spares(mine.folder)) == len(list(mine.folder.spares.iterdir())) == 1


async def each_runs(mine: Motte, names: set[str]) -> bool:
    """Whether each session has its process, and no other process has one."""
    return set(connectors(mine.folder)) == names


async def code(mine: Motte, name: str) -> str | None:
    """The code of a session; None if it needs another try."""
    answer = await mine.get(name)
    return answer.body["qrCode"] if answer.status == 200 else None


async def test_a_front_that_is_killed_during_creates_leaves_each_session_one_process(
    mine: Motte,
) -> None:
    await created_while(mine, kill_front)


async def test_a_spare_that_is_killed_during_a_create_costs_no_session(mine: Motte) -> None:
    await created_while(mine, kill_spare)


async def test_a_supervisord_that_is_killed_during_creates_leaves_nothing_of_a_spare(mine: Motte) -> None:
    await created_while(mine, kill_supervisord)
